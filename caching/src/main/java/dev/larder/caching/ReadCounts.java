package dev.larder.caching;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * About how often each key was read lately, in a fixed piece of memory: a count-min sketch whose
 * counters are halved at each end of a window. Never too low but by the halving; too high only when
 * a key shares all four of its counters with busier ones.
 *
 * <p>Counters are plain bytes written without a lock. A lost increment makes a key hot one read
 * later.
 */
final class ReadCounts {

    private static final int ROWS = 4;
    private static final long[] SEEDS = {
        0x9E3779B97F4A7C15L, 0xC2B2AE3D27D4EB4FL, 0x165667B19E3779F9L, 0xD6E8FEB86659FD93L
    };

    private final byte[] counters;
    private final int mask;
    private final long windowNanos;
    private final AtomicLong windowEnd;

    /**
     * @param keys how many keys are to be told apart well
     */
    ReadCounts(int keys, Duration window, long now) {
        int width = Integer.highestOneBit(Math.clamp(keys, 1_024, 1 << 20) * 2 - 1);
        counters = new byte[ROWS * width];
        mask = width - 1;
        windowNanos = window.toNanos();
        windowEnd = new AtomicLong(now + windowNanos);
    }

    /** Counts a read; answers how many there have been lately, this one included, up to 127. */
    int count(String key, long now) {
        long end = windowEnd.get();
        if (now - end >= 0 && windowEnd.compareAndSet(end, now + windowNanos)) {
            age((now - end) / windowNanos);
        }
        int hash = key.hashCode();
        int least = Byte.MAX_VALUE;
        for (int row = 0; row < ROWS; row++) {
            least = Math.min(least, counters[index(row, hash)]);
        }
        if (least == Byte.MAX_VALUE) {
            return least;
        }
        // Only the lowest ones grow: the others already count somebody else's reads.
        for (int row = 0; row < ROWS; row++) {
            int index = index(row, hash);
            if (counters[index] == least) {
                counters[index] = (byte) (least + 1);
            }
        }
        return least + 1;
    }

    private int index(int row, int hash) {
        long mixed = (hash + SEEDS[row]) * SEEDS[(row + 1) & 3];
        return row * (mask + 1) + ((int) (mixed >>> 32) & mask);
    }

    /** Halves once for the window that has ended and once for each that went by unused. */
    private void age(long idleWindows) {
        int shift = (int) Math.min(7, 1 + idleWindows);
        for (int i = 0; i < counters.length; i++) {
            counters[i] = (byte) (counters[i] >> shift);
        }
    }
}
