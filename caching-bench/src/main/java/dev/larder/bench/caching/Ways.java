package dev.larder.bench.caching;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.caching.Cache;
import dev.larder.caching.Codec;
import dev.larder.caching.HotTier;
import dev.larder.caching.ReadThrough;
import io.quarkus.cache.CacheResult;
import io.vertx.redis.client.Redis;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.Optional;

/** The same query in the ways that are compared. */
@ApplicationScoped
class Ways {

    private final Shop shop;
    private final Instance<ByQuarkus> byQuarkus;
    private final HotTier tier;
    private final ReadThrough<Found> warm;
    private final ReadThrough<Found> hot;

    Ways(Shop shop, Instance<ByQuarkus> byQuarkus, Redis redis, ObjectMapper json) {
        this.shop = shop;
        this.byQuarkus = byQuarkus;
        Codec<Found> codec = Codec.json(json, Found.class);
        Duration ttl = Duration.ofMinutes(10);
        Duration patience = Duration.ofSeconds(10);
        tier = HotTier.on(redis).always().longestTrust(patience).build();
        warm =
                Cache.named("bench:warm", redis, codec)
                        .ttl(ttl)
                        .storeTimeout(patience)
                        .build()
                        .readThrough(word -> Optional.of(shop.search(word)));
        hot =
                Cache.named("bench:hot", redis, codec)
                        .ttl(ttl)
                        .storeTimeout(patience)
                        .hot(tier)
                        .build()
                        .readThrough(word -> Optional.of(shop.search(word)));
    }

    @PreDestroy
    void close() {
        tier.close();
    }

    Found search(Way way, String word) {
        return switch (way) {
            case NONE -> shop.search(word);
            case WARM -> warm.get(word).value();
            case HOT -> hot.get(word).value();
            case QUARKUS -> byQuarkus.get().search(word);
        };
    }

    enum Way {
        /** PostgreSQL each time. */
        NONE,
        /** The store, by {@code dev.larder.caching}. */
        WARM,
        /** This JVM, by {@code dev.larder.caching}. */
        HOT,
        /** The store, by {@code quarkus-redis-cache}. */
        QUARKUS
    }

    /** The interceptor wants a bean of its own. */
    @ApplicationScoped
    static class ByQuarkus {

        private final Shop shop;

        ByQuarkus(Shop shop) {
            this.shop = shop;
        }

        @CacheResult(cacheName = "search")
        Found search(String word) {
            return shop.search(word);
        }
    }
}
