package dev.larder.store.command;

import java.util.Arrays;

/**
 * A circle, a rectangle or a polygon on the earth: which ranges of scores can hold places inside,
 * and which places are inside.
 *
 * <p>It is covered by nine cells of a grid, chosen so coarse that the one of the centre and its
 * eight neighbours are enough. They are looked at in the order of the real server, since without
 * ASC or DESC that is the order of the answer.
 *
 * @param longitude of the centre, degrees
 * @param latitude of the centre, degrees
 * @param width metres; the diameter of a circle
 * @param height metres; the diameter of a circle
 * @param round whether it is a circle
 * @param corners of a polygon, longitude and latitude in turn, in degrees; else null
 * @param reachLatitude degrees to the north or south beyond which nothing is inside
 * @param reachLongitude the same to the east or west
 */
record GeoArea(
        double longitude,
        double latitude,
        double width,
        double height,
        boolean round,
        double[] corners,
        double reachLatitude,
        double reachLongitude) {
    /** More than rounding can be. */
    private static final double MARGIN = 1 + 1e-9;

    /** Half of the length of the equator in the projection of EPSG:3857, metres. */
    private static final double MERCATOR_MAX = 20037726.37;

    /**
     * Columns and rows of the neighbours, as steps from the centre: first the four that share a
     * side.
     */
    private static final int[] COLUMNS = {0, 0, 0, 1, -1, 1, -1, 1, -1};

    private static final int[] ROWS = {0, 1, -1, 0, 0, 1, 1, -1, -1};

    static GeoArea circle(double longitude, double latitude, double radius) {
        double north = GeoHash.latitudeDegrees(radius);
        double widest = Math.abs(latitude) + north;
        // Around a pole every meridian may be met.
        double east = widest < 89 ? GeoHash.longitudeDegrees(radius, widest) : 360;
        return new GeoArea(
                longitude,
                latitude,
                radius * 2,
                radius * 2,
                true,
                null,
                north * MARGIN,
                east * MARGIN);
    }

    static GeoArea rectangle(double longitude, double latitude, double width, double height) {
        return new GeoArea(longitude, latitude, width, height, false, null, 180, 360);
    }

    /**
     * A polygon whose sides are straight on a map of degrees, as Valkey 9 has it; its centre is the
     * mean of its corners as points in space, seen from the centre of the earth.
     */
    static GeoArea polygon(double[] corners) {
        double x = 0;
        double y = 0;
        double z = 0;
        for (int i = 0; i < corners.length; i += 2) {
            double longitude = Math.toRadians(corners[i]);
            double latitude = Math.toRadians(corners[i + 1]);
            x += Math.cos(latitude) * Math.cos(longitude);
            y += Math.cos(latitude) * Math.sin(longitude);
            z += Math.sin(latitude);
        }
        return new GeoArea(
                Math.toDegrees(Math.atan2(y, x)),
                Math.toDegrees(Math.atan2(z, Math.hypot(x, y))),
                0,
                0,
                false,
                corners,
                180,
                360);
    }

    /** Whether a line to the east from the place crosses an odd number of sides. */
    private boolean isInsidePolygon(double placeLongitude, double placeLatitude) {
        boolean inside = false;
        int before = corners.length - 2;
        for (int i = 0; i < corners.length; before = i, i += 2) {
            double north = corners[i + 1];
            double south = corners[before + 1];
            if (north > placeLatitude != south > placeLatitude
                    && placeLongitude
                            < (corners[before] - corners[i])
                                            * (placeLatitude - north)
                                            / (south - north)
                                    + corners[i]) {
                inside = !inside;
            }
        }
        return inside;
    }

    /** The greatest (sign 1) or least (-1) of the corners' longitudes (0) or latitudes (1). */
    private double outermost(int coordinate, int sign) {
        double outermost = corners[coordinate];
        for (int i = coordinate; i < corners.length; i += 2) {
            outermost = sign * corners[i] > sign * outermost ? corners[i] : outermost;
        }
        return outermost;
    }

    private double radius() {
        if (round) {
            return width / 2;
        }
        if (corners == null) {
            return Math.sqrt(width / 2 * (width / 2) + height / 2 * (height / 2));
        }
        double farthest = 0;
        for (int east = -1; east <= 1; east += 2) {
            for (int north = -1; north <= 1; north += 2) {
                farthest =
                        Math.max(
                                farthest,
                                GeoHash.distance(
                                        longitude,
                                        latitude,
                                        outermost(0, east),
                                        outermost(1, north)));
            }
        }
        return farthest;
    }

    /** Metres from the centre to a place inside; NaN for one outside. */
    double distanceInside(double placeLongitude, double placeLatitude) {
        if (corners != null) {
            return isInsidePolygon(placeLongitude, placeLatitude)
                    ? GeoHash.distance(longitude, latitude, placeLongitude, placeLatitude)
                    : Double.NaN;
        }
        if (!round) {
            if (GeoHash.latitudeDistance(placeLatitude, latitude) > height / 2
                    || GeoHash.distance(placeLongitude, placeLatitude, longitude, placeLatitude)
                            > width / 2) {
                return Double.NaN;
            }
            return GeoHash.distance(longitude, latitude, placeLongitude, placeLatitude);
        }
        // Most places in the nine cells are far outside, which two subtractions tell.
        double east = Math.abs(placeLongitude - longitude);
        if (Math.abs(placeLatitude - latitude) > reachLatitude
                || (east > reachLongitude && east < 360 - reachLongitude)) {
            return Double.NaN;
        }
        double radius = width / 2;
        double distance =
                GeoHash.distance(longitude, latitude, placeLongitude, placeLatitude, radius);
        return distance > radius ? Double.NaN : distance;
    }

    /** The ranges of scores, from inclusive to exclusive in turn, in the order to look at them. */
    long[] ranges() {
        double north = latitude + GeoHash.latitudeDegrees(height / 2);
        double south = latitude - GeoHash.latitudeDegrees(height / 2);
        // Meridians are nearest to each other at the side that looks to the pole.
        double widest = latitude < 0 ? south : north;
        double east = longitude + GeoHash.longitudeDegrees(width / 2, widest);
        double west = longitude - GeoHash.longitudeDegrees(width / 2, widest);
        if (corners != null) {
            north = outermost(1, 1);
            south = outermost(1, -1);
            east = outermost(0, 1);
            west = outermost(0, -1);
        }

        int steps = steps();
        Cell centre = new Cell(steps);
        if (steps > 1
                && (centre.edgeOfRow(1, 1) < north
                        || centre.edgeOfRow(-1, 0) > south
                        || centre.edgeOfColumn(1, 1) < east
                        || centre.edgeOfColumn(-1, 0) > west)) {
            steps--;
            centre = new Cell(steps);
        }
        // A cell whose middle one already reaches beyond the area on that side holds nothing of it.
        boolean noSouth = steps >= 2 && centre.edgeOfRow(0, 0) < south;
        boolean noNorth = steps >= 2 && centre.edgeOfRow(0, 1) > north;
        boolean noWest = steps >= 2 && centre.edgeOfColumn(0, 0) < west;
        boolean noEast = steps >= 2 && centre.edgeOfColumn(0, 1) > east;

        long[] ranges = new long[2 * COLUMNS.length];
        int count = 0;
        long last = -1;
        int shift = 2 * (GeoHash.STEPS - steps);
        for (int i = 0; i < COLUMNS.length; i++) {
            boolean useless =
                    ROWS[i] < 0 && noSouth
                            || ROWS[i] > 0 && noNorth
                            || COLUMNS[i] < 0 && noWest
                            || COLUMNS[i] > 0 && noEast;
            long hash = centre.neighbour(COLUMNS[i], ROWS[i]);
            // In a coarse grid the neighbour on one side is the one on the other side too.
            if (!useless && (i == 0 || hash != last)) {
                ranges[count++] = hash << shift;
                ranges[count++] = hash + 1 << shift;
                last = i == 0 ? -1 : hash;
            }
        }
        return Arrays.copyOf(ranges, count);
    }

    /** How fine the grid may be, as a power of two, so that nine cells cover the area. */
    private int steps() {
        double radius = radius();
        if (radius == 0) {
            return GeoHash.STEPS;
        }
        int steps = -1;
        for (double reach = radius; reach < MERCATOR_MAX; reach *= 2) {
            steps++;
        }
        // Cells are narrower near the poles.
        if (Math.abs(latitude) > 66) {
            steps -= Math.abs(latitude) > 80 ? 2 : 1;
        }
        return Math.clamp(steps, 1, GeoHash.STEPS);
    }

    /** The cell of the centre in a grid of 2^steps by 2^steps cells that goes around the world. */
    private final class Cell {
        private final int steps;
        private final long column;
        private final long row;

        Cell(int steps) {
            this.steps = steps;
            this.column = GeoHash.cell(longitude, GeoHash.LONGITUDE_MAX, steps);
            this.row = GeoHash.cell(latitude, GeoHash.LATITUDE_MAX, steps);
        }

        private long moved(long index, int by) {
            return by == 0 ? index : index + by & (1L << steps) - 1;
        }

        long neighbour(int columns, int rows) {
            return GeoHash.interleave(moved(column, columns), moved(row, rows));
        }

        /** The southern ({@code far} 0) or northern (1) edge of the row {@code by} rows away. */
        double edgeOfRow(int by, int far) {
            return GeoHash.edge(moved(row, by) + far, GeoHash.LATITUDE_MAX, steps);
        }

        /**
         * The western ({@code far} 0) or eastern (1) edge of the column {@code by} columns away.
         */
        double edgeOfColumn(int by, int far) {
            return GeoHash.edge(moved(column, by) + far, GeoHash.LONGITUDE_MAX, steps);
        }
    }
}
