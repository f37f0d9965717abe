package dev.larder.store.value;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A table of records found by the key at their head: the fields of a large hash, the members of a
 * large set or sorted set. A record is one array: the key's length (7 bits a byte), the key, and
 * whatever the owner keeps behind it.
 *
 * <p>Extendible hashing over segments of {@value #SLOTS} slots with linear probing, as in {@code
 * Keyspace}: no step copies more than a segment, however large the table grows.
 */
final class ByteTable {
    private static final int BITS = 10;
    private static final int SLOTS = 1 << BITS;
    private static final int FULL = SLOTS * 4 / 5;
    private static final int SPARSE = SLOTS / 8;
    private static final int BITS_MIN = 5;
    private static final long SEED = 0x5DEECE66DL;

    /** Shown each record by {@link #scan} and {@link #forEach}. */
    interface Visitor {
        void visit(byte[] record);
    }

    private static final class Segment {
        final int depth;
        int bits;
        int count;
        int[] tags;
        byte[][] records;

        Segment(int depth, int bits) {
            this.depth = depth;
            this.bits = bits;
            this.tags = new int[1 << bits];
            this.records = new byte[1 << bits][];
        }

        int home(int tag) {
            return (tag & SLOTS - 1) >>> BITS - bits;
        }

        void place(int tag, byte[] record) {
            int mask = tags.length - 1;
            int i = home(tag);
            while (tags[i] != 0) {
                i = i + 1 & mask;
            }
            tags[i] = tag;
            records[i] = record;
            count++;
        }

        void addAll(Segment other) {
            for (int i = 0; i < other.tags.length; i++) {
                if (other.tags[i] != 0) {
                    place(other.tags[i], other.records[i]);
                }
            }
        }
    }

    private Segment[] directory = {new Segment(0, BITS_MIN)};
    private int directoryBits;
    private int size;

    // What it takes: slots and segments there are, and the heap size of all records.
    private long slots = 1 << BITS_MIN;
    private int segments = 1;
    private long recordBytes;

    int size() {
        return size;
    }

