package dev.larder.caching;

import java.time.Duration;

/**
 * A decoded entry that the hot tier holds. Times are those of {@link System#nanoTime}, so that age
 * and remaining TTL go on counting while it is held.
 */
final class Held<T> {

    private final T value;
    private final long bornAt;
    private final long diesAt;

    /** The term of trust in which it was read; the tier serves only what is of the present one. */
    final long term;

    final int weight;

    Held(T value, long bornAt, long diesAt, long term, int weight) {
        this.value = value;
        this.bornAt = bornAt;
        this.diesAt = diesAt;
        this.term = term;
        this.weight = weight;
    }

    /** Null for a remembered absence. */
    T value() {
        return value;
    }

    /** When it was put into the store. */
    long bornAt() {
        return bornAt;
    }

    /** When the store forgets it, or the tier has to. */
    long diesAt() {
        return diesAt;
    }

    Duration age(long now) {
        return Duration.ofNanos(Math.max(0, now - bornAt));
    }

    Duration remaining(long now) {
        return Duration.ofNanos(Math.max(0, diesAt - now));
    }
}
