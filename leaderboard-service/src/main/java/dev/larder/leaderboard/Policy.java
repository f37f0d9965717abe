package dev.larder.leaderboard;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a new submission makes of a player's score. */
public enum Policy {
    @JsonProperty("best")
    BEST {
        @Override
        long apply(Order order, long current, long submitted) {
            return order.isBetter(submitted, current) ? submitted : current;
        }
    },
    @JsonProperty("sum")
    SUM {
        @Override
        long apply(Order order, long current, long submitted) {
            return current + submitted;
        }
    },
    @JsonProperty("last")
    LAST {
        @Override
        long apply(Order order, long current, long submitted) {
            return submitted;
        }
    };

    /**
     * The store's scores are doubles, which hold every integer from -(2^53 - 1) to 2^53 - 1 exactly
     * and not every one beyond. Nothing outside is ever accepted, so no two scores are confused.
     */
    public static final long SCORE_MAX = 9_007_199_254_740_991L;

    /** The score after a submission. Both scores given are exact, so no sum of two overflows. */
    abstract long apply(Order order, long current, long submitted);

    static boolean isExact(long score) {
        return score >= -SCORE_MAX && score <= SCORE_MAX;
    }
}
