package dev.larder.queue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.kit.ProblemException;
import dev.larder.kit.Problems;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What happens to a job. Blocks, so it belongs on a virtual thread.
 *
 * <p>A job is leased, never handed over: it stays in the store until its worker says how the
 * attempt ended, and returns by itself when the worker falls silent. So every job is run at least
 * once, and twice where a worker was only slow; the lease then tells the two apart, and the end of
 * a job is taken from one of them.
 *
 * <p>The end is first kept in the store, in the step that ends the lease, and then written to
 * PostgreSQL. What a crash leaves unwritten is marked in the store and written by the next sweep of
 * any instance; the job's id makes sure it is there once.
 */
@ApplicationScoped
class Queues {

    private static final Logger LOG = Logger.getLogger(Queues.class);

    private static final int ATTEMPTS = 3;
    private static final int PAYLOAD_CHARS_MAX = 16_384;
    private static final int RECORDED_AT_ONCE = 100;
    private static final int RESTORED_AT_ONCE = 100;
    private static final int FORGOTTEN_AT_ONCE = 5_000;
    private static final int SPEED_SECONDS = 10;

    private final QueueStore store;
    private final History history;
    private final Backoff backoff;
    private final Duration historyKept;
    private final Clock clock = Clock.systemUTC();
    private final RandomGenerator random = RandomGenerator.of("SplittableRandom");

    /** They change with a migration only, so with a restart. */
    private volatile List<String> names = List.of();

    Queues(
            QueueStore store,
            History history,
            @ConfigProperty(name = "larder.queue.backoff.first") Duration first,
            @ConfigProperty(name = "larder.queue.backoff.longest") Duration longest,
            @ConfigProperty(name = "larder.queue.history.kept") Duration historyKept) {
        this.store = store;
        this.history = history;
        this.backoff = new Backoff(first, longest);
        this.historyKept = historyKept;
    }

    /**
     * A queue and where its jobs are.
     *
     * @param processedPerSecond completed jobs, over the last ten seconds
     */
    public record QueueInfo(String name, QueueStore.Counts counts, double processedPerSecond) {}

    List<String> names() {
        if (names.isEmpty()) {
            names = history.queues();
        }
        return names;
    }

    /**
     * @throws ProblemException 404 when there is no such queue
     */
    String known(String queue) {
        if (!names().contains(queue)) {
            throw Problems.notFound("queue", queue);
        }
        return queue;
    }

    List<QueueInfo> all() {
        Instant since = clock.instant().minusSeconds(SPEED_SECONDS);
        return names().stream()
                .map(
                        name -> {
                            QueueStore.News news = store.news(name, -1, 0, since);
                            return new QueueInfo(
                                    name,
                                    news.counts(),
                                    (double) news.completedSince() / SPEED_SECONDS);
                        })
                .toList();
    }

    QueueStore.News news(String queue, long seen, int limit) {
        return store.news(queue, seen, limit, clock.instant());
    }

    /**
     * @param state one state, its jobs in the order of the line; or null for the newest jobs of all
     */
    List<Job> list(String queue, JobState state, int limit) {
        known(queue);
        if (state != null) {
            return store.list(queue, List.of(state), limit);
        }
        return store.list(queue, List.of(JobState.values()), limit).stream()
                .sorted(Comparator.comparing(Job::enqueuedAt).thenComparing(Job::id).reversed())
                .limit(limit)
                .toList();
    }

    /**
     * @throws ProblemException 404 when there is no such job, or it was forgotten
     */
    Job find(String queue, String id) {
        known(queue);
        return store.find(queue, id)
                .or(() -> history.find(queue, id).map(store::job))
                .orElseThrow(() -> Problems.notFound("job", id));
    }

    /** A job, and whether it was put in now or by an earlier use of its idempotency key. */
    record Put(Job job, boolean isNew) {}

    /**
     * @throws ProblemException 400 for a payload its type cannot have, 409 when the idempotency key
     *     put in another job, 429 when the queue is full
     */
    Put put(String queue, NewJob job) {
        known(queue);
        if (job.payload().toString().length() > PAYLOAD_CHARS_MAX) {
            throw Problems.badRequest(
                    "payload", "must have at most " + PAYLOAD_CHARS_MAX + " characters");
        }
        Work work = Work.of(job.type());
        if (work != null) {
            work.check(job.payload());
        }
        Instant now = clock.instant();
        int attempts = job.maxAttempts() == null ? ATTEMPTS : job.maxAttempts();
        String id = JobId.at(now.toEpochMilli(), random).toString();
        return switch (store.enqueue(queue, id, job, attempts, now)) {
            case QueueStore.Enqueued.Added(Job added) -> new Put(added, true);
            case QueueStore.Enqueued.Earlier(String earlier) ->
                    new Put(sameAs(job, find(queue, earlier)), false);
            case QueueStore.Enqueued.Full(int max) ->
                    throw Problems.tooManyRequests(
                            "The queue holds " + max + " jobs and takes no more.");
        };
    }

