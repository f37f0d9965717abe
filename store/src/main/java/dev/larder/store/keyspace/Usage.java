package dev.larder.store.keyspace;

import java.util.random.RandomGenerator;

/**
 * How an entry remembers its use, in 24 bits: the time of the last use in seconds (LRU), or, where
 * frequency is tracked, 16 bits of the minute it was last looked at and 8 bits of a counter that
 * grows with the logarithm of the uses and decays with time (LFU, Morris 1978).
 */
final class Usage {
    static final int MASK = 0xFFFFFF;
    private static final int COUNTER_NEW = 5;
    private static final int COUNTER_MAX = 255;

    private final Clock clock;
    private final RandomGenerator random;
    private boolean frequency;
    private int logFactor = 10;
    private int decayMinutes = 1;

    Usage(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    void track(boolean frequency, int logFactor, int decayMinutes) {
        this.frequency = frequency;
        this.logFactor = logFactor;
        this.decayMinutes = decayMinutes;
    }

    boolean tracksFrequency() {
        return frequency;
    }

    private int seconds() {
        return (int) (clock.wallMillis() / 1000) & MASK;
    }

    private int minutes() {
        return (int) (clock.wallMillis() / 60_000) & 0xFFFF;
    }

    /** Of an entry that is new. */
    int fresh() {
        return frequency ? minutes() << 8 | COUNTER_NEW : seconds();
    }

    /** Of an entry that was {@code before} and is used now. */
    int used(int before) {
        if (!frequency) {
            return seconds();
        }
        int counter = counter(before);
        if (counter < COUNTER_MAX) {
            int above = Math.max(0, counter - COUNTER_NEW);
            if (random.nextDouble() < 1.0 / (above * (double) logFactor + 1)) {
                counter++;
            }
        }
        return minutes() << 8 | counter;
    }

    /** The counter as it has decayed till now. */
    int counter(int access) {
        int counter = access & COUNTER_MAX;
        if (decayMinutes == 0) {
            return counter;
        }
        int periods = (minutes() - (access >>> 8) & 0xFFFF) / decayMinutes;
        return Math.max(0, counter - periods);
    }

    long idleSeconds(int access) {
        return seconds() - access & MASK;
    }

    int unusedFor(long seconds) {
        return (int) (seconds() - seconds) & MASK;
    }

    int withCounter(int counter) {
        return minutes() << 8 | counter & COUNTER_MAX;
    }
}
