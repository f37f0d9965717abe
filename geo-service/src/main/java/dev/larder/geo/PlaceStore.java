package dev.larder.geo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.Script;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Places in the store; the only class that knows keys and commands. Every key of a collection
 * {@code C} has the hash tag {@code {C}}, so they share a slot.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><th>key</th><th>type</th><th>what</th></tr>
 * <tr><td>{@code geo:{C}:index}</td><td>geo</td><td>ids by position</td></tr>
 * <tr><td>{@code geo:{C}:details}</td><td>hash</td><td>id → the place as JSON</td></tr>
 * <tr><td>{@code geo:{C}:deadlines}</td><td>sorted set</td><td>ids that end, by when (ms)</td></tr>
 * <tr><td>{@code geo:{C}:events}</td><td>list</td><td>the newest changes, newest first</td></tr>
 * <tr><td>{@code geo:{C}:version}</td><td>integer</td><td>how many changes there were</td></tr>
 * <tr><td>{@code geo:{C}:ready}</td><td>string</td><td>set when the index is whole</td></tr>
 * <tr><td>{@code geo:{C}:lease}</td><td>string</td><td>who rebuilds it; 30 s</td></tr>
 * <tr><td>{@code geo:{C}:building:index, :details}</td><td>as above</td><td>what is built aside</td></tr>
 * </table>
 */
@ApplicationScoped
class PlaceStore {
    private static final int EVENTS_KEPT = 500;
    private static final int SWEPT_AT_ONCE = 100;
    private static final Duration LEASE = Duration.ofSeconds(30);

    private final Redis redis;
    private final ObjectMapper json;
    private final Script put = Script.named("put.lua");
    private final Script remove = Script.named("remove.lua");
    private final Script sweep = Script.named("sweep.lua");
    private final Script search = Script.named("search.lua");
    private final Script news = Script.named("news.lua");
    private final Script build = Script.named("build.lua");
    private final Script swap = Script.named("swap.lua");

    PlaceStore(Redis redis, ObjectMapper json) {
        this.redis = redis;
        this.json = json;
    }

    /** The area of a search around a point: a circle, or a box with sides along the compass. */
    sealed interface Area {
        record Circle(double radiusMeters) implements Area {}

        record Box(double widthMeters, double heightMeters) implements Area {}
    }

    /** Changes since a version; {@code events} begin with + (a place as JSON) or − (an id). */
    record News(long version, List<String> events) {}

    private static String key(Collection collection, String what) {
        return "geo:{" + collection.id() + "}:" + what;
    }

    private static List<String> keys(Collection collection, String... what) {
        List<String> keys = new ArrayList<>();
        for (String each : what) {
            keys.add(key(collection, each));
        }
        return keys;
    }

