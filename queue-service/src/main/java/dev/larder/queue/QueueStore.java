package dev.larder.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.kit.Script;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The queues themselves. The only class that knows keys and commands; blocks its caller.
 *
 * <pre>
 * key                        kind    what                                           forgotten after
 * queue:{q}:jobs             hash    job id: the job as JSON                        with the job
 * queue:{q}:waiting          zset    ids by their place in the line                 when taken
 * queue:{q}:delayed          zset    ids by when they are due (ms)                  when due
 * queue:{q}:active           zset    ids by when their lease ends (ms)              when ended
 * queue:{q}:completed, :failed  zset ids by when they ended (ms)                    beyond the newest 1,000
 * queue:{q}:unrecorded       zset    ended jobs that PostgreSQL does not have yet   when it has
 * queue:{q}:meta             hash    order, lease, version: counters; restored      never
 * queue:{q}:changes          list    ids of the last 200 changes                    never
 * queue:{q}:once:{key}       string  the job id of an idempotency key               1 day
 * </pre>
 *
 * The braces around the queue's name are part of the key: all keys of a queue share a slot. Every
 * change is one script that names all its keys. That is why the jobs of a queue share one hash: a
 * script that takes the next job cannot name that job's own key before it has looked, and a server
 * may refuse a key that was not named.
 *
 * <p>Times are handed in by the caller. An instance whose clock is ahead returns leases too early;
 * the holder then finds its lease stale, and nothing else happens.
 */
@ApplicationScoped
class QueueStore {

    private static final Duration IDEMPOTENCY = Duration.ofDays(1);
    private static final int SWEPT_AT_ONCE = 100;

    private static final Script ENQUEUE = Script.named("enqueue.lua");
    private static final Script TAKE = Script.named("take.lua");
    private static final Script ACKNOWLEDGE = Script.named("acknowledge.lua");
    private static final Script FAIL = Script.named("fail.lua");
    private static final Script RETRY = Script.named("retry.lua");
    private static final Script SWEEP = Script.named("sweep.lua");
    private static final Script RESTORE = Script.named("restore.lua");
    private static final Script NEWS = Script.named("news.lua");
    private static final Script JOBS = Script.named("jobs.lua");
    private static final Script RECORDED = Script.named("recorded.lua");

    private final Redis redis;
    private final ObjectMapper json;
    private final int jobsMax;
    private final int finishedMax;

    QueueStore(
            Redis redis,
            ObjectMapper json,
            @ConfigProperty(name = "larder.queue.jobs-max") int jobsMax,
            @ConfigProperty(name = "larder.queue.finished-max") int finishedMax) {
        this.redis = redis;
        this.json = json;
        this.jobsMax = jobsMax;
        this.finishedMax = finishedMax;
    }

    int finishedMax() {
        return finishedMax;
    }

    /** How an attempt to change a job ended. */
    sealed interface Change {
        record Done(Job job) implements Change {}

        /** The same was done before. */
        record Again(Job job) implements Change {}

        /** The job is not in the state, or not under the lease, that the change is for. */
        record Stale(Job job) implements Change {}

        record Missing() implements Change {}
    }

    /** How putting in a job ended. */
    sealed interface Enqueued {
        record Added(Job job) implements Enqueued {}

        /** The idempotency key put in that job before. */
        record Earlier(String id) implements Enqueued {}

        record Full(int jobsMax) implements Enqueued {}
    }

    Enqueued enqueue(String queue, String id, NewJob job, int maxAttempts, Instant now) {
        List<String> keys = new ArrayList<>(keys(queue));
        if (job.idempotencyKey() != null) {
            keys.add("queue:{" + queue + "}:once:" + job.idempotencyKey());
        }
        long delay = job.delayMillis() == null ? 0 : job.delayMillis();
        Response answer =
                ENQUEUE.run(
                        redis,
                        keys,
                        List.of(
                                id,
                                job.type(),
                                text(job.payload()),
                                maxAttempts,
                                now.toEpochMilli(),
                                now.toEpochMilli() + delay,
                                jobsMax,
                                IDEMPOTENCY.toMillis()));
        return switch (answer.get(0).toString()) {
            case "added" -> new Enqueued.Added(job(answer.get(1).toString()));
            case "again" -> new Enqueued.Earlier(answer.get(1).toString());
            case "full" -> new Enqueued.Full(jobsMax);
            default -> throw new IllegalStateException("enqueue.lua answered " + answer);
        };
    }

