package dev.larder.caching;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Deflates what is large.
 *
 * <pre>
 * 0x01 length (4 bytes, big endian) raw deflate    compressed: the length is that of the value
 * 0x00 value                                       not
 * </pre>
 */
final class CompressedCodec<V> implements Codec<V> {

    private static final int LENGTH_MAX = 256 * 1024 * 1024;
    private static final int HEAD = 5;

    private final Codec<V> inner;
    private final int threshold;

    CompressedCodec(Codec<V> inner, int threshold) {
        if (threshold < 0) {
            throw new IllegalArgumentException("a threshold of 0 bytes or more, not " + threshold);
        }
        this.inner = inner;
        this.threshold = threshold;
    }

    @Override
    public byte[] encode(V value) {
        byte[] plain = inner.encode(value);
        if (plain.length >= threshold) {
            byte[] deflated = deflated(plain);
            if (deflated.length < plain.length) {
                return deflated;
            }
        }
        byte[] marked = new byte[plain.length + 1];
        System.arraycopy(plain, 0, marked, 1, plain.length);
        return marked;
    }

    @Override
    public V decode(byte[] bytes) {
        return inner.decode(
                switch (bytes.length == 0 ? -1 : bytes[0]) {
                    case 0 -> Arrays.copyOfRange(bytes, 1, bytes.length);
                    case 1 -> inflated(bytes);
                    default -> throw new IllegalArgumentException("neither deflated nor marked");
                });
    }

    private static byte[] deflated(byte[] plain) {
        try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
            deflater.setInput(plain);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2 + HEAD);
            out.write(1);
            for (int shift = 24; shift >= 0; shift -= 8) {
                out.write(plain.length >>> shift);
            }
            byte[] part = new byte[8192];
            while (!deflater.finished()) {
                out.write(part, 0, deflater.deflate(part));
            }
            return out.toByteArray();
        }
    }

    private static byte[] inflated(byte[] bytes) {
        int length = 0;
        for (int i = 1; i < HEAD; i++) {
            length = length << 8 | bytes[i] & 0xff;
        }
        // Deflate shrinks to a 1,032nd at best: a length beyond that is a lie.
        if (length < 0 || length > LENGTH_MAX || length > 1_040L * bytes.length) {
            throw new IllegalArgumentException("a length of " + length + " bytes");
        }
        byte[] plain = new byte[length];
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(bytes, HEAD, bytes.length - HEAD);
            int filled = 0;
            while (filled < length) {
                int more = inflater.inflate(plain, filled, length - filled);
                if (more == 0) {
                    throw new IllegalArgumentException("ends too early");
                }
                filled += more;
            }
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("not deflated", e);
        }
        return plain;
    }
}
