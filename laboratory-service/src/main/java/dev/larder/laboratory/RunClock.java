package dev.larder.laboratory;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The time of a run: begins at zero and stands still while the run is held, so that what was due
 * then is due later and not late.
 */
final class RunClock {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final long origin = System.nanoTime();
    private long heldNanos;
    private long heldSince;
    private boolean held;

    /** Nanoseconds of this run. */
    long now() {
        lock.lock();
        try {
            return (held ? heldSince : System.nanoTime()) - origin - heldNanos;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a moment of this run and returns it as {@link System#nanoTime} has it. */
    long await(long dueNanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (held) {
                    changed.await();
                    continue;
                }
                long left = dueNanos - (System.nanoTime() - origin - heldNanos);
                if (left <= 0) {
                    return dueNanos + origin + heldNanos;
                }
                changed.await(left, TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    void hold() {
        lock.lock();
        try {
            if (!held) {
                held = true;
                heldSince = System.nanoTime();
            }
        } finally {
            lock.unlock();
        }
    }

    void release() {
        lock.lock();
        try {
            if (held) {
                held = false;
                heldNanos += System.nanoTime() - heldSince;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