    /**
     * Puts places; {@code deadline} in ms since 1970, 0 for none. Answers how many are new, or
     * nothing where the collection has to be rebuilt first.
     */
    Optional<Integer> put(Collection collection, List<Place> places, long deadline) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(collection.isDurable() ? "1" : "0");
        arguments.add(EVENTS_KEPT);
        for (Place place : places) {
            arguments.add(place.id());
            arguments.add(place.longitude());
            arguments.add(place.latitude());
            arguments.add(deadline);
            arguments.add(write(place));
        }
        int added =
                put.run(
                                redis,
                                keys(
                                        collection,
                                        "index",
                                        "details",
                                        "deadlines",
                                        "events",
                                        "version",
                                        "ready"),
                                arguments)
                        .toInteger();
        return added < 0 ? Optional.empty() : Optional.of(added);
    }

    boolean remove(Collection collection, String id) {
        return remove.run(
                                redis,
                                keys(
                                        collection,
                                        "index",
                                        "details",
                                        "deadlines",
                                        "events",
                                        "version"),
                                List.of(id, EVENTS_KEPT))
                        .toInteger()
                == 1;
    }

    /** Removes what has run out of time; answers how many that were. */
    int sweep(Collection collection, long now) {
        return sweep.run(
                        redis,
                        keys(collection, "index", "details", "deadlines", "events", "version"),
                        List.of(now, SWEPT_AT_ONCE, EVENTS_KEPT))
                .toInteger();
    }

    Optional<Place> find(Collection collection, String id) {
        Response found =
                Script.await(
                        redis, Request.cmd(Command.HGET).arg(key(collection, "details")).arg(id));
        return found == null ? Optional.empty() : Optional.of(read(found.toString()));
    }

    /** Places in an area, nearest first; nothing where the collection has to be rebuilt first. */
    Optional<List<Place>> search(
            Collection collection, Point around, Area area, int limit, long now) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(collection.isDurable() ? "1" : "0");
        arguments.add(now);
        arguments.add(around.longitude());
        arguments.add(around.latitude());
        switch (area) {
            case Area.Circle circle -> {
                arguments.add("BYRADIUS");
                arguments.add(circle.radiusMeters());
                arguments.add(0);
            }
            case Area.Box box -> {
                arguments.add("BYBOX");
                arguments.add(box.widthMeters());
                arguments.add(box.heightMeters());
            }
        }
        arguments.add(limit);
        Response found =
                search.run(
                        redis,
                        keys(collection, "index", "details", "deadlines", "ready"),
                        arguments);
        if (found == null) {
            return Optional.empty();
        }
        List<Place> places = new ArrayList<>();
        found.forEach(each -> places.add(read(each.toString())));
        return Optional.of(places);
    }

    /** At most {@code limit} places, in no order. */
    List<Place> all(Collection collection, int limit) {
        List<Place> places = new ArrayList<>();
        String cursor = "0";
        do {
            Response page =
                    Script.await(
                            redis,
                            Request.cmd(Command.HSCAN)
                                    .arg(key(collection, "details"))
                                    .arg(cursor)
                                    .arg("COUNT")
                                    .arg(500));
            cursor = page.get(0).toString();
            Response pairs = page.get(1);
            for (int i = 1; i < pairs.size() && places.size() < limit; i += 2) {
                places.add(read(pairs.get(i).toString()));
            }
        } while (!cursor.equals("0") && places.size() < limit);
        return places;
    }

    long count(Collection collection) {
        return Script.await(redis, Request.cmd(Command.HLEN).arg(key(collection, "details")))
                .toLong();
    }

    boolean isReady(Collection collection) {
        return Script.await(redis, Request.cmd(Command.EXISTS).arg(key(collection, "ready")))
                        .toInteger()
                == 1;
    }

    News news(Collection collection, long known, int most) {
        Response answer =
                news.run(redis, keys(collection, "events", "version"), List.of(known, most));
        List<String> events = new ArrayList<>();
        for (int i = 1; i < answer.size(); i++) {
            events.add(answer.get(i).toString());
        }
        return new News(answer.get(0).toLong(), events);
    }

    // Rebuilding.

    /** Takes the lease to rebuild a collection; false where somebody has it. */
    boolean lease(Collection collection, String token) {
        return Script.await(
                        redis,
                        Request.cmd(Command.SET)
                                .arg(key(collection, "lease"))
                                .arg(token)
                                .arg("NX")
                                .arg("PX")
                                .arg(LEASE.toMillis()))
                != null;
    }

    /** Adds places to what is built aside; false where the lease was lost. */
    boolean build(Collection collection, String token, boolean first, List<Place> places) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(token);
        arguments.add(first ? "1" : "0");
        for (Place place : places) {
            arguments.add(place.id());
            arguments.add(place.longitude());
            arguments.add(place.latitude());
            arguments.add(write(place));
        }
        return build.run(
                                redis,
                                keys(collection, "building:index", "building:details", "lease"),
                                arguments)
                        .toInteger()
                == 1;
    }

    /** Puts what was built in its place; false where the lease was lost. */
    boolean swap(Collection collection, String token) {
        return swap.run(
                                redis,
                                keys(
                                        collection,
                                        "index",
                                        "details",
                                        "building:index",
                                        "building:details",
                                        "ready",
                                        "lease"),
                                List.of(token))
                        .toInteger()
                == 1;
    }

    String write(Place place) {
        try {
            return json.writeValueAsString(place);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Place read(String text) {
        try {
            return json.readValue(text, Place.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a place in the store is no JSON: " + text, e);
        }
    }
}
