package dev.larder.store.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * An append-only log of entries in the order of their ids, with groups of consumers that share it.
 * Time is handed in; it is milliseconds since 1970.
 */
public final class Stream implements Value {
    /*
     * Entries lie in blocks, as in the nodes of the real servers and within the same bounds, for an
     * approximate trim shows where nodes end. Trimming drops whole blocks from the front. A block is
     * found by halving, an entry in it by walking.
     */
    private static final int BLOCK_ENTRIES = 100;
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCK_BYTES_MAX = 1 << 30;

    /** What {@link #lag} answers where it cannot know. */
    public static final long UNKNOWN = Long.MIN_VALUE;

    /** Shown entries in order; answers whether it wants the next. */
    public interface Visitor {
        boolean visit(StreamId id, Fields fields);
    }

    /** The words of an entry to be appended: fields and values in turn, borrowed. */
    public interface Words {
        Slice word(int index);
    }

    /** The fields and values of an entry in turn; valid until the stream changes. */
    public static final class Fields {
        private final byte[] data;
        private final int body;

        /** As many as the first of its block has; -1 where they are its own. */
        private final int shared;

        Fields(byte[] data, int body, int shared) {
            this.data = data;
            this.body = body;
            this.shared = shared;
        }

        /** Fields and values together. */
        public int count() {
            return shared < 0 ? StreamBlock.words(data, body) : shared;
        }

