package dev.larder.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;

/**
 * Members without order: sorted integers in one array while all are integers and few, packed bytes
 * while few and short, a table after.
 */
public final class SetValue implements Value {
    /**
     * The bounds of the compact forms.
     *
     * @param integersMax members of an intset
     * @param entriesMax members of a listpack
     * @param bytesMax bytes of a member of a listpack
     */
    public record Limits(long integersMax, long entriesMax, long bytesMax) {}

    /** Shown each member, borrowed. */
    public interface Visitor {
        void visit(Slice member);
    }

    private Integers integers = new Integers();
    private Packed packed;
    private ByteTable table;

    /** Integers in ascending order, each as wide (2, 4 or 8 bytes) as the widest needs. */
    private static final class Integers {
        private static final VarHandle LONGS = view(long[].class);
        private static final VarHandle INTS = view(int[].class);
        private static final VarHandle SHORTS = view(short[].class);

        private int width = 2;
        private byte[] data = new byte[8];
        private int count;

        private static VarHandle view(Class<?> type) {
            return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
        }

        long get(int index) {
            return switch (width) {
                case 2 -> (short) SHORTS.get(data, index * 2);
                case 4 -> (int) INTS.get(data, index * 4);
                default -> (long) LONGS.get(data, index * 8);
            };
        }

        private void set(int index, long value) {
            switch (width) {
                case 2 -> SHORTS.set(data, index * 2, (short) value);
                case 4 -> INTS.set(data, index * 4, (int) value);
                default -> LONGS.set(data, index * 8, value);
            }
        }

        /** The index of {@code value}, or -(where it belongs) - 1. */
        int find(long value) {
            int low = 0;
            int high = count - 1;
            while (low <= high) {
                int middle = low + high >>> 1;
                long there = get(middle);
                if (there < value) {
                    low = middle + 1;
                } else if (there > value) {
                    high = middle - 1;
                } else {
                    return middle;
                }
            }
            return -low - 1;
        }

        void insert(int index, long value) {
            int needed = value == (short) value ? 2 : value == (int) value ? 4 : 8;
            if (needed > width) {
                widen(needed);
            }
            if ((count + 1) * width > data.length) {
                data = Arrays.copyOf(data, Math.max(data.length * 3 / 2, (count + 1) * width));
            }
            System.arraycopy(
                    data, index * width, data, (index + 1) * width, (count - index) * width);
            count++;
            set(index, value);
        }

        private void widen(int needed) {
            long[] values = new long[count];
            for (int i = 0; i < count; i++) {
                values[i] = get(i);
            }
            width = needed;
            data = new byte[(count + 1) * needed];
            for (int i = 0; i < count; i++) {
                set(i, values[i]);
            }
        }

        void remove(int index) {
            System.arraycopy(
                    data, (index + 1) * width, data, index * width, (count - index - 1) * width);
            count--;
        }
    }

    public int size() {
        if (integers != null) {
            return integers.count;
        }
        return packed != null ? packed.count() : table.size();
    }

    public boolean contains(Slice member) {
        if (integers != null) {
            return Canonical.isLong(member) && integers.find(Canonical.parse(member)) >= 0;
        }
        return packed != null ? packed.find(member, 1) >= 0 : table.find(member) != null;
    }

    /** Adds a member; true where it is new. */
    public boolean add(Slice member, Limits limits) {
        if (integers != null) {
            if (Canonical.isLong(member)) {
                long value = Canonical.parse(member);
                int at = integers.find(value);
                if (at >= 0) {
                    return false;
                }
                if (integers.count < limits.integersMax()) {
                    integers.insert(-at - 1, value);
                    return true;
                }
                // Too many integers: a listpack is not tried, on the real servers neither.
                leaveIntegers(false);
            } else {
                leaveIntegers(fitsPacked(member, limits));
            }
        }
        if (packed != null) {
            if (packed.find(member, 1) >= 0) {
                return false;
            }
            if (packed.count() < limits.entriesMax() && member.length() <= limits.bytesMax()) {
                packed.add(member);
                return true;
            }
            tabulate();
        }
        return table.add(member);
    }

    /** Whether the integers and one more member may become a listpack. */
    private boolean fitsPacked(Slice member, Limits limits) {
        int count = integers.count;
        if (count >= limits.entriesMax() || member.length() > limits.bytesMax()) {
            return false;
        }
        return count == 0
                || Math.max(length(integers.get(0)), length(integers.get(count - 1)))
                        <= limits.bytesMax();
    }

    private static int length(long value) {
        byte[] digits = new byte[Canonical.DIGITS_MAX];
        return digits.length - Canonical.format(value, digits);
    }

