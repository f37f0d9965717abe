package dev.larder.leaderboard;

/**
 * A committed standing, ready to be put in its place.
 *
 * @param reached when the score was reached, in the order of a sequence over all boards; grows with
 *     each score of a player, so that the later of two is known
 */
record Placed(String playerId, String name, long score, long reached) {}
