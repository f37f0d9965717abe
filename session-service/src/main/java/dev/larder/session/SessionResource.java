package dev.larder.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestCookie;

/** Sessions over HTTP: a browser's by its cookie, and the gateway's question whose a cookie is. */
@Path("/")
@RunOnVirtualThread
@Tag(name = "session", description = "Who somebody is, kept at the server")
public class SessionResource {
    private static final String COOKIE = "larder_session";

    private final Sessions sessions;
    private final SessionConfig config;

    SessionResource(Sessions sessions, SessionConfig config) {
        this.sessions = sessions;
        this.config = config;
    }

    public record SignIn(@NotNull @Size(min = 1, max = 40) String displayName) {}

    public record Question(@NotNull @Size(max = 256) String session) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Answer(boolean signedIn, String token, Long tokenTtlSeconds, String sessionKey) {}

    @POST
    @Path("api/session")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Signs in under a display name; the session is in the cookie")
    public Response signIn(@NotNull @Valid SignIn body, @RestCookie(COOKIE) String cookie) {
        Sessions.Opened opened = sessions.signIn(body.displayName(), SessionId.parse(cookie));
        return Response.status(201)
                .entity(opened.view())
                .cookie(cookie(opened.id().secret(), NewCookie.DEFAULT_MAX_AGE))
                .header("Cache-Control", "no-store")
                .build();
    }

    @GET
    @Path("api/session")
    @Operation(summary = "The session of the cookie, or signedIn: false; does not count as a use")
    public Response view(@RestCookie(COOKIE) String cookie) {
        return Response.ok(sessions.view(SessionId.parse(cookie)))
                .header("Cache-Control", "no-store")
                .build();
    }

    @PATCH
    @Consumes(MediaType.APPLICATION_JSON)
    @Path("api/session/attributes")
    @Operation(summary = "Merges attributes into the session; null takes one away")
    public SessionView merge(
            @NotNull Map<String, String> attributes, @RestCookie(COOKIE) String cookie) {
        return sessions.merge(SessionId.parse(cookie), attributes);
    }

    @DELETE
    @Path("api/session")
    @Operation(summary = "Signs out: the session ends at once, everywhere")
    public Response signOut(@RestCookie(COOKIE) String cookie) {
        sessions.signOut(SessionId.parse(cookie));
        return Response.noContent().cookie(cookie("", 0)).build();
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Path("internal/session/resolve")
    @Operation(hidden = true, summary = "For the gateway: a token for the session of a cookie")
    public Answer resolve(@NotNull @Valid Question question) {
        Optional<Sessions.Resolved> resolved =
                sessions.resolve(SessionId.parse(question.session()));
        return resolved.map(
                        each ->
                                new Answer(
                                        true,
                                        each.token(),
                                        each.tokenTtlSeconds(),
                                        each.sessionKey()))
                .orElse(new Answer(false, null, null, null));
    }

    private NewCookie cookie(String value, int maxAgeSeconds) {
        return new NewCookie.Builder(COOKIE)
                .value(value)
                .path("/")
                .httpOnly(true)
                .secure(config.cookieSecure())
                .sameSite(NewCookie.SameSite.LAX)
                .maxAge(maxAgeSeconds)
                .build();
    }
}
