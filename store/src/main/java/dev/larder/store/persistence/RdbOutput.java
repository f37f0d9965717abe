package dev.larder.store.persistence;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.Slice;
import java.util.Arrays;

/** Bytes of a dump or a file as they are written, in memory until someone takes them. */
final class RdbOutput {
    private static final int LZF_MIN = 20;
    private static final int DIGITS_OF_INT_MAX = 11;
    private static final int KEEP_MAX = 1 << 20;

    /** Null where long strings are not to be compressed. */
    private final Lzf lzf;

    private final byte[] digits = new byte[Canonical.DIGITS_MAX];
    private byte[] bytes = new byte[1024];
    private int size;

    /** {@code lzf} compresses long strings; null for no compression. */
    RdbOutput(Lzf lzf) {
        this.lzf = lzf;
    }

    byte[] array() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** Forgets what was written. */
    void clear() {
        size = 0;
        if (bytes.length > KEEP_MAX) {
            bytes = new byte[1024];
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void room(int more) {
        int needed = Math.addExact(size, more);
        if (needed > bytes.length) {
            long doubled = Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8);
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, doubled));
        }
    }

    void octet(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    void raw(byte[] from, int offset, int length) {
        room(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
    }

    void fixedLong(long value) {
        room(8);
        LittleEndian.writeLong(bytes, size, value);
        size += 8;
    }

    void fixedShort(int value) {
        room(2);
        LittleEndian.writeShort(bytes, size, value);
        size += 2;
    }

    private void bigEndian(long value, int width) {
        room(width);
        for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    /** An id of a stream entry: both halves, highest byte first. */
    void streamId(long millis, long sequence) {
        bigEndian(millis, 8);
        bigEndian(sequence, 8);
    }

    /** A length or another unsigned number, in 1, 2, 5 or 9 bytes. */
    void length(long value) {
        if (value >= 0 && value < 1 << 6) {
            octet((int) value);
        } else if (value >= 0 && value < 1 << 14) {
            octet(0x40 | (int) (value >>> 8));
            octet((int) value);
        } else if (value >>> 32 == 0) {
            octet(0x80);
            bigEndian(value, 4);
        } else {
            octet(0x81);
            bigEndian(value, 8);
        }
    }

    void string(byte[] from) {
        string(from, 0, from.length);
    }

    void string(Slice from) {
        string(from.array(), from.offset(), from.length());
    }

    /** A string: as a small integer where it is one, compressed where that is shorter. */
    void string(byte[] from, int offset, int length) {
        if (length <= DIGITS_OF_INT_MAX) {
            Slice text = new Slice().point(from, offset, length);
            if (Canonical.isLong(text) && smallInteger(Canonical.parse(text))) {
                return;
            }
        }
        if (lzf != null && length > LZF_MIN && compressed(from, offset, length)) {
            return;
        }
        length(length);
        raw(from, offset, length);
    }

    /** The text of an integer. */
    void integer(long value) {
        if (!smallInteger(value)) {
            int from = Canonical.format(value, digits);
            length(digits.length - from);
            raw(digits, from, digits.length - from);
        }
    }

    private boolean smallInteger(long value) {
        int width = value == (byte) value ? 1 : value == (short) value ? 2 : 4;
        if (value != (int) value) {
            return false;
        }
        octet(0xC0 | (width == 1 ? 0 : width == 2 ? 1 : 2));
        for (int i = 0; i < width; i++) {
            octet((int) (value >>> i * 8));
        }
        return true;
    }

    private boolean compressed(byte[] from, int offset, int length) {
        int start = size;
        // The header is written once both lengths are known; it takes 11 bytes at most.
        int header = 16;
        room(header + length);
        int packed = lzf.compress(from, offset, length, bytes, start + header, length - 4);
        if (packed == 0) {
            return false;
        }
        octet(0xC3);
        length(packed);
        length(length);
        System.arraycopy(bytes, start + header, bytes, size, packed);
        size += packed;
        return true;
    }

    void number(double value) {
        fixedLong(Double.doubleToRawLongBits(value));
    }
}