    /**
     * @param types which to take; all when empty
     */
    List<LeasedJob> take(
            String queue,
            String worker,
            int max,
            Duration visibility,
            Collection<String> types,
            Instant now) {
        List<Object> arguments = new ArrayList<>();
        arguments.addAll(List.of(now.toEpochMilli(), worker, max, visibility.toMillis()));
        arguments.addAll(types);
        List<LeasedJob> taken = new ArrayList<>();
        for (Response each : TAKE.run(redis, keys(queue), arguments)) {
            JsonNode kept = tree(each.toString());
            taken.add(
                    new LeasedJob(
                            job(kept), kept.get("lease").asLong(), time(kept, "leaseEndsAt")));
        }
        return taken;
    }

    Change acknowledge(String queue, String id, long lease, JsonNode result, Instant now) {
        return change(
                ACKNOWLEDGE.run(
                        redis,
                        keys(queue),
                        List.of(
                                id,
                                lease,
                                now.toEpochMilli(),
                                result == null ? "" : text(result),
                                finishedMax)));
    }

    Change fail(String queue, String id, long lease, String reason, Duration wait, Instant now) {
        return change(
                FAIL.run(
                        redis,
                        keys(queue),
                        List.of(
                                id,
                                lease,
                                now.toEpochMilli(),
                                reason,
                                wait.toMillis(),
                                finishedMax)));
    }

    Change retry(String queue, String id) {
        return change(RETRY.run(redis, keys(queue), List.of(id)));
    }

    /**
     * Promotes what is due and returns what was leased too long.
     *
     * @return false when the store has lost the finished jobs and needs them back
     */
    boolean sweep(String queue, Instant now) {
        Response answer = SWEEP.run(redis, keys(queue), List.of(now.toEpochMilli(), SWEPT_AT_ONCE));
        return answer.get(0).toLong() == 1;
    }

    /** Gives the store finished jobs that it does not have; after the last ones it is whole. */
    void restore(String queue, List<FinishedJob> finished, boolean last, Instant now) {
        List<Object> arguments = new ArrayList<>(2 + finished.size());
        arguments.add(last ? "last" : "more");
        arguments.add(ChronoUnit.MICROS.between(Instant.EPOCH, now));
        finished.forEach(job -> arguments.add(text(kept(job))));
        RESTORE.run(redis, keys(queue), arguments);
    }

    /** Where the jobs of a queue are. */
    public record Counts(long waiting, long delayed, long active, long completed, long failed) {}

    /**
     * How a queue is doing.
     *
     * @param version changes with every change of a job
     * @param completedSince how many jobs completed in the time asked for
     * @param jobs those that changed, newest change first
     */
    record News(long version, Counts counts, long completedSince, List<Job> jobs) {}

    /**
     * @param seen the version known to the caller, -1 for none
     */
    News news(String queue, long seen, int limit, Instant since) {
        Response answer = NEWS.run(redis, keys(queue), List.of(seen, limit, since.toEpochMilli()));
        return new News(
                answer.get(0).toLong(),
                new Counts(
                        answer.get(1).toLong(),
                        answer.get(2).toLong(),
                        answer.get(3).toLong(),
                        answer.get(4).toLong(),
                        answer.get(5).toLong()),
                answer.get(6).toLong(),
                jobs(answer.get(7)));
    }

