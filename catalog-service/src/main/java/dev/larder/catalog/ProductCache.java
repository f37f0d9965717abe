package dev.larder.catalog;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.caching.Cache;
import dev.larder.caching.CacheCounters;
import dev.larder.caching.CacheListener;
import dev.larder.caching.Codec;
import dev.larder.caching.Outcome;
import dev.larder.caching.StoreAwayException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.redis.client.Redis;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Products in the store, by product id.
 *
 * <pre>
 * key                            kind    what                                       forgotten after
 * catalog:product:{id}           string  the product's page as JSON, or its absence  ttl, negative ttl
 * catalog:product:{id}:fence     string  the last write of that product              60 s
 * catalog:product:index:{0..15}  zset    product ids by the time they are gone        2 x ttl
 * </pre>
 */
@ApplicationScoped
class ProductCache {

    private final Cache<ProductDetail> cache;

    ProductCache(
            Redis redis,
            ObjectMapper json,
            MeterRegistry meters,
            @ConfigProperty(name = "larder.catalog.cache.ttl") Duration ttl,
            @ConfigProperty(name = "larder.catalog.cache.negative-ttl") Duration negativeTtl,
            @ConfigProperty(name = "larder.catalog.cache.jitter") double jitter,
            @ConfigProperty(name = "larder.catalog.cache.store-timeout") Duration storeTimeout,
            @ConfigProperty(name = "larder.catalog.cache.database-places") int places,
            @ConfigProperty(name = "larder.catalog.cache.database-patience") Duration patience) {
        cache =
                Cache.named("catalog:product", redis, Codec.json(json, ProductDetail.class))
                        .ttl(ttl)
                        .negativeTtl(negativeTtl)
                        .jitter(jitter)
                        .version(ProductDetail::version)
                        .storeTimeout(storeTimeout)
                        .database(places, patience)
                        .build();
        bind(meters, cache.counters());
    }

    Outcome<ProductDetail> read(long id, Supplier<Optional<ProductDetail>> database) {
        return cache.read(Long.toString(id), key -> database.get());
    }

    Outcome<ProductDetail> write(long id, Supplier<ProductDetail> commit) {
        return cache.write(Long.toString(id), commit);
    }

    boolean drop(long id) {
        return cache.invalidate(Long.toString(id));
    }

    void dropAfterCommit(Collection<Long> ids) {
        cache.invalidateAfterCommit(ids.stream().map(id -> Long.toString(id)).toList());
    }

    long flush() {
        return cache.flush();
    }

    CacheStats stats() {
        CacheCounters counters = cache.counters();
        return new CacheStats(
                counters.hits(),
                counters.of(CacheListener.Event.MISS),
                counters.of(CacheListener.Event.WRITE),
                counters.hitRatio(),
                counters.databaseReads(),
                entries(),
                cache.ttl().toSeconds());
    }

    private Long entries() {
        try {
            return cache.entries();
        } catch (StoreAwayException e) {
            return null;
        }
    }

    private static void bind(MeterRegistry meters, CacheCounters counters) {
        for (CacheListener.Event event : CacheListener.Event.values()) {
            FunctionCounter.builder("larder.cache.events", counters, c -> c.of(event))
                    .description("What happened to keys of a cache")
                    .tag("cache", "product")
                    .tag("event", event.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
        FunctionTimer.builder(
                        "larder.cache.database.reads",
                        counters,
                        CacheCounters::databaseReads,
                        c -> c.databaseTime().toNanos(),
                        TimeUnit.NANOSECONDS)
                .description("Loads from the database behind a cache")
                .tag("cache", "product")
                .register(meters);
    }
}
