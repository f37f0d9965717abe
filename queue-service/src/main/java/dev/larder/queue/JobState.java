package dev.larder.queue;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Where a job is. It leaves the last two only by a retry. */
public enum JobState {
    /** To be taken now. */
    WAITING,
    /** Not due yet. */
    DELAYED,
    /** Leased to a worker. */
    ACTIVE,
    COMPLETED,
    /** Out of attempts. */
    FAILED;

    @JsonValue
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static JobState of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
