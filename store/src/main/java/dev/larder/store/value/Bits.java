package dev.larder.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A run of bytes as a row of bits: bit 0 is the highest of the first byte. Everything but the edges
 * goes by words of 64 bits.
 */
public final class Bits {
    /** What {@link #combine} does with two rows. */
    public enum Operation {
        AND,
        OR,
        XOR
    }

    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle NATIVE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private Bits() {}

    /** The bit at {@code bit}; 0 behind the end. */
    public static int get(Slice row, long bit) {
        long at = bit >>> 3;
        return at < row.length() ? row.at((int) at) >> 7 - (int) (bit & 7) & 1 : 0;
    }

    /** Sets a bit inside the array and returns what it was. */
    public static int set(byte[] row, long bit, int value) {
        int at = (int) (bit >>> 3);
        int shift = 7 - (int) (bit & 7);
        int before = row[at] >> shift & 1;
        row[at] ^= (byte) ((before ^ value) << shift);
        return before;
    }

    /** How many bits are set from {@code first} to {@code last}, both inside. */
    public static long count(Slice row, long first, long last) {
        byte[] bytes = row.array();
        int at = row.offset() + (int) (first >>> 3);
        int end = row.offset() + (int) (last >>> 3);
        int head = 0xFF >> (int) (first & 7);
        int tail = 0xFF << 7 - (int) (last & 7) & 0xFF;
        if (at == end) {
            return Integer.bitCount(bytes[at] & head & tail);
        }
        return Integer.bitCount(bytes[at] & head)
                + count(bytes, at + 1, end)
                + Integer.bitCount(bytes[end] & tail);
    }

    /** How many bits are set in the bytes from {@code from} to before {@code to}. */
    private static long count(byte[] bytes, int from, int to) {
        long sum = 0;
        int i = from;
        // Four sums of their own, so that no count waits for the one before.
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (; i + 32 <= to; i += 32) {
            a += Long.bitCount(get(bytes, i));
            b += Long.bitCount(get(bytes, i + 8));
            c += Long.bitCount(get(bytes, i + 16));
            d += Long.bitCount(get(bytes, i + 24));
        }
        for (; i + 8 <= to; i += 8) {
            sum += Long.bitCount(get(bytes, i));
        }
        for (; i < to; i++) {
            sum += Integer.bitCount(bytes[i] & 0xFF);
        }
        return sum + a + b + c + d;
    }

    /** The first bit of the given value from {@code first} to {@code last}, both inside; or -1. */
    public static long position(Slice row, int value, long first, long last) {
        byte[] bytes = row.array();
        long flip = value == 1 ? 0 : -1;
        int start = row.offset();
        int at = start + (int) (first >>> 3);
        int end = start + (int) (last >>> 3);
        long found = -1;
        int head = (bytes[at] ^ (int) flip) & 0xFF >> (int) (first & 7);
        if (head != 0) {
            found = bit(at - start, head);
        } else {
            at++;
            while (at + 32 <= end + 1 && isUniform(bytes, at, flip)) {
                at += 32;
            }
            while (at <= end && found < 0) {
                int wanted = (bytes[at] ^ (int) flip) & 0xFF;
                if (wanted != 0) {
                    found = bit(at - start, wanted);
                }
                at++;
            }
        }
        return found <= last ? found : -1;
    }

    /** Whether the 32 bytes are all equal to the lowest byte of {@code flip}: 0 or 255. */
    private static boolean isUniform(byte[] bytes, int at, long flip) {
        return ((get(bytes, at) ^ flip)
                        | (get(bytes, at + 8) ^ flip)
                        | (get(bytes, at + 16) ^ flip)
                        | (get(bytes, at + 24) ^ flip))
                == 0;
    }

    /** The place of the highest bit of {@code byteValue}, which is not 0. */
    private static long bit(int at, int byteValue) {
        return (long) at * 8 + Integer.numberOfLeadingZeros(byteValue) - 24;
    }

