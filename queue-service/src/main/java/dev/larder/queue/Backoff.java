package dev.larder.queue;

import java.time.Duration;

/**
 * How long a job waits after a failed attempt: twice as long each time, up to a bound, and half of
 * it by chance, so that jobs that failed together do not come back together.
 */
record Backoff(Duration first, Duration longest) {

    /**
     * @param attempt the one that failed, from 1
     * @param chance from 0 to less than 1
     */
    Duration after(int attempt, double chance) {
        // Beyond 2^30 every sensible bound is reached; the shift stays within a long.
        long doubled = first.toMillis() << Math.min(attempt - 1, 30);
        long whole = Math.min(longest.toMillis(), doubled);
        return Duration.ofMillis((long) (whole * (0.5 + chance / 2)));
    }
}
