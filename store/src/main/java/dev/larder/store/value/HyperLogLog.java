package dev.larder.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/**
 * A string read as a HyperLogLog: how many different elements were added to it, within 0.81 %, in
 * 12 KiB at most. The bytes are those of the real servers, so that a client may GET them from one
 * and SET them on another.
 */
public final class HyperLogLog {
    /*
     * Layout: "HYLL", encoding (0 dense, 1 sparse), three zeros, the cached estimate in 8 bytes
     * little endian (its highest bit set: no longer true), then the 16384 registers.
     *
     *   dense   6 bits each, lowest bits first
     *   sparse  runs:  00nnnnnn           n+1 zeros
     *                  01nnnnnn nnnnnnnn  n+1 zeros
     *                  1vvvvvnn           n+1 times the value v+1
     *
     * A register is chosen by the hash's 14 lowest bits and keeps the longest run of zeros, plus
     * one, that the other 50 began with. The estimate from the histogram of registers is that of
     * O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284.
     */
    public static final int REGISTERS = 1 << 14;

    private static final int HEADER = 16;
    private static final int ENCODING_AT = 4;
    private static final int CACHE_AT = 8;
    private static final byte DENSE = 0;
    private static final byte SPARSE = 1;
    private static final int BITS = 6;
    private static final int REGISTER_MAX = (1 << BITS) - 1;
    private static final int DENSE_LENGTH = HEADER + REGISTERS * BITS / 8;
    private static final int HASHED_BITS = 50;
    private static final long HASH_SEED = 0xadc83b19L;
    private static final int VALUE_MAX = 32;
    private static final int VALUE_RUN_MAX = 4;
    private static final int ZERO_RUN_MAX = 64;
    private static final int MERGE_STEPS = 5;
    private static final double ALPHA = 0.721347520444481703680;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** The runs of a sparse one do not come to the number of registers, or it has no encoding. */
    public static final class CorruptException extends RuntimeException {
        private static final CorruptException INSTANCE = new CorruptException();

        private CorruptException() {
            super("corrupt HyperLogLog", null, false, false);
        }
    }

    private final Text text;
    private final byte[] sequence = new byte[5];

    /** Reads and writes {@code text}, which {@link #isOne}. */
    public HyperLogLog(Text text) {
        this.text = text;
    }

    /** An empty one, sparse. */
    public static HyperLogLog empty() {
        byte[] bytes = new byte[HEADER + 2];
        bytes[0] = 'H';
        bytes[1] = 'Y';
        bytes[2] = 'L';
        bytes[3] = 'L';
        bytes[ENCODING_AT] = SPARSE;
        zeros(bytes, HEADER, REGISTERS);
        return new HyperLogLog(Text.of(bytes));
    }

    /** Whether the bytes begin as a HyperLogLog does and, if dense, are as long as one. */
    public static boolean isOne(Slice bytes) {
        return bytes.length() >= HEADER
                && bytes.at(0) == 'H'
                && bytes.at(1) == 'Y'
                && bytes.at(2) == 'L'
                && bytes.at(3) == 'L'
                && (bytes.at(ENCODING_AT) == SPARSE
                        || bytes.at(ENCODING_AT) == DENSE && bytes.length() == DENSE_LENGTH);
    }

    public Text text() {
        return text;
    }

    public boolean isSparse() {
        return text.array()[ENCODING_AT] == SPARSE;
    }

    public static boolean isSparse(Slice bytes) {
        return bytes.at(ENCODING_AT) == SPARSE;
    }

    // Adding.

    /**
     * Adds an element; whether a register has changed.
     *
     * @param sparseMax how many bytes it may have before it becomes dense
     * @throws CorruptException where its runs make no sense
     */
    public boolean add(Slice element, long sparseMax) {
        long hash = murmur(element);
        int register = (int) hash & REGISTERS - 1;
        // The guard bit ends a run of zeros at the last of the 50 bits.
        int zeros = Long.numberOfTrailingZeros(hash >>> 64 - HASHED_BITS | 1L << HASHED_BITS);
        return raise(register, zeros + 1, sparseMax);
    }

