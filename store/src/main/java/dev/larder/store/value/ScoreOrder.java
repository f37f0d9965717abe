package dev.larder.store.value;

import java.util.Arrays;

/**
 * The members of a large sorted set in order of score, then of unsigned bytes, with their ranks:
 * groups of at most {@value #WIDTH} leaves of at most {@value #WIDTH} records, each level with the
 * counts of the one below. A search is three binary searches, a rank the sum of what lies before;
 * no step moves more than one leaf or one group.
 */
final class ScoreOrder {
    private static final int WIDTH = 128;
    private static final int SPARSE = WIDTH / 4;
    private static final int MERGED_MAX = WIDTH * 3 / 4;

    /** Scores beside the records they belong to, so that a search stays in one array. */
    private static final class Leaf {
        final double[] scores = new double[WIDTH];
        final byte[][] records = new byte[WIDTH][];
        int count;

        void insert(int at, double score, byte[] record) {
            System.arraycopy(scores, at, scores, at + 1, count - at);
            System.arraycopy(records, at, records, at + 1, count - at);
            scores[at] = score;
            records[at] = record;
            count++;
        }

        void remove(int at, int many) {
            int after = at + many;
            System.arraycopy(scores, after, scores, at, count - after);
            System.arraycopy(records, after, records, at, count - after);
            Arrays.fill(records, count - many, count, null);
            count -= many;
        }

        void take(Leaf from, int at) {
            int many = from.count - at;
            System.arraycopy(from.scores, at, scores, count, many);
            System.arraycopy(from.records, at, records, count, many);
            Arrays.fill(from.records, at, from.count, null);
            from.count = at;
            count += many;
        }
    }

    /**
     * Leaves, and beside them what a search and a rank ask of each: its lowest score and its count.
     * Whoever changes a leaf calls {@link #note}.
     */
    private static final class Group {
        final Leaf[] leaves = new Leaf[WIDTH];
        final double[] lows = new double[WIDTH];
        final int[] counts = new int[WIDTH];
        int count;
        int size;

        void note(int at) {
            Leaf leaf = leaves[at];
            size += leaf.count - counts[at];
            counts[at] = leaf.count;
            lows[at] = leaf.scores[0];
        }

        void insert(int at, Leaf leaf) {
            System.arraycopy(leaves, at, leaves, at + 1, count - at);
            System.arraycopy(lows, at, lows, at + 1, count - at);
            System.arraycopy(counts, at, counts, at + 1, count - at);
            leaves[at] = leaf;
            counts[at] = 0;
            count++;
            note(at);
        }

        /** Takes a leaf out, and what was noted of it. */
        void remove(int at) {
            size -= counts[at];
            System.arraycopy(leaves, at + 1, leaves, at, count - at - 1);
            System.arraycopy(lows, at + 1, lows, at, count - at - 1);
            System.arraycopy(counts, at + 1, counts, at, count - at - 1);
            leaves[--count] = null;
        }

        /** Takes the leaves of {@code from} from the one at {@code at} on. */
        void take(Group from, int at) {
            for (int i = at; i < from.count; i++) {
                insert(count, from.leaves[i]);
                from.size -= from.counts[i];
                from.leaves[i] = null;
            }
            from.count = at;
        }

        /** Whether the first record of the leaf at {@code at} lies before {@code bound}. */
        boolean beginsBefore(Bound bound, int at) {
            double low = lows[at];
            return bound.isAtScore(low)
                    ? bound.isAfter(low, leaves[at].records[0])
                    : bound.isAfterScore(low);
        }
    }

    private Group[] groups = new Group[4];
    private int groupCount;
    private int size;

    // Where the last search ended: a group, a leaf in it, a place in that.
    private int groupAt;
    private int leafAt;
    private int recordAt;

    private final Slice shown = new Slice();

    int size() {
        return size;
    }

