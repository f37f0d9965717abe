package dev.larder.catalog;

import dev.larder.caching.Change;
import dev.larder.caching.ChangeCapture;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Lets the caches follow what is changed in PostgreSQL by others: the triggers of {@code V2} write
 * it to {@code catalog.change}.
 */
@ApplicationScoped
class CatalogChanges {

    private static final Logger LOG = Logger.getLogger(CatalogChanges.class);

    /** Of more changes at once, dropping everything is over sooner: within the second promised. */
    private static final int ONE_BY_ONE = 200;

    private final CatalogCaches caches;
    private final MeterRegistry meters;
    private final ChangeCapture.Connections connections;
    private final List<Meter> bound = new ArrayList<>();
    private ChangeCapture capture;

    private record What(String kind, String key) {}

    CatalogChanges(
            CatalogCaches caches,
            MeterRegistry meters,
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") String url,
            @ConfigProperty(name = "quarkus.datasource.username") String user,
            @ConfigProperty(name = "quarkus.datasource.password") String password) {
        this.caches = caches;
        this.meters = meters;
        connections = ChangeCapture.direct(url, user, password);
    }

    /** Flyway has made the table before. */
    void start(@Observes StartupEvent begin) {
        capture =
                ChangeCapture.of(connections, "catalog.change", "catalog_change")
                        .start(this::follow);
        bound.add(
                FunctionCounter.builder("larder.changes.taken", capture, ChangeCapture::taken)
                        .description("Rows changed in the database that the caches were told of")
                        .register(meters));
        bound.add(
                FunctionCounter.builder("larder.changes.failures", capture, ChangeCapture::failures)
                        .description("Times that changes had to wait for the database or the store")
                        .register(meters));
        bound.add(
                Gauge.builder("larder.changes.behind", capture, c -> c.lastBehind().toNanos() / 1e9)
                        .description("From the last change to its being dropped from the caches")
                        .baseUnit("seconds")
                        .register(meters));
        bound.add(
                Gauge.builder("larder.changes.listening", capture, c -> c.isListening() ? 1 : 0)
                        .description("Whether changes are heard at once")
                        .register(meters));
    }

    void stop(@Observes ShutdownEvent end) {
        capture.close();
        // The registry outlives this bean where a service is started twice in one JVM.
        bound.forEach(meters::remove);
    }

    CacheStats.Changes stats() {
        return new CacheStats.Changes(
                capture.isListening(),
                capture.taken(),
                capture.failures(),
                capture.lastBehind().toMillis());
    }

    /** Throws when the store is away: the changes then stay in the database and come again. */
    private void follow(List<Change> changes) {
        Map<What, Long> newest = new LinkedHashMap<>();
        for (Change change : changes) {
            // A version of 0 is an end, which no earlier or later version takes back.
            newest.merge(
                    new What(change.kind(), change.key()),
                    change.version(),
                    (a, b) -> a == 0 || b == 0 ? 0 : Math.max(a, b));
        }
        if (newest.size() > ONE_BY_ONE
                || newest.keySet().stream().anyMatch(what -> what.kind().equals("all"))) {
            caches.flush();
            return;
        }
        newest.forEach(
                (what, version) -> {
                    switch (what.kind()) {
                        case "product" ->
                                caches.productChanged(Long.parseLong(what.key()), version);
                        case "category" -> caches.categoryChanged(what.key());
                        default -> LOG.warnf("nothing is cached of %s %s", what.kind(), what.key());
                    }
                });
    }
}
