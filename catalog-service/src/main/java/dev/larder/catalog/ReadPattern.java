package dev.larder.catalog;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a read uses the cache; spelled {@code stale-while-revalidate} outside. */
public enum ReadPattern {
    /** The reader looks, loads and keeps (cache-aside). */
    LAZY,
    /** The cache has the loader. */
    READ_THROUGH,
    /** What is read in the last part of its TTL is loaded anew in the background. */
    REFRESH_AHEAD,
    /** The same by chance, the sooner the longer a load takes. */
    XFETCH,
    /** After its TTL a value is still served at once, while it is loaded anew. */
    STALE_WHILE_REVALIDATE,
    /** PostgreSQL is asked, nothing is kept. */
    NONE;

    /** For query parameters. */
    public static ReadPattern fromString(String spelled) {
        return Spelling.of(ReadPattern.class, spelled);
    }

    @Override
    public String toString() {
        return Spelling.of(this);
    }

    /** Enum constants as they are written in addresses and settings. */
    static final class Spelling {

        private Spelling() {}

        static String of(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static <E extends Enum<E>> E of(Class<E> type, String spelled) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(each -> of(each).equals(spelled))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(choice(type, spelled)));
        }

        private static <E extends Enum<E>> String choice(Class<E> type, String spelled) {
            return Arrays.stream(type.getEnumConstants())
                    .map(Spelling::of)
                    .collect(Collectors.joining(", ", "'" + spelled + "' is not one of ", ""));
        }
    }
}