    /** Up to {@code limit} jobs of each of the states. */
    List<Job> list(String queue, List<JobState> states, int limit) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(limit);
        arguments.addAll(states);
        return jobs(JOBS.run(redis, keys(queue), arguments));
    }

    Optional<Job> find(String queue, String id) {
        return Optional.ofNullable(
                        Script.await(
                                redis,
                                Request.cmd(Command.HGET).arg(keys(queue).getFirst()).arg(id)))
                .map(found -> job(found.toString()));
    }

    /** Jobs that have ended and are not in PostgreSQL as far as the store knows. */
    List<FinishedJob> unrecorded(String queue, int limit) {
        List<FinishedJob> jobs = new ArrayList<>();
        for (Response each : JOBS.run(redis, keys(queue), List.of(limit))) {
            if (each != null) {
                jobs.add(finished(queue, tree(each.toString())));
            }
        }
        return jobs;
    }

    void recorded(String queue, List<FinishedJob> jobs) {
        List<Object> arguments = new ArrayList<>(2 * jobs.size());
        for (FinishedJob job : jobs) {
            arguments.add(job.id);
            arguments.add(job.finishedAt.toEpochMilli());
        }
        RECORDED.run(redis, keys(queue), arguments);
    }

    /** A finished job as it is spoken of. */
    Job job(FinishedJob finished) {
        return job(kept(finished));
    }

    private Change change(Response answer) {
        return switch (answer.get(0).toString()) {
            case "done" -> new Change.Done(job(answer.get(1).toString()));
            case "again" -> new Change.Again(job(answer.get(1).toString()));
            case "stale" -> new Change.Stale(job(answer.get(1).toString()));
            case "missing" -> new Change.Missing();
            default -> throw new IllegalStateException("a script answered " + answer);
        };
    }

    private List<Job> jobs(Response answer) {
        List<Job> jobs = new ArrayList<>(answer.size());
        for (Response each : answer) {
            if (each != null) {
                jobs.add(job(each.toString()));
            }
        }
        return jobs;
    }

    private Job job(String text) {
        return job(tree(text));
    }

    private Job job(JsonNode kept) {
        JsonNode result = kept.get("result");
        return new Job(
                kept.get("id").asText(),
                kept.get("type").asText(),
                tree(kept.get("payload").asText()),
                JobState.of(kept.get("state").asText()),
                kept.get("attempt").asInt(),
                kept.get("maxAttempts").asInt(),
                time(kept, "enqueuedAt"),
                time(kept, "dueAt"),
                time(kept, "finishedAt"),
                result == null ? null : tree(result.asText()),
                string(kept, "lastError"),
                string(kept, "worker"));
    }

    private static FinishedJob finished(String queue, JsonNode kept) {
        FinishedJob job = new FinishedJob();
        job.id = UUID.fromString(kept.get("id").asText());
        job.queue = queue;
        job.type = kept.get("type").asText();
        job.payload = kept.get("payload").asText();
        job.state = kept.get("state").asText();
        job.attempt = kept.get("attempt").asInt();
        job.maxAttempts = kept.get("maxAttempts").asInt();
        job.tries = kept.get("tries").asInt();
        job.enqueuedAt = time(kept, "enqueuedAt");
        job.finishedAt = time(kept, "finishedAt");
        job.result = string(kept, "result");
        job.lastError = string(kept, "lastError");
        job.worker = string(kept, "worker");
        return job;
    }

    private ObjectNode kept(FinishedJob job) {
        ObjectNode kept =
                json.createObjectNode()
                        .put("id", job.id.toString())
                        .put("type", job.type)
                        .put("payload", job.payload)
                        .put("state", job.state)
                        .put("attempt", job.attempt)
                        .put("maxAttempts", job.maxAttempts)
                        .put("tries", job.tries)
                        .put("enqueuedAt", job.enqueuedAt.toEpochMilli())
                        .put("finishedAt", job.finishedAt.toEpochMilli());
        if (job.result != null) {
            kept.put("result", job.result);
        }
        if (job.lastError != null) {
            kept.put("lastError", job.lastError);
        }
        if (job.worker != null) {
            kept.put("worker", job.worker);
        }
        return kept;
    }

    private static Instant time(JsonNode kept, String field) {
        JsonNode millis = kept.get(field);
        return millis == null ? null : Instant.ofEpochMilli(millis.asLong());
    }

    private static String string(JsonNode kept, String field) {
        JsonNode text = kept.get(field);
        return text == null ? null : text.asText();
    }

    private JsonNode tree(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private String text(JsonNode node) {
        try {
            return json.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> keys(String queue) {
        String begin = "queue:{" + queue + "}:";
        return List.of(
                begin + "jobs",
                begin + "waiting",
                begin + "delayed",
                begin + "active",
                begin + "completed",
                begin + "failed",
                begin + "meta",
                begin + "changes",
                begin + "unrecorded");
    }
}