    /**
     * Prepares for {@code count} members, of which {@code first} is one: an empty set takes the
     * form that these need, and a compact one gives up where they alone are too many for it.
     */
    public void expect(Slice first, int count, Limits limits) {
        if (integers != null) {
            boolean empty = integers.count == 0;
            if (count > limits.integersMax() && (!empty || Canonical.isLong(first))) {
                leaveIntegers(empty && count <= limits.entriesMax());
            } else if (empty && !Canonical.isLong(first)) {
                leaveIntegers(count <= limits.entriesMax());
            }
        } else if (packed != null && count > limits.entriesMax()) {
            tabulate();
        }
    }

    private void tabulate() {
        Packed small = packed;
        packed = null;
        table = new ByteTable();
        Slice moved = new Slice();
        for (int place = small.begin(); place < small.end(); ) {
            place = small.read(place, moved);
            table.add(moved);
        }
    }

    /** Integers become a listpack or a table. */
    private void leaveIntegers(boolean small) {
        Integers before = integers;
        packed = small ? new Packed() : null;
        table = small ? null : new ByteTable();
        integers = null;
        Slice moved = new Slice();
        byte[] digits = new byte[Canonical.DIGITS_MAX];
        for (int i = 0; i < before.count; i++) {
            Canonical.format(before.get(i), digits, moved);
            if (small) {
                packed.add(moved);
            } else {
                table.add(moved);
            }
        }
    }

    public boolean remove(Slice member) {
        if (integers != null) {
            int at = Canonical.isLong(member) ? integers.find(Canonical.parse(member)) : -1;
            if (at >= 0) {
                integers.remove(at);
            }
            return at >= 0;
        }
        if (packed != null) {
            int place = packed.find(member, 1);
            if (place >= 0) {
                packed.remove(place, 1);
            }
            return place >= 0;
        }
        return table.remove(member) != null;
    }

    /** Shows every member. The visitor must not change the set. */
    public void forEach(Visitor visitor) {
        Slice shown = new Slice();
        if (integers != null) {
            byte[] digits = new byte[Canonical.DIGITS_MAX];
            for (int i = 0; i < integers.count; i++) {
                Canonical.format(integers.get(i), digits, shown);
                visitor.visit(shown);
            }
        } else if (packed != null) {
            for (int place = packed.begin(); place < packed.end(); ) {
                place = packed.read(place, shown);
                visitor.visit(shown);
            }
        } else {
            table.forEach(record -> show(record, shown, visitor));
        }
    }

    private static void show(byte[] record, Slice shown, Visitor visitor) {
        ByteTable.key(record, shown);
        visitor.visit(shown);
    }

    /** As {@link ByteTable#scan}; a compact set is shown whole. */
    public long scan(long cursor, int count, Visitor visitor) {
        if (table == null) {
            forEach(visitor);
            return 0;
        }
        Slice shown = new Slice();
        return table.scan(cursor, count, record -> show(record, shown, visitor));
    }

    /** A member chosen by chance from a set that has any; borrowed. */
    public Slice random(RandomGenerator random) {
        Slice shown = new Slice();
        if (integers != null) {
            long value = integers.get(random.nextInt(integers.count));
            Canonical.format(value, new byte[Canonical.DIGITS_MAX], shown);
        } else if (packed != null) {
            packed.read(packed.place(random.nextInt(packed.count())), shown);
        } else {
            ByteTable.key(table.random(random), shown);
        }
        return shown;
    }

    /** All members, copied. */
    public List<byte[]> members() {
        List<byte[]> members = new ArrayList<>(size());
        forEach(member -> members.add(member.toBytes()));
        return members;
    }

    /** Bytes of an integer (2, 4 or 8) in a set that is an intset. */
    public int integerWidth() {
        return integers.width;
    }

    /** Shows the members of an intset, in ascending order. */
    public void forEachInteger(LongConsumer visitor) {
        for (int i = 0; i < integers.count; i++) {
            visitor.accept(integers.get(i));
        }
    }

    @Override
    public String encoding() {
        if (integers != null) {
            return "intset";
        }
        return packed != null ? "listpack" : "hashtable";
    }

    @Override
    public void compact() {
        if (packed != null) {
            packed.trim();
        }
    }

    @Override
    public long memoryBytes() {
        long form =
                integers != null
                        ? 24 + Value.arrayBytes(integers.data.length)
                        : packed != null ? packed.memoryBytes() : table.memoryBytes();
        return 24 + form;
    }

    @Override
    public Value copy() {
        SetValue copy = new SetValue();
        if (integers != null) {
            copy.integers.width = integers.width;
            copy.integers.count = integers.count;
            copy.integers.data = integers.data.clone();
            return copy;
        }
        copy.integers = null;
        if (packed != null) {
            copy.packed = packed.copy();
        } else {
            copy.table = new ByteTable();
            forEach(copy.table::add);
        }
        return copy;
    }
}
