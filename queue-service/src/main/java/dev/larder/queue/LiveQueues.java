package dev.larder.queue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.Viewers;
import dev.larder.kit.Watches;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.Session;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Everybody who watches a queue on this instance. Each watched queue is asked for its news a few
 * times a second, with one script for all its viewers: a job that changed five times in between is
 * told of once, as it is now.
 */
@ApplicationScoped
class LiveQueues {

    private static final int JOBS_AT_ONCE = 20;
    private static final int VIEWERS_MAX = 2_000;

    private final Queues queues;
    private final Viewers viewers;
    private final Watches<String> watches;

    LiveQueues(
            Queues queues,
            ObjectMapper json,
            Vertx vertx,
            @ConfigProperty(name = "larder.queue.live.every") Duration every) {
        this.queues = queues;
        this.viewers = new Viewers(VIEWERS_MAX, json);
        this.watches = new Watches<>(viewers, WatchedQueue::new, vertx, every);
    }

    public record CountsMessage(String type, String queue, QueueStore.Counts counts) {}

    public record JobMessage(String type, Job job) {}

    private final class WatchedQueue implements Watches.Watched {
        private final String queue;
        // Set before the first viewer is there, then only by one look after the other.
        private volatile long version = -1;
        private QueueStore.Counts counts;

        WatchedQueue(String queue) {
            this.queue = queue;
        }

        @Override
        public void prepare() {
            queues.known(queue);
            if (version < 0) {
                version = queues.news(queue, -1, 0).version();
            }
        }

        @Override
        public void welcome(Viewers.Audience newcomer) {
            tell(newcomer, queues.news(queue, -1, 0).counts());
        }

        @Override
        public void look(Viewers.Audience all) {
            QueueStore.News news = queues.news(queue, version, JOBS_AT_ONCE);
            version = news.version();
            for (Job job : news.jobs().reversed()) {
                // Of one job only the newest state matters to who is behind.
                all.tell("job " + job.id(), new JobMessage("job", job));
            }
            if (!news.counts().equals(counts)) {
                counts = news.counts();
                tell(all, counts);
            }
        }

        private void tell(Viewers.Audience audience, QueueStore.Counts now) {
            audience.tell("counts", new CountsMessage("counts", queue, now));
        }
    }

    void atEnd(@Observes ShutdownEvent event) {
        watches.end();
    }

    void open(Session session, String queue) {
        watches.open(session, queue);
    }

    void close(Session session) {
        viewers.close(session);
    }
}
