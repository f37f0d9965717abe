package dev.larder.bench;

import java.util.random.RandomGenerator;

/**
 * Ranks by Zipf's law, in constant time (Gray et al., Quickly generating billion-record synthetic
 * databases, SIGMOD 1994), spread over the whole range so that neighbours are not all hot.
 */
final class Zipf {
    /** Odd and without a common factor with a round number of items: a permutation. */
    private static final long SPREAD = 2_654_435_761L;

    private final int items;
    private final double skew;
    private final double zeta;
    private final double alpha;
    private final double eta;

    Zipf(int items, double skew) {
        this.items = items;
        this.skew = skew;
        double sum = 0;
        for (int i = 1; i <= items; i++) {
            sum += 1 / Math.pow(i, skew);
        }
        zeta = sum;
        alpha = 1 / (1 - skew);
        eta = (1 - Math.pow(2.0 / items, 1 - skew)) / (1 - (1 + Math.pow(0.5, skew)) / zeta);
    }

    /** An item from 0 to items - 1; which of them are the hot ones is fixed. */
    long next(RandomGenerator random) {
        return rank(random.nextDouble()) * SPREAD % items;
    }

    private long rank(double u) {
        double uz = u * zeta;
        if (uz < 1) {
            return 0;
        }
        if (uz < 1 + Math.pow(0.5, skew)) {
            return 1;
        }
        return Math.min(items - 1, (long) (items * Math.pow(eta * u - eta + 1, alpha)));
    }
}
