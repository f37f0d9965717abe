package dev.larder.ui;

import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Looks at every part of the suite once a second, or every fifth while nobody watches. All of it
 * runs on one event loop; only the last picture is read by others.
 */
@ApplicationScoped
class Suite {
    private static final Logger LOG = Logger.getLogger(Suite.class);
    private static final long EVERY_MILLIS = 1_000;
    private static final int UNWATCHED_TICKS = 5;
    private static final Duration WATCHED_FOR = Duration.ofSeconds(10);
    private static final int READINESS_BYTES_MAX = 64 * 1024;

    /** What a service said of itself, and of the database when it knows one. */
    private record Seen(Component component, Boolean database) {}

    private record Store(Component component, StoreFigures figures) {}

    private final Vertx vertx;
    private final Services services;
    private final Redis store;
    private final String storeAddress;
    private final String ownAddress;
    private final long timeoutMillis;
    private final Instant began = Instant.now();

    private final Map<String, Component> before = new HashMap<>();
    private volatile JsonObject last = new JsonObject();
    private volatile Consumer<JsonObject> watcher = picture -> {};
    private volatile long watchedAt = System.nanoTime();
    private boolean looking;
    private int tick;

    Suite(
            Vertx vertx,
            Services services,
            Redis store,
            GatewayConfig config,
            @ConfigProperty(name = "quarkus.redis.hosts") List<URI> storeAddresses,
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "quarkus.http.port") int port) {
        this.vertx = vertx;
        this.services = services;
        this.store = store;
        this.storeAddress =
                storeAddresses.stream()
                        .map(each -> each.getHost() + ":" + each.getPort())
                        .collect(Collectors.joining(", "));
        this.ownAddress = host + ":" + port;
        this.timeoutMillis = config.probeTimeout().toMillis();
        this.last = picture(List.of(own()), null);
    }

    void begin(@Observes StartupEvent event) {
        vertx.setTimer(1, now -> look());
        vertx.setPeriodic(EVERY_MILLIS, timer -> tick());
    }

    /** {@code {components, store}} as the page reads it; never null. */
    JsonObject last() {
        return last;
    }

    void toldTo(Consumer<JsonObject> watcher) {
        this.watcher = watcher;
    }

    /** Somebody is looking. */
    void watch() {
        watchedAt = System.nanoTime();
    }

    private void tick() {
        boolean watched = System.nanoTime() - watchedAt < WATCHED_FOR.toNanos();
        if (watched || ++tick % UNWATCHED_TICKS == 0) {
            look();
        }
    }

    private void look() {
        if (looking) {
            return;
        }
        looking = true;
        List<Future<Seen>> seen = new ArrayList<>();
        services.addresses().forEach((name, address) -> seen.add(service(name, address)));
        Future<Store> storeSeen = store();
        Future.join(seen)
                .compose(all -> storeSeen)
                .onComplete(
                        done -> {
                            looking = false;
                            if (done.failed()) {
                                LOG.error("The suite could not be looked at", done.cause());
                                return;
                            }
                            take(seen.stream().map(Future::result).toList(), done.result());
                        });
    }

    private void take(List<Seen> seen, Store storeSeen) {
        List<Component> parts = new ArrayList<>();
        parts.add(own());
        parts.add(storeSeen.component());
        parts.add(database(seen));
        seen.forEach(each -> parts.add(each.component()));
        parts.replaceAll(each -> each.after(before.get(each.name())));
        parts.forEach(each -> before.put(each.name(), each));
        last = picture(parts, storeSeen.figures());
        watcher.accept(last);
    }

    private static JsonObject picture(List<Component> parts, StoreFigures figures) {
        JsonArray components = new JsonArray();
        parts.forEach(each -> components.add(each.json()));
        return new JsonObject()
                .put("components", components)
                .put("store", figures == null ? null : figures.json());
    }

    private Component own() {
        return new Component("ui", Component.Kind.UI, ownAddress, true, null, began, null);
    }

    private Future<Seen> service(String name, URI address) {
        String where = address.getHost() + ":" + address.getPort();
        long asked = System.nanoTime();
        return services.request(name, HttpMethod.GET, "/q/health/ready")
                .compose(request -> request.send())
                .compose(
                        response -> {
                            if (length(response.getHeader("Content-Length"))
                                    > READINESS_BYTES_MAX) {
                                return Future.failedFuture("answers more than a state");
                            }
                            return response.body()
                                    .map(
                                            body ->
                                                    seen(
                                                            name,
                                                            where,
                                                            asked,
                                                            response.statusCode(),
                                                            body.toJsonObject()));
                        })
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                .otherwise(
                        failure ->
                                new Seen(
                                        part(
                                                name,
                                                Component.Kind.SERVICE,
                                                where,
                                                null,
                                                "does not answer"),
                                        null));
    }

    private static long length(String header) {
        return header == null ? 0 : Long.parseLong(header);
    }

    private static Seen seen(
            String name, String where, long asked, int status, JsonObject readiness) {
        double millis = millisSince(asked);
        Boolean database = null;
        List<String> missing = new ArrayList<>();
        for (Object each : readiness.getJsonArray("checks", new JsonArray())) {
            JsonObject check = (JsonObject) each;
            String title = check.getString("name", "");
            boolean up = "UP".equals(check.getString("status"));
            if (title.toLowerCase(Locale.ROOT).contains("database")) {
                database = up;
            }
            if (!up) {
                missing.add(title);
            }
        }
        String detail = status == 200 ? null : "not ready: " + String.join(", ", missing);
        Component component =
                new Component(
                        name,
                        Component.Kind.SERVICE,
                        where,
                        status == 200,
                        millis,
                        Instant.now(),
                        detail);
        return new Seen(component, database);
    }

    /** Nobody is asked about the database but those who use it. */
    private static Component database(List<Seen> seen) {
        List<String> reach = new ArrayList<>();
        List<String> miss = new ArrayList<>();
        for (Seen each : seen) {
            if (each.database() != null) {
                (each.database() ? reach : miss).add(each.component().name());
            }
        }
        String detail;
        if (reach.isEmpty() && miss.isEmpty()) {
            detail = "no service is there to say";
        } else if (miss.isEmpty()) {
            detail = "reached by " + String.join(", ", reach);
        } else {
            detail = "not reached by " + String.join(", ", miss);
        }
        return new Component(
                "database",
                Component.Kind.DATABASE,
                "as the services see it",
                !reach.isEmpty(),
                null,
                Instant.now(),
                detail);
    }

    private Future<Store> store() {
        long asked = System.nanoTime();
        return store.send(Request.cmd(Command.PING))
                .map(pong -> millisSince(asked))
                .compose(
                        millis ->
                                store.send(Request.cmd(Command.INFO))
                                        .map(
                                                info ->
                                                        new Store(
                                                                part(
                                                                        "store",
                                                                        Component.Kind.STORE,
                                                                        storeAddress,
                                                                        millis,
                                                                        null),
                                                                StoreFigures.of(info.toString()))))
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                .otherwise(
                        failure ->
                                new Store(
                                        part(
                                                "store",
                                                Component.Kind.STORE,
                                                storeAddress,
                                                null,
                                                "does not answer"),
                                        null));
    }

    private static Component part(
            String name, Component.Kind kind, String where, Double millis, String detail) {
        return new Component(name, kind, where, millis != null, millis, Instant.now(), detail);
    }

    private static double millisSince(long nanos) {
        return Math.round((System.nanoTime() - nanos) / 10_000.0) / 100.0;
    }
}