    /** Raises a register to {@code value}; false where it is as high already. */
    private boolean raise(int register, int value, long sparseMax) {
        return isSparse()
                ? raiseSparse(register, value, sparseMax)
                : raiseDense(text.array(), register, value);
    }

    private static boolean raiseDense(byte[] bytes, int register, int value) {
        if (value <= dense(bytes, register)) {
            return false;
        }
        dense(bytes, register, value);
        return true;
    }

    private static int dense(byte[] bytes, int register) {
        int bit = register * BITS;
        int at = HEADER + (bit >>> 3);
        int high = at + 1 < bytes.length ? bytes[at + 1] & 0xFF : 0;
        return (bytes[at] & 0xFF | high << 8) >>> (bit & 7) & REGISTER_MAX;
    }

    private static void dense(byte[] bytes, int register, int value) {
        int bit = register * BITS;
        int at = HEADER + (bit >>> 3);
        int shift = bit & 7;
        bytes[at] = (byte) (bytes[at] & ~(REGISTER_MAX << shift) | value << shift);
        if (shift > 2) {
            bytes[at + 1] =
                    (byte) (bytes[at + 1] & ~(REGISTER_MAX >> 8 - shift) | value >> 8 - shift);
        }
    }

    private boolean raiseSparse(int register, int value, long sparseMax) {
        if (value > VALUE_MAX) {
            return promote(register, value);
        }
        byte[] bytes = text.array();
        int length = text.length();
        int at = HEADER;
        int before = -1;
        int first = 0;
        int run = 0;
        while (at < length) {
            run = run(bytes, at, length);
            if (register < first + run) {
                break;
            }
            before = at;
            at += opcodeLength(bytes[at]);
            first += run;
        }
        if (at >= length) {
            throw CorruptException.INSTANCE;
        }
        boolean isValue = bytes[at] < 0;
        if (isValue && value(bytes[at]) >= value) {
            return false;
        }
        if (run == 1 && opcodeLength(bytes[at]) == 1) {
            bytes[at] = valueRun(value, 1);
        } else {
            int count = split(bytes[at], first, run, register, value);
            int old = opcodeLength(bytes[at]);
            if (at + old > length) {
                throw CorruptException.INSTANCE;
            }
            if (count > old && length + count - old > sparseMax) {
                return promote(register, value);
            }
            text.splice(at, old, sequence, count);
        }
        mergeRuns(before < 0 ? HEADER : before);
        invalidate();
        return true;
    }

    /** Writes what replaces the run with one register of {@code value} in it; how many bytes. */
    private int split(byte opcode, int first, int run, int register, int value) {
        int left = register - first;
        int right = first + run - 1 - register;
        int count = 0;
        if (left > 0) {
            count = rest(opcode, left, count);
        }
        sequence[count++] = valueRun(value, 1);
        if (right > 0) {
            count = rest(opcode, right, count);
        }
        return count;
    }

    private int rest(byte opcode, int length, int at) {
        if (opcode < 0) {
            sequence[at] = valueRun(value(opcode), length);
            return at + 1;
        }
        return zeros(sequence, at, length);
    }

    /** Joins runs of one value near {@code from} that have come to lie side by side. */
    private void mergeRuns(int from) {
        byte[] bytes = text.array();
        int at = from;
        for (int step = 0; step < MERGE_STEPS && at < text.length(); step++) {
            if (bytes[at] >= 0) {
                at += opcodeLength(bytes[at]);
                continue;
            }
            if (at + 1 < text.length()
                    && bytes[at + 1] < 0
                    && value(bytes[at]) == value(bytes[at + 1])) {
                int run = valueLength(bytes[at]) + valueLength(bytes[at + 1]);
                if (run <= VALUE_RUN_MAX) {
                    sequence[0] = valueRun(value(bytes[at]), run);
                    text.splice(at, 2, sequence, 1);
                    continue;
                }
            }
            at++;
        }
    }

