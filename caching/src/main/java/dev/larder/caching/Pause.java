package dev.larder.caching;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Leaves alone for a while what did not answer: meanwhile nobody asks, and after it one asker at a
 * time finds out whether it is back, one for each pause, until it has answered.
 */
final class Pause {

    private final long length;

    /** Until then (nanoTime) it is left alone; 0 while it answers. */
    private final AtomicLong until = new AtomicLong();

    Pause(Duration length) {
        this.length = length.toNanos();
    }

    boolean worthAsking() {
        long end = until.get();
        if (end == 0) {
            return true;
        }
        return System.nanoTime() - end >= 0 && until.compareAndSet(end, next());
    }

    void failed() {
        until.set(next());
    }

    void answered() {
        // Nearly always so: reading costs less than writing.
        if (until.get() != 0) {
            until.set(0);
        }
    }

    private long next() {
        long end = System.nanoTime() + length;
        return end == 0 ? 1 : end;
    }
}
