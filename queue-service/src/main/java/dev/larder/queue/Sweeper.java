package dev.larder.queue;

import dev.larder.kit.Ticker;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Sees that due jobs are promoted, silent workers' jobs returned and finished ones recorded.
 * Several times a second, for which the scheduler is too slow: it looks once a second.
 */
@ApplicationScoped
class Sweeper {

    private final Vertx vertx;
    private final Duration every;
    private final Ticker ticker;
    private long timer;

    Sweeper(
            Queues queues,
            Vertx vertx,
            @ConfigProperty(name = "larder.queue.sweep.every") Duration every) {
        this.vertx = vertx;
        this.every = every;
        this.ticker = new Ticker("sweep", () -> queues.names().forEach(queues::sweep));
    }

    void atStart(@Observes StartupEvent event) {
        timer = vertx.setPeriodic(every.toMillis(), tick -> ticker.tick());
    }

    void atEnd(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }
}
