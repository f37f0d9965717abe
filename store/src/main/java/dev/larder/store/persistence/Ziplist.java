package dev.larder.store.persistence;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.Slice;

/**
 * Reads a ziplist, what servers before 7.0 kept small values in: ten bytes of header (size of all,
 * place of the last element, number of elements), elements, each after the size of the one before
 * it, and 0xFF.
 */
final class Ziplist implements Elements {
    private static final int HEADER = 10;
    private static final int COUNT_UNKNOWN = 0xFFFF;
    private static final int END = 0xFF;
    private static final int PREVIOUS_LONG = 254;

    private final byte[] bytes;
    private final int end;
    private final int count;
    private final Slice element = new Slice();
    private final byte[] digits = new byte[Canonical.DIGITS_MAX];
    private int at = HEADER;
    private int before;

    /** Checks the whole of it. */
    Ziplist(byte[] bytes) {
        this.bytes = bytes;
        if (bytes.length < HEADER + 1
                || LittleEndian.readUnsignedInt(bytes, 0) != bytes.length
                || (bytes[bytes.length - 1] & 0xFF) != END
                || LittleEndian.readUnsignedInt(bytes, 4) > bytes.length - 1) {
            throw bad();
        }
        end = bytes.length - 1;
        int counted = 0;
        int last = -1;
        while (at < end) {
            last = at;
            next();
            counted++;
        }
        int claimed = LittleEndian.readUnsignedShort(bytes, 8);
        if (last >= 0 && last != LittleEndian.readUnsignedInt(bytes, 4)
                || claimed != COUNT_UNKNOWN && claimed != counted) {
            throw bad();
        }
        count = counted;
        at = HEADER;
        before = 0;
    }

    private static BadDataException bad() {
        return new BadDataException("Ziplist integrity check failed.");
    }

    private void require(int from, long size) {
        if (size > end - from) {
            throw bad();
        }
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public boolean hasNext() {
        return at < end;
    }

    @Override
    public Slice next() {
        int start = at;
        int place = at;
        require(place, 2);
        int previous = bytes[place++] & 0xFF;
        long previousSize = previous;
        if (previous == END) {
            throw bad();
        }
        if (previous == PREVIOUS_LONG) {
            require(place, 5);
            previousSize = LittleEndian.readUnsignedInt(bytes, place);
            place += 4;
        }
        if (previousSize != before) {
            throw bad();
        }
        int kind = bytes[place] & 0xFF;
        if (kind < 0xC0) {
            long length;
            switch (kind >> 6) {
                case 0 -> {
                    length = kind & 0x3F;
                    place++;
                }
                case 1 -> {
                    require(place, 2);
                    length = (kind & 0x3F) << 8 | bytes[place + 1] & 0xFF;
                    place += 2;
                }
                default -> {
                    require(place, 5);
                    length =
                            Integer.reverseBytes(LittleEndian.readInt(bytes, place + 1))
                                    & 0xFFFFFFFFL;
                    place += 5;
                }
            }
            require(place, length);
            element.point(bytes, place, (int) length);
            place += (int) length;
        } else {
            place++;
            long value;
            switch (kind) {
                case 0xC0 -> {
                    require(place, 2);
                    value = LittleEndian.readShort(bytes, place);
                    place += 2;
                }
                case 0xD0 -> {
                    require(place, 4);
                    value = LittleEndian.readInt(bytes, place);
                    place += 4;
                }
                case 0xE0 -> {
                    require(place, 8);
                    value = LittleEndian.readLong(bytes, place);
                    place += 8;
                }
                case 0xF0 -> {
                    require(place, 3);
                    value = LittleEndian.readMedium(bytes, place);
                    place += 3;
                }
                case 0xFE -> {
                    require(place, 1);
                    value = bytes[place++];
                }
                default -> {
                    if (kind < 0xF1 || kind > 0xFD) {
                        throw bad();
                    }
                    value = (kind & 0x0F) - 1;
                }
            }
            int from = Canonical.format(value, digits);
            element.point(digits, from, digits.length - from);
        }
        before = place - start;
        at = place;
        return element;
    }
}