    private boolean promote(int register, int value) {
        toDense();
        dense(text.array(), register, value);
        invalidate();
        return true;
    }

    /** Makes it dense; false where it was. */
    public boolean toDense() {
        if (!isSparse()) {
            return false;
        }
        byte[] dense = new byte[DENSE_LENGTH];
        System.arraycopy(text.array(), 0, dense, 0, HEADER);
        dense[ENCODING_AT] = DENSE;
        Slice all = new Slice();
        text.view(all);
        byte[] registers = new byte[REGISTERS];
        maximum(all, registers);
        for (int i = 0; i < REGISTERS; i++) {
            if (registers[i] != 0) {
                dense(dense, i, registers[i]);
            }
        }
        text.become(dense);
        return true;
    }

    // The opcodes of the sparse form.

    private static int opcodeLength(byte opcode) {
        return (opcode & 0xC0) == 0x40 ? 2 : 1;
    }

    /** How many registers the opcode at {@code at} stands for. */
    private static int run(byte[] bytes, int at, int end) {
        int opcode = bytes[at];
        if (opcode < 0) {
            return valueLength((byte) opcode);
        }
        int count = opcode & 0x3F;
        if (opcode >= 0x40) {
            count = count << 8 | (at + 1 < end ? bytes[at + 1] & 0xFF : 0);
        }
        return count + 1;
    }

    private static int value(byte opcode) {
        return (opcode >> 2 & 0x1F) + 1;
    }

    private static int valueLength(byte opcode) {
        return (opcode & 3) + 1;
    }

    private static byte valueRun(int value, int length) {
        return (byte) (0x80 | value - 1 << 2 | length - 1);
    }

    private static int zeros(byte[] into, int at, int length) {
        if (length <= ZERO_RUN_MAX) {
            into[at] = (byte) (length - 1);
            return at + 1;
        }
        into[at] = (byte) (0x40 | length - 1 >> 8);
        into[at + 1] = (byte) (length - 1);
        return at + 2;
    }

    /**
     * The runs in words: {@code z:n} and {@code Z:n} are zeros, {@code v:value,n} are values; null
     * where it is not sparse.
     */
    public String decoded() {
        if (!isSparse()) {
            return null;
        }
        StringBuilder words = new StringBuilder();
        byte[] bytes = text.array();
        for (int at = HEADER; at < text.length(); at += opcodeLength(bytes[at])) {
            int run = run(bytes, at, text.length());
            if (bytes[at] < 0) {
                words.append("v:").append(value(bytes[at])).append(',').append(run).append(' ');
            } else {
                words.append(bytes[at] >= 0x40 ? "Z:" : "z:").append(run).append(' ');
            }
        }
        return words.toString().stripTrailing();
    }

    // Merging.

    /**
     * Raises each of {@code registers}, one to a byte, to that of the HyperLogLog in {@code bytes}.
     *
     * @throws CorruptException where its runs make no sense
     */
    public static void maximum(Slice bytes, byte[] registers) {
        if (bytes.at(ENCODING_AT) == DENSE) {
            denseMaximum(bytes.array(), bytes.offset() + HEADER, registers);
            return;
        }
        byte[] array = bytes.array();
        int end = bytes.offset() + bytes.length();
        int register = 0;
        for (int at = bytes.offset() + HEADER; at < end; at += opcodeLength(array[at])) {
            int run = run(array, at, end);
            if (register + run > REGISTERS) {
                throw CorruptException.INSTANCE;
            }
            if (array[at] < 0) {
                byte value = (byte) value(array[at]);
                for (int i = register; i < register + run; i++) {
                    registers[i] = (byte) Math.max(registers[i], value);
                }
            }
            register += run;
        }
        if (register != REGISTERS) {
            throw CorruptException.INSTANCE;
        }
    }

    private static void denseMaximum(byte[] bytes, int from, byte[] registers) {
        // Four registers lie in three bytes.
        int at = from;
        for (int i = 0; i < REGISTERS; i += 4) {
            int four =
                    bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16;
            registers[i] = (byte) Math.max(registers[i], four & 63);
            registers[i + 1] = (byte) Math.max(registers[i + 1], four >> 6 & 63);
            registers[i + 2] = (byte) Math.max(registers[i + 2], four >> 12 & 63);
            registers[i + 3] = (byte) Math.max(registers[i + 3], four >> 18);
            at += 3;
        }
    }

