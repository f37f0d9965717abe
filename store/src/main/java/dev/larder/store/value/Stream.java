package dev.larder.store.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * An append-only log of entries in the order of their ids, with groups of consumers that share it.
 * Time is handed in; it is milliseconds since 1970.
 */
public final class Stream implements Value {
    /*
     * Entries lie in blocks of at most BLOCK_ENTRIES, each with its ids in two arrays of longs and
     * one array of bytes an entry; as many as a node has on the real servers by default, for an
     * approximate trim shows where nodes end. Trimming drops whole blocks from the front; deleting closes the
     * gap within a block. A block is found by halving.
     */
    private static final int BLOCK_ENTRIES = 100;

    /** Shown entries in order; answers whether it wants the next. */
    public interface Visitor {
        boolean visit(StreamId id, Fields fields);
    }

    /** The fields and values of an entry in turn. */
    public static final class Fields {
        private final byte[] encoded;
        private final int count;

        private Fields(byte[] encoded, int count) {
            this.encoded = encoded;
            this.count = count;
        }

        /** Fields and values in turn, as many of each. */
        public static Fields of(List<byte[]> fieldsAndValues) {
            int size = 0;
            for (byte[] each : fieldsAndValues) {
                size += 4 + each.length;
            }
            byte[] encoded = new byte[size];
            int at = 0;
            for (byte[] each : fieldsAndValues) {
                encoded[at] = (byte) (each.length >>> 24);
                encoded[at + 1] = (byte) (each.length >>> 16);
                encoded[at + 2] = (byte) (each.length >>> 8);
                encoded[at + 3] = (byte) each.length;
                System.arraycopy(each, 0, encoded, at + 4, each.length);
                at += 4 + each.length;
            }
            return new Fields(encoded, fieldsAndValues.size());
        }

        /** Fields and values together. */
        public int count() {
            return count;
        }

        /** Shows fields and values in turn, borrowed. */
        public void forEach(SetValue.Visitor visitor) {
            Slice shown = new Slice();
            int at = 0;
            for (int i = 0; i < count; i++) {
                int length =
                        (encoded[at] & 0xFF) << 24
                                | (encoded[at + 1] & 0xFF) << 16
                                | (encoded[at + 2] & 0xFF) << 8
                                | encoded[at + 3] & 0xFF;
                visitor.visit(shown.point(encoded, at + 4, length));
                at += 4 + length;
            }
        }
    }

    private static final class Block {
        final long[] millis = new long[BLOCK_ENTRIES];
        final long[] sequences = new long[BLOCK_ENTRIES];
        final Fields[] entries = new Fields[BLOCK_ENTRIES];
        int start;
        int end;

        int count() {
            return end - start;
        }

        StreamId id(int index) {
            return new StreamId(millis[index], sequences[index]);
        }

        int compare(int index, StreamId id) {
            int first = Long.compareUnsigned(millis[index], id.millis());
            return first != 0 ? first : Long.compareUnsigned(sequences[index], id.sequence());
        }

