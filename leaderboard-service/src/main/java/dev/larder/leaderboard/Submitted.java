package dev.larder.leaderboard;

/**
 * What became of a submission.
 *
 * @param previousRank null for a player's first score on the board
 * @param previousScore null for a player's first score on the board
 * @param improved whether the player's score on the board is better than before
 */
public record Submitted(
        String playerId,
        String name,
        long score,
        long rank,
        Long previousRank,
        Long previousScore,
        boolean improved,
        long players) {}
