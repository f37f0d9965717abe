package dev.larder.geo;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.ProblemException;
import dev.larder.kit.Ticker;
import dev.larder.kit.Viewer;
import dev.larder.kit.Viewers;
import dev.larder.kit.Watches;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.Session;
import java.time.Duration;
import java.util.LinkedHashMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Everybody who watches a collection on this instance. Each watched collection is asked a few times
 * a second what has changed; of a thing that moved several times meanwhile only the last place is
 * told. Also removes, on every instance, what has run out of time.
 */
@ApplicationScoped
class LivePlaces {
    private static final int EVENTS_AT_ONCE = 500;
    private static final int VIEWERS_MAX = 2_000;

    private final Geo geo;
    private final ObjectMapper json;
    private final Vertx vertx;
    private final Duration sweepEvery;
    private final Ticker sweeper;
    private final Viewers viewers;
    private final Watches<Collection> collections;
    private long sweeps;

    LivePlaces(
            Geo geo,
            ObjectMapper json,
            Vertx vertx,
            @ConfigProperty(name = "larder.geo.live.every") Duration every,
            @ConfigProperty(name = "larder.geo.sweep.every") Duration sweepEvery) {
        this.geo = geo;
        this.json = json;
        this.vertx = vertx;
        this.sweepEvery = sweepEvery;
        this.sweeper = new Ticker("sweep", geo::sweep);
        this.viewers = new Viewers(VIEWERS_MAX, json);
        this.collections = new Watches<>(viewers, WatchedCollection::new, vertx, every);
    }

    /**
     * @param item a place as the store has it, which is JSON
     */
    public record Moved(String type, @JsonRawValue String item) {}

    public record Removed(String type, String id) {}

    private final class WatchedCollection implements Watches.Watched {
        private final Collection collection;
        private volatile long version = -1;

        WatchedCollection(Collection collection) {
            this.collection = collection;
        }

        @Override
        public void look(Viewers.Audience all) {
            PlaceStore.News news = geo.news(collection, version, EVENTS_AT_ONCE);
            version = news.version();
            LinkedHashMap<String, Object> newest = new LinkedHashMap<>();
            for (String event : news.events()) {
                String rest = event.substring(1);
                if (event.charAt(0) == '-') {
                    newest.putLast(rest, new Removed("removed", rest));
                } else {
                    newest.putLast(idOf(rest), new Moved("moved", rest));
                }
            }
            newest.forEach(all::tell);
        }

        @Override
        public void unwatched() {
            version = -1;
        }
    }

    void begin(@Observes StartupEvent event) {
        sweeps = vertx.setPeriodic(sweepEvery.toMillis(), timer -> sweeper.tick());
    }

    void atEnd(@Observes ShutdownEvent event) {
        vertx.cancelTimer(sweeps);
        collections.end();
    }

    void open(Session session, String id) {
        try {
            collections.open(session, Collection.named(id));
        } catch (ProblemException e) {
            viewers.close(session, Viewer.UNKNOWN, e.problem().detail());
        }
    }

    void close(Session session) {
        viewers.close(session);
    }

    private String idOf(String place) {
        try {
            return json.readValue(place, Place.class).id();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an event in the store is no place: " + place, e);
        }
    }
}
