package dev.larder.store.command;

import dev.larder.store.reply.Numbers;

/**
 * Places on the earth as scores of a sorted set: the square of 2^26 × 2^26 cells over the Mercator
 * world, column and row with their bits in turn, 52 bits in all. Two places near each other mostly
 * share the high bits, so a cell of any coarser grid is one range of scores.
 *
 * <p>Degrees, WGS-84; the latitudes are those of EPSG:3857, {@value #LATITUDE_MAX} at most.
 * Distances are metres on a sphere of the radius {@value #EARTH_RADIUS}, by the haversine formula.
 */
final class GeoHash {
    static final double LONGITUDE_MAX = 180;
    static final double LATITUDE_MAX = 85.05112878;
    static final int STEPS = 26;

    private static final double EARTH_RADIUS = 6372797.560856;

    /** More than rounding can be, for comparing what must not be left out. */
    private static final double MARGIN = 1e-9;

    /** An eighth power of it is below the precision of a double. */
    private static final double SMALL = 0.01;

    private static final double RADIANS = Math.PI / 180;
    private static final String ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
    private static final int TEXT_LENGTH = 11;

    private GeoHash() {}

    /** The score of a place. */
    static long encode(double longitude, double latitude) {
        return interleave(
                cell(longitude, LONGITUDE_MAX, STEPS), cell(latitude, LATITUDE_MAX, STEPS));
    }

    /** The cell of {@code degrees} in a row of 2^steps over [-most, most]. */
    static long cell(double degrees, double most, int steps) {
        return (long) ((degrees + most) / (most + most) * (1L << steps));
    }

    /** Where the {@code cell}th of 2^steps cells over [-most, most] begins, in degrees. */
    static double edge(long cell, double most, int steps) {
        return -most + cell * 1.0 / (1L << steps) * (most + most);
    }

    /** The longitude of the middle of the cell that a score is. */
    static double longitude(double score) {
        return middle(gather(Numbers.unsignedBits(score) >>> 1), LONGITUDE_MAX);
    }

    /** The latitude of the middle of the cell that a score is. */
    static double latitude(double score) {
        return middle(gather(Numbers.unsignedBits(score)), LATITUDE_MAX);
    }

    private static double middle(long cell, double most) {
        double middle = (edge(cell, most, STEPS) + edge(cell + 1, most, STEPS)) / 2;
        return Math.clamp(middle, -most, most);
    }

    /** Column bits in the odd places, row bits in the even ones. */
    static long interleave(long column, long row) {
        return spread(row) | spread(column) << 1;
    }

    private static long spread(long bits) {
        return Long.expand(bits, 0x5555555555555555L);
    }

    private static long gather(long bits) {
        return Long.compress(bits, 0x5555555555555555L);
    }

    /**
     * The eleven letters of geohash.org, over all latitudes; the last has no bits left and is 0.
     */
    static String text(double score) {
        long bits =
                interleave(
                        cell(longitude(score), LONGITUDE_MAX, STEPS),
                        cell(latitude(score), 90, STEPS));
        StringBuilder text = new StringBuilder(TEXT_LENGTH);
        for (int shift = 2 * STEPS - 5; shift >= 0; shift -= 5) {
            text.append(ALPHABET.charAt((int) (bits >>> shift) & 31));
        }
        return text.append('0').toString();
    }

    /** Metres between two places, by the haversine formula. */
    static double distance(
            double longitude1, double latitude1, double longitude2, double latitude2) {
        return distance(longitude1, latitude1, longitude2, latitude2, Double.POSITIVE_INFINITY);
    }

    /**
     * The same; NaN where it is clearly more than {@code most}. A search looks at several places
     * outside for each that it finds, and for those the arc sine, most of the work, is not needed.
     */
    static double distance(
            double longitude1, double latitude1, double longitude2, double latitude2, double most) {
        double v = Math.sin((longitude2 * RADIANS - longitude1 * RADIANS) / 2);
        if (v == 0) {
            return latitudeDistance(latitude1, latitude2);
        }
        double radians1 = latitude1 * RADIANS;
        double radians2 = latitude2 * RADIANS;
        double u = Math.sin((radians2 - radians1) / 2);
        double a = u * u + Math.cos(radians1) * Math.cos(radians2) * v * v;
        // For angles up to a half turn the half angle is at least its sine.
        double half = most / (2 * EARTH_RADIUS);
        if (a > half * half * (1 + MARGIN)) {
            return Double.NaN;
        }
        return 2 * EARTH_RADIUS * asin(Math.sqrt(a));
    }

    /** The arc sine; by its series where four terms are exact to the last bit. */
    private static double asin(double x) {
        if (x > SMALL) {
            return Math.asin(x);
        }
        double square = x * x;
        return x + x * square * (1 / 6.0 + square * (3 / 40.0 + square * (15 / 336.0)));
    }

    /** Metres between two parallels. */
    static double latitudeDistance(double latitude1, double latitude2) {
        return EARTH_RADIUS * Math.abs(latitude2 * RADIANS - latitude1 * RADIANS);
    }

    /** Degrees of latitude that {@code metres} to the north are. */
    static double latitudeDegrees(double metres) {
        return metres / EARTH_RADIUS / RADIANS;
    }

    /** Degrees of longitude that {@code metres} along the parallel of {@code latitude} are. */
    static double longitudeDegrees(double metres, double latitude) {
        return metres / EARTH_RADIUS / Math.cos(latitude * RADIANS) / RADIANS;
    }
}
