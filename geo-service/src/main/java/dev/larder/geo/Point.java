package dev.larder.geo;

/**
 * A place on the earth, in degrees (WGS 84).
 *
 * @param longitude −180 to 180, east positive
 * @param latitude north positive
 */
record Point(double longitude, double latitude) {
    /** Where the Web Mercator square ends: EPSG:3857, and the limit of the store's geo commands. */
    static final double LATITUDE_MAX = 85.05112878;

    /** The sphere that the store reckons with, in metres. */
    private static final double EARTH_RADIUS = 6_372_797.560856;

    /** Metres along the great circle (haversine). */
    double metersTo(Point other) {
        double lat1 = Math.toRadians(latitude);
        double lat2 = Math.toRadians(other.latitude);
        double u = Math.sin((lat2 - lat1) / 2);
        double v = Math.sin(Math.toRadians(other.longitude - longitude) / 2);
        double a = u * u + Math.cos(lat1) * Math.cos(lat2) * v * v;
        return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(a)));
    }
}
