package dev.larder.laboratory;

import java.util.Map;

/**
 * What one lane did in a second, or in all of a run so far. Reads are counted when they are over.
 *
 * @param reads that were answered or failed
 * @param writes of the lane itself that were accepted: committed, or queued where the pattern
 *     promises no more
 * @param refused writes of the lane itself that failed; each is an error, too
 * @param behind writes that went past it
 * @param missed reads and writes that were due and could not be sent: too many were under way
 * @param errors of reads and writes, by kind
 * @param databaseQueries loads, counted where the query is sent; not the updates
 * @param width most loads of one key at a time, in all instances
 * @param slowestLoadMicros from the query to its answer; the bounds of most patterns have it in
 *     them, as what is kept was true when its load began
 */
public record Figures(
        String lane,
        long reads,
        long writes,
        long refused,
        long behind,
        long missed,
        Hits hits,
        Double hitRatio,
        Map<String, Long> errors,
        long databaseQueries,
        double queriesPerSecond,
        Latency latency,
        Staleness staleness,
        int width,
        long slowestLoadMicros) {

    /** Answered reads by where the answer came from. */
    public record Hits(long hot, long store, long stale, long database, long negative) {

        long cached() {
            return hot + store + stale + negative;
        }

        long all() {
            return cached() + database;
        }
    }

    /** Of reads, from the moment they were due: a read that had to queue has waited. */
    public record Latency(long p50Micros, long p99Micros, long maxMicros) {}

    /** For how long what was served had been replaced in the database when the read began. */
    public record Staleness(
            long staleReads, double staleShare, double p99Millis, double maxMillis) {}

    long failed() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }
}
