package dev.larder.kit;

import io.vertx.core.Vertx;
import jakarta.websocket.Session;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Things that are watched over sockets, on this instance.
 *
 * <p>Each of them is looked at a few times a second, once for all who watch it. That paces the
 * messages by itself, needs no subscription that could break unnoticed, and costs nothing where
 * nobody looks, on any number of instances.
 *
 * @param <K> what tells one thing from another
 */
public final class Watches<K> {

    private static final Logger LOG = Logger.getLogger(Watches.class);

    /** One thing that is watched, and how much of it has been seen. */
    public interface Watched {

        /**
         * Comes before each newcomer is among the viewers, and before the first look; may block. A
         * problem sends the newcomer away: 404 with {@link Viewer#UNKNOWN}.
         */
        default void prepare() {}

        /**
         * Tells a newcomer how things are; may block. Who is told is among the viewers already:
         * what changes in between is then told twice, not never.
         */
        default void welcome(Viewers.Audience newcomer) {}

        /** Tells what has changed since the last look; may block. Never twice at a time. */
        void look(Viewers.Audience all);

        /** Nobody watches at present; called in place of a look. Never blocks. */
        default void unwatched() {}
    }

    private final class Watch {
        final Watched watched;
        final Set<Viewer> viewers = ConcurrentHashMap.newKeySet();
        final Ticker ticker;

        Watch(K what) {
            watched = seen.apply(what);
            ticker = new Ticker("watch " + what, () -> watched.look(this::tell));
        }

        private void tell(String kind, Object message) {
            everybody.tell(viewers.stream(), kind, message);
        }

        void tick() {
            viewers.removeIf(Viewer::isOver);
            if (viewers.isEmpty()) {
                watched.unwatched();
            } else {
                ticker.tick();
            }
        }
    }

    private final Viewers everybody;
    private final Function<K, Watched> seen;
    private final Vertx vertx;
    private final long timer;
    private final Map<K, Watch> watches = new ConcurrentHashMap<>();

    /**
     * @param seen makes what is to be known of a thing that is watched for the first time; never
     *     blocks
     * @param every how often each is looked at
     */
    public Watches(Viewers everybody, Function<K, Watched> seen, Vertx vertx, Duration every) {
        this.everybody = everybody;
        this.seen = seen;
        this.vertx = vertx;
        this.timer =
                vertx.setPeriodic(every.toMillis(), tick -> watches.values().forEach(Watch::tick));
    }

    /** No more looks are begun. */
    public void end() {
        vertx.cancelTimer(timer);
    }

    /** Called on an event loop: what may block happens elsewhere. */
    public void open(Session session, K what) {
        everybody
                .open(session)
                .ifPresent(
                        viewer ->
                                Thread.ofVirtual()
                                        .name("open " + session.getId())
                                        .start(() -> enter(session, what, viewer)));
    }

    private void enter(Session session, K what, Viewer viewer) {
        try {
            Watch watch = watch(what);
            watch.viewers.add(viewer);
            watch.watched.welcome((kind, message) -> everybody.tell(viewer, kind, message));
        } catch (ProblemException e) {
            boolean unknown = e.problem().status() == 404;
            everybody.close(
                    session, unknown ? Viewer.UNKNOWN : Viewer.TOO_SLOW, e.problem().title());
        } catch (RuntimeException e) {
            LOG.warnf("a viewer of %s is sent away: %s", what, e);
            everybody.close(session, Viewer.TOO_SLOW, "the store does not answer");
        }
    }

    /** Kept only when it could be prepared: there is no end of things that are not there. */
    private Watch watch(K what) {
        Watch kept = watches.get(what);
        Watch watch = kept == null ? new Watch(what) : kept;
        watch.watched.prepare();
        Watch earlier = watches.putIfAbsent(what, watch);
        return earlier == null ? watch : earlier;
    }
}