    void insert(double score, byte[] record, Bound bound) {
        if (groupCount == 0) {
            Group group = new Group();
            group.insert(0, new Leaf());
            groups[groupCount++] = group;
        }
        search(bound);
        Group group = groups[groupAt];
        Leaf leaf = group.leaves[leafAt];
        if (leaf.count == WIDTH) {
            leaf = split(group, leaf);
            group = groups[groupAt];
        }
        leaf.insert(recordAt, score, record);
        group.note(leafAt);
        size++;
    }

    /** Splits the full leaf where the last search ended; returns the one that search means now. */
    private Leaf split(Group full, Leaf leaf) {
        Group group = full;
        if (group.count == WIDTH) {
            group = split(group);
        }
        boolean last = groupAt == groupCount - 1 && leafAt == group.count - 1;
        // What grows at its end, as boards by time do, leaves full leaves behind.
        int at = last && recordAt == WIDTH ? WIDTH : WIDTH / 2;
        Leaf right = new Leaf();
        right.take(leaf, at);
        group.note(leafAt);
        group.insert(leafAt + 1, right);
        if (recordAt < at || recordAt == at && at < WIDTH) {
            return leaf;
        }
        leafAt++;
        recordAt -= at;
        return right;
    }

    private Group split(Group full) {
        int at = groupAt == groupCount - 1 && leafAt == WIDTH - 1 ? WIDTH - 1 : WIDTH / 2;
        Group right = new Group();
        right.take(full, at);
        if (groupCount == groups.length) {
            groups = Arrays.copyOf(groups, groupCount * 2);
        }
        System.arraycopy(groups, groupAt + 1, groups, groupAt + 2, groupCount - groupAt - 1);
        groups[groupAt + 1] = right;
        groupCount++;
        if (leafAt < at) {
            return full;
        }
        leafAt -= at;
        groupAt++;
        return right;
    }

    /** Removes the one record that {@code bound}, set after it, ends with. */
    void remove(Bound bound) {
        search(bound);
        removeHere(recordAt - 1, 1);
    }

    /**
     * Moves a record to another score; {@code from} is set after it, {@code to} to its new place.
     */
    void move(Bound from, double score, byte[] record, Bound to) {
        search(from);
        Leaf leaf = groups[groupAt].leaves[leafAt];
        int at = recordAt - 1;
        // Most changes of a score pass no neighbour, and then nothing has to move.
        boolean stays =
                at > 0
                        && at < leaf.count - 1
                        && to.isAfter(leaf.scores[at - 1], leaf.records[at - 1])
                        && !to.isAfter(leaf.scores[at + 1], leaf.records[at + 1]);
        if (stays) {
            // Neither the first of its leaf nor another count: nothing to note.
            leaf.scores[at] = score;
            return;
        }
        removeHere(at, 1);
        insert(score, record, to);
    }

    private void removeHere(int at, int many) {
        Group group = groups[groupAt];
        Leaf leaf = group.leaves[leafAt];
        leaf.remove(at, many);
        group.note(leafAt);
        size -= many;
        if (leaf.count < SPARSE) {
            mergeLeaf(group);
        }
    }

    private void mergeLeaf(Group group) {
        int left = leafAt > 0 ? leafAt - 1 : leafAt;
        Leaf leaf = group.leaves[leafAt];
        if (leaf.count == 0) {
            group.remove(leafAt);
        } else if (left + 1 < group.count
                && group.counts[left] + group.counts[left + 1] <= MERGED_MAX) {
            group.leaves[left].take(group.leaves[left + 1], 0);
            group.remove(left + 1);
            group.note(left);
        }
        if (group.count < SPARSE) {
            mergeGroup(group);
        }
    }

    private void mergeGroup(Group group) {
        int left = groupAt > 0 ? groupAt - 1 : groupAt;
        if (group.count == 0) {
            removeGroup(groupAt);
        } else if (left + 1 < groupCount
                && groups[left].count + groups[left + 1].count <= MERGED_MAX) {
            groups[left].take(groups[left + 1], 0);
            removeGroup(left + 1);
        }
    }

    private void removeGroup(int at) {
        System.arraycopy(groups, at + 1, groups, at, groupCount - at - 1);
        groups[--groupCount] = null;
    }

