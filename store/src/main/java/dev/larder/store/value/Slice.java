package dev.larder.store.value;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A view of a run of bytes inside an array: an argument inside the read buffer, a field inside a
 * compact hash, a value inside its entry.
 *
 * <p>It is a flyweight: whoever owns one points it at other bytes again and again, so that the hot
 * path allocates nothing. A borrowed slice is valid until the end of the call that handed it out;
 * who keeps the bytes longer takes {@link #toBytes()}.
 */
public final class Slice {
    private static final byte[] NOTHING = {};
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] array;
    private int offset;
    private int length;

    /** An empty slice, to be pointed somewhere. */
    public Slice() {
        this.array = NOTHING;
    }

    /** A slice over the whole of {@code bytes}, which it does not copy. */
    public Slice(byte[] bytes) {
        point(bytes, 0, bytes.length);
    }

    /** A slice over the UTF-8 bytes of {@code text}. */
    public static Slice of(String text) {
        return new Slice(Utf8.encode(text));
    }

    /** Points this slice at other bytes and returns it. */
    public Slice point(byte[] bytes, int from, int count) {
        array = bytes;
        offset = from;
        length = count;
        return this;
    }

    /** Points this slice at the bytes that {@code other} shows now. */
    public Slice point(Slice other) {
        return point(other.array, other.offset, other.length);
    }

    /** The array that holds the bytes; other bytes lie around them. */
    public byte[] array() {
        return array;
    }

    /** Where in {@link #array()} the first byte is. */
    public int offset() {
        return offset;
    }

    /** How many bytes there are. */
    public int length() {
        return length;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /** The byte at {@code index}, counted from the start of the slice. */
    public byte at(int index) {
        return array[offset + index];
    }

    /** A copy of the bytes, for keeping. */
    public byte[] toBytes() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    /**
     * Copies a run of bytes between arrays. Runs up to 16 bytes, which most elements of lists and
     * sets are, are copied by two overlapping words, which is cheaper than a call.
     */
    public static void copy(byte[] from, int offset, byte[] to, int at, int count) {
        if (count > 16) {
            System.arraycopy(from, offset, to, at, count);
        } else if (count >= 8) {
            long head = (long) LONGS.get(from, offset);
            long tail = (long) LONGS.get(from, offset + count - 8);
            LONGS.set(to, at, head);
            LONGS.set(to, at + count - 8, tail);
        } else if (count >= 4) {
            int head = (int) INTS.get(from, offset);
            int tail = (int) INTS.get(from, offset + count - 4);
            INTS.set(to, at, head);
            INTS.set(to, at + count - 4, tail);
        } else {
            for (int i = 0; i < count; i++) {
                to[at + i] = from[offset + i];
            }
        }
    }

    /** Copies the bytes to {@code target} from {@code position} on; returns the position after. */
    public int copyTo(byte[] target, int position) {
        copy(array, offset, target, position, length);
        return position + length;
    }

    public boolean sameAs(byte[] other) {
        return sameAs(other, 0, other.length);
    }

    public boolean sameAs(byte[] other, int from, int count) {
        return count == length
                && Arrays.equals(array, offset, offset + length, other, from, from + count);
    }

    /** Whether the bytes are {@code word} in any case; {@code word} is upper-case ASCII. */
    public boolean isWord(String word) {
        if (word.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            int b = array[offset + i];
            if (b >= 'a' && b <= 'z') {
                b -= 'a' - 'A';
            }
            if (b != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Order of unsigned bytes, as {@code memcmp}; the shorter of two with one prefix is first. */
    public int compareTo(byte[] other, int from, int count) {
        return Arrays.compareUnsigned(array, offset, offset + length, other, from, from + count);
    }

    /** The hash of these bytes under {@code seed}; see {@link #hash(byte[], int, int, long)}. */
    public int hash(long seed) {
        return hash(array, offset, length, seed);
    }

    /**
     * A 32-bit hash of a run of bytes: each 8-byte word is mixed by a 64 × 64 → 128 bit multiply,
     * the construction of wyhash. It is not cryptographic: the seed, drawn at start, keeps a client
     * from choosing keys that collide.
     */
    public static int hash(byte[] bytes, int from, int count, long seed) {
        long h = seed ^ 0x9E3779B97F4A7C15L;
        int i = from;
        int end = from + count;
        for (; i + 8 <= end; i += 8) {
            h = mix(h ^ (long) LONGS.get(bytes, i), 0xE7037ED1A0B428DBL);
        }
        long tail = 0;
        if (i + 4 <= end) {
            tail = (int) INTS.get(bytes, i) & 0xFFFFFFFFL;
            i += 4;
        }
        for (; i < end; i++) {
            tail = tail << 8 | bytes[i] & 0xFF;
        }
        h = mix(h ^ tail, 0x8EBC6AF09C88C6E3L ^ count);
        return (int) (h ^ h >>> 32);
    }

    private static long mix(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }

    /** Equal when the bytes are equal. Do not use a slice that moves as a key of a map. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Slice that && sameAs(that.array, that.offset, that.length);
    }

    @Override
    public int hashCode() {
        return hash(0);
    }

    /** The bytes as text, for logs and messages; bytes that are no UTF-8 are replaced. */
    @Override
    public String toString() {
        return Utf8.decode(array, offset, length);
    }
}
