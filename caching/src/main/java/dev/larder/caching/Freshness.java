package dev.larder.caching;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What age does to an entry: when it is reloaded before its time, how long it may be served after
 * it.
 *
 * @param ttl how long a value is fresh
 * @param negativeTtl how long an absence is believed
 * @param jitter the part of either by which it may be shorter
 * @param refreshAhead the last part of the TTL in which a read has it reloaded; 0 never
 * @param beta of XFetch (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede
 *     Prevention, VLDB 2015); 0 never. A read reloads when {@code age - beta * load * ln(random)}
 *     has reached the TTL: the longer a load takes, the earlier.
 * @param revalidate how long after the TTL it is served while one reader reloads it
 * @param ifError how long after the TTL it is served because a load fails
 */
record Freshness(
        Duration ttl,
        Duration negativeTtl,
        double jitter,
        double refreshAhead,
        double beta,
        Duration revalidate,
        Duration ifError) {

    enum Verdict {
        /** Serve it. */
        FRESH,
        /** Serve it, and have it reloaded. */
        EARLY,
        /** Past its time: serve it, and have it reloaded. */
        STALE,
        /** Past its time: load, and serve it only when that fails. */
        OVERDUE
    }

    Verdict of(Entry<?> entry, long age, RandomGenerator random) {
        if (age < entry.fresh()) {
            if (refreshAhead > 0 && age >= entry.fresh() * (1 - refreshAhead)) {
                return Verdict.EARLY;
            }
            // nextDouble may be 0, whose logarithm is no number to reckon with.
            if (beta > 0
                    && age - beta * entry.load() * Math.log(1 - random.nextDouble())
                            >= entry.fresh()) {
                return Verdict.EARLY;
            }
            return Verdict.FRESH;
        }
        return age < entry.fresh() + revalidate.toMillis() ? Verdict.STALE : Verdict.OVERDUE;
    }

    /** Ms for which what was loaded now is fresh: never longer than promised. */
    long fresh(boolean negative, RandomGenerator random) {
        long full = (negative ? negativeTtl : ttl).toMillis();
        return Math.max(1, full - (long) (full * jitter * random.nextDouble()));
    }

    /** Ms for which the store keeps a value beyond its freshness. */
    long staleWindow() {
        return Math.max(revalidate.toMillis(), ifError.toMillis());
    }

    /** The longest life of an entry in the store. */
    Duration longestLife() {
        return ttl.compareTo(negativeTtl) > 0
                ? ttl.plusMillis(staleWindow())
                : negativeTtl.plusMillis(staleWindow());
    }
}
