package dev.larder.store.persistence;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.Slice;

/** Reads a listpack; its layout is said at {@link ListpackWriter}. */
final class Listpack implements Elements {
    private static final int HEADER = 6;
    private static final int COUNT_UNKNOWN = 0xFFFF;
    private static final int END = 0xFF;

    private final byte[] bytes;
    private final int end;
    private final int count;
    private final Slice element = new Slice();
    private final byte[] digits = new byte[Canonical.DIGITS_MAX];
    private int at = HEADER;

    /** Where the element at {@link #at} has its bytes, and how many; -1 for an integer. */
    private int payload;

    private long payloadLength;
    private long integer;

    /**
     * Checks the whole of it.
     *
     * @throws BadDataException where anything does not fit
     */
    Listpack(byte[] bytes) {
        this.bytes = bytes;
        if (bytes.length < HEADER + 1
                || LittleEndian.readUnsignedInt(bytes, 0) != bytes.length
                || (bytes[bytes.length - 1] & 0xFF) != END) {
            throw bad();
        }
        end = bytes.length - 1;
        int counted = 0;
        while (at < end) {
            at = after();
            counted++;
        }
        int claimed = LittleEndian.readUnsignedShort(bytes, 4);
        if (claimed != COUNT_UNKNOWN && claimed != counted) {
            throw bad();
        }
        count = counted;
        at = HEADER;
    }

    private static BadDataException bad() {
        return new BadDataException("Listpack integrity check failed.");
    }

    /** Reads the head of the element at {@link #at}, and checks that it fits. */
    private void head() {
        int first = bytes[at] & 0xFF;
        if (first < 0x80) {
            integer(first, 1);
        } else if (first < 0xC0) {
            string(1, first & 0x3F);
        } else if (first < 0xE0) {
            require(2);
            int value = (first & 0x1F) << 8 | bytes[at + 1] & 0xFF;
            integer(value >= 1 << 12 ? value - (1 << 13) : value, 2);
        } else if (first < 0xF0) {
            require(2);
            string(2, (first & 0x0F) << 8 | bytes[at + 1] & 0xFF);
        } else {
            switch (first) {
                case 0xF0 -> {
                    require(5);
                    string(5, LittleEndian.readUnsignedInt(bytes, at + 1));
                }
                case 0xF1 -> {
                    require(3);
                    integer(LittleEndian.readShort(bytes, at + 1), 3);
                }
                case 0xF2 -> {
                    require(4);
                    integer(LittleEndian.readMedium(bytes, at + 1), 4);
                }
                case 0xF3 -> {
                    require(5);
                    integer(LittleEndian.readInt(bytes, at + 1), 5);
                }
                case 0xF4 -> {
                    require(9);
                    integer(LittleEndian.readLong(bytes, at + 1), 9);
                }
                default -> throw bad();
            }
        }
    }

    private void require(int size) {
        if (size > end - at) {
            throw bad();
        }
    }

    private void integer(long value, int size) {
        integer = value;
        payload = at + size;
        payloadLength = -1;
    }

    private void string(int head, long length) {
        payload = at + head;
        payloadLength = length;
        if (length > end - payload) {
            throw bad();
        }
    }

    /** The place after the element at {@link #at}, whose size behind it has to be right. */
    private int after() {
        head();
        int stop = payloadLength < 0 ? payload : payload + (int) payloadLength;
        int size = stop - at;
        int back = ListpackWriter.backSize(size);
        if (back > end - stop) {
            throw bad();
        }
        for (int i = 0; i < back; i++) {
            int bits = size >>> (back - 1 - i) * 7 & 0x7F;
            if ((bytes[stop + i] & 0xFF) != (i == 0 ? bits : bits | 0x80)) {
                throw bad();
            }
        }
        return stop + back;
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
        if (at >= end) {
            throw bad();
        }
        int after = after();
        if (payloadLength < 0) {
            int from = Canonical.format(integer, digits);
            element.point(digits, from, digits.length - from);
        } else {
            element.point(bytes, payload, (int) payloadLength);
        }
        at = after;
        return element;
    }

    /** The next element, which is an integer or the text of one. */
    long nextInteger() {
        Slice next = next();
        if (payloadLength < 0) {
            return integer;
        }
        if (!Canonical.isLong(next)) {
            throw new BadDataException("Listpack integrity check failed: no integer");
        }
        return Canonical.parse(next);
    }
}