        /** The index of the first entry not before {@code id}. */
        int lower(StreamId id) {
            int low = start;
            int high = end;
            while (low < high) {
                int middle = low + high >>> 1;
                if (compare(middle, id) < 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        void removeAt(int index) {
            int after = end - index - 1;
            System.arraycopy(millis, index + 1, millis, index, after);
            System.arraycopy(sequences, index + 1, sequences, index, after);
            System.arraycopy(entries, index + 1, entries, index, after);
            entries[--end] = null;
        }
    }

    /** An entry that was delivered to a consumer and not acknowledged. */
    public static final class Pending {
        private Consumer consumer;
        private long deliveredAt;
        private long deliveries;

        private Pending(Consumer consumer, long deliveredAt, long deliveries) {
            this.consumer = consumer;
            this.deliveredAt = deliveredAt;
            this.deliveries = deliveries;
        }

        public Consumer consumer() {
            return consumer;
        }

        public long deliveredAt() {
            return deliveredAt;
        }

        public long deliveries() {
            return deliveries;
        }

        /** Notes a delivery at {@code millis}. */
        public void delivered(long millis, long count) {
            deliveredAt = millis;
            deliveries = count;
        }
    }

    /** One reader of a group. */
    public static final class Consumer {
        private final byte[] name;
        private final NavigableMap<StreamId, Pending> pending = new TreeMap<>();
        private long seenAt;
        private long activeAt = -1;

        private Consumer(byte[] name, long now) {
            this.name = name;
            this.seenAt = now;
        }

        public byte[] name() {
            return name;
        }

        public NavigableMap<StreamId, Pending> pending() {
            return pending;
        }

        public long seenAt() {
            return seenAt;
        }

        /** When it was last given something; -1 for never. */
        public long activeAt() {
            return activeAt;
        }

        public void seen(long now) {
            seenAt = now;
        }

        public void active(long now) {
            activeAt = now;
        }
    }

    /** Readers that share a stream: each entry goes to one of them. */
    public static final class Group {
        private StreamId lastDelivered;
        private long entriesRead;
        private final NavigableMap<StreamId, Pending> pending = new TreeMap<>();
        private final Map<Slice, Consumer> consumers =
                new TreeMap<>((a, b) -> a.compareTo(b.array(), b.offset(), b.length()));

        private Group(StreamId lastDelivered, long entriesRead) {
            this.lastDelivered = lastDelivered;
            this.entriesRead = entriesRead;
        }

        public StreamId lastDelivered() {
            return lastDelivered;
        }

        public void lastDelivered(StreamId id) {
            lastDelivered = id;
        }

        /** How many entries it has read; -1 where that cannot be known. */
        public long entriesRead() {
            return entriesRead;
        }

        public void entriesRead(long count) {
            entriesRead = count;
        }

        public NavigableMap<StreamId, Pending> pending() {
            return pending;
        }

        /** Consumers by name, in the order of the names' bytes. */
        public Map<Slice, Consumer> consumers() {
            return consumers;
        }

        public Consumer consumer(Slice name) {
            return consumers.get(name);
        }

        public Consumer createConsumer(Slice name, long now) {
            byte[] kept = name.toBytes();
            Consumer consumer = new Consumer(kept, now);
            consumers.put(new Slice(kept), consumer);
            return consumer;
        }

        /** Removes a consumer with what is pending for it; returns how much that was. */
        public int removeConsumer(Slice name) {
            Consumer consumer = consumers.remove(name);
            if (consumer == null) {
                return 0;
            }
            consumer.pending.keySet().forEach(pending::remove);
            return consumer.pending.size();
        }

        /** Notes that {@code consumer} was given an entry, which leaves whoever had it before. */
        public Pending deliver(StreamId id, Consumer consumer, long now, long deliveries) {
            Pending known = pending.get(id);
            if (known == null) {
                known = new Pending(consumer, now, deliveries);
                pending.put(id, known);
            } else {
                known.consumer.pending.remove(id);
                known.consumer = consumer;
                known.delivered(now, deliveries);
            }
            consumer.pending.put(id, known);
            return known;
        }

        /** Forgets that an entry is pending; false where it was not. */
        public boolean acknowledge(StreamId id) {
            Pending known = pending.remove(id);
            if (known == null) {
                return false;
            }
            known.consumer.pending.remove(id);
            return true;
        }
    }

    private final List<Block> blocks = new ArrayList<>();
    private long size;
    private StreamId lastId = StreamId.ZERO;
    private StreamId maxDeletedId = StreamId.ZERO;
    private long entriesAdded;
    private final Map<Slice, Group> groups =
            new TreeMap<>((a, b) -> a.compareTo(b.array(), b.offset(), b.length()));

    public long size() {
        return size;
    }

    public StreamId lastId() {
        return lastId;
    }

    public void lastId(StreamId id) {
        lastId = id;
    }

    /** How many entries were ever added. */
    public long entriesAdded() {
        return entriesAdded;
    }

    public void entriesAdded(long count) {
        entriesAdded = count;
    }

    /** The greatest id that was deleted from the middle; {@link StreamId#ZERO} for none. */
    public StreamId maxDeletedId() {
        return maxDeletedId;
    }

    public void maxDeletedId(StreamId id) {
        maxDeletedId = id;
    }

    /** Groups by name, in the order of the names' bytes. */
    public Map<Slice, Group> groups() {
        return groups;
    }

    public Group group(Slice name) {
        return groups.get(name);
    }

    /** Creates a group; null where there is one of this name. */
    public Group createGroup(Slice name, StreamId lastDelivered, long entriesRead) {
        Group group = new Group(lastDelivered, entriesRead);
        return groups.putIfAbsent(new Slice(name.toBytes()), group) == null ? group : null;
    }

    /** Removes a group with its consumers and what is pending; false where there was none. */
    public boolean removeGroup(Slice name) {
        return groups.remove(name) != null;
    }

    /** Whether entries after {@code id} were deleted from the middle, as far as is remembered. */
    private boolean hasGapFrom(StreamId id) {
        return size > 0
                && !maxDeletedId.equals(StreamId.ZERO)
                && !firstId().isAfter(maxDeletedId)
                && id.compareTo(maxDeletedId) <= 0;
    }

    /** How many entries were ever added up to {@code id}; -1 where that cannot be known. */
    public long addedUpTo(StreamId id) {
        if (entriesAdded == 0) {
            return 0;
        }
        if (size == 0 && id.compareTo(lastId) <= 0) {
            return entriesAdded;
        }
        if (!id.equals(StreamId.ZERO) && id.compareTo(maxDeletedId) < 0) {
            return -1;
        }
        int toLast = id.compareTo(lastId);
        if (toLast >= 0) {
            return toLast == 0 ? entriesAdded : -1;
        }
        StreamId first = firstId();
        if (maxDeletedId.compareTo(first) < 0 || maxDeletedId.equals(StreamId.ZERO)) {
            int toFirst = id.compareTo(first);
            if (toFirst <= 0) {
                return entriesAdded - size + (toFirst == 0 ? 1 : 0);
            }
        }
        return -1;
    }

    /** How many entries {@code group} has not read yet; -1 where that cannot be known. */
    public long lag(Group group) {
        if (entriesAdded == 0) {
            return 0;
        }
        long read =
                group.entriesRead != -1 && !hasGapFrom(group.lastDelivered)
                        ? group.entriesRead
                        : addedUpTo(group.lastDelivered);
        return read == -1 ? -1 : entriesAdded - read;
    }

    /** Notes that {@code group} has been given the entry {@code id}, and counts it if it can. */
    public void readBy(Group group, StreamId id) {
        if (!id.isAfter(group.lastDelivered)) {
            return;
        }
        if (group.entriesRead != -1 && !hasGapFrom(id)) {
            group.entriesRead++;
        } else if (entriesAdded > 0) {
            group.entriesRead = addedUpTo(id);
        }
        group.lastDelivered = id;
    }

    /** Appends an entry; {@code id} is after {@link #lastId()}. */
    public void append(StreamId id, Fields fields) {
        Block last = blocks.isEmpty() ? null : blocks.getLast();
        if (last == null || last.end == BLOCK_ENTRIES) {
            last = new Block();
            blocks.add(last);
        }
        last.millis[last.end] = id.millis();
        last.sequences[last.end] = id.sequence();
        last.entries[last.end++] = fields;
        lastId = id;
        size++;
        entriesAdded++;
    }

    /** The id of the first entry; {@link StreamId#ZERO} in an empty stream. */
    public StreamId firstId() {
        return size == 0 ? StreamId.ZERO : blocks.getFirst().id(blocks.getFirst().start);
    }

    /** The index of the first block with an entry not before {@code id}. */
    private int blockOf(StreamId id) {
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = low + high >>> 1;
            Block block = blocks.get(middle);
            if (block.compare(block.end - 1, id) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Shows entries from {@code from} to {@code to}, both included. */
    public void range(StreamId from, StreamId to, Visitor visitor) {
        for (int b = blockOf(from); b < blocks.size(); b++) {
            Block block = blocks.get(b);
            for (int i = block.lower(from); i < block.end; i++) {
                if (block.compare(i, to) > 0 || !visitor.visit(block.id(i), block.entries[i])) {
                    return;
                }
            }
        }
    }

    /** Shows entries from {@code to} back to {@code from}, both included. */
    public void reverse(StreamId from, StreamId to, Visitor visitor) {
        for (int b = Math.min(blockOf(to), blocks.size() - 1); b >= 0; b--) {
            Block block = blocks.get(b);
            for (int i = block.end - 1; i >= block.start; i--) {
                if (block.compare(i, to) > 0) {
                    continue;
                }
                if (block.compare(i, from) < 0 || !visitor.visit(block.id(i), block.entries[i])) {
                    return;
                }
            }
        }
    }

    /** The id of the last entry; {@link StreamId#ZERO} in an empty stream. */
    public StreamId topId() {
        return size == 0 ? StreamId.ZERO : blocks.getLast().id(blocks.getLast().end - 1);
    }

    /** The fields of one entry, or null. */
    public Fields get(StreamId id) {
        int b = blockOf(id);
        if (b == blocks.size()) {
            return null;
        }
        Block block = blocks.get(b);
        int i = block.lower(id);
        return i < block.end && block.compare(i, id) == 0 ? block.entries[i] : null;
    }

    public boolean delete(StreamId id) {
        int b = blockOf(id);
        if (b == blocks.size()) {
            return false;
        }
        Block block = blocks.get(b);
        int i = block.lower(id);
        if (i == block.end || block.compare(i, id) != 0) {
            return false;
        }
        block.removeAt(i);
        size--;
        if (block.count() == 0) {
            blocks.remove(b);
        }
        if (id.isAfter(maxDeletedId)) {
            maxDeletedId = id;
        }
        return true;
    }

    /**
     * Removes the oldest entries until {@code length} are left. An approximate trim removes whole
     * blocks only, and at most {@code limit} entries (0 for any number); returns how many.
     */
    public long trimToLength(long length, boolean approximate, long limit) {
        return trim(approximate, limit, (block, removed) -> size - removed > length);
    }

    /** Removes entries before {@code least}, as {@link #trimToLength} does. */
    public long trimToId(StreamId least, boolean approximate, long limit) {
        return trim(approximate, limit, (block, _) -> block.compare(block.start, least) < 0);
    }

    private interface Excess {
        /** Whether the first entry of the block has to go. */
        boolean goes(Block block, long removed);
    }

    private long trim(boolean approximate, long limit, Excess excess) {
        long before = size;
        while (size > 0) {
            Block first = blocks.getFirst();
            if (approximate) {
                // The whole block has to go, so its last entry decides.
                int start = first.start;
                first.start = first.end - 1;
                boolean goes = excess.goes(first, first.count() + first.end - 2 - start);
                first.start = start;
                if (!goes || limit > 0 && before - size + first.count() > limit) {
                    break;
                }
                size -= first.count();
                blocks.removeFirst();
            } else {
                if (!excess.goes(first, 0)) {
                    break;
                }
                first.entries[first.start++] = null;
                size--;
                if (first.count() == 0) {
                    blocks.removeFirst();
                }
            }
        }
        return before - size;
    }

    /** How many blocks it has: the nodes of XINFO STREAM. */
    public int blocks() {
        return blocks.size();
    }

    /** How many entries one block has. */
    public int blockSize(int index) {
        return blocks.get(index).count();
    }

    /** Shows the entries of one block. */
    public void forEachInBlock(int index, Visitor visitor) {
        Block block = blocks.get(index);
        for (int i = block.start; i < block.end; i++) {
            if (!visitor.visit(block.id(i), block.entries[i])) {
                return;
            }
        }
    }

    @Override
    public String encoding() {
        return "stream";
    }

    @Override
    public long memoryBytes() {
        long bytes = 128;
        for (Block block : blocks) {
            bytes += 2 * (16 + BLOCK_ENTRIES * 8L) + BLOCK_ENTRIES * 4L + 48;
            for (int i = block.start; i < block.end; i++) {
                bytes += 24 + Value.arrayBytes(block.entries[i].encoded.length);
            }
        }
        for (Group group : groups.values()) {
            bytes += 256 + group.pending.size() * 168L + group.consumers.size() * 200L;
        }
        return bytes;
    }

    @Override
    public Value copy() {
        Stream copy = new Stream();
        for (Block block : blocks) {
            Block same = new Block();
            System.arraycopy(block.millis, 0, same.millis, 0, BLOCK_ENTRIES);
            System.arraycopy(block.sequences, 0, same.sequences, 0, BLOCK_ENTRIES);
            System.arraycopy(block.entries, 0, same.entries, 0, BLOCK_ENTRIES);
            same.start = block.start;
            same.end = block.end;
            copy.blocks.add(same);
        }
        copy.size = size;
        copy.lastId = lastId;
        copy.maxDeletedId = maxDeletedId;
        copy.entriesAdded = entriesAdded;
        groups.forEach((name, group) -> copy.groups.put(name, copyOf(group)));
        return copy;
    }

    private static Group copyOf(Group group) {
        Group same = new Group(group.lastDelivered, group.entriesRead);
        group.consumers.forEach(
                (name, consumer) -> {
                    Consumer twin = new Consumer(consumer.name, consumer.seenAt);
                    twin.activeAt = consumer.activeAt;
                    same.consumers.put(name, twin);
                });
        group.pending.forEach(
                (id, pending) ->
                        same.deliver(
                                id,
                                same.consumers.get(new Slice(pending.consumer.name)),
                                pending.deliveredAt,
                                pending.deliveries));
        return same;
    }

    @Override
    public String toString() {
        return "Stream[" + size + " entries, " + Arrays.toString(groups.keySet().toArray()) + "]";
    }
}