        /** Shows fields and values in turn, borrowed. */
        public void forEach(SetValue.Visitor visitor) {
            StreamBlock.forEachWord(data, body, shared, visitor);
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

    private final List<StreamBlock> blocks = new ArrayList<>();
    private long size;

    /** Bytes of all blocks but the last. */
    private long sealedBytes;

    /** The id of the last entry, null where it has to be looked for. */
    private StreamId top = StreamId.ZERO;

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

    /**
     * How many entries {@code group} has not read yet, below 0 where it says it has read more than
     * there were; {@link #UNKNOWN} where that cannot be known.
     */
    public long lag(Group group) {
        if (entriesAdded == 0) {
            return 0;
        }
        long read =
                group.entriesRead != -1 && !hasGapFrom(group.lastDelivered)
                        ? group.entriesRead
                        : addedUpTo(group.lastDelivered);
        return read == -1 ? UNKNOWN : entriesAdded - read;
    }

    /** Notes that {@code group} has been given the entry {@code id}, and counts it if it can. */
    public void readBy(Group group, StreamId id) {
        if (!id.isAfter(group.lastDelivered)) {
            return;
        }
        if (group.entriesRead != -1
                && group.lastDelivered.compareTo(firstId()) >= 0
                && !hasGapFrom(group.lastDelivered)) {
            group.entriesRead++;
        } else if (entriesAdded > 0) {
            group.entriesRead = addedUpTo(id);
        }
        group.lastDelivered = id;
    }

    /** Appends an entry within the bounds that are usual for a block. */
    public void append(StreamId id, List<byte[]> fieldsAndValues) {
        append(
                id,
                index -> new Slice(fieldsAndValues.get(index)),
                fieldsAndValues.size(),
                BLOCK_BYTES,
                BLOCK_ENTRIES);
    }

    /**
     * Appends an entry of {@code count} words; {@code id} is after {@link #lastId()}. A block that
     * would have {@code bytesMax} bytes or has had {@code entriesMax} entries takes no more; 0 is
     * no bound.
     */
    public void append(StreamId id, Words words, int count, long bytesMax, long entriesMax) {
        StreamBlock last = blocks.isEmpty() ? null : blocks.getLast();
        if (last == null || !hasRoom(last, words, count, bytesMax, entriesMax)) {
            if (last != null) {
                last.seal();
                sealedBytes += last.memoryBytes();
            }
            last = new StreamBlock(id, words, count);
            blocks.add(last);
        }
        last.append(id, words, count);
        lastId = id;
        top = id;
        size++;
        entriesAdded++;
    }

    private static boolean hasRoom(
            StreamBlock block, Words words, int count, long bytesMax, long entriesMax) {
        if (entriesMax != 0 && block.added() >= entriesMax) {
            return false;
        }
        long bytes = block.bytes();
        for (int i = 0; i < count; i++) {
            bytes += words.word(i).length();
        }
        return bytes < (bytesMax == 0 ? BLOCK_BYTES_MAX : Math.min(bytesMax, BLOCK_BYTES_MAX));
    }

    /** The id of the first entry; {@link StreamId#ZERO} in an empty stream. */
    public StreamId firstId() {
        return size == 0
                ? StreamId.ZERO
                : blocks.getFirst().firstLive(new StreamBlock.Cursor()).id();
    }

    /** The index of the last block that begins at {@code id} or before; 0 where there is none. */
    private int blockOf(StreamId id) {
        int low = 0;
        int high = blocks.size() - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (blocks.get(middle).compare(id) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Shows entries from {@code from} to {@code to}, both included. */
    public void range(StreamId from, StreamId to, Visitor visitor) {
        StreamBlock.Cursor cursor = new StreamBlock.Cursor();
        for (int b = blockOf(from); b < blocks.size(); b++) {
            StreamBlock block = blocks.get(b);
            for (int place = block.begin(); place < block.end(); place = cursor.next) {
                block.read(place, cursor);
                if (cursor.deleted || cursor.compare(from) < 0) {
                    continue;
                }
                if (cursor.compare(to) > 0 || !visitor.visit(cursor.id(), block.fields(cursor))) {
                    return;
                }
            }
        }
    }

    /** Shows entries from {@code to} back to {@code from}, both included. */
    public void reverse(StreamId from, StreamId to, Visitor visitor) {
        if (size == 0) {
            return;
        }
        StreamBlock.Cursor cursor = new StreamBlock.Cursor();
        for (int b = blockOf(to); b >= 0; b--) {
            StreamBlock block = blocks.get(b);
            int[] places = block.places();
            for (int i = places.length - 1; i >= 0; i--) {
                block.read(places[i], cursor);
                if (cursor.compare(to) > 0) {
                    continue;
                }
                if (cursor.compare(from) < 0 || !visitor.visit(cursor.id(), block.fields(cursor))) {
                    return;
                }
            }
        }
    }

    /** The id of the last entry; {@link StreamId#ZERO} in an empty stream. */
    public StreamId topId() {
        if (top == null) {
            top = size == 0 ? StreamId.ZERO : blocks.getLast().lastLive();
        }
        return top;
    }

    /** The fields of one entry, or null. */
    public Fields get(StreamId id) {
        if (size == 0) {
            return null;
        }
        StreamBlock block = blocks.get(blockOf(id));
        StreamBlock.Cursor cursor = new StreamBlock.Cursor();
        return block.find(id, cursor) < 0 ? null : block.fields(cursor);
    }

    public boolean delete(StreamId id) {
        if (size == 0) {
            return false;
        }
        int b = blockOf(id);
        int place = blocks.get(b).find(id, new StreamBlock.Cursor());
        if (place < 0) {
            return false;
        }
        deleteAt(b, place);
        if (id.isAfter(maxDeletedId)) {
            maxDeletedId = id;
        }
        return true;
    }

    private void deleteAt(int b, int place) {
        StreamBlock block = blocks.get(b);
        boolean sealed = b < blocks.size() - 1;
        long before = sealed ? block.memoryBytes() : 0;
        block.delete(place);
        size--;
        top = null;
        if (block.live() == 0) {
            sealedBytes -= before;
            removeBlock(b);
        } else if (sealed) {
            sealedBytes += block.memoryBytes() - before;
        }
    }

    private void removeBlock(int b) {
        blocks.remove(b);
        if (b > 0 && b == blocks.size()) {
            // The one before is the last now, and takes new entries where it has room.
            sealedBytes -= blocks.getLast().memoryBytes();
        }
    }

    /**
     * Removes the oldest entries until {@code length} are left. An approximate trim removes whole
     * blocks only, and at most {@code limit} entries (0 for any number); returns how many.
     */
    public long trimToLength(long length, boolean approximate, long limit) {
        return trim(approximate, limit, block -> size - block.live() >= length, _ -> size > length);
    }

    /** Removes entries before {@code least}, as {@link #trimToLength} does. */
    public long trimToId(StreamId least, boolean approximate, long limit) {
        return trim(
                approximate,
                limit,
                block -> block.last().compareTo(least) < 0,
                cursor -> cursor.compare(least) < 0);
    }

    /**
     * Trims by whole blocks while {@code whole} says so, then by entries while {@code one} does.
     */
    private long trim(
            boolean approximate,
            long limit,
            Predicate<StreamBlock> whole,
            Predicate<StreamBlock.Cursor> one) {
        long before = size;
        StreamBlock.Cursor cursor = new StreamBlock.Cursor();
        while (size > 0) {
            StreamBlock first = blocks.getFirst();
            int place = first.firstLivePlace(cursor);
            if (!one.test(cursor) || limit > 0 && before - size + first.live() > limit) {
                break;
            }
            if (whole.test(first)) {
                size -= first.live();
                top = size == 0 ? StreamId.ZERO : top;
                sealedBytes -= blocks.size() > 1 ? first.memoryBytes() : 0;
                removeBlock(0);
            } else if (approximate) {
                break;
            } else {
                deleteAt(0, place);
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
        return blocks.get(index).live();
    }

    /** Shows the entries of one block. */
    public void forEachInBlock(int index, Visitor visitor) {
        StreamBlock block = blocks.get(index);
        StreamBlock.Cursor cursor = new StreamBlock.Cursor();
        for (int place = block.begin(); place < block.end(); place = cursor.next) {
            block.read(place, cursor);
            if (!cursor.deleted && !visitor.visit(cursor.id(), block.fields(cursor))) {
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
        long bytes = 136 + 8L * blocks.size() + sealedBytes;
        if (!blocks.isEmpty()) {
            bytes += blocks.getLast().memoryBytes();
        }
        for (Group group : groups.values()) {
            bytes += 256 + group.pending.size() * 168L + group.consumers.size() * 200L;
        }
        return bytes;
    }

    @Override
    public Value copy() {
        Stream copy = new Stream();
        for (StreamBlock block : blocks) {
            StreamBlock same = block.copy();
            if (copy.blocks.size() < blocks.size() - 1) {
                copy.sealedBytes += same.memoryBytes();
            }
            copy.blocks.add(same);
        }
        copy.top = top;
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
