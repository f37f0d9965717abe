package dev.larder.store.persistence;

import dev.larder.store.value.Slice;
import dev.larder.store.value.Stream;
import dev.larder.store.value.StreamId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Writes a stream: blocks of entries as listpacks whose ids and fields are told as differences from
 * the first entry, then what is known of the whole, then the groups.
 */
final class StreamWriter {
    private final RdbOutput out;
    private final int version;
    private final ListpackWriter pack = new ListpackWriter();
    private final List<byte[]> names = new ArrayList<>();

    // Where the writing of groups is; the stream does not change meanwhile.
    private Iterator<Map.Entry<Slice, Stream.Group>> groups;
    private Stream.Group group;
    private Iterator<Map.Entry<StreamId, Stream.Pending>> pending;
    private Iterator<Stream.Consumer> consumers;
    private Iterator<StreamId> own;

    StreamWriter(RdbOutput out, int version) {
        this.out = out;
        this.version = version;
    }

    /** Writes one block; returns how many entries it has. */
    int block(Stream stream, int index) {
        StreamId[] master = new StreamId[1];
        int[] count = {0};
        pack.clear();
        stream.forEachInBlock(
                index,
                (id, fields) -> {
                    if (master[0] == null) {
                        master[0] = id;
                        head(stream.blockSize(index), fields);
                    }
                    entry(master[0], id, fields);
                    count[0]++;
                    return true;
                });
        byte[] key = new byte[StreamReader.ID_BYTES];
        for (int i = 0; i < 8; i++) {
            key[i] = (byte) (master[0].millis() >>> 56 - 8 * i);
            key[8 + i] = (byte) (master[0].sequence() >>> 56 - 8 * i);
        }
        out.string(key);
        pack.writeTo(out);
        return count[0];
    }

    private void head(int entries, Stream.Fields fields) {
        names.clear();
        boolean[] isValue = {false};
        fields.forEach(
                word -> {
                    if (!isValue[0]) {
                        names.add(word.toBytes());
                    }
                    isValue[0] = !isValue[0];
                });
        pack.add(entries);
        pack.add(0);
        pack.add(names.size());
        for (byte[] name : names) {
            pack.add(new Slice(name));
        }
        pack.add(0);
    }

    private void entry(StreamId master, StreamId id, Stream.Fields fields) {
        boolean same = hasSameFields(fields);
        pack.add(same ? StreamReader.SAME_FIELDS : 0);
        pack.add(id.millis() - master.millis());
        pack.add(id.sequence() - master.sequence());
        int count = fields.count() / 2;
        if (!same) {
            pack.add(count);
        }
        boolean[] isValue = {false};
        fields.forEach(
                word -> {
                    if (isValue[0] || !same) {
                        pack.add(word);
                    }
                    isValue[0] = !isValue[0];
                });
        pack.add(same ? count + 3 : 2L * count + 4);
    }

    private boolean hasSameFields(Stream.Fields fields) {
        if (fields.count() != names.size() * 2) {
            return false;
        }
        int[] at = {0};
        boolean[] same = {true};
        fields.forEach(
                word -> {
                    if (at[0] % 2 == 0 && !word.sameAs(names.get(at[0] / 2))) {
                        same[0] = false;
                    }
                    at[0]++;
                });
        return same[0];
    }

    private void id(StreamId id) {
        out.length(id.millis());
        out.length(id.sequence());
    }

    /**
     * Writes about {@code wanted} of what comes after the blocks, pending entries mostly; true when
     * all is written.
     */
    boolean rest(Stream stream, int wanted) {
        if (groups == null) {
            head(stream);
            groups = stream.groups().entrySet().iterator();
        }
        for (int written = 0; written < wanted; written++) {
            if (own != null && own.hasNext()) {
                StreamId id = own.next();
                out.streamId(id.millis(), id.sequence());
            } else if (pending != null && pending.hasNext()) {
                pending(pending.next());
            } else if (pending != null) {
                pending = null;
                out.length(group.consumers().size());
                consumers = group.consumers().values().iterator();
            } else if (consumers != null && consumers.hasNext()) {
                consumer(consumers.next());
            } else if (groups.hasNext()) {
                group(groups.next());
            } else {
                groups = null;
                consumers = null;
                own = null;
                return true;
            }
        }
        return false;
    }

    private void head(Stream stream) {
        out.length(stream.size());
        id(stream.lastId());
        id(stream.firstId());
        id(stream.maxDeletedId());
        out.length(stream.entriesAdded());
        out.length(stream.groups().size());
    }

    private void group(Map.Entry<Slice, Stream.Group> next) {
        group = next.getValue();
        out.string(next.getKey());
        id(group.lastDelivered());
        out.length(group.entriesRead());
        out.length(group.pending().size());
        pending = group.pending().entrySet().iterator();
    }

    private void pending(Map.Entry<StreamId, Stream.Pending> entry) {
        out.streamId(entry.getKey().millis(), entry.getKey().sequence());
        out.fixedLong(entry.getValue().deliveredAt());
        out.length(entry.getValue().deliveries());
    }

    private void consumer(Stream.Consumer consumer) {
        out.string(consumer.name());
        out.fixedLong(consumer.seenAt());
        if (version >= 11) {
            out.fixedLong(consumer.activeAt());
        }
        out.length(consumer.pending().size());
        own = consumer.pending().keySet().iterator();
    }
}
