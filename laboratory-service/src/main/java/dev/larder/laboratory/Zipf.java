package dev.larder.laboratory;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Draws ranks 1 to n so that rank r comes up in proportion to 1 / r^skew: with 0 all alike, with 1
 * the first as often as the second and third together and more. One draw is a binary search.
 */
final class Zipf {

    private final double[] upTo;

    Zipf(int n, double skew) {
        upTo = new double[n];
        double sum = 0;
        for (int rank = 1; rank <= n; rank++) {
            sum += Math.pow(rank, -skew);
            upTo[rank - 1] = sum;
        }
    }

    int draw(RandomGenerator random) {
        double at = random.nextDouble() * upTo[upTo.length - 1];
        int found = Arrays.binarySearch(upTo, at);
        // Not found: the place where it would stand, and the first whose sum is above it.
        int index = found < 0 ? -found - 1 : found + 1;
        return Math.min(upTo.length, index + 1);
    }

    /** The part of all draws that fall on the first {@code ranks}, 0 to 1. */
    double share(int ranks) {
        return ranks < 1 ? 0 : upTo[Math.min(ranks, upTo.length) - 1] / upTo[upTo.length - 1];
    }
}
