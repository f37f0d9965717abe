package dev.larder.laboratory;

import java.util.List;

/**
 * What came of a crowd that asked each lane for its hottest key just after that was dropped.
 *
 * @param second of the run
 * @param readers of each lane, spread over its instances
 */
public record Stampede(int second, int key, int readers, List<Lane> lanes) {

    static final int READERS_MAX = 1_000;

    /**
     * @param width most loads at a time
     * @param hits readers that found it in a cache, hot or warm
     * @param joined readers that waited for somebody else's load
     */
    public record Lane(
            String lane,
            long databaseQueries,
            int width,
            long hits,
            long joined,
            long errors,
            long p50Micros,
            long slowestMicros) {}
}
