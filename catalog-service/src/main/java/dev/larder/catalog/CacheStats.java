package dev.larder.catalog;

import java.util.List;

/**
 * How the caches of this instance are doing since it started; the first seven are of all of them
 * together.
 *
 * @param entries what the store holds now, of all instances, remembered absences and stale values
 *     included; null while the store is away
 * @param ttlSeconds of products
 * @param hotKeptBy what keeps the hot tier honest: tracking, channel, short_ttl; none while it is
 *     off
 * @param behind null while the store is away
 */
public record CacheStats(
        long hits,
        long misses,
        long writes,
        double hitRatio,
        long databaseReads,
        Long entries,
        long ttlSeconds,
        List<OfCache> caches,
        String hotKeptBy,
        Changes changes,
        Queue behind) {

    /**
     * One kind of value.
     *
     * @param pattern how it is read where the request does not say
     * @param hot answered by this JVM
     * @param warm answered by the store
     * @param cold answered by PostgreSQL, for this reader or another
     * @param stale of the hot and warm ones: past their TTL
     * @param joined waited for another reader's load
     * @param refreshes loads in the background
     */
    public record OfCache(
            String name,
            ReadPattern pattern,
            long hot,
            long warm,
            long cold,
            long stale,
            long joined,
            long refreshes,
            long writes,
            long invalidations,
            long databaseReads,
            Long entries,
            long ttlSeconds) {}

    /**
     * What write-behind has accepted and PostgreSQL does not have yet, of all instances.
     *
     * @param lagMillis age of the oldest of these
     * @param dead writes that PostgreSQL refused for good
     */
    public record Queue(long depth, long lagMillis, long dead) {}

    /**
     * How changes made behind the service's back reach it.
     *
     * @param listening false while the connection to PostgreSQL is away: changes wait there
     * @param lastBehindMillis from the last change to its being dropped from the caches
     */
    public record Changes(boolean listening, long taken, long failures, long lastBehindMillis) {}
}
