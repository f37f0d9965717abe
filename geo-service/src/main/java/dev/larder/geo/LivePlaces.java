package dev.larder.geo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.ProblemException;
import dev.larder.kit.Viewer;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Everybody who watches a collection on this instance. Each watched collection is asked a few times
 * a second what has changed; of a thing that moved several times meanwhile only the last place is
 * told. Also removes, on every instance, what has run out of time.
 */
@ApplicationScoped
class LivePlaces {
    private static final Logger LOG = Logger.getLogger(LivePlaces.class);
    private static final int EVENTS_AT_ONCE = 500;
    private static final int VIEWERS_MAX = 2_000;
    private static final int UNKNOWN_COLLECTION = 4404;

    private final Geo geo;
    private final ObjectMapper json;
    private final Vertx vertx;
    private final Duration every;
    private final Duration sweepEvery;
    private final Map<Collection, Watch> watched = new ConcurrentHashMap<>();
    private final Map<String, Collection> collectionOfSession = new ConcurrentHashMap<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile boolean ending;

    LivePlaces(
            Geo geo,
            ObjectMapper json,
            Vertx vertx,
            @ConfigProperty(name = "larder.geo.live.every") Duration every,
            @ConfigProperty(name = "larder.geo.sweep.every") Duration sweepEvery) {
        this.geo = geo;
        this.json = json;
        this.vertx = vertx;
        this.every = every;
        this.sweepEvery = sweepEvery;
    }

    private static final class Watch {
        final Map<String, Viewer> viewers = new ConcurrentHashMap<>();
        final AtomicBoolean looking = new AtomicBoolean();
        long version = -1;
    }

    void begin(@Observes StartupEvent event) {
        vertx.setPeriodic(every.toMillis(), timer -> watched.forEach(this::lookLater));
        vertx.setPeriodic(
                sweepEvery.toMillis(), timer -> once("sweep", sweeping, () -> geo.sweep()));
    }

    void atEnd(@Observes ShutdownEvent event) {
        ending = true;
    }

    /** Called on an event loop: what may block happens elsewhere. */
    void open(Session session, String id) {
        if (collectionOfSession.size() >= VIEWERS_MAX) {
            close(session, Viewer.TOO_SLOW, "too many viewers");
            return;
        }
        Collection collection;
        try {
            collection = Collection.named(id);
        } catch (ProblemException e) {
            close(session, UNKNOWN_COLLECTION, e.problem().detail());
            return;
        }
        Viewer viewer =
                new Viewer(
                        (text, done) ->
                                session.getAsyncRemote()
                                        .sendText(text, result -> done.accept(result.isOK())),
                        code -> close(session, code, "too slow"),
                        System::nanoTime);
        collectionOfSession.put(session.getId(), collection);
        watched.computeIfAbsent(collection, _ -> new Watch()).viewers.put(session.getId(), viewer);
    }

    void close(Session session) {
        Collection collection = collectionOfSession.remove(session.getId());
        Watch watch = collection == null ? null : watched.get(collection);
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

    private void lookLater(Collection collection, Watch watch) {
        if (watch.viewers.isEmpty()) {
            watch.version = -1;
        } else {
            once("watch " + collection.id(), watch.looking, () -> look(collection, watch));
        }
    }

    /** Runs what may block on a thread of its own, unless it still runs from before. */
    private void once(String name, AtomicBoolean running, Runnable work) {
        if (!ending && running.compareAndSet(false, true)) {
            Thread.ofVirtual()
                    .name(name)
                    .start(
                            () -> {
                                try {
                                    work.run();
                                } catch (RuntimeException e) {
                                    LOG.debugf("%s: the store does not answer: %s", name, e);
                                } finally {
                                    running.set(false);
                                }
                            });
        }
    }

    private void look(Collection collection, Watch watch) {
        PlaceStore.News news = geo.news(collection, watch.version, EVENTS_AT_ONCE);
        watch.version = news.version();
        Map<String, String> newest = new LinkedHashMap<>();
        for (String event : news.events()) {
            String rest = event.substring(1);
            if (event.charAt(0) == '-') {
                newest.remove(rest);
                newest.put(rest, removed(rest));
            } else {
                String id = idOf(rest);
                newest.remove(id);
                newest.put(id, "{\"type\":\"moved\",\"item\":" + rest + "}");
            }
        }
        newest.forEach(
                (id, text) -> watch.viewers.values().forEach(viewer -> viewer.tell(id, text)));
    }

    private String idOf(String place) {
        try {
            return json.readValue(place, Place.class).id();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an event in the store is no place: " + place, e);
        }
    }

    private String removed(String id) {
        try {
            return json.writeValueAsString(Map.of("type", "removed", "id", id));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
