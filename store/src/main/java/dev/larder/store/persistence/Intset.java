package dev.larder.store.persistence;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.Slice;

/**
 * Reads an intset: the width of an integer (2, 4 or 8) and their number in four bytes each, then
 * the integers in ascending order.
 */
final class Intset implements Elements {
    private static final int HEADER = 8;

    private final byte[] bytes;
    private final int width;
    private final int count;
    private final Slice element = new Slice();
    private final byte[] digits = new byte[Canonical.DIGITS_MAX];
    private int index;

    /** Checks the whole of it. */
    Intset(byte[] bytes) {
        this.bytes = bytes;
        if (bytes.length < HEADER) {
            throw bad();
        }
        width = LittleEndian.readInt(bytes, 0);
        long claimed = LittleEndian.readUnsignedInt(bytes, 4);
        if (width != 2 && width != 4 && width != 8
                || claimed == 0
                || HEADER + claimed * width != bytes.length) {
            throw bad();
        }
        count = (int) claimed;
        for (int i = 1; i < count; i++) {
            if (get(i) <= get(i - 1)) {
                throw bad();
            }
        }
    }

    private static BadDataException bad() {
        return new BadDataException("Intset integrity check failed.");
    }

    private long get(int place) {
        int at = HEADER + place * width;
        return switch (width) {
            case 2 -> LittleEndian.readShort(bytes, at);
            case 4 -> LittleEndian.readInt(bytes, at);
            default -> LittleEndian.readLong(bytes, at);
        };
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public boolean hasNext() {
        return index < count;
    }

    @Override
    public Slice next() {
        int from = Canonical.format(get(index++), digits);
        return element.point(digits, from, digits.length - from);
    }
}
