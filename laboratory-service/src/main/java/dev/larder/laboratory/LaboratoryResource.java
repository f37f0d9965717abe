package dev.larder.laboratory;

import dev.larder.kit.Identity;
import dev.larder.kit.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * The laboratory over HTTP: anybody may look, who is signed in may start, stop and break things.
 */
@Path("/api/laboratory")
@RunOnVirtualThread
@Tag(name = "laboratory", description = "Caching patterns side by side under one load, measured")
public class LaboratoryResource {

    private final Laboratory laboratory;
    private final Identity identity;

    LaboratoryResource(Laboratory laboratory, Identity identity) {
        this.laboratory = laboratory;
        this.identity = identity;
    }

    public record RunList(List<Run> items) {}

    public record SecondList(List<Second> items) {}

    /** How many ask at once; 1000 when not given. */
    public record Crowd(@Min(10) @Max(Stampede.READERS_MAX) Integer readers) {}

    /** The refusal that says who has the laboratory. */
    public record Taken(
            String type,
            String title,
            int status,
            String detail,
            String instance,
            String run,
            String by,
            Instant endsAt) {}

    @GET
    @Operation(summary = "The patterns, the limits of a workload and one to begin with")
    public Laboratory.About about() {
        return laboratory.about();
    }

    @GET
    @Path("/runs")
    @Operation(summary = "The last ten runs, newest first")
    public RunList runs() {
        return new RunList(laboratory.all());
    }

    @POST
    @Path("/runs")
    @Operation(summary = "Starts a run; 409 with run, by and endsAt while another one is under way")
    public RestResponse<Run> start(@Valid @NotNull NewRun what) {
        identity.require();
        Run run = laboratory.start(what, new Run.Person(identity.id(), identity.displayName()));
        return RestResponse.ResponseBuilder.<Run>created(
                        URI.create("/api/laboratory/runs/" + run.id()))
                .entity(run)
                .build();
    }

    @GET
    @Path("/runs/{id}")
    @Operation(summary = "A run with the table of what its lanes did")
    public Run run(String id) {
        return laboratory.run(id);
    }

    @GET
    @Path("/runs/{id}/seconds")
    @Operation(summary = "What each second of a run came to")
    public SecondList seconds(String id, @RestQuery @DefaultValue("0") @Min(0) int from) {
        return new SecondList(laboratory.seconds(id, from));
    }

    @POST
    @Path("/runs/{id}/stop")
    @ResponseStatus(202)
    @Operation(summary = "Ends a run before its time")
    public Run stop(String id) {
        identity.require();
        return laboratory.stop(id);
    }

    @PUT
    @Path("/runs/{id}/switches")
    @Operation(
            summary = "Makes the database or the store slow or down, the writer behind the back",
            description = "A part that is missing stays as it is. Only the run's lanes notice.")
    public Switches turn(String id, @Valid @NotNull Switches change) {
        identity.require();
        return laboratory.turn(id, change);
    }

    @POST
    @Path("/runs/{id}/stampede")
    @ResponseStatus(202)
    @Operation(
            summary = "Drops the hottest key and lets a crowd ask for it, lane after lane",
            description =
                    "The load is held meanwhile; the outcome is in the run and on the socket.")
    public Run stampede(String id, @Valid Crowd crowd) {
        identity.require();
        Integer readers = crowd == null ? null : crowd.readers();
        return laboratory.stampede(id, readers == null ? Stampede.READERS_MAX : readers);
    }

    @GET
    @Path("/runs/{id}/advice")
    @Operation(summary = "Which pattern fits what was measured, and why")
    public Advice advice(
            String id,
            @RestQuery @DefaultValue("1000") @Min(0) @Max(3_600_000)
                    long toleratedStalenessMillis) {
        return laboratory.advice(id, toleratedStalenessMillis);
    }

    @ServerExceptionMapper
    Response taken(LaboratoryTakenException e, HttpServerRequest request) {
        Run run = e.present();
        String by = run.by().displayName();
        return Response.status(Response.Status.CONFLICT)
                .type(Problem.MEDIA_TYPE)
                .entity(
                        new Taken(
                                "about:blank",
                                "Conflict",
                                Response.Status.CONFLICT.getStatusCode(),
                                "The laboratory is taken by a run of " + by + ".",
                                request.path(),
                                run.id(),
                                by,
                                run.endsAt()))
                .build();
    }
}
