package dev.larder.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Members with a score each, in order of score and, where scores are equal, of unsigned bytes. One
 * array while small, member and score in turn; after that a table from member to score and a {@link
 * ScoreOrder} over the same records.
 *
 * <p>Ranks count from 0 at the lowest. A range of scores or of members is found as two ranks.
 */
public final class SortedSet implements Value {
    /** Shown each member, borrowed, with its score. */
    public interface Visitor {
        void visit(Slice member, double score);
    }

    private static final VarHandle DOUBLES =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

    private Packed packed = new Packed();
    private ByteTable table;
    private ScoreOrder order;

    /** An empty set that is no longer in its compact form. */
    public static SortedSet table() {
        SortedSet set = new SortedSet();
        set.unpack();
        return set;
    }

    /** How many members there are. */
    public int size() {
        return table == null ? packed.count() / 2 : order.size();
    }

    /** Whether it has left its compact form, so that the limits of that no longer matter. */
    public boolean isTable() {
        return table != null;
    }

    /** The score of {@code member}; NaN, which no member has, where there is none. */
    public double score(Slice member) {
        if (table == null) {
            int place = packed.find(member, 2);
            return place < 0 ? Double.NaN : scoreAt(packed.next(place));
        }
        byte[] record = table.find(member);
        return record == null ? Double.NaN : scoreOf(record);
    }

    private static double scoreOf(byte[] record) {
        return (double) DOUBLES.get(record, record.length - Double.BYTES);
    }

    private double scoreAt(int place) {
        return packed.doubleAt(place);
    }

    /**
     * Gives {@code member} a score, not NaN; true where it is new or had another. Beyond {@code
     * entriesMax} members or {@code bytesMax} bytes in one of them the set becomes a table, for
     * good.
     */
    public boolean put(Slice member, double score, long entriesMax, long bytesMax) {
        if (table == null) {
            int place = packed.find(member, 2);
            if (place >= 0) {
                if (scoreAt(packed.next(place)) == score) {
                    return false;
                }
                packed.remove(place, 2);
                insertPacked(member, score);
                return true;
            }
            if (packed.count() / 2 < entriesMax && member.length() <= bytesMax) {
                insertPacked(member, score);
                return true;
            }
            unpack();
        }
        byte[] record = table.find(member);
        if (record == null) {
            insert(member, score);
            return true;
        }
        double before = scoreOf(record);
        if (before == score) {
            return false;
        }
        DOUBLES.set(record, record.length - Double.BYTES, score);
        Workspace work = Workspace.here();
        order.move(
                work.bound.at(before, member, true),
                score,
                record,
                work.target.at(score, member, false));
        return true;
    }

    private void insert(Slice member, double score) {
        byte[] record = ByteTable.record(member, Double.BYTES);
        DOUBLES.set(record, record.length - Double.BYTES, score);
        table.put(member, record);
        order.insert(score, record, Workspace.here().bound.at(score, member, false));
    }

    private void insertPacked(Slice member, double score) {
        Workspace work = Workspace.here();
        Slice second = work.second;
        Bound bound = work.bound.at(score, member, false);
        int index = 0;
        int place = packed.begin();
        while (place < packed.end()) {
            int scorePlace = packed.read(place, work.first);
            if (!bound.isAfter(packed.doubleAt(scorePlace), work.first)) {
                break;
            }
            place = packed.next(scorePlace);
            index += 2;
        }
        byte[] bits = new byte[Double.BYTES];
        // The packed form has no negative zero, as a listpack, which keeps integers as such, has
        // none.
        DOUBLES.set(bits, 0, score + 0.0);
        second.point(bits, 0, bits.length);
        if (place == packed.end()) {
            packed.add(member);
            packed.add(second);
        } else {
            // The array may move under the first insertion, so the place is found anew.
            packed.insert(place, second);
            packed.insert(packed.place(index), member);
        }
    }

    /** Leaves the compact form for good. */
    public void unpack() {
        if (isTable()) {
            return;
        }
        Packed small = packed;
        table = new ByteTable();
        order = new ScoreOrder();
        packed = null;
        Slice member = new Slice();
        for (int place = small.begin(); place < small.end(); ) {
            int scorePlace = small.read(place, member);
            insert(member, small.doubleAt(scorePlace));
            place = small.next(scorePlace);
        }
    }

