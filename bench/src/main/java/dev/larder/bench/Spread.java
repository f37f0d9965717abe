package dev.larder.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** A figure over several rounds. */
record Spread(double least, double median, double most) {

    static Spread of(DoubleStream figures) {
        double[] sorted = figures.sorted().toArray();
        if (sorted.length == 0) {
            return new Spread(Double.NaN, Double.NaN, Double.NaN);
        }
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, Arrays.stream(sorted).max().getAsDouble());
    }

    /** Three digits that say something. */
    static String figure(double number) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return "–";
        }
        double size = Math.abs(number);
        int places = size >= 100 ? 0 : size >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + places + "f", number);
    }

    /** As a ratio: the median, and from where to where it went. */
    String ratio() {
        if (Double.isNaN(median)) {
            return "–";
        }
        return String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", median, least, most);
    }
}
