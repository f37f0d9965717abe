package dev.larder.laboratory;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;

/** What goes wrong on purpose. Of a change, a part that is null stays as it is. */
public record Switches(@Valid Way database, @Valid Way store, @Valid Writer writer) {

    static final int SLOW_MILLIS_MAX = 2_000;
    private static final int SLOW_MILLIS = 100;

    /**
     * The way of the lanes to a server.
     *
     * @param millis added to each answer while slow; 100 when not given
     */
    public record Way(
            @NotNull @Pattern(regexp = "ok|slow|down", message = "must be ok, slow or down")
                    String state,
            @Min(1) @Max(SLOW_MILLIS_MAX) Integer millis) {

        public Way {
            millis = millis == null ? SLOW_MILLIS : millis;
        }

        void applyTo(Relay relay) {
            relay.become(
                    switch (state) {
                        case "ok" -> Relay.State.OK;
                        case "slow" -> Relay.State.SLOW;
                        case "down" -> Relay.State.DOWN;
                        default -> throw new IllegalStateException(state);
                    },
                    millis);
        }
    }

    /** Who writes to the database and tells no cache. */
    public record Writer(
            @NotNull Boolean on, @NotNull @Min(0) @Max(Workload.WRITES_MAX) Double perSecond) {}

    static Switches of(Workload workload) {
        return new Switches(
                new Way("ok", null),
                new Way("ok", null),
                new Writer(workload.behindPerSecond() > 0, workload.behindPerSecond()));
    }

    Switches with(Switches change) {
        return new Switches(
                change.database == null ? database : change.database,
                change.store == null ? store : change.store,
                change.writer == null ? writer : change.writer);
    }
}
