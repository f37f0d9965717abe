package dev.larder.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Fields and their values: packed in one array while small, a table of records after.
 *
 * <p>A field may have a deadline, in milliseconds since 1970. The hash keeps it and knows no clock:
 * a field stays until it is removed, and those who look are told which are due. Until the first
 * deadline is set nothing is kept for any; from then on a packed hash has a third element for each
 * field, and a table has a second one beside it.
 */
public final class HashValue implements Value {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final FieldDeadlines IN_PACKED = new FieldDeadlines();

    /** What {@link #earliestDeadline()} answers where no field ends. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Shown each field with its value. Both slices are borrowed. */
    public interface Visitor {
        void visit(Slice field, Slice value);
    }

    private Packed packed = new Packed();
    private ByteTable table;

    /** Null until a field is given a deadline; a mark alone while the hash is packed. */
    private FieldDeadlines deadlines;

    /** Elements of a packed hash for each field: its name, its value and perhaps its deadline. */
    private int step() {
        return deadlines == null ? 2 : 3;
    }

    /** How many fields there are, due ones included. */
    public int size() {
        return table == null ? packed.count() / step() : table.size();
    }

    /** Points {@code into} at the value of {@code field}; false where there is none. */
    public boolean get(Slice field, Slice into) {
        if (table == null) {
            int place = packed.find(field, step());
            if (place < 0) {
                return false;
            }
            packed.read(packed.next(place), into);
            return true;
        }
        byte[] record = table.find(field);
        if (record == null) {
            return false;
        }
        int at = ByteTable.key(record, into);
        into.point(record, at, record.length - at);
        return true;
    }

    /**
     * Sets a field, which has no deadline then; true where it is new. Beyond {@code entriesMax}
     * fields or {@code bytesMax} bytes in one of them the hash becomes a table, for good.
     */
    public boolean put(Slice field, Slice value, long entriesMax, long bytesMax) {
        if (table == null) {
            if (field.length() <= bytesMax && value.length() <= bytesMax) {
                int place = packed.find(field, step());
                if (place >= 0) {
                    packed.replace(packed.next(place), value);
                    if (deadlines != null) {
                        deadline(field, 0);
                    }
                    return false;
                }
                if (packed.count() / step() < entriesMax) {
                    packed.add(field);
                    packed.add(value);
                    if (deadlines != null) {
                        packed.add(new Slice());
                    }
                    return true;
                }
            }
            unpack();
        }
        byte[] record = ByteTable.record(field, value.length());
        value.copyTo(record, record.length - value.length());
        if (deadlines != null) {
            deadlines.clear(field);
        }
        return table.put(field, record) == null;
    }

    private void unpack() {
        Packed before = packed;
        ByteTable made = new ByteTable();
        if (deadlines != null) {
            deadlines = new FieldDeadlines();
        }
        Slice field = new Slice();
        Slice rest = new Slice();
        for (int place = before.begin(); place < before.end(); ) {
            place = before.read(place, field);
            place = before.read(place, rest);
            byte[] record = ByteTable.record(field, rest.length());
            rest.copyTo(record, record.length - rest.length());
            made.put(field, record);
            if (deadlines != null) {
                place = before.read(place, rest);
                if (!rest.isEmpty()) {
                    deadlines.set(field, deadlineIn(rest));
                }
            }
        }
        table = made;
        packed = null;
    }

    public boolean remove(Slice field) {
        if (table != null) {
            if (deadlines != null) {
                deadlines.clear(field);
            }
            return table.remove(field) != null;
        }
        int place = packed.find(field, step());
        if (place < 0) {
            return false;
        }
        packed.remove(place, step());
        return true;
    }

    // Deadlines.

    /** Whether a field has, or once had, a deadline; where not, none is due. */
    public boolean keepsDeadlines() {
        return deadlines != null;
    }

    /** When {@code field} ends, in milliseconds since 1970; 0 for never or no such field. */
    public long deadline(Slice field) {
        if (deadlines == null) {
            return 0;
        }
        if (table != null) {
            return deadlines.get(field);
        }
        int place = packed.find(field, 3);
        if (place < 0) {
            return 0;
        }
        Slice shown = new Slice();
        packed.read(packed.next(packed.next(place)), shown);
        return shown.isEmpty() ? 0 : deadlineIn(shown);
    }

    /** Says when {@code field}, which is there, ends; 0 for never. */
    public void deadline(Slice field, long at) {
        if (deadlines == null) {
            if (at == 0) {
                return;
            }
            widen();
        }
        if (table != null) {
            if (at == 0) {
                deadlines.clear(field);
            } else {
                deadlines.set(field, at);
            }
            return;
        }
        Slice word = new Slice();
        if (at != 0) {
            byte[] bytes = new byte[8];
            LONGS.set(bytes, 0, at);
            word.point(bytes, 0, 8);
        }
        int place = packed.find(field, 3);
        packed.replace(packed.next(packed.next(place)), word);
    }

    private static long deadlineIn(Slice word) {
        return (long) LONGS.get(word.array(), word.offset());
    }

    /** Makes room for deadlines. */
    private void widen() {
        if (table == null) {
            Packed wide = new Packed();
            Slice element = new Slice();
            Slice none = new Slice();
            for (int place = packed.begin(); place < packed.end(); ) {
                place = packed.read(place, element);
                wide.add(element);
                place = packed.read(place, element);
                wide.add(element);
                wide.add(none);
            }
            packed = wide;
        }
        deadlines = table == null ? IN_PACKED : new FieldDeadlines();
    }

