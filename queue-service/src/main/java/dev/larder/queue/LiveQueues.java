package dev.larder.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.ProblemException;
import dev.larder.kit.Viewer;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Everybody who watches a queue on this instance.
 *
 * <p>Each watched queue is asked for its news a few times a second, with one script for all its
 * viewers: a job that changed five times in between is told of once, as it is now. Nothing is
 * subscribed to that could break unnoticed, and nothing is asked where nobody looks.
 */
@ApplicationScoped
class LiveQueues {

    private static final Logger LOG = Logger.getLogger(LiveQueues.class);

    private static final int JOBS_AT_ONCE = 20;
    private static final int VIEWERS_MAX = 2_000;
    private static final int UNKNOWN_QUEUE = 4404;

    private final Queues queues;
    private final ObjectMapper json;
    private final Vertx vertx;
    private final Duration every;
    private final Map<String, Watch> watched = new ConcurrentHashMap<>();
    private final Map<String, String> queueOfSession = new ConcurrentHashMap<>();
    private volatile boolean ending;

    LiveQueues(
            Queues queues,
            ObjectMapper json,
            Vertx vertx,
            @ConfigProperty(name = "larder.queue.live.every") Duration every) {
        this.queues = queues;
        this.json = json;
        this.vertx = vertx;
        this.every = every;
    }

    public record CountsMessage(String type, String queue, QueueStore.Counts counts) {}

    public record JobMessage(String type, Job job) {}

    private final class Watch {
        final Map<String, Viewer> viewers = new ConcurrentHashMap<>();
        final Ticker ticker;
        // Set before the first viewer is there, then only by the ticker, one tick after the other.
        private volatile long version = -1;
        private QueueStore.Counts counts;

        Watch(String queue) {
            ticker = new Ticker("watch " + queue, () -> look(queue));
        }

        private void look(String queue) {
            QueueStore.News news = queues.news(queue, version, JOBS_AT_ONCE);
            version = news.version();
            for (Job job : news.jobs().reversed()) {
                // Of one job only the newest state matters to who is behind.
                tell("job " + job.id(), new JobMessage("job", job));
            }
            if (!news.counts().equals(counts)) {
                counts = news.counts();
                tell("counts", new CountsMessage("counts", queue, counts));
            }
        }

        private void tell(String kind, Object message) {
            String text = text(message);
            viewers.values().forEach(viewer -> viewer.tell(kind, text));
        }
    }

    @PostConstruct
    void begin() {
        vertx.setPeriodic(
                every.toMillis(),
                timer ->
                        watched.values()
                                .forEach(
                                        watch -> {
                                            if (!ending && !watch.viewers.isEmpty()) {
                                                watch.ticker.tick();
                                            }
                                        }));
    }

    void atEnd(@Observes ShutdownEvent event) {
        ending = true;
    }

    /** Called on an event loop: what may block happens elsewhere. */
    void open(Session session, String queue) {
        if (queueOfSession.size() >= VIEWERS_MAX) {
            close(session, Viewer.TOO_SLOW, "too many viewers");
            return;
        }
        Viewer viewer =
                new Viewer(
                        (text, done) ->
                                session.getAsyncRemote()
                                        .sendText(text, result -> done.accept(result.isOK())),
                        code -> close(session, code, "too slow"),
                        System::nanoTime);
        queueOfSession.put(session.getId(), queue);
        Thread.ofVirtual()
                .name("open " + session.getId())
                .start(() -> begin(session, queue, viewer));
    }

    private void begin(Session session, String queue, Viewer viewer) {
        try {
            queues.known(queue);
            Watch watch = watched.computeIfAbsent(queue, Watch::new);
            QueueStore.News news = queues.news(queue, -1, 0);
            if (watch.version < 0) {
                watch.version = news.version();
            }
            watch.viewers.put(session.getId(), viewer);
            viewer.tell("counts", text(new CountsMessage("counts", queue, news.counts())));
            if (!queueOfSession.containsKey(session.getId())) {
                watch.viewers.remove(session.getId());
            }
        } catch (ProblemException e) {
            boolean unknown = e.problem().status() == 404;
            close(session, unknown ? UNKNOWN_QUEUE : Viewer.TOO_SLOW, e.problem().title());
        } catch (RuntimeException e) {
            LOG.warnf("a viewer of %s is sent away: %s", queue, e);
            close(session, Viewer.TOO_SLOW, "the store does not answer");
        }
    }

    void close(Session session) {
        String queue = queueOfSession.remove(session.getId());
        Watch watch = queue == null ? null : watched.get(queue);
        if (watch != null) {
            watch.viewers.remove(session.getId());
        }
    }

    private void close(Session session, int code, String reason) {
        close(session);
        try {
            session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(code), reason));
        } catch (IOException e) {
            LOG.debugf("socket %s was closed already: %s", session.getId(), e);
        }
    }

    private String text(Object message) {
        try {
            return json.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
