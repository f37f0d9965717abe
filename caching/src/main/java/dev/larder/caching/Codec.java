package dev.larder.caching;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Turns one type of value into bytes and back. {@code decode} throws {@link UncheckedIOException}
 * for bytes it does not understand; the cache then counts the entry as not there and loads anew.
 */
public interface Codec<V> {

    byte[] encode(V value);

    V decode(byte[] bytes);

    /** JSON by the given mapper; fields that the type does not know follow the mapper's rule. */
    static <V> Codec<V> json(ObjectMapper mapper, Class<V> type) {
        return new Codec<>() {
            @Override
            public byte[] encode(V value) {
                try {
                    return mapper.writeValueAsBytes(value);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public V decode(byte[] bytes) {
                try {
                    return mapper.readValue(bytes, type);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /**
     * By the type of the value: text as UTF-8, bytes as they are, whole numbers as their digits,
     * all else as JSON.
     */
    @SuppressWarnings("unchecked")
    static <V> Codec<V> of(ObjectMapper mapper, Class<V> type) {
        if (type == String.class) {
            return (Codec<V>) text();
        }
        if (type == byte[].class) {
            return (Codec<V>) bytes();
        }
        if (type == Long.class) {
            return (Codec<V>) text().map(String::valueOf, Long::valueOf);
        }
        return json(mapper, type);
    }

    /**
     * The same bytes for another type; {@code from} throws IllegalArgumentException for nonsense.
     */
    default <W> Codec<W> map(Function<W, V> to, Function<V, W> from) {
        Codec<V> inner = this;
        return new Codec<>() {
            @Override
            public byte[] encode(W value) {
                return inner.encode(to.apply(value));
            }

            @Override
            public W decode(byte[] bytes) {
                return from.apply(inner.decode(bytes));
            }
        };
    }

    /**
     * Deflated (RFC 1951, fastest level) when the value takes {@code threshold} bytes or more and
     * is smaller so; what was written without compression can still be read and the other way
     * round.
     */
    default Codec<V> compressed(int threshold) {
        return new CompressedCodec<>(this, threshold);
    }

    /** Bytes as they are. */
    static Codec<byte[]> bytes() {
        return new Codec<>() {
            @Override
            public byte[] encode(byte[] value) {
                return value;
            }

            @Override
            public byte[] decode(byte[] bytes) {
                return bytes;
            }
        };
    }

    /** Text as UTF-8. */
    static Codec<String> text() {
        return new Codec<>() {
            @Override
            public byte[] encode(String value) {
                return value.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
    }
}