    /** The earliest deadline of all fields; {@link #NEVER} where none ends. */
    public long earliestDeadline() {
        if (deadlines == null) {
            return NEVER;
        }
        if (table != null) {
            return deadlines.earliest();
        }
        long earliest = NEVER;
        Slice word = new Slice();
        for (int place = packed.begin(); place < packed.end(); ) {
            place = packed.read(packed.next(packed.next(place)), word);
            if (!word.isEmpty()) {
                earliest = Math.min(earliest, deadlineIn(word));
            }
        }
        return earliest;
    }

    /**
     * Removes fields whose deadline is {@code now} or before, at most {@code most} of them; returns
     * their names.
     */
    public List<byte[]> removeDue(long now, int most) {
        List<byte[]> removed = new ArrayList<>();
        if (deadlines == null) {
            return removed;
        }
        if (table != null) {
            Slice due;
            while (removed.size() < most && (due = deadlines.due(now)) != null) {
                removed.add(due.toBytes());
                remove(new Slice(removed.getLast()));
            }
            return removed;
        }
        Slice word = new Slice();
        int place = packed.begin();
        while (place < packed.end() && removed.size() < most) {
            int after = packed.read(packed.next(packed.next(place)), word);
            if (!word.isEmpty() && deadlineIn(word) <= now) {
                packed.read(place, word);
                removed.add(word.toBytes());
                // Removing the first element moves the beginning, not the others.
                place = packed.remove(place, 3);
            } else {
                place = after;
            }
        }
        return removed;
    }

    /** How many fields are not due at {@code now}. */
    public int liveSize(long now) {
        if (deadlines == null || earliestDeadline() > now) {
            return size();
        }
        int[] live = {0};
        forEachLive(now, (_, _) -> live[0]++);
        return live[0];
    }

    /** Shows every field that is not due at {@code now}. The visitor must not change the hash. */
    public void forEachLive(long now, Visitor visitor) {
        if (deadlines == null || earliestDeadline() > now) {
            forEach(visitor);
        } else {
            forEach(live(now, visitor));
        }
    }

    private Visitor live(long now, Visitor visitor) {
        return (field, value) -> {
            long at = deadline(field);
            if (at == 0 || at > now) {
                visitor.visit(field, value);
            }
        };
    }

    // Walking through.

    /** Shows every field, due ones included. The visitor must not change the hash. */
    public void forEach(Visitor visitor) {
        Slice field = new Slice();
        Slice value = new Slice();
        if (table == null) {
            boolean third = deadlines != null;
            for (int place = packed.begin(); place < packed.end(); ) {
                place = packed.read(place, field);
                place = packed.read(place, value);
                if (third) {
                    place = packed.next(place);
                }
                visitor.visit(field, value);
            }
        } else {
            table.forEach(record -> show(record, field, value, visitor));
        }
    }

    private static void show(byte[] record, Slice field, Slice value, Visitor visitor) {
        int at = ByteTable.key(record, field);
        value.point(record, at, record.length - at);
        visitor.visit(field, value);
    }

    /** As {@link ByteTable#scan}; a packed hash is shown whole. Due fields are shown too. */
    public long scan(long cursor, int count, Visitor visitor) {
        if (table == null) {
            forEach(visitor);
            return 0;
        }
        Slice field = new Slice();
        Slice value = new Slice();
        return table.scan(cursor, count, record -> show(record, field, value, visitor));
    }

    /** The same for those who must not see fields due at {@code now}, which count though. */
    public long scanLive(long cursor, int count, long now, Visitor visitor) {
        boolean hides = deadlines != null && earliestDeadline() <= now;
        return scan(cursor, count, hides ? live(now, visitor) : visitor);
    }

    /** Shows one field, chosen by chance, of a hash that has any. */
    public void random(RandomGenerator random, Visitor visitor) {
        Slice field = new Slice();
        Slice value = new Slice();
        if (table == null) {
            int place = packed.place(random.nextInt(size()) * step());
            place = packed.read(place, field);
            packed.read(place, value);
            visitor.visit(field, value);
        } else {
            show(table.random(random), field, value, visitor);
        }
    }

    /** Names of all fields, for choosing several different ones. */
    public List<byte[]> fields() {
        List<byte[]> fields = new ArrayList<>(size());
        forEach((field, _) -> fields.add(field.toBytes()));
        return fields;
    }

    @Override
    public String encoding() {
        if (table != null) {
            return "hashtable";
        }
        return deadlines == null ? "listpack" : "listpackex";
    }

    @Override
    public void compact() {
        if (table == null) {
            packed.trim();
        }
    }

    @Override
    public long memoryBytes() {
        return 24
                + (table == null ? packed.memoryBytes() : table.memoryBytes())
                + (deadlines == null || table == null ? 0 : deadlines.memoryBytes());
    }

    @Override
    public Value copy() {
        HashValue copy = new HashValue();
        if (table == null) {
            copy.packed = packed.copy();
            copy.deadlines = deadlines;
            return copy;
        }
        forEach((field, value) -> copy.put(field, value, 0, 0));
        if (deadlines != null) {
            forEach(
                    (field, _) -> {
                        long at = deadlines.get(field);
                        if (at != 0) {
                            copy.deadline(field, at);
                        }
                    });
        }
        return copy;
    }
}
