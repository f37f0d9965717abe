package dev.larder.leaderboard;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which end of the scores leads. */
public enum Order {
    @JsonProperty("desc")
    DESC,
    @JsonProperty("asc")
    ASC;

    boolean isBetter(long score, long than) {
        return this == DESC ? score > than : score < than;
    }
}
