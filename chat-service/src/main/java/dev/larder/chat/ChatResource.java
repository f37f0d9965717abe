package dev.larder.chat;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** What can be read of rooms over HTTP; talking is done over {@link ChatSocket}. */
@Path("/api/chat/rooms")
@RunOnVirtualThread
@Tag(name = "chat", description = "Rooms and what was said in them")
public class ChatResource {
    private final Chat chat;

    ChatResource(Chat chat) {
        this.chat = chat;
    }

    public record Rooms(List<Room> items) {}

    public record Messages(List<Message> items) {}

    @GET
    @Operation(summary = "All rooms, by name, with the number of people in them")
    public Rooms rooms() {
        return new Rooms(chat.rooms());
    }

    @GET
    @Path("/{room}/messages")
    @Operation(summary = "The last messages, or the last before an id; oldest first")
    public Messages messages(
            @RestPath String room,
            @RestQuery @DefaultValue("50") @Min(1) @Max(200) int limit,
            @RestQuery @Min(1) Long before) {
        return new Messages(chat.before(room, before == null ? Long.MAX_VALUE : before, limit));
    }
}
