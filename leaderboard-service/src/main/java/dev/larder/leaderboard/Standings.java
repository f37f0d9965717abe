package dev.larder.leaderboard;

import java.util.List;

/**
 * A run of a board's order.
 *
 * @param players how many have a standing on the board
 * @param offset how many rank before the first item
 */
public record Standings(String board, long players, long offset, List<Standing> items) {}
