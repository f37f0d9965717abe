package dev.larder.catalog;

import java.util.Arrays;

/** Entity tags, as RFC 9110 compares them. */
final class Tags {

    private Tags() {}

    /**
     * Whether {@code If-None-Match} names the tag. The comparison is the weak one, as the RFC asks
     * for this header: {@code W/"a"} is {@code "a"}.
     *
     * @param asked the header, null when there is none
     * @param tag with its quotes, weak or not
     */
    static boolean named(String asked, String tag) {
        if (asked == null) {
            return false;
        }
        if (asked.strip().equals("*")) {
            return true;
        }
        // Ours have no comma in them, so a tag that has is none of ours in either half.
        return Arrays.stream(asked.split(","))
                .map(String::strip)
                .map(Tags::opaque)
                .anyMatch(opaque(tag)::equals);
    }

    private static String opaque(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