    private static Job sameAs(NewJob job, Job earlier) {
        if (!earlier.type().equals(job.type()) || !earlier.payload().equals(job.payload())) {
            throw Problems.conflict(
                    "The idempotencyKey '"
                            + job.idempotencyKey()
                            + "' has put in another job, "
                            + earlier.id()
                            + ".");
        }
        return earlier;
    }

    /**
     * @param types which to take; all when empty
     */
    List<LeasedJob> take(
            String queue, String worker, int max, Duration visibility, Collection<String> types) {
        return store.take(known(queue), worker, max, visibility, types, clock.instant());
    }

    /** Completes a job; once more with the same lease changes nothing and answers the same. */
    Job acknowledge(String queue, String id, long lease, JsonNode result) {
        known(queue);
        if (result != null && result.toString().length() > PAYLOAD_CHARS_MAX) {
            throw Problems.badRequest(
                    "result", "must have at most " + PAYLOAD_CHARS_MAX + " characters");
        }
        JsonNode kept = result == null || result.isNull() ? null : result;
        Job job = changed(id, lease, store.acknowledge(queue, id, lease, kept, clock.instant()));
        recordSoon(queue);
        return job;
    }

    /** Ends an attempt without success; what wait follows is the backoff's to say. */
    Job fail(String queue, String id, long lease, String reason) {
        known(queue);
        // The lease belongs to one attempt: if it still holds, this is the attempt that failed.
        int attempt = store.find(queue, id).map(Job::attempt).orElse(1);
        Duration wait = backoff.after(Math.max(1, attempt), random.nextDouble());
        Job job = changed(id, lease, store.fail(queue, id, lease, reason, wait, clock.instant()));
        recordSoon(queue);
        return job;
    }

    private static Job changed(String id, long lease, QueueStore.Change change) {
        return switch (change) {
            case QueueStore.Change.Done(Job job) -> job;
            case QueueStore.Change.Again(Job job) -> job;
            case QueueStore.Change.Stale(Job job) ->
                    throw Problems.conflict(
                            "Lease "
                                    + lease
                                    + " does not hold job "
                                    + id
                                    + ", which is "
                                    + job.state()
                                    + ".");
            case QueueStore.Change.Missing() -> throw Problems.notFound("job", id);
        };
    }

    /**
     * @throws ProblemException 404 when there is no such job in the store, 409 when it has not
     *     failed
     */
    Job retry(String queue, String id) {
        known(queue);
        return switch (store.retry(queue, id)) {
            case QueueStore.Change.Done(Job job) -> job;
            case QueueStore.Change.Again(Job job) -> job;
            case QueueStore.Change.Stale(Job job) ->
                    throw Problems.conflict(
                            "Only a failed job is retried; this one is " + job.state() + ".");
            case QueueStore.Change.Missing() -> throw Problems.notFound("job", id);
        };
    }

    /** What cannot be written now is written by a sweep; the caller's work is done either way. */
    private void recordSoon(String queue) {
        try {
            record(queue);
        } catch (RuntimeException e) {
            LOG.warnf("finished jobs of %s are recorded later: %s", queue, e);
        }
    }

    private void record(String queue) {
        List<FinishedJob> jobs = store.unrecorded(queue, RECORDED_AT_ONCE);
        if (!jobs.isEmpty()) {
            history.record(jobs);
            store.recorded(queue, jobs);
        }
    }

    /** Moves what time has moved. Every instance does this; each step is atomic. */
    void sweep(String queue) {
        if (!store.sweep(queue, clock.instant())) {
            restore(queue);
        }
        record(queue);
    }

    /** The newest finished jobs, to a store that has lost them. */
    private void restore(String queue) {
        List<FinishedJob> finished = new ArrayList<>();
        finished.addAll(history.newest(queue, JobState.COMPLETED, store.finishedMax()));
        finished.addAll(history.newest(queue, JobState.FAILED, store.finishedMax()));
        for (int from = 0; from < finished.size(); from += RESTORED_AT_ONCE) {
            int to = Math.min(finished.size(), from + RESTORED_AT_ONCE);
            store.restore(queue, finished.subList(from, to), false, clock.instant());
        }
        store.restore(queue, List.of(), true, clock.instant());
        LOG.infof("queue %s has its %d newest finished jobs", queue, finished.size());
    }

    @Scheduled(
            every = "1h",
            delay = 1,
            delayUnit = TimeUnit.MINUTES,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void forgetOldJobs() {
        history.forget(historyKept, FORGOTTEN_AT_ONCE);
    }

    /** Ids that sort by time, as UUIDs of version 7. */
    static final class JobId {
        private JobId() {}

        static UUID at(long millis, RandomGenerator random) {
            long high = millis << 16 | 0x7000 | random.nextLong() & 0xFFF;
            long low = random.nextLong() >>> 2 | 0x8000_0000_0000_0000L;
            return new UUID(high, low);
        }
    }
}
