package dev.larder.queue;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** The record of a job that completed or failed for good. */
@Entity
@Table(name = "finished_job")
public class FinishedJob extends PanacheEntityBase {

    @Id public UUID id;

    public String queue;

    public String type;

    /** JSON. */
    public String payload;

    public String state;

    public int attempt;

    @Column(name = "max_attempts")
    public int maxAttempts;

    /** How many attempts a retry gives it. */
    public int tries;

    @Column(name = "enqueued_at")
    public Instant enqueuedAt;

    @Column(name = "finished_at")
    public Instant finishedAt;

    /** JSON, or null. */
    public String result;

    @Column(name = "last_error")
    public String lastError;

    public String worker;

    static List<FinishedJob> newest(String queue, JobState state, int limit) {
        return FinishedJob.<FinishedJob>find(
                        "queue = ?1 and state = ?2",
                        Sort.descending("finishedAt"),
                        queue,
                        state.toString())
                .page(Page.ofSize(limit))
                .list();
    }
}
