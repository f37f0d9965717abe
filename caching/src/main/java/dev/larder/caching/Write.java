package dev.larder.caching;

import java.time.Instant;

/**
 * One accepted write on its way to the database.
 *
 * @param id place in the partition's stream, {@code ms-sequence}
 * @param value null when the key was removed
 * @param version as the cache's {@code version} says, 0 without
 */
public record Write<V>(String id, String key, V value, long version) {

    public boolean removed() {
        return value == null;
    }

    /** When the store accepted it, by the store's clock. */
    public Instant accepted() {
        return Instant.ofEpochMilli(Long.parseLong(id.substring(0, id.indexOf('-'))));
    }

    /** Orders ids of one stream; both numbers are unsigned. */
    static int compareIds(String left, String right) {
        int leftDash = left.indexOf('-');
        int rightDash = right.indexOf('-');
        int byTime =
                Long.compareUnsigned(
                        Long.parseUnsignedLong(left, 0, leftDash, 10),
                        Long.parseUnsignedLong(right, 0, rightDash, 10));
        return byTime != 0
                ? byTime
                : Long.compareUnsigned(
                        Long.parseUnsignedLong(left, leftDash + 1, left.length(), 10),
                        Long.parseUnsignedLong(right, rightDash + 1, right.length(), 10));
    }
}
