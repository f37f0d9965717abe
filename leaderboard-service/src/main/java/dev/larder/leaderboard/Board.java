package dev.larder.leaderboard;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * A board as it was set up. Its order and policy never change while the service runs.
 *
 * @param players how many have a standing on it
 */
public record Board(String id, String name, Order order, Policy policy, long players) {

    Board with(long players) {
        return new Board(id, name, order, policy, players);
    }

    /** What the store sorts by: the lowest sort score has rank 1 on every board. */
    @JsonIgnore
    long sortScore(long score) {
        return order == Order.DESC ? -score : score;
    }

    /** The inverse of {@link #sortScore}. */
    @JsonIgnore
    long scoreOf(long sortScore) {
        return order == Order.DESC ? -sortScore : sortScore;
    }
}
