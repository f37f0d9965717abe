package dev.larder.store.persistence;

import dev.larder.store.value.Canonical;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * Reads what {@link RdbOutput} and the real servers write, from memory or from a file of known
 * size. Every length is compared with what is left before anything is allocated for it.
 */
final class RdbInput {
    private static final int BUFFER = 64 * 1024;
    private static final int ENCODED = 0xC0;

    private final InputStream source;
    private byte[] buffer;
    private int at;
    private int end;

    /** How much of the source is not in the buffer yet. */
    private long beyond;

    private long crc;
    private int summedTo;

    /** Reads a run of bytes in memory. */
    RdbInput(byte[] bytes, int from, int to) {
        source = null;
        buffer = bytes;
        at = from;
        end = to;
        summedTo = from;
    }

    /** Reads {@code size} bytes of a stream, which it does not close. */
    RdbInput(InputStream source, long size) {
        this.source = source;
        this.buffer = new byte[(int) Math.min(BUFFER, Math.max(size, 1))];
        this.beyond = size;
    }

    /** How many bytes are left. */
    long remaining() {
        return end - at + beyond;
    }

    /** The checksum of what was read so far. */
    long crc() {
        crc = Crc64.update(crc, buffer, summedTo, at);
        summedTo = at;
        return crc;
    }

    private void need(int count) {
        if (count > remaining()) {
            throw new BadDataException("Unexpected end of data");
        }
        if (count <= end - at) {
            return;
        }
        crc();
        System.arraycopy(buffer, at, buffer, 0, end - at);
        end -= at;
        at = 0;
        summedTo = 0;
        while (end < count) {
            int got = read(buffer, end, (int) Math.min(buffer.length - end, beyond));
            end += got;
        }
    }

    private int read(byte[] into, int from, int most) {
        try {
            int got = source.read(into, from, most);
            if (got <= 0) {
                throw new BadDataException("Unexpected end of file");
            }
            beyond -= got;
            return got;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int octet() {
        need(1);
        return buffer[at++] & 0xFF;
    }

    /** {@code count} bytes in an array of their own. */
    byte[] raw(long count) {
        if (count < 0 || count > remaining() || count > Integer.MAX_VALUE - 8) {
            throw new BadDataException("A length reaches beyond the end");
        }
        byte[] bytes = new byte[(int) count];
        int here = (int) Math.min(count, end - at);
        System.arraycopy(buffer, at, bytes, 0, here);
        at += here;
        if (here < count) {
            crc();
            int got = here;
            while (got < count) {
                got += read(bytes, got, bytes.length - got);
            }
            crc = Crc64.update(crc, bytes, here, got);
        }
        return bytes;
    }

    long fixedLong() {
        need(8);
        long value = LittleEndian.readLong(buffer, at);
        at += 8;
        return value;
    }

    long fixedInt() {
        need(4);
        long value = LittleEndian.readUnsignedInt(buffer, at);
        at += 4;
        return value;
    }

    /** An integer of {@code width} bytes, highest first. */
    long bigEndian(int width) {
        need(width);
        long value = 0;
        for (int i = 0; i < width; i++) {
            value = value << 8 | buffer[at++] & 0xFF;
        }
        return value;
    }

    /** An unsigned number of 64 bits that may be the length of a string too. */
    long length() {
        int first = octet();
        if ((first & ENCODED) == ENCODED) {
            throw new BadDataException("A length is expected");
        }
        return length(first);
    }

    private long length(int first) {
        return switch (first >> 6) {
            case 0 -> first;
            case 1 -> (first & 0x3F) << 8 | octet();
            default ->
                    switch (first) {
                        case 0x80 -> bigEndian(4);
                        case 0x81 -> bigEndian(8);
                        default -> throw new BadDataException("Unknown length encoding");
                    };
        };
    }

    /**
     * How many elements follow, of {@code bytesEach} bytes at the least: no more than can be there.
     */
    long count(int bytesEach) {
        long count = length();
        if (count < 0 || count > remaining() / bytesEach) {
            throw new BadDataException("More elements are claimed than can follow");
        }
        return count;
    }

    byte[] string() {
        int first = octet();
        if ((first & ENCODED) != ENCODED) {
            return raw(length(first));
        }
        return switch (first & 0x3F) {
            case 0 -> digits((byte) octet());
            case 1 -> {
                need(2);
                at += 2;
                yield digits(LittleEndian.readShort(buffer, at - 2));
            }
            case 2 -> digits((int) fixedInt());
            case 3 -> {
                long packed = length();
                long length = length();
                if (length < 0) {
                    throw new BadDataException("Invalid LZF compressed string");
                }
                byte[] bytes = raw(packed);
                yield Lzf.decompress(bytes, 0, bytes.length, length);
            }
            default -> throw new BadDataException("Unknown string encoding");
        };
    }

    private static byte[] digits(long value) {
        byte[] digits = new byte[Canonical.DIGITS_MAX];
        int from = Canonical.format(value, digits);
        return Arrays.copyOfRange(digits, from, digits.length);
    }

    double number() {
        return Double.longBitsToDouble(fixedLong());
    }

    /** A double as text of at most 252 characters, as the oldest sorted sets have it. */
    double textNumber() {
        int length = octet();
        switch (length) {
            case 253:
                return Double.NaN;
            case 254:
                return Double.POSITIVE_INFINITY;
            case 255:
                return Double.NEGATIVE_INFINITY;
            default:
                break;
        }
        String text = new String(raw(length), java.nio.charset.StandardCharsets.ISO_8859_1);
        return Decimal.parse(text);
    }
}
