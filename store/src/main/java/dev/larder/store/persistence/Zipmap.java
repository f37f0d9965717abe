package dev.larder.store.persistence;

import dev.larder.store.value.Slice;

/**
 * Reads a zipmap, the small hash of Redis before 2.6: the number of fields (254: too many to say),
 * then field and value in turn, each after its length, free bytes after the value, and 0xFF.
 */
final class Zipmap implements Elements {
    private static final int END = 0xFF;
    private static final int LONG = 254;

    private final byte[] bytes;
    private final int end;
    private final int count;
    private final Slice element = new Slice();
    private int at = 1;
    private boolean isValue;

    /** Checks the whole of it. */
    Zipmap(byte[] bytes) {
        this.bytes = bytes;
        if (bytes.length < 2 || (bytes[bytes.length - 1] & 0xFF) != END) {
            throw bad();
        }
        end = bytes.length - 1;
        int counted = 0;
        while (at < end) {
            next();
            counted++;
        }
        int claimed = bytes[0] & 0xFF;
        if (counted % 2 != 0 || claimed < LONG && claimed != counted / 2) {
            throw bad();
        }
        count = counted;
        at = 1;
    }

    private static BadDataException bad() {
        return new BadDataException("Zipmap integrity check failed.");
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
        long length = bytes[at++] & 0xFF;
        if (length == END) {
            throw bad();
        }
        if (length == LONG) {
            if (end - at < 4) {
                throw bad();
            }
            length = LittleEndian.readUnsignedInt(bytes, at);
            at += 4;
        }
        int free = 0;
        if (isValue) {
            if (at >= end) {
                throw bad();
            }
            free = bytes[at++] & 0xFF;
        }
        if (length + free > end - at) {
            throw bad();
        }
        element.point(bytes, at, (int) length);
        at += (int) length + free;
        isValue = !isValue;
        return element;
    }
}
