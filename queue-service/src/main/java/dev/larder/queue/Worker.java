package dev.larder.queue;

import dev.larder.kit.ProblemException;
import dev.larder.kit.Ticker;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Works on the jobs whose type is {@link Work}, each on a virtual thread, a few at a time. It uses
 * the same rules as a worker outside and has no other rights; jobs of other types it leaves alone.
 *
 * <p>At the end it takes nothing new and gives running jobs a moment. What is left returns to the
 * queue by itself.
 */
@ApplicationScoped
class Worker {

    private static final Logger LOG = Logger.getLogger(Worker.class);
    private static final Duration LAST_MOMENT = Duration.ofSeconds(3);

    private final Queues queues;
    private final Vertx vertx;
    private final boolean enabled;
    private final int places;
    private final Duration visibility;
    private final Duration every;
    private final Semaphore free;
    private final Ticker ticker = new Ticker("look for work", this::look);
    private final String name = "in-service-" + ProcessHandle.current().pid();
    private volatile boolean ending;
    private long timer;

    Worker(
            Queues queues,
            Vertx vertx,
            @ConfigProperty(name = "larder.queue.worker.enabled") boolean enabled,
            @ConfigProperty(name = "larder.queue.worker.places") int places,
            @ConfigProperty(name = "larder.queue.worker.visibility") Duration visibility,
            @ConfigProperty(name = "larder.queue.worker.every") Duration every) {
        this.queues = queues;
        this.vertx = vertx;
        this.enabled = enabled;
        this.places = places;
        this.visibility = visibility;
        this.every = every;
        this.free = new Semaphore(places);
    }

    void atStart(@Observes StartupEvent event) {
        if (enabled) {
            timer = vertx.setPeriodic(every.toMillis(), tick -> ticker.tick());
        }
    }

    void atEnd(@Observes ShutdownEvent event) {
        ending = true;
        if (!enabled) {
            return;
        }
        vertx.cancelTimer(timer);
        try {
            if (!free.tryAcquire(places, LAST_MOMENT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info("jobs still running return to their queue when their lease ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        for (String queue : queues.names()) {
            int max = Math.min(10, free.drainPermits());
            int unused = max;
            try {
                if (max == 0 || ending) {
                    continue;
                }
                List<LeasedJob> taken = queues.take(queue, name, max, visibility, Work.types());
                unused = max - taken.size();
                for (LeasedJob leased : taken) {
                    Thread.ofVirtual()
                            .name("job " + leased.job().id())
                            .start(() -> work(queue, leased));
                }
            } finally {
                free.release(unused);
            }
        }
    }

    private void work(String queue, LeasedJob leased) {
        Job job = leased.job();
        try {
            try {
                var result = Work.of(job.type()).run(job.payload(), job.attempt());
                queues.acknowledge(queue, job.id(), leased.lease(), result);
            } catch (Work.FailedException e) {
                queues.fail(queue, job.id(), leased.lease(), e.getMessage());
            }
        } catch (ProblemException e) {
            LOG.infof(
                    "job %s was somebody else's by the time it was done: %s",
                    job.id(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warnf("job %s returns when its lease ends: %s", job.id(), e);
        } finally {
            free.release();
            if (!ending) {
                // There may be more, and a place is free now.
                ticker.tick();
            }
        }
    }
}
