package dev.larder.leaderboard;

import dev.larder.kit.Identity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** Leaderboards over HTTP: public to read, signed in to be ranked. */
@Path("/api/leaderboard/boards")
@RunOnVirtualThread
@Tag(name = "leaderboard", description = "Scores, and who is ahead of whom")
public class LeaderboardResource {

    private final Leaderboard leaderboard;
    private final Identity identity;

    LeaderboardResource(Leaderboard leaderboard, Identity identity) {
        this.leaderboard = leaderboard;
        this.identity = identity;
    }

    public record Boards(List<Board> items) {}

    public record Accepted(int accepted) {}

    @GET
    @Operation(summary = "The boards with the number of their players")
    public Boards boards() {
        return new Boards(leaderboard.boards());
    }

    @POST
    @Path("/{board}/scores")
    @Operation(
            summary = "Hands in a score of the person signed in",
            description =
                    "The board's policy says what becomes of it. The same submissionId counts once:"
                            + " a repetition answers with today's rank and what came of it then.")
    public Submitted submit(String board, @Valid @NotNull Submission submission) {
        identity.require();
        return leaderboard.submit(board, identity.id(), identity.displayName(), submission);
    }

    @POST
    @Path("/{board}/scores/batch")
    @Operation(summary = "Hands in scores of many players, each once; role loader")
    public Accepted load(String board, @Valid @NotNull Load load) {
        identity.requireRole("loader");
        return new Accepted(leaderboard.load(board, load));
    }

    @GET
    @Path("/{board}/top")
    @Operation(summary = "A run of the order, from the best on")
    public Standings top(
            String board,
            @RestQuery @DefaultValue("0") @Min(0) @Max(10_000_000) int offset,
            @RestQuery @DefaultValue("10") @Min(1) @Max(100) int limit) {
        return leaderboard.top(board, offset, limit);
    }

    @GET
    @Path("/{board}/around/{playerId}")
    @Operation(summary = "A player with those just ahead and just behind; 'me' is who asks")
    public Standings around(
            String board,
            String playerId,
            @RestQuery @DefaultValue("5") @Min(0) @Max(50) int span) {
        return leaderboard.around(board, player(playerId), span);
    }

    @GET
    @Path("/{board}/players/{playerId}")
    @Operation(summary = "One player's standing; 'me' is who asks")
    public Standing player(String board, String playerId) {
        return leaderboard.around(board, player(playerId), 0).items().getFirst();
    }

    /** An id that is no UUID belongs to nobody; as a text it is simply not found. */
    private String player(String playerId) {
        if (playerId.equals("me")) {
            return identity.require().id();
        }
        try {
            return UUID.fromString(playerId).toString();
        } catch (IllegalArgumentException e) {
            return playerId;
        }
    }
}
