package dev.larder.laboratory;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A run as it is told.
 *
 * @param endsAt null while it is prepared; moves when the run is held for a stampede
 * @param second of {@code workload.seconds}
 * @param totals of each lane, so far
 * @param settledFrom the first second after the cold start
 * @param settled of each lane, from that second on; empty before it has passed
 * @param failure why it failed, or null
 */
public record Run(
        String id,
        State state,
        Person by,
        Instant startedAt,
        Instant endsAt,
        int second,
        Workload workload,
        List<Lane> lanes,
        Switches switches,
        List<Figures> totals,
        int settledFrom,
        List<Figures> settled,
        List<Stampede> stampedes,
        String failure) {

    /** Where a run is. */
    public enum State {
        PREPARING,
        RUNNING,
        STAMPEDE,
        CLEANING,
        DONE,
        STOPPED,
        FAILED;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        boolean isOver() {
            return this == DONE || this == STOPPED || this == FAILED;
        }
    }

    public record Person(String id, String displayName) {}

    /**
     * @param id a to f
     * @param bound how stale it may get, as a sentence
     * @param boundMillis the same as a number, whoever writes; null where there is no bound
     * @param boundAddsLoad whether the time of the load comes to it
     */
    public record Lane(
            String id,
            String pattern,
            String name,
            int ttlMillis,
            String bound,
            Long boundMillis,
            boolean boundAddsLoad) {}
}
