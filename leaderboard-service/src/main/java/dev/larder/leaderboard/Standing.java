package dev.larder.leaderboard;

/**
 * Where a player stands.
 *
 * @param rank from 1, ordinal: every player has a rank of their own, and of equal scores the one
 *     reached earlier ranks first
 */
public record Standing(long rank, String playerId, String name, long score) {}
