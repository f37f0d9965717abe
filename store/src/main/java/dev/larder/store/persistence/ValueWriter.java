package dev.larder.store.persistence;

import dev.larder.store.reply.Numbers;
import dev.larder.store.value.HashValue;
import dev.larder.store.value.ListValue;
import dev.larder.store.value.SetValue;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import dev.larder.store.value.Stream;
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes values in the encodings of one version of the format. A big one is written in steps, so
 * that no step is long; the value must not change between them.
 */
final class ValueWriter {
    private static final int STEP_ALL = Integer.MAX_VALUE;

    private final RdbOutput out;
    private final int version;
    private final ListpackWriter pack = new ListpackWriter();
    private final StreamWriter streams;
    private Value value;
    private long cursor;
    private boolean done;

    ValueWriter(RdbOutput out, int version) {
        this.out = out;
        this.version = version;
        this.streams = new StreamWriter(out, version);
    }

    /** The type under which {@link #begin} writes a value. */
    int type(Value of) {
        return switch (of) {
            case Text _ -> RdbType.STRING;
            case ListValue _ -> RdbType.LIST_QUICKLIST_2;
            case HashValue hash ->
                    hasDeadlines(hash)
                            ? isCompact(hash) ? RdbType.HASH_LISTPACK_EX : RdbType.HASH_METADATA
                            : isCompact(hash) ? RdbType.HASH_LISTPACK : RdbType.HASH;
            case SetValue set ->
                    switch (set.encoding()) {
                        case "intset" -> RdbType.SET_INTSET;
                        case "listpack" -> version >= 11 ? RdbType.SET_LISTPACK : RdbType.SET;
                        default -> RdbType.SET;
                    };
            case SortedSet set -> isCompact(set) ? RdbType.ZSET_LISTPACK : RdbType.ZSET_2;
            case Stream _ ->
                    version >= 11 ? RdbType.STREAM_LISTPACKS_3 : RdbType.STREAM_LISTPACKS_2;
        };
    }

    /** Whether fields of a hash end, which versions before that of Redis 7.4 cannot say. */
    private boolean hasDeadlines(HashValue hash) {
        return version >= 11 && hash.keepsDeadlines() && hash.earliestDeadline() != HashValue.NEVER;
    }

    private static boolean isCompact(Value of) {
        return of.encoding().equals("listpack");
    }

    /** Writes the whole of a value. */
    void write(Value whole) {
        begin(whole);
        while (!step(STEP_ALL)) {
            continue;
        }
    }

    /** Begins to write a value; {@link #step} goes on. */
    void begin(Value next) {
        value = next;
        cursor = 0;
        done = false;
        switch (next) {
            case Text _ -> {}
            case ListValue list -> out.length(list.nodes());
            case HashValue hash -> {
                if (hasDeadlines(hash)) {
                    out.fixedLong(hash.earliestDeadline());
                }
                if (!isCompact(hash)) {
                    out.length(hash.size());
                }
            }
            case SetValue set -> {
                if (type(set) == RdbType.SET) {
                    out.length(set.size());
                }
            }
            case SortedSet set -> {
                if (!isCompact(set)) {
                    out.length(set.size());
                }
            }
            case Stream stream -> out.length(stream.blocks());
        }
    }

    /** Writes about {@code wanted} elements more; true when all are written. */
    boolean step(int wanted) {
        if (!done) {
            done =
                    switch (value) {
                        case Text text -> {
                            Slice bytes = new Slice();
                            text.view(bytes);
                            out.string(bytes);
                            yield true;
                        }
                        case ListValue list -> list(list, wanted);
                        case HashValue hash -> hash(hash, wanted);
                        case SetValue set -> set(set, wanted);
                        case SortedSet set -> sortedSet(set, wanted);
                        case Stream stream -> stream(stream, wanted);
                    };
        }
        return done;
    }

    private boolean list(ListValue list, int wanted) {
        for (int written = 0; cursor < list.nodes(); cursor++) {
            if (written >= wanted) {
                return false;
            }
            pack.clear();
            list.forEachInNode((int) cursor, pack::add);
            written += pack.count();
            out.length(2);
            pack.writeTo(out);
        }
        return true;
    }

    private boolean hash(HashValue hash, int wanted) {
        if (hasDeadlines(hash)) {
            endingFields(hash);
            return true;
        }
        if (isCompact(hash)) {
            pack.clear();
            hash.forEach(
                    (field, content) -> {
                        pack.add(field);
                        pack.add(content);
                    });
            pack.writeTo(out);
            return true;
        }
        cursor =
                hash.scan(
                        cursor,
                        wanted,
                        (field, content) -> {
                            out.string(field);
                            out.string(content);
                        });
        return cursor == 0;
    }

    /**
     * Each field with its deadline: in a table before it, as what it is later than the earliest,
     * plus one; in a listpack after its value, as it is, the first to end first. 0 is never.
     */
    private void endingFields(HashValue hash) {
        if (!isCompact(hash)) {
            long earliest = hash.earliestDeadline();
            hash.forEach(
                    (field, content) -> {
                        long at = hash.deadline(field);
                        out.length(at == 0 ? 0 : at - earliest + 1);
                        out.string(field);
                        out.string(content);
                    });
            return;
        }
        record Ending(byte[] field, byte[] content, long at) {}
        List<Ending> fields = new ArrayList<>();
        hash.forEach(
                (field, content) ->
                        fields.add(
                                new Ending(
                                        field.toBytes(), content.toBytes(), hash.deadline(field))));
        // Compared as unsigned, with one taken off, 0 comes last.
        fields.sort((a, b) -> Long.compareUnsigned(a.at() - 1, b.at() - 1));
        pack.clear();
        for (Ending each : fields) {
            pack.add(new Slice(each.field()));
            pack.add(new Slice(each.content()));
            pack.add(each.at());
        }
        pack.writeTo(out);
    }

    private boolean set(SetValue set, int wanted) {
        switch (type(set)) {
            case RdbType.SET_INTSET -> intset(set);
            case RdbType.SET_LISTPACK -> {
                pack.clear();
                set.forEach(pack::add);
                pack.writeTo(out);
            }
            default -> {
                cursor = set.scan(cursor, wanted, out::string);
                return cursor == 0;
            }
        }
        return true;
    }

    private void intset(SetValue set) {
        int width = set.integerWidth();
        byte[] bytes = new byte[8 + set.size() * width];
        LittleEndian.writeInt(bytes, 0, width);
        LittleEndian.writeInt(bytes, 4, set.size());
        int[] at = {8};
        set.forEachInteger(
                member -> {
                    for (int i = 0; i < width; i++) {
                        bytes[at[0]++] = (byte) (member >>> i * 8);
                    }
                });
        out.string(bytes);
    }

    private boolean sortedSet(SortedSet set, int wanted) {
        if (isCompact(set)) {
            pack.clear();
            set.forEach(
                    (member, score) -> {
                        pack.add(member);
                        pack.add(new Slice(Numbers.format(score)));
                    });
            pack.writeTo(out);
            return true;
        }
        // From the greatest down, as the real servers do: reading inserts at the front then.
        int left = set.size() - (int) cursor;
        int count = Math.min(left, wanted);
        set.forEachBackwards(
                left - 1,
                count,
                (member, score) -> {
                    out.string(member);
                    out.number(score);
                });
        cursor += count;
        return cursor == set.size();
    }

    private boolean stream(Stream stream, int wanted) {
        for (int written = 0; cursor < stream.blocks(); cursor++) {
            if (written >= wanted) {
                return false;
            }
            written += streams.block(stream, (int) cursor);
        }
        return streams.rest(stream, wanted);
    }
}
