package dev.larder.caching;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

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
