package dev.larder.queue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.kit.Identity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/** Queues over HTTP: public to watch, signed in to put in work and to do it. */
@Path("/api/queue/queues")
@RunOnVirtualThread
@Tag(name = "queue", description = "Jobs that are leased, retried and recorded")
public class QueueResource {

    private final Queues queues;
    private final Identity identity;

    QueueResource(Queues queues, Identity identity) {
        this.queues = queues;
        this.identity = identity;
    }

    public record QueueList(List<Queues.QueueInfo> items) {}

    public record JobList(List<Job> items) {}

    public record LeasedJobList(List<LeasedJob> items) {}

    public record Take(
            @NotBlank @Size(max = 60) String worker,
            @NotNull @Min(1) @Max(10) Integer max,
            @NotNull @Min(100) @Max(3_600_000) Long visibilityMillis) {}

    public record Success(@NotNull @Min(1) Long lease, JsonNode result) {}

    public record Failure(@NotNull @Min(1) Long lease, @NotBlank @Size(max = 1000) String reason) {}

    @GET
    @Operation(summary = "The queues and where their jobs are")
    public QueueList queues() {
        return new QueueList(queues.all());
    }

    @GET
    @Path("/{queue}/jobs")
    @Operation(
            summary = "Jobs of one state in their order, or the newest of all",
            description = "Completed and failed jobs are there as long as the store keeps them.")
    public JobList jobs(
            String queue,
            @RestQuery
                    @Pattern(
                            regexp = "|waiting|delayed|active|completed|failed",
                            message = "must be waiting, delayed, active, completed or failed")
                    String state,
            @RestQuery @DefaultValue("50") @Min(1) @Max(100) int limit) {
        JobState only = state == null || state.isEmpty() ? null : JobState.of(state);
        return new JobList(queues.list(queue, only, limit));
    }

    @GET
    @Path("/{queue}/jobs/{id}")
    @Operation(summary = "One job; a finished one for thirty days")
    public Job job(String queue, String id) {
        return queues.find(queue, id);
    }

    @POST
    @Path("/{queue}/jobs")
    @Operation(
            summary = "Puts in a job",
            description = "201; or 200 with the job that the same idempotencyKey put in before.")
    public RestResponse<Job> put(String queue, @Valid @NotNull NewJob job) {
        identity.require();
        Queues.Put put = queues.put(queue, job);
        return RestResponse.status(
                put.isNew() ? RestResponse.Status.CREATED : RestResponse.Status.OK, put.job());
    }

    @POST
    @Path("/{queue}/take")
    @Operation(summary = "Leases the jobs that have waited longest")
    public LeasedJobList take(String queue, @Valid @NotNull Take take) {
        identity.require();
        return new LeasedJobList(
                queues.take(
                        queue,
                        take.worker(),
                        take.max(),
                        Duration.ofMillis(take.visibilityMillis()),
                        List.of()));
    }

    @POST
    @Path("/{queue}/jobs/{id}/acknowledge")
    @Operation(summary = "Completes a leased job; 409 when the lease does not hold it any more")
    public Job acknowledge(String queue, String id, @Valid @NotNull Success success) {
        identity.require();
        return queues.acknowledge(queue, id, success.lease(), success.result());
    }

    @POST
    @Path("/{queue}/jobs/{id}/fail")
    @Operation(summary = "Ends an attempt without success; 409 when the lease is stale")
    public Job fail(String queue, String id, @Valid @NotNull Failure failure) {
        identity.require();
        return queues.fail(queue, id, failure.lease(), failure.reason());
    }

    @POST
    @Path("/{queue}/jobs/{id}/retry")
    @Operation(summary = "Lets a failed job try again; 409 for any other")
    public Job retry(String queue, String id) {
        identity.require();
        return queues.retry(queue, id);
    }
}
