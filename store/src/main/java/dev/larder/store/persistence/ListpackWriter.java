package dev.larder.store.persistence;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.Slice;
import java.util.Arrays;

/**
 * Builds a listpack: six bytes of header (size of all, number of elements), elements, each followed
 * by its size written backwards, and 0xFF.
 */
final class ListpackWriter {
    private static final int HEADER = 6;
    private static final int COUNT_UNKNOWN = 0xFFFF;
    private static final int KEEP_MAX = 1 << 20;

    private byte[] bytes = new byte[256];
    private int size;
    private int count;

    ListpackWriter clear() {
        size = HEADER;
        count = 0;
        if (bytes.length > KEEP_MAX) {
            bytes = new byte[256];
        }
        return this;
    }

    int count() {
        return count;
    }

    int size() {
        return size;
    }

    private void room(int more) {
        int needed = Math.addExact(size, more);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(needed * 2L, Integer.MAX_VALUE - 8));
        }
    }

    /** Adds a string, as an integer where it is one. */
    void add(Slice element) {
        if (Canonical.isLong(element)) {
            add(Canonical.parse(element));
            return;
        }
        int length = element.length();
        room(length + 16);
        int start = size;
        if (length < 64) {
            bytes[size++] = (byte) (0x80 | length);
        } else if (length < 4096) {
            bytes[size++] = (byte) (0xE0 | length >>> 8);
            bytes[size++] = (byte) length;
        } else {
            bytes[size++] = (byte) 0xF0;
            LittleEndian.writeInt(bytes, size, length);
            size += 4;
        }
        size = element.copyTo(bytes, size);
        back(size - start);
    }

    void add(long value) {
        room(16);
        int start = size;
        if (value >= 0 && value < 128) {
            bytes[size++] = (byte) value;
        } else if (value >= -4096 && value < 4096) {
            bytes[size++] = (byte) (0xC0 | value >>> 8 & 0x1F);
            bytes[size++] = (byte) value;
        } else if (value == (short) value) {
            little(0xF1, value, 2);
        } else if (value >= -(1 << 23) && value < 1 << 23) {
            little(0xF2, value, 3);
        } else if (value == (int) value) {
            little(0xF3, value, 4);
        } else {
            little(0xF4, value, 8);
        }
        back(size - start);
    }

    private void little(int mark, long value, int width) {
        bytes[size++] = (byte) mark;
        for (int i = 0; i < width; i++) {
            bytes[size++] = (byte) (value >>> i * 8);
        }
    }

    /** The size of the element before, seven bits a byte, to be read from behind. */
    private void back(int length) {
        int width = backSize(length);
        for (int i = width - 1; i >= 0; i--) {
            int bits = length >>> i * 7 & 0x7F;
            bytes[size++] = (byte) (i == width - 1 ? bits : bits | 0x80);
        }
        count++;
    }

    /** How many bytes the size of an element of {@code length} bytes takes behind it. */
    static int backSize(long length) {
        if (length <= 127) {
            return 1;
        }
        if (length < 16_384 - 1) {
            return 2;
        }
        if (length < 2_097_152 - 1) {
            return 3;
        }
        return length < 268_435_456 - 1 ? 4 : 5;
    }

    /** Ends the listpack and writes it as a string. */
    void writeTo(RdbOutput out) {
        room(1);
        bytes[size++] = (byte) 0xFF;
        LittleEndian.writeInt(bytes, 0, size);
        LittleEndian.writeShort(bytes, 4, Math.min(count, COUNT_UNKNOWN));
        out.string(bytes, 0, size);
    }
}
