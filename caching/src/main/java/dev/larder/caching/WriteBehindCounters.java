package dev.larder.caching;

import java.util.concurrent.atomic.LongAdder;

/** What one {@link WriteBehind} and its workers in this process did since it was built. */
public final class WriteBehindCounters {

    final LongAdder accepted = new LongAdder();
    final LongAdder full = new LongAdder();
    final LongAdder written = new LongAdder();
    final LongAdder batches = new LongAdder();
    final LongAdder retried = new LongAdder();
    final LongAdder dead = new LongAdder();
    final LongAdder takenOver = new LongAdder();

    WriteBehindCounters() {}

    /** Writes acknowledged. */
    public long accepted() {
        return accepted.sum();
    }

    /** Writes refused because the queue was full. */
    public long full() {
        return full.sum();
    }

    /** Writes that the sink has committed and the queue forgot. */
    public long written() {
        return written.sum();
    }

    /** Transactions of the sink that committed. */
    public long batches() {
        return batches.sum();
    }

    /** Transactions of the sink that failed and were tried again, whole or in parts. */
    public long retried() {
        return retried.sum();
    }

    /** Writes that became dead letters. */
    public long dead() {
        return dead.sum();
    }

    /** Partitions taken, at the start or from a worker that went. */
    public long takenOver() {
        return takenOver.sum();
    }
}
