package dev.larder.store.keyspace;

import java.util.function.LongSupplier;

/**
 * The time that a shard goes by: read once for a batch of commands and still until the next, so
 * that one command never sees two times. Tests hand in a source that they move by hand.
 */
public final class Clock {
    private static final long STILL_NANOS_MAX = 500_000;

    private final LongSupplier source;
    private long wallMillis;
    private long millis;
    private boolean holdsExpiry;
    private long nanos;
    private long refreshedNanos;

    /** {@code source} gives milliseconds since 1970 (UTC). */
    public Clock(LongSupplier source) {
        this.source = source;
        refresh();
    }

    /** Milliseconds since 1970, as of the last {@link #refresh()}. */
    public long millis() {
        return millis;
    }

    /** The same, also while {@link #holdExpiry} keeps the time back. */
    public long wallMillis() {
        return wallMillis;
    }

    /**
     * Keeps the time at the beginning of 1970, so that no key and no field is over, while changes
     * are replayed: these tell themselves what went, and when.
     */
    public void holdExpiry(boolean yes) {
        holdsExpiry = yes;
        refresh();
    }

    public void refresh() {
        wallMillis = source.getAsLong();
        millis = holdsExpiry ? 1 : wallMillis;
        nanos = System.nanoTime();
        refreshedNanos = nanos;
    }

    /**
     * Moves the time on where it has stood still for long, as after a slow command. Called between
     * commands only: a transaction and a script see one time.
     */
    public void refreshIfOld() {
        if (nanos - refreshedNanos > STILL_NANOS_MAX) {
            refresh();
        }
    }

    /** Where the stop-watch stands, in nanoseconds: as of the last refresh or {@link #lap()}. */
    public long nanos() {
        return nanos;
    }

    /**
     * Reads the stop-watch anew. One command ends where the next begins, so a batch of commands is
     * timed by one reading each.
     */
    public long lap() {
        nanos = System.nanoTime();
        return nanos;
    }
}
