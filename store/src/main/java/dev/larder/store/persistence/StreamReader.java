package dev.larder.store.persistence;

import dev.larder.store.value.Slice;
import dev.larder.store.value.Stream;
import dev.larder.store.value.StreamId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a stream with its groups, in the three forms since 5.0, and checks that it is sound. */
final class StreamReader {
    static final int DELETED = 1;
    static final int SAME_FIELDS = 2;
    static final int ID_BYTES = 16;

    private record Delivery(long at, long count) {}

    private final RdbInput in;
    private final boolean hasOffsets;
    private final boolean hasActiveTime;
    private final Stream stream = new Stream();
    private StreamId last = null;

    StreamReader(RdbInput in, int type) {
        this.in = in;
        this.hasOffsets = type != RdbType.STREAM_LISTPACKS;
        this.hasActiveTime = type == RdbType.STREAM_LISTPACKS_3;
    }

    Stream read() {
        for (long nodes = in.count(2); nodes > 0; nodes--) {
            byte[] key = in.string();
            if (key.length != ID_BYTES) {
                throw new BadDataException("Stream node key entry is not the size of a stream ID");
            }
            RdbInput id = new RdbInput(key, 0, key.length);
            node(id(id), new Listpack(in.string()));
        }
        long length = in.length();
        if (length != stream.size()) {
            throw new BadDataException("Stream length inconsistent with its entries");
        }
        StreamId lastId = twoLengths();
        if (last != null && last.isAfter(lastId)) {
            throw new BadDataException("The last ID of a stream is before that of an entry");
        }
        stream.lastId(lastId);
        if (hasOffsets) {
            twoLengths();
            stream.maxDeletedId(twoLengths());
            stream.entriesAdded(in.length());
        } else {
            stream.entriesAdded(length);
        }
        if (stream.entriesAdded() < 0) {
            throw new BadDataException("The number of entries added is negative");
        }
        for (long groups = in.count(1); groups > 0; groups--) {
            group();
        }
        return stream;
    }

    private static StreamId id(RdbInput from) {
        long millis = from.bigEndian(8);
        return new StreamId(millis, from.bigEndian(8));
    }

    private StreamId twoLengths() {
        long millis = in.length();
        return new StreamId(millis, in.length());
    }

    private void node(StreamId master, Listpack pack) {
        if (pack.count() == 0) {
            throw new BadDataException("Empty listpack inside stream");
        }
        long live = count(pack);
        long entries = live + count(pack);
        long masterCount = count(pack);
        List<byte[]> fields = new ArrayList<>();
        for (long i = 0; i < masterCount; i++) {
            fields.add(pack.next().toBytes());
        }
        if (pack.nextInteger() != 0) {
            throw bad();
        }
        long found = 0;
        for (long i = 0; i < entries; i++) {
            if (entry(master, fields, pack)) {
                found++;
            }
        }
        if (pack.hasNext() || found != live) {
            throw bad();
        }
    }

    /** Reads one entry; false where it is marked as deleted. */
    private boolean entry(StreamId master, List<byte[]> masterFields, Listpack pack) {
        long flags = pack.nextInteger();
        StreamId id =
                new StreamId(
                        master.millis() + pack.nextInteger(),
                        master.sequence() + pack.nextInteger());
        List<byte[]> words = new ArrayList<>();
        long expected = 3;
        if ((flags & SAME_FIELDS) != 0) {
            for (byte[] field : masterFields) {
                words.add(field);
                words.add(pack.next().toBytes());
            }
            expected += masterFields.size();
        } else {
            long count = count(pack);
            for (long i = 0; i < 2 * count; i++) {
                words.add(pack.next().toBytes());
            }
            expected += 2 * count + 1;
        }
        if (pack.nextInteger() != expected) {
            throw bad();
        }
        if (last != null && !id.isAfter(last) || id.equals(StreamId.ZERO)) {
            throw new BadDataException("IDs of stream entries are not in order");
        }
        last = id;
        if ((flags & DELETED) != 0) {
            return false;
        }
        stream.append(id, words);
        return true;
    }

    private static long count(Listpack pack) {
        long count = pack.nextInteger();
        if (count < 0 || count > pack.count()) {
            throw bad();
        }
        return count;
    }

    private static BadDataException bad() {
        return new BadDataException("Stream listpack integrity check failed.");
    }

    private void group() {
        Slice name = new Slice(in.string());
        StreamId lastDelivered = twoLengths();
        long read = hasOffsets ? in.length() : stream.addedUpTo(lastDelivered);
        if (read < -1) {
            throw new BadDataException("The number of entries read by a group is negative");
        }
        Stream.Group group = stream.createGroup(name, lastDelivered, read);
        if (group == null) {
            throw new BadDataException("Duplicated consumer group name");
        }
        Map<StreamId, Delivery> unowned = new LinkedHashMap<>();
        for (long left = in.count(ID_BYTES + 9); left > 0; left--) {
            StreamId id = id(in);
            long at = in.fixedLong();
            if (unowned.put(id, new Delivery(at, in.length())) != null) {
                throw new BadDataException("Duplicated global PEL entry");
            }
        }
        for (long left = in.count(1 + 8 + 1); left > 0; left--) {
            consumer(group, unowned);
        }
        if (!unowned.isEmpty()) {
            throw new BadDataException("Stream CG PEL entry without consumer");
        }
    }

    private void consumer(Stream.Group group, Map<StreamId, Delivery> unowned) {
        Slice name = new Slice(in.string());
        if (group.consumer(name) != null) {
            throw new BadDataException("Duplicate stream consumer detected.");
        }
        long seenAt = in.fixedLong();
        Stream.Consumer consumer = group.createConsumer(name, seenAt);
        consumer.active(hasActiveTime ? in.fixedLong() : seenAt);
        for (long left = in.count(ID_BYTES); left > 0; left--) {
            StreamId id = id(in);
            Delivery delivery = unowned.remove(id);
            if (delivery == null) {
                throw new BadDataException("Consumer entry not found in group global PEL");
            }
            group.deliver(id, consumer, delivery.at(), delivery.count());
        }
    }
}