    public boolean remove(Slice member) {
        if (table == null) {
            int place = packed.find(member, 2);
            if (place >= 0) {
                packed.remove(place, 2);
            }
            return place >= 0;
        }
        byte[] record = table.remove(member);
        if (record != null) {
            order.remove(Workspace.here().bound.at(scoreOf(record), member, true));
        }
        return record != null;
    }

    /** The rank of {@code member}; -1 where there is none. */
    public int rank(Slice member) {
        double score = score(member);
        return Double.isNaN(score) ? -1 : rank(Workspace.here().bound.at(score, member, false));
    }

    /** How many members have a lower score, or an equal one where {@code inclusive}. */
    public int rankOfScore(double score, boolean inclusive) {
        return rank(Workspace.here().bound.at(score, inclusive));
    }

    /**
     * How many members are lower by their bytes, or equal where {@code inclusive}, in a set whose
     * scores are all the same.
     */
    public int rankOfMember(Slice member, boolean inclusive) {
        return rank(Workspace.here().bound.at(member, inclusive));
    }

    private int rank(Bound bound) {
        return table == null ? rankPacked(bound) : order.rank(bound);
    }

    private int rankPacked(Bound bound) {
        Slice member = Workspace.here().first;
        int rank = 0;
        for (int place = packed.begin(); place < packed.end(); rank++) {
            int scorePlace = packed.read(place, member);
            if (!bound.isAfter(packed.doubleAt(scorePlace), member)) {
                break;
            }
            place = packed.next(scorePlace);
        }
        return rank;
    }

    /** Shows every member in order. The visitor must not change the set. */
    public void forEach(Visitor visitor) {
        forEach(0, size(), visitor);
    }

    /** Shows {@code count} members, which exist, from the one of {@code rank} on upwards. */
    public void forEach(int rank, int count, Visitor visitor) {
        if (table != null) {
            order.forEach(rank, count, visitor);
        } else if (count > 0) {
            Slice member = new Slice();
            int place = packed.place(rank * 2);
            for (int i = 0; i < count; i++) {
                int scorePlace = packed.read(place, member);
                place = packed.next(scorePlace);
                visitor.visit(member, packed.doubleAt(scorePlace));
            }
        }
    }

    /** Shows {@code count} members, which exist, from the one of {@code rank} on downwards. */
    public void forEachBackwards(int rank, int count, Visitor visitor) {
        if (table != null) {
            order.forEachBackwards(rank, count, visitor);
        } else if (count > 0) {
            int place = rank == size() - 1 ? packed.end() : packed.place(rank * 2 + 2);
            Slice member = new Slice();
            for (int i = 0; i < count; i++) {
                place = packed.previous(place);
                double score = packed.doubleAt(place);
                place = packed.previous(place);
                packed.read(place, member);
                visitor.visit(member, score);
            }
        }
    }

    /** Removes {@code count} members, which exist, from the one of {@code rank} on. */
    public void removeRange(int rank, int count) {
        if (table != null) {
            order.removeRange(rank, count, table);
        } else if (count > 0) {
            packed.remove(packed.place(rank * 2), count * 2);
        }
    }

    /** As {@link ByteTable#scan}; a packed set is shown whole. */
    public long scan(long cursor, int count, Visitor visitor) {
        if (table == null) {
            forEach(visitor);
            return 0;
        }
        Slice member = new Slice();
        return table.scan(cursor, count, record -> show(record, member, visitor));
    }

    private static void show(byte[] record, Slice member, Visitor visitor) {
        ByteTable.key(record, member);
        visitor.visit(member, scoreOf(record));
    }

    /** Shows one member, chosen by chance, of a set that has any. */
    public void random(RandomGenerator random, Visitor visitor) {
        if (table == null) {
            forEach(random.nextInt(size()), 1, visitor);
        } else {
            show(table.random(random), new Slice(), visitor);
        }
    }

    /** All members in order, for choosing several different ones. */
    public List<byte[]> members() {
        List<byte[]> members = new ArrayList<>(size());
        forEach((member, _) -> members.add(member.toBytes()));
        return members;
    }

    @Override
    public String encoding() {
        return table == null ? "listpack" : "skiplist";
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
                + (table == null
                        ? packed.memoryBytes()
                        : table.memoryBytes() + order.memoryBytes());
    }

    @Override
    public Value copy() {
        SortedSet copy = new SortedSet();
        if (table == null) {
            copy.packed = packed.copy();
        } else {
            copy.unpack();
            forEach(copy::insert);
        }
        return copy;
    }
}
