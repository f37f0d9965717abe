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
 * @param stale whether it is past its TTL: served while it is loaded anew, or because that failed
 * @param age time since the answer was loaded; zero when the database answered
 * @param remainingTtl time until it is stale; zero when it is, or was not kept
 */
public record Outcome<V>(
        V value,
        Result result,
        Tier tier,
        boolean kept,
        boolean stale,
        Duration age,
        Duration remainingTtl) {

    /** How the store was involved. */
    public enum Result {
        /** The cache had the value. */
        HIT,
        /** The cache had nothing, the database was asked (it may know nothing either). */
        MISS,
        /** The cache remembers that the database knows no such key. */
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

    static <V> Outcome<V> cached(V value, Tier tier, Duration age, Duration remainingTtl) {
        return new Outcome<>(
                value,
                value == null ? Result.NEGATIVE : Result.HIT,
                tier,
                true,
                remainingTtl.isZero(),
                age,
                remainingTtl);
    }

    static <V> Outcome<V> fromDatabase(V value, Result result, Duration keptFor) {
        return new Outcome<>(
                value, result, Tier.DATABASE, !keptFor.isZero(), false, Duration.ZERO, keptFor);
    }
}
