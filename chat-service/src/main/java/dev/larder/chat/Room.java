package dev.larder.chat;

import java.time.Instant;

/**
 * A room.
 *
 * @param members how many signed-in people are in it now
 * @param lastMessageAt null where nobody has said anything yet
 */
public record Room(String id, String name, int members, Instant lastMessageAt) {}
