package dev.larder.store.keyspace;

import java.util.function.LongSupplier;

/**
 * The time that a shard goes by: read once for a batch of commands and still until the next, so
 * that one command never sees two times. Tests hand in a source that they move by hand.
 */
public final class Clock {
    private final LongSupplier source;
    private long millis;

    /** {@code source} gives milliseconds since 1970 (UTC). */
    public Clock(LongSupplier source) {
        this.source = source;
        refresh();
    }

    /** Milliseconds since 1970, as of the last {@link #refresh()}. */
    public long millis() {
        return millis;
    }

    public void refresh() {
        millis = source.getAsLong();
    }
}
