package dev.larder.geo;

import dev.larder.kit.Problems;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The rules of places. What stays is written to PostgreSQL first and to the store after; where the
 * store has lost it, one instance builds it again from PostgreSQL, aside, and swaps it in whole.
 */
@ApplicationScoped
class Geo {
    private static final Logger LOG = Logger.getLogger(Geo.class);
    private static final Duration REBUILD_PATIENCE = Duration.ofSeconds(5);
    private static final Duration REBUILD_LOOK = Duration.ofMillis(50);
    private static final long TTL_SECONDS = 60;

    private final Places places;
    private final PlaceStore store;
    private final Clock clock = Clock.systemUTC();

    Geo(Places places, PlaceStore store) {
        this.places = places;
        this.store = store;
    }

    /** Puts one place; true where it is new. */
    boolean put(Collection collection, Place place, Long ttlSeconds) {
        return putAll(collection, List.of(place), ttlSeconds) > 0;
    }

    /** Puts places; answers how many are new. */
    int putAll(Collection collection, List<Place> all, Long ttlSeconds) {
        if (collection.isDurable()) {
            if (ttlSeconds != null) {
                throw Problems.badRequest("ttlSeconds", "is for things that move; these stay");
            }
            int added = places.put(collection, all);
            whenReady(collection, () -> store.put(collection, all, 0));
            return added;
        }
        long ttl = ttlSeconds == null ? TTL_SECONDS : ttlSeconds;
        return store.put(collection, all, clock.millis() + ttl * 1000).orElse(0);
    }

    Place find(Collection collection, String id) {
        ready(collection);
        return store.find(collection, id).orElseThrow(() -> Problems.notFound("place", id));
    }

    void remove(Collection collection, String id) {
        boolean kept = collection.isDurable() && places.remove(collection, id);
        if (!store.remove(collection, id) && !kept) {
            throw Problems.notFound("place", id);
        }
    }

    /** Places in an area around a point, nearest first, with distances. */
    List<Place> search(Collection collection, Point around, PlaceStore.Area area, int limit) {
        List<Place> found =
                whenReady(
                        collection,
                        () -> store.search(collection, around, area, limit, clock.millis()));
        return found.stream()
                .map(place -> place.from(around))
                .sorted(Comparator.comparingDouble(Place::distanceMeters).thenComparing(Place::id))
                .toList();
    }

    List<Place> all(Collection collection, int limit) {
        ready(collection);
        return store.all(collection, limit);
    }

    long count(Collection collection) {
        ready(collection);
        return store.count(collection);
    }

    PlaceStore.News news(Collection collection, long known, int most) {
        return store.news(collection, known, most);
    }

    void sweep() {
        for (Collection collection : Collection.values()) {
            if (!collection.isDurable()) {
                store.sweep(collection, clock.millis());
            }
        }
    }

    // Rebuilding.

    private void ready(Collection collection) {
        if (collection.isDurable()) {
            whenReady(
                    collection,
                    () -> store.isReady(collection) ? Optional.of(Boolean.TRUE) : Optional.empty());
        }
    }

    /**
     * Tries until the collection is ready, rebuilding it where nobody does; a 503 when that takes
     * too long.
     */
    private <T> T whenReady(Collection collection, Supplier<Optional<T>> attempt) {
        long until = System.nanoTime() + REBUILD_PATIENCE.toNanos();
        while (true) {
            Optional<T> answer = attempt.get();
            if (answer.isPresent()) {
                return answer.get();
            }
            if (!rebuild(collection)) {
                if (System.nanoTime() > until) {
                    throw Problems.unavailable("The places are being loaded; try again shortly.");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(REBUILD_LOOK.toMillis()));
            }
        }
    }

    /** Builds the collection from PostgreSQL; false where another instance does so now. */
    private boolean rebuild(Collection collection) {
        String token = UUID.randomUUID().toString();
        if (!store.lease(collection, token)) {
            return false;
        }
        boolean[] state = {true, true};
        places.forEachPage(
                collection,
                page -> {
                    state[1] &= store.build(collection, token, state[0], page);
                    state[0] = false;
                });
        boolean built = state[1] && store.swap(collection, token);
        LOG.infof("%s rebuilt from the database: %s", collection.id(), built);
        return built;
    }
}