    /** A record of {@code key} with {@code room} bytes behind it, still zero. */
    static byte[] record(Slice key, int room) {
        int header = headerSize(key.length());
        byte[] record = new byte[header + key.length() + room];
        int rest = key.length();
        int at = 0;
        while (rest > 0x7F) {
            record[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        record[at++] = (byte) rest;
        key.copyTo(record, at);
        return record;
    }

    private static int headerSize(int length) {
        int size = 1;
        for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
            size++;
        }
        return size;
    }

    /** Points {@code into} at the key of a record; returns the place behind it. */
    static int key(byte[] record, Slice into) {
        int length = record[0] & 0x7F;
        int at = 1;
        for (int shift = 7; record[at - 1] < 0; shift += 7) {
            length |= (record[at++] & 0x7F) << shift;
        }
        into.point(record, at, length);
        return at + length;
    }

    private static boolean holds(byte[] record, Slice key) {
        int length = record[0] & 0x7F;
        int at = 1;
        for (int shift = 7; record[at - 1] < 0; shift += 7) {
            length |= (record[at++] & 0x7F) << shift;
        }
        return key.sameAs(record, at, length);
    }

    private static int tag(Slice key) {
        int hash = key.hash(SEED);
        return hash == 0 ? SLOTS : hash;
    }

    private Segment segmentOf(int tag) {
        return directory[directoryBits == 0 ? 0 : tag >>> 32 - directoryBits];
    }

    private static int index(Segment segment, Slice key, int tag) {
        int mask = segment.tags.length - 1;
        int i = segment.home(tag);
        for (int t; (t = segment.tags[i]) != 0; i = i + 1 & mask) {
            if (t == tag && holds(segment.records[i], key)) {
                return i;
            }
        }
        return -1;
    }

    /** The record of {@code key}, or null. */
    byte[] find(Slice key) {
        int tag = tag(key);
        Segment segment = segmentOf(tag);
        int i = index(segment, key, tag);
        return i < 0 ? null : segment.records[i];
    }

    /** Puts {@code record} for {@code key}; returns the one it replaces, or null. */
    byte[] put(Slice key, byte[] record) {
        int tag = tag(key);
        Segment segment = segmentOf(tag);
        int i = index(segment, key, tag);
        if (i >= 0) {
            byte[] old = segment.records[i];
            segment.records[i] = record;
            recordBytes += Value.arrayBytes(record.length) - Value.arrayBytes(old.length);
            return old;
        }
        insert(segment, tag, record);
        return null;
    }

    /** Puts a record that is a key alone, where there is none yet; whether it did. */
    boolean add(Slice key) {
        int tag = tag(key);
        Segment segment = segmentOf(tag);
        if (index(segment, key, tag) >= 0) {
            return false;
        }
        insert(segment, tag, record(key, 0));
        return true;
    }

    private void insert(Segment home, int tag, byte[] record) {
        Segment segment = home;
        while (segment.bits == BITS && segment.count >= FULL && segment.depth < 32 - BITS) {
            split(segment, tag);
            segment = segmentOf(tag);
        }
        if (segment.count >= segment.tags.length * 4 / 5) {
            Segment grown = new Segment(segment.depth, segment.bits + 1);
            grown.addAll(segment);
            replace(tag, grown);
            slots += segment.tags.length;
            segment = grown;
        }
        segment.place(tag, record);
        size++;
        recordBytes += Value.arrayBytes(record.length);
    }

    private void replace(int tag, Segment segment) {
        int shared = 1 << directoryBits - segment.depth;
        int first = first(tag, segment.depth);
        Arrays.fill(directory, first, first + shared, segment);
    }

    private int first(int tag, int depth) {
        return depth == 0 ? 0 : tag >>> 32 - depth << directoryBits - depth;
    }

    private void split(Segment full, int tag) {
        if (full.depth == directoryBits) {
            Segment[] doubled = new Segment[directory.length * 2];
            for (int i = 0; i < doubled.length; i++) {
                doubled[i] = directory[i >>> 1];
            }
            directory = doubled;
            directoryBits++;
        }
        Segment low = new Segment(full.depth + 1, BITS);
        Segment high = new Segment(full.depth + 1, BITS);
        slots += SLOTS;
        segments++;
        int bit = 1 << 31 - full.depth;
        for (int i = 0; i < SLOTS; i++) {
            if (full.tags[i] != 0) {
                ((full.tags[i] & bit) == 0 ? low : high).place(full.tags[i], full.records[i]);
            }
        }
        int shared = 1 << directoryBits - full.depth;
        int first = first(tag, full.depth);
        Arrays.fill(directory, first, first + shared / 2, low);
        Arrays.fill(directory, first + shared / 2, first + shared, high);
    }

    /** Removes the record of {@code key} and returns it, or null. */
    byte[] remove(Slice key) {
        int tag = tag(key);
        Segment segment = segmentOf(tag);
        int hole = index(segment, key, tag);
        if (hole < 0) {
            return null;
        }
        byte[] removed = segment.records[hole];
        int mask = segment.tags.length - 1;
        for (int i = hole + 1 & mask; segment.tags[i] != 0; i = i + 1 & mask) {
            if ((i - segment.home(segment.tags[i]) & mask) >= (i - hole & mask)) {
                segment.tags[hole] = segment.tags[i];
                segment.records[hole] = segment.records[i];
                hole = i;
            }
        }
        segment.tags[hole] = 0;
        segment.records[hole] = null;
        segment.count--;
        size--;
        recordBytes -= Value.arrayBytes(removed.length);
        if (segment.depth > 0 && segment.count < SPARSE) {
            merge(segment, tag);
        }
        return removed;
    }

    private void merge(Segment sparse, int tag) {
        Segment twin = segmentOf(tag ^ 1 << 32 - sparse.depth);
        if (twin.depth == sparse.depth && twin.count < SPARSE) {
            Segment merged = new Segment(sparse.depth - 1, BITS);
            merged.addAll(sparse);
            merged.addAll(twin);
            replace(tag, merged);
            slots -= SLOTS;
            segments--;
        }
    }

    /** Shows every record. The visitor must not change the table. */
    void forEach(Visitor visitor) {
        Segment last = null;
        for (Segment segment : directory) {
            if (segment != last) {
                for (byte[] record : segment.records) {
                    if (record != null) {
                        visitor.visit(record);
                    }
                }
                last = segment;
            }
        }
    }

    /** A record chosen by chance from a table that is not empty. */
    byte[] random(RandomGenerator random) {
        while (true) {
            Segment segment = directory[random.nextInt(directory.length)];
            // Looking at single slots until one is taken gives every record the same chance.
            for (int tries = 0; tries < 64; tries++) {
                byte[] record = segment.records[random.nextInt(segment.records.length)];
                if (record != null) {
                    return record;
                }
            }
            if (directory.length == 1 && segment.count > 0) {
                int at = random.nextInt(segment.records.length);
                while (segment.records[at] == null) {
                    at = at + 1 & segment.records.length - 1;
                }
                return segment.records[at];
            }
        }
    }

    /**
     * Shows about {@code count} records from {@code cursor} on; returns the cursor to go on with, 0
     * at the end. A record that is there from the first call to the last is shown at least once.
     * The cursor is the segment's bits, how many, and the place in it, as in {@code Keyspace#scan}.
     */
    long scan(long cursor, int count, Visitor visitor) {
        int order = (int) cursor & SLOTS - 1;
        int depth = (int) (cursor >>> BITS) & 31;
        long prefix = cursor >>> BITS + 5;
        if (depth > 32 - BITS || prefix >= 1L << depth) {
            return 0;
        }
        int shown = 0;
        while (true) {
            Segment segment = segmentOf(depth == 0 ? 0 : (int) (prefix << 32 - depth));
            if (segment.depth > depth) {
                prefix <<= segment.depth - depth;
                depth = segment.depth;
            }
            int mask = segment.tags.length - 1;
            int home = order >>> BITS - segment.bits;
            while (home <= mask && shown < count) {
                for (int i = home; segment.tags[i] != 0; i = i + 1 & mask) {
                    int tag = segment.tags[i];
                    if (segment.home(tag) == home
                            && (depth == 0 || tag >>> 32 - depth == (int) prefix)) {
                        visitor.visit(segment.records[i]);
                        shown++;
                    }
                }
                home++;
            }
            order = home << BITS - segment.bits;
            if (order >= SLOTS) {
                order = 0;
                prefix++;
                if (prefix == 1L << depth) {
                    return 0;
                }
            }
            if (shown >= count) {
                return prefix << BITS + 5 | (long) depth << BITS | order;
            }
        }
    }

    /** The heap that the table and its records take. */
    long memoryBytes() {
        return slots * 8
                + recordBytes
                + segments * 56L
                + 40
                + Value.arrayBytes(directory.length * 4L);
    }
}
