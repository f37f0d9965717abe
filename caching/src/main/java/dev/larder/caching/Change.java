package dev.larder.caching;

import java.time.Duration;
import java.time.Instant;

/**
 * One row of the outbox: something in the database has changed.
 *
 * @param kind what it is, in the words of the triggers that write it, such as {@code product}
 * @param key which one
 * @param version the row's version after the change; 0 when it has none (it was deleted, or the
 *     change is about many)
 * @param at when the change was made, by the database's clock; it was committed a little later
 */
public record Change(String kind, String key, long version, Instant at) {

    /** How long ago the change was made. */
    public Duration behind(Instant now) {
        return Duration.between(at, now);
    }
}
