package dev.larder.catalog;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What is searched for, in one spelling: two questions that mean the same are equal, and have the
 * same {@link #key}.
 *
 * @param words lower case, letters and digits only, each once, in order; each must begin a word of
 *     the product, or have its stem
 * @param asked whether there was a text; with a text of no words at all nothing is found
 * @param category null = all
 * @param minPrice in cents, inclusive; null = none
 * @param maxPrice in cents, inclusive; null = none
 * @param minRating mean of the stars; null = also what nobody has reviewed
 * @param inStock true = only what is there
 */
record SearchQuery(
        List<String> words,
        boolean asked,
        String category,
        Long minPrice,
        Long maxPrice,
        Integer minRating,
        boolean inStock,
        Order order,
        int offset,
        int limit) {

    private static final int WORDS_SEARCHED = 8;
    private static final int WORD_LENGTH = 16;
    private static final int PARTS = 9;

    /** What comes first. */
    enum Order {
        /** Best match; by name where there is no text. */
        RELEVANCE("rank desc, name, id"),
        PRICE("price_cents, id"),
        PRICE_DOWN("price_cents desc, id"),
        RATING("rating desc nulls last, review_count desc, id");

        /** Over the columns of what was found. */
        final String sql;

        Order(String sql) {
            this.sql = sql;
        }

        /** For query parameters: {@code price-down}. */
        public static Order fromString(String spelled) {
            return ReadPattern.Spelling.of(Order.class, spelled);
        }

        @Override
        public String toString() {
            return ReadPattern.Spelling.of(this);
        }
    }

    static SearchQuery of(
            String text,
            String category,
            Long minPrice,
            Long maxPrice,
            Integer minRating,
            boolean inStock,
            Order order,
            int offset,
            int limit) {
        boolean asked = text != null && !text.isBlank();
        List<String> words =
                asked
                        ? Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                                .filter(word -> !word.isEmpty())
                                .limit(WORDS_SEARCHED)
                                .map(SearchQuery::shortened)
                                .distinct()
                                .sorted()
                                .toList()
                        : List.of();
        return new SearchQuery(
                words,
                asked,
                category == null || category.isEmpty() ? null : category,
                minPrice,
                maxPrice,
                minRating,
                inStock,
                order,
                offset,
                limit);
    }

    /** Nothing can be found: there was a text, and no word in it. */
    boolean isHopeless() {
        return asked && words.isEmpty();
    }

    /** For PostgreSQL's {@code to_tsquery}: nothing of its language comes through from outside. */
    String tsquery() {
        return words.stream().map(word -> word + ":*").collect(Collectors.joining(" & "));
    }

    /** One key for one meaning, at most 200 characters, no braces; {@link #ofKey} reads it. */
    String key() {
        return String.join(
                ";",
                asked ? "=" + String.join(" ", words) : "",
                category == null ? "" : category,
                number(minPrice),
                number(maxPrice),
                number(minRating),
                inStock ? "stock" : "",
                order.toString(),
                Integer.toString(offset),
                Integer.toString(limit));
    }

    /** The query that has this key, so that a search can be loaded by its key alone. */
    static SearchQuery ofKey(String key) {
        String[] parts = key.split(";", -1);
        if (parts.length != PARTS) {
            throw new IllegalArgumentException("not the key of a search: " + key);
        }
        return of(
                parts[0].isEmpty() ? null : parts[0],
                parts[1],
                parts[2].isEmpty() ? null : Long.valueOf(parts[2]),
                parts[3].isEmpty() ? null : Long.valueOf(parts[3]),
                parts[4].isEmpty() ? null : Integer.valueOf(parts[4]),
                !parts[5].isEmpty(),
                Order.fromString(parts[6]),
                Integer.parseInt(parts[7]),
                Integer.parseInt(parts[8]));
    }

    private static String number(Number number) {
        return number == null ? "" : number.toString();
    }

    /** Nobody types longer beginnings of words; a key has to end somewhere. */
    private static String shortened(String word) {
        int most = Math.min(word.length(), WORD_LENGTH);
        return word.substring(
                0, Character.isHighSurrogate(word.charAt(most - 1)) ? most - 1 : most);
    }
}
