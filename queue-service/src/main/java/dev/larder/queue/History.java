package dev.larder.queue;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;

/** Jobs that have come to an end, in PostgreSQL, where a restart of the store does not reach. */
@ApplicationScoped
class History {

    private final EntityManager entities;

    History(EntityManager entities) {
        this.entities = entities;
    }

    @Transactional
    List<String> queues() {
        return QueueRow.names();
    }

    /**
     * Writes the end of each job once, however often it is told. Only a failure is ever replaced,
     * by what a retry came to later.
     */
    @Transactional
    void record(List<FinishedJob> jobs) {
        for (FinishedJob job : jobs) {
            entities.unwrap(Session.class)
                    .createNativeMutationQuery(
                            """
                            INSERT INTO queue.finished_job AS known
                                (id, queue, type, payload, state, attempt, max_attempts, tries,
                                 enqueued_at, finished_at, result, last_error, worker)
                            VALUES (:id, :queue, :type, :payload, :state, :attempt, :maxAttempts,
                                    :tries, :enqueuedAt, :finishedAt, :result, :lastError, :worker)
                            ON CONFLICT (id) DO UPDATE SET
                                state = excluded.state, attempt = excluded.attempt,
                                max_attempts = excluded.max_attempts,
                                finished_at = excluded.finished_at, result = excluded.result,
                                last_error = excluded.last_error, worker = excluded.worker
                            WHERE known.state = 'failed'
                              AND known.finished_at < excluded.finished_at""")
                    .setParameter("id", job.id)
                    .setParameter("queue", job.queue)
                    .setParameter("type", job.type)
                    .setParameter("payload", job.payload)
                    .setParameter("state", job.state)
                    .setParameter("attempt", job.attempt)
                    .setParameter("maxAttempts", job.maxAttempts)
                    .setParameter("tries", job.tries)
                    .setParameter("enqueuedAt", job.enqueuedAt, Instant.class)
                    .setParameter("finishedAt", job.finishedAt, Instant.class)
                    .setParameter("result", job.result, String.class)
                    .setParameter("lastError", job.lastError, String.class)
                    .setParameter("worker", job.worker, String.class)
                    .executeUpdate();
        }
    }

    @Transactional
    Optional<FinishedJob> find(String queue, String id) {
        try {
            return FinishedJob.<FinishedJob>findByIdOptional(UUID.fromString(id))
                    .filter(job -> job.queue.equals(queue));
        } catch (IllegalArgumentException e) {
            // No job of ours ever had such an id.
            return Optional.empty();
        }
    }

    @Transactional
    List<FinishedJob> newest(String queue, JobState state, int limit) {
        return FinishedJob.newest(queue, state, limit);
    }

    /** Returns how many were forgotten, at most {@code limit}. */
    @Transactional
    int forget(Duration olderThan, int limit) {
        return entities.createNativeQuery(
                        """
                        DELETE FROM queue.finished_job WHERE id IN (
                            SELECT id FROM queue.finished_job
                            WHERE finished_at < clock_timestamp() - make_interval(secs => :seconds)
                            ORDER BY finished_at LIMIT :limit)""")
                .setParameter("seconds", (double) olderThan.toSeconds())
                .setParameter("limit", limit)
                .executeUpdate();
    }
}
