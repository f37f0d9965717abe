package dev.larder.caching;

import java.time.Duration;
import java.util.Optional;

/**
 * What a read or a write came to: the value and where it stands.
 *
 * @param value what was found; null for {@link Result#NEGATIVE} and for a miss of an unknown key
 * @param result how the store was involved
 * @param tier who answered
 * @param kept whether the store holds this answer now (false: store away, or a newer value won)
 * @param age time since the answer was put into the store; zero when the database answered
 * @param remainingTtl time until the store forgets it; zero when it was not kept
 */
public record Outcome<V>(
        V value, Result result, Tier tier, boolean kept, Duration age, Duration remainingTtl) {

    /** How the store was involved. */
    public enum Result {
        /** The store had the value. */
        HIT,
        /** The store had nothing, the database was asked (it may know nothing either). */
        MISS,
        /** The store remembers that the database knows no such key. */
        NEGATIVE,
        /** A write went through to the store. */
        WRITTEN,
        /** The store did not answer, the database was asked. */
        BYPASS
    }

    /** The value, or empty for a key that nobody knows. */
    public Optional<V> found() {
        return Optional.ofNullable(value);
    }

    static <V> Outcome<V> fromStore(V value, Duration age, Duration remainingTtl) {
        return new Outcome<>(
                value,
                value == null ? Result.NEGATIVE : Result.HIT,
                Tier.STORE,
                true,
                age,
                remainingTtl);
    }

    static <V> Outcome<V> fromDatabase(V value, Result result, Duration keptFor) {
        return new Outcome<>(
                value, result, Tier.DATABASE, !keptFor.isZero(), Duration.ZERO, keptFor);
    }
}