    /** How many records lie before {@code bound}. */
    int rank(Bound bound) {
        if (size == 0) {
            return 0;
        }
        search(bound);
        int rank = recordAt;
        for (int i = 0; i < groupAt; i++) {
            rank += groups[i].size;
        }
        int[] counts = groups[groupAt].counts;
        for (int i = 0; i < leafAt; i++) {
            rank += counts[i];
        }
        return rank;
    }

    /**
     * Finds the place of {@code bound}: at the end of a leaf rather than at the start of the next.
     */
    private void search(Bound bound) {
        int low = 1;
        int high = groupCount;
        while (low < high) {
            int middle = low + high >>> 1;
            if (groups[middle].beginsBefore(bound, 0)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        groupAt = low - 1;
        Group group = groups[groupAt];
        low = 1;
        high = group.count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (group.beginsBefore(bound, middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        leafAt = low - 1;
        Leaf leaf = group.leaves[leafAt];
        low = 0;
        high = leaf.count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (bound.isAfter(leaf.scores[middle], leaf.records[middle])) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        recordAt = low;
    }

    /** Finds the record of {@code rank}, which exists. */
    private void seek(int rank) {
        int left = rank;
        groupAt = 0;
        while (left >= groups[groupAt].size) {
            left -= groups[groupAt++].size;
        }
        int[] counts = groups[groupAt].counts;
        leafAt = 0;
        while (left >= counts[leafAt]) {
            left -= counts[leafAt++];
        }
        recordAt = left;
    }

    /** Shows {@code count} records, which exist, from the one of {@code rank} on upwards. */
    void forEach(int rank, int count, SortedSet.Visitor visitor) {
        if (count <= 0) {
            return;
        }
        seek(rank);
        int left = count;
        int g = groupAt;
        int l = leafAt;
        int r = recordAt;
        while (true) {
            Leaf leaf = groups[g].leaves[l];
            for (; r < leaf.count; r++) {
                ByteTable.key(leaf.records[r], shown);
                visitor.visit(shown, leaf.scores[r]);
                if (--left == 0) {
                    return;
                }
            }
            r = 0;
            if (++l == groups[g].count) {
                l = 0;
                g++;
            }
        }
    }

    /** The same downwards. */
    void forEachBackwards(int rank, int count, SortedSet.Visitor visitor) {
        if (count <= 0) {
            return;
        }
        seek(rank);
        int left = count;
        int g = groupAt;
        int l = leafAt;
        int r = recordAt;
        while (true) {
            Leaf leaf = groups[g].leaves[l];
            for (; r >= 0; r--) {
                ByteTable.key(leaf.records[r], shown);
                visitor.visit(shown, leaf.scores[r]);
                if (--left == 0) {
                    return;
                }
            }
            if (--l < 0) {
                l = groups[--g].count - 1;
            }
            r = groups[g].leaves[l].count - 1;
        }
    }

    /** Removes {@code count} records, which exist, from {@code rank} on, from {@code table} too. */
    void removeRange(int rank, int count, ByteTable table) {
        int left = count;
        while (left > 0) {
            seek(rank);
            Leaf leaf = groups[groupAt].leaves[leafAt];
            int many = Math.min(left, leaf.count - recordAt);
            for (int i = recordAt; i < recordAt + many; i++) {
                ByteTable.key(leaf.records[i], shown);
                table.remove(shown);
            }
            removeHere(recordAt, many);
            left -= many;
        }
    }

    /** Heap of the order alone; the records belong to the table. */
    long memoryBytes() {
        long leaves = 0;
        for (int i = 0; i < groupCount; i++) {
            leaves += groups[i].count;
        }
        long leaf = 24 + Value.arrayBytes(8L * WIDTH) + Value.arrayBytes(4L * WIDTH);
        long group = 32 + Value.arrayBytes(8L * WIDTH) + 2 * Value.arrayBytes(4L * WIDTH);
        return 56 + Value.arrayBytes(4L * groups.length) + groupCount * group + leaves * leaf;
    }
}