    /** Raises its registers to those given, one to a byte. */
    public void raiseAll(byte[] registers, long sparseMax) {
        for (int i = 0; i < REGISTERS; i++) {
            if (registers[i] != 0) {
                raise(i, registers[i], sparseMax);
            }
        }
        invalidate();
    }

    // Counting.

    /** Says that the cached estimate is no longer true. */
    public void invalidate() {
        text.array()[CACHE_AT + 7] |= (byte) 0x80;
    }

    /** Whether the cached estimate is true, so that {@link #cached} is the answer. */
    public static boolean isCached(Slice bytes) {
        return bytes.at(CACHE_AT + 7) >= 0;
    }

    public static long cached(Slice bytes) {
        return (long) LONGS.get(bytes.array(), bytes.offset() + CACHE_AT);
    }

    /**
     * Counts anew and keeps the estimate.
     *
     * @throws CorruptException where its runs make no sense
     */
    public long count() {
        byte[] registers = new byte[REGISTERS];
        Slice all = new Slice();
        text.view(all);
        maximum(all, registers);
        long count = estimate(registers);
        LONGS.set(text.array(), CACHE_AT, count);
        return count;
    }

    /** The estimate of registers given one to a byte. */
    public static long estimate(byte[] registers) {
        int[] histogram = new int[REGISTER_MAX + 1];
        for (byte register : registers) {
            histogram[register]++;
        }
        double m = REGISTERS;
        double z = m * tau((m - histogram[HASHED_BITS + 1]) / m);
        for (int i = HASHED_BITS; i >= 1; i--) {
            z += histogram[i];
            z *= 0.5;
        }
        z += m * sigma(histogram[0] / m);
        return Math.round(ALPHA * m * m / z);
    }

    private static double sigma(double share) {
        if (share == 1) {
            return Double.POSITIVE_INFINITY;
        }
        double x = share;
        double y = 1;
        double z = x;
        double before;
        do {
            x *= x;
            before = z;
            z += x * y;
            y += y;
        } while (before != z);
        return z;
    }

    private static double tau(double share) {
        if (share == 0 || share == 1) {
            return 0;
        }
        double x = share;
        double y = 1;
        double z = 1 - x;
        double before;
        do {
            x = Math.sqrt(x);
            before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        } while (before != z);
        return z / 3;
    }

    /** Gives all dense registers random values; the first that does not keep its own, or -1. */
    public static int wrongRegister(RandomGenerator random) {
        byte[] bytes = new byte[DENSE_LENGTH];
        byte[] expected = new byte[REGISTERS];
        for (int i = 0; i < REGISTERS; i++) {
            expected[i] = (byte) random.nextInt(REGISTER_MAX + 1);
            dense(bytes, i, expected[i]);
        }
        for (int i = 0; i < REGISTERS; i++) {
            if (dense(bytes, i) != expected[i]) {
                return i;
            }
        }
        return -1;
    }

    /** MurmurHash2 of 64 bits, variant A, by Austin Appleby (public domain). */
    private static long murmur(Slice element) {
        final long m = 0xc6a4a7935bd1e995L;
        byte[] bytes = element.array();
        int at = element.offset();
        int length = element.length();
        int end = at + (length & ~7);
        long h = HASH_SEED ^ length * m;
        for (; at < end; at += 8) {
            long k = (long) LONGS.get(bytes, at) * m;
            k ^= k >>> 47;
            h = (h ^ k * m) * m;
        }
        if ((length & 7) != 0) {
            for (int i = 0; i < (length & 7); i++) {
                h ^= (bytes[at + i] & 0xFFL) << 8 * i;
            }
            h *= m;
        }
        h ^= h >>> 47;
        h *= m;
        return h ^ h >>> 47;
    }
}