    /** The {@code width} bits (1 to 64) from {@code bit} on as a number; zeros behind the end. */
    public static long read(byte[] bytes, int offset, int length, long bit, int width) {
        int skip = (int) (bit & 7);
        long at = bit >>> 3;
        if (at >= length) {
            return 0;
        }
        int from = offset + (int) at;
        int left = length - (int) at;
        long word;
        if (left >= 8) {
            word = (long) WORDS.get(bytes, from);
        } else {
            word = 0;
            for (int i = 0; i < left; i++) {
                word |= (bytes[from + i] & 0xFFL) << 56 - 8 * i;
            }
        }
        word <<= skip;
        if (skip + width > 64 && left > 8) {
            word |= (bytes[from + 8] & 0xFF) >>> 8 - skip;
        }
        return word >>> 64 - width;
    }

    /** Overwrites {@code width} bits, all inside the array, by the lowest of {@code value}. */
    public static void write(byte[] bytes, long bit, int width, long value) {
        long at = bit;
        int left = width;
        while (left > 0) {
            int index = (int) (at >>> 3);
            int skip = (int) (at & 7);
            int taken = Math.min(8 - skip, left);
            int shift = 8 - skip - taken;
            int mask = (1 << taken) - 1 << shift;
            int part = (int) (value >>> left - taken) << shift & mask;
            bytes[index] = (byte) (bytes[index] & ~mask | part);
            at += taken;
            left -= taken;
        }
    }

    /** Puts the complement of {@code row} into {@code into}, which is as long. */
    public static void complement(Slice row, byte[] into) {
        not(row.array(), row.offset(), into, into.length);
    }

    /**
     * Combines {@code row} into {@code into}, which is as long at least; behind its end a row is
     * zeros.
     */
    public static void combine(Operation operation, Slice row, byte[] into) {
        switch (operation) {
            case AND -> {
                and(row.array(), row.offset(), into, row.length());
                Arrays.fill(into, row.length(), into.length, (byte) 0);
            }
            case OR -> or(row.array(), row.offset(), into, row.length());
            case XOR -> xor(row.array(), row.offset(), into, row.length());
        }
    }

    // Four words at a time: the compiler makes no vectors of two arrays that it cannot tell apart.

    private static void not(byte[] from, int offset, byte[] into, int length) {
        int i = 0;
        for (; i + 32 <= length; i += 32) {
            int f = offset + i;
            put(into, i, ~get(from, f));
            put(into, i + 8, ~get(from, f + 8));
            put(into, i + 16, ~get(from, f + 16));
            put(into, i + 24, ~get(from, f + 24));
        }
        for (; i < length; i++) {
            into[i] = (byte) ~from[offset + i];
        }
    }

    private static void and(byte[] from, int offset, byte[] into, int length) {
        int i = 0;
        for (; i + 32 <= length; i += 32) {
            int f = offset + i;
            put(into, i, get(into, i) & get(from, f));
            put(into, i + 8, get(into, i + 8) & get(from, f + 8));
            put(into, i + 16, get(into, i + 16) & get(from, f + 16));
            put(into, i + 24, get(into, i + 24) & get(from, f + 24));
        }
        for (; i < length; i++) {
            into[i] = (byte) (into[i] & from[offset + i]);
        }
    }

    private static void or(byte[] from, int offset, byte[] into, int length) {
        int i = 0;
        for (; i + 32 <= length; i += 32) {
            int f = offset + i;
            put(into, i, get(into, i) | get(from, f));
            put(into, i + 8, get(into, i + 8) | get(from, f + 8));
            put(into, i + 16, get(into, i + 16) | get(from, f + 16));
            put(into, i + 24, get(into, i + 24) | get(from, f + 24));
        }
        for (; i < length; i++) {
            into[i] = (byte) (into[i] | from[offset + i]);
        }
    }

    private static void xor(byte[] from, int offset, byte[] into, int length) {
        int i = 0;
        for (; i + 32 <= length; i += 32) {
            int f = offset + i;
            put(into, i, get(into, i) ^ get(from, f));
            put(into, i + 8, get(into, i + 8) ^ get(from, f + 8));
            put(into, i + 16, get(into, i + 16) ^ get(from, f + 16));
            put(into, i + 24, get(into, i + 24) ^ get(from, f + 24));
        }
        for (; i < length; i++) {
            into[i] = (byte) (into[i] ^ from[offset + i]);
        }
    }

    private static long get(byte[] bytes, int at) {
        return (long) NATIVE.get(bytes, at);
    }

    private static void put(byte[] bytes, int at, long word) {
        NATIVE.set(bytes, at, word);
    }
}
