package dev.larder.store.keyspace;

import dev.larder.store.value.Slice;

/**
 * A piece of a {@link Keyspace}: an open-addressing table of at most {@value #SLOTS_MAX} slots with
 * linear probing. {@code tags} holds the 32-bit hash of each entry, 0 where there is none, so a
 * probe touches one array of ints and reads an entry only where all 32 bits agree.
 *
 * <p>The home slot is made of the hash's ten lowest bits, the highest of these first: growing from
 * 16 slots to {@value #SLOTS_MAX} keeps the order of entries, and so does splitting, which looks at
 * the other end of the hash. A scan can therefore name its place by those ten bits alone.
 *
 * <p>Entries are removed by moving the ones after them back (Knuth 6.4, algorithm R): there are no
 * tombstones, and a table that was full once is as fast as a new one.
 */
final class Segment {
    static final int SLOTS_MAX_BITS = 10;
    static final int SLOTS_MAX = 1 << SLOTS_MAX_BITS;
    static final int ORDER_MASK = SLOTS_MAX - 1;
    private static final int SLOTS_MIN_BITS = 4;

    /** This object with the headers of its two arrays. */
    private static final int SELF_BYTES = 72;

    /** How many of the hash's highest bits all entries here share. */
    final int depth;

    private int bits;
    private int[] tags;
    private Object[] slots;
    private int count;

    /** No entry here expires before this; a lower bound, made exact by each sweep. */
    long earliestExpiry = Long.MAX_VALUE;

    Segment(int depth) {
        this.depth = depth;
        this.bits = depth == 0 ? SLOTS_MIN_BITS : SLOTS_MAX_BITS;
        this.tags = new int[1 << bits];
        this.slots = new Object[1 << bits];
    }

    /** The tag of a hash: itself, but never 0, which marks an empty slot. */
    static int tag(int hash) {
        return hash == 0 ? 1 << SLOTS_MAX_BITS : hash;
    }

    int count() {
        return count;
    }

    /** The heap that the segment takes, without its entries. */
    long memoryBytes() {
        return SELF_BYTES + 8L * tags.length;
    }

    int capacity() {
        return tags.length;
    }

    Object slot(int index) {
        return slots[index];
    }

    int tagAt(int index) {
        return tags[index];
    }

    void replace(int index, Object entry) {
        slots[index] = entry;
    }

    private int home(int tag) {
        return (tag & ORDER_MASK) >>> SLOTS_MAX_BITS - bits;
    }

    /** The slot of {@code key}, or -1. */
    int find(Slice key, int tag) {
        int mask = tags.length - 1;
        int i = home(tag);
        for (int t; (t = tags[i]) != 0; i = i + 1 & mask) {
            if (t == tag && holds(slots[i], key)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean holds(Object entry, Slice key) {
        if (entry instanceof byte[] inline) {
            return key.sameAs(inline, Inline.keyOffset(inline), Inline.keyLength(inline));
        }
        return key.sameAs(((Entry) entry).key);
    }

    /** Whether one more entry needs a split first; a small table grows by itself instead. */
    boolean isFull() {
        return bits == SLOTS_MAX_BITS && count >= SLOTS_MAX * 4 / 5;
    }

    /** Adds an entry that is not here yet. */
    void insert(int tag, Object entry) {
        if (count >= tags.length * 4 / 5) {
            grow();
        }
        place(tag, entry);
        count++;
    }

    private void place(int tag, Object entry) {
        int mask = tags.length - 1;
        int i = home(tag);
        while (tags[i] != 0) {
            i = i + 1 & mask;
        }
        tags[i] = tag;
        slots[i] = entry;
    }

    private void grow() {
        int[] oldTags = tags;
        Object[] oldSlots = slots;
        bits++;
        tags = new int[1 << bits];
        slots = new Object[1 << bits];
        for (int i = 0; i < oldTags.length; i++) {
            if (oldTags[i] != 0) {
                place(oldTags[i], oldSlots[i]);
            }
        }
    }

    void removeAt(int index) {
        int mask = tags.length - 1;
        int hole = index;
        for (int i = hole + 1 & mask; tags[i] != 0; i = i + 1 & mask) {
            if ((i - home(tags[i]) & mask) >= (i - hole & mask)) {
                tags[hole] = tags[i];
                slots[hole] = slots[i];
                hole = i;
            }
        }
        tags[hole] = 0;
        slots[hole] = null;
        count--;
    }

    /** Hands each entry to one of two segments by the bit of its hash after the shared ones. */
    void splitInto(Segment low, Segment high) {
        int bit = 1 << 31 - depth;
        for (int i = 0; i < tags.length; i++) {
            int tag = tags[i];
            if (tag != 0) {
                ((tag & bit) == 0 ? low : high).insert(tag, slots[i]);
            }
        }
        low.earliestExpiry = earliestExpiry;
        high.earliestExpiry = earliestExpiry;
    }

    /** Takes all entries of {@code other}. */
    void absorb(Segment other) {
        for (int i = 0; i < other.tags.length; i++) {
            if (other.tags[i] != 0) {
                insert(other.tags[i], other.slots[i]);
            }
        }
        earliestExpiry = Math.min(earliestExpiry, other.earliestExpiry);
    }

    /**
     * Shows the entries of one home slot after another, from the order {@code from} on, until at
     * least {@code wanted} were shown; returns the order to go on from, {@value #SLOTS_MAX} at the
     * end.
     */
    int scan(int from, int wanted, Keyspace.Visitor visitor) {
        int mask = tags.length - 1;
        int shown = 0;
        int home = from >>> SLOTS_MAX_BITS - bits;
        while (home <= mask && shown < wanted) {
            for (int i = home; tags[i] != 0; i = i + 1 & mask) {
                if (home(tags[i]) == home) {
                    visitor.visit(tags[i], slots[i]);
                    shown++;
                }
            }
            home++;
        }
        return home << SLOTS_MAX_BITS - bits;
    }
}
