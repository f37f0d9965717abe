package dev.larder.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/**
 * Something said in a room.
 *
 * @param id counted in each room from 1, without gaps
 * @param clientId what the author's client called it, so that it knows its own; may be null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Message(
        long id, String room, Person author, String text, Instant at, String clientId) {}
