package dev.larder.catalog;

/**
 * How the cache of this instance is doing since it started.
 *
 * @param entries products and remembered absences in the store now, of all instances; null while
 *     the store is away
 */
public record CacheStats(
        long hits,
        long misses,
        long writes,
        double hitRatio,
        long databaseReads,
        Long entries,
        long ttlSeconds) {}
