package dev.larder.store.engine;

/**
 * How long something took, counted in classes of nanoseconds: exact below 256 ns, then 128 classes
 * to each doubling, up to a second. Recording is two shifts and an addition; nothing is allocated.
 * The classes are those of an HdrHistogram of two significant digits, so that percentiles come out
 * as the real server prints them.
 */
public final class LatencyHistogram {
    private static final long NANOS_MAX = 1_000_000_000;
    private static final int HALF_BITS = 7;
    private static final int CLASSES = index(NANOS_MAX) + 1;

    private final long[] counts = new long[CLASSES];
    private long total;

    private static int shift(long nanos) {
        return Math.max(0, 63 - HALF_BITS - Long.numberOfLeadingZeros(nanos | 1));
    }

    private static int index(long nanos) {
        int shift = shift(nanos);
        return (shift << HALF_BITS) + (int) (nanos >>> shift);
    }

    /** The highest value that is counted in the same class. */
    private static long highestLike(long nanos) {
        int shift = shift(nanos);
        return (nanos >>> shift << shift) + (1L << shift) - 1;
    }

    private static long highestOf(int index) {
        int shift = Math.max(0, (index >>> HALF_BITS) - 1);
        return ((long) index - ((long) shift << HALF_BITS) << shift) + (1L << shift) - 1;
    }

    void record(long nanos) {
        counts[index(Math.clamp(nanos, 0, NANOS_MAX))]++;
        total++;
    }

    public long total() {
        return total;
    }

    /** How many took no longer than {@code nanos} or the values counted with it. */
    private long upTo(long nanos) {
        long sum = 0;
        int last = index(Math.min(nanos, NANOS_MAX));
        for (int i = 0; i <= last; i++) {
            sum += counts[i];
        }
        return sum;
    }

    /** Nanoseconds that {@code percent} of all did not exceed. */
    public long percentile(double percent) {
        long wanted = Math.max(1, (long) (percent / 100 * total + 0.5));
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i];
            if (sum >= wanted) {
                return highestOf(i);
            }
        }
        return 0;
    }

    /** Shown a line of {@link #forEachDoubling}. */
    @FunctionalInterface
    public interface Visitor {
        void visit(long micros, long cumulative);
    }

    /**
     * Shows how many took at most 1, 2, 4 … microseconds, where it is more than the line before.
     */
    public void forEachDoubling(Visitor visitor) {
        long before = 0;
        for (long nanos = 1024; before < total; nanos *= 2) {
            long sum = upTo(nanos);
            if (sum > before) {
                visitor.visit(highestLike(nanos) / 1000, sum);
            }
            before = sum;
        }
    }
}
