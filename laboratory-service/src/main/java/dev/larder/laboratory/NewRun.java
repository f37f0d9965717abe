package dev.larder.laboratory;

import dev.larder.kit.Problems;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;

/** What somebody wants to see: a workload, and the patterns to hold side by side under it. */
public record NewRun(
        @NotNull @Valid Workload workload,
        @NotNull @Size(min = 1, max = Workload.LANES_MAX) List<@Valid @NotNull Lane> lanes) {

    /**
     * @param ttlMillis null for the workload's
     */
    public record Lane(
            @NotBlank String pattern,
            @Min(Workload.TTL_MILLIS_MIN) @Max(Workload.TTL_MILLIS_MAX) Integer ttlMillis) {}

    private static final int COLD_SECONDS_MIN = 5;

    /** At most the third part. */
    private static final int COLD_PART_OF_RUN = 3;

    static final NewRun PRESET =
            new NewRun(
                    Workload.PRESET,
                    List.of(
                            new Lane(Pattern.NONE.id(), null),
                            new Lane(Pattern.TTL.id(), null),
                            new Lane(Pattern.INVALIDATE.id(), null),
                            new Lane(Pattern.WRITE_THROUGH.id(), null),
                            new Lane(Pattern.STALE_WHILE_REVALIDATE.id(), null)));

    int ttlMillis(Lane lane) {
        return lane.ttlMillis() == null ? workload.ttlMillis() : lane.ttlMillis();
    }

    /**
     * Seconds at the start in which caches fill and code is compiled: until every entry of the
     * first moment has been loaded anew, but never most of the run.
     */
    int coldSeconds() {
        int longestTtl = lanes.stream().mapToInt(this::ttlMillis).max().orElse(0);
        int wanted = Math.max(COLD_SECONDS_MIN, Math.ceilDiv(longestTtl, 1_000));
        return Math.min(wanted, workload.seconds() / COLD_PART_OF_RUN);
    }

    /** What no single field shows: what all lanes together ask of this machine. */
    NewRun checked() {
        for (int i = 0; i < lanes.size(); i++) {
            if (Pattern.of(lanes.get(i).pattern()) == null) {
                throw Problems.badRequest(
                        "lanes[" + i + "].pattern",
                        "must be one of " + String.join(", ", Pattern.ids()));
            }
        }
        int perSecond = workload.readsPerSecond() + workload.writesPerSecond();
        if (perSecond * lanes.size() > Workload.OPERATIONS_MAX) {
            throw Problems.badRequest(
                    "workload.readsPerSecond",
                    "with the writes and times the lanes is over " + Workload.OPERATIONS_MAX);
        }
        if ((long) workload.keys() * workload.valueBytes() * lanes.size()
                > Workload.VALUES_BYTES_MAX) {
            throw Problems.badRequest(
                    "workload.keys",
                    "times valueBytes times the lanes is over " + Workload.VALUES_BYTES_MAX);
        }
        return this;
    }
}
