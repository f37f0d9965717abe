package dev.larder.catalog;

import dev.larder.caching.Cache;
import dev.larder.caching.CacheBuilder;
import dev.larder.caching.CacheCounters;
import dev.larder.caching.CacheListener;
import dev.larder.caching.Outcome;
import dev.larder.caching.ReadThrough;
import dev.larder.caching.StoreAwayException;
import dev.larder.caching.Tier;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One kind of value, to be read by any pattern: a {@link Cache} for each, all on the same entries,
 * so that what one of them keeps the others find, and what is dropped is dropped for all.
 */
final class Patterns<V> {

    /** The last part of the TTL in which refresh-ahead reloads. */
    private static final double AHEAD = 0.2;

    /** The optimum of the paper. */
    private static final double BETA = 1;

    private final String name;
    private final ReadPattern usual;
    private final Function<String, Optional<V>> one;
    private final Function<Set<String>, Map<String, V>> many;
    private final Map<ReadPattern, Cache<V>> caches = new EnumMap<>(ReadPattern.class);
    private final ReadThrough<V> readThrough;
    private final LongAdder uncached = new LongAdder();

    /**
     * @param builder a new builder each time, with everything set that is the same in all patterns
     * @param many leaves out what it does not know
     */
    Patterns(
            String name,
            ReadPattern usual,
            Duration revalidate,
            Supplier<CacheBuilder<V>> builder,
            Function<String, Optional<V>> one,
            Function<Set<String>, Map<String, V>> many) {
        this.name = name;
        this.usual = usual;
        this.one = one;
        this.many = many;
        for (ReadPattern pattern : ReadPattern.values()) {
            CacheBuilder<V> from = builder.get();
            switch (pattern) {
                case LAZY, READ_THROUGH -> caches.put(pattern, from.build());
                case REFRESH_AHEAD -> caches.put(pattern, from.refreshAhead(AHEAD).build());
                case XFETCH -> caches.put(pattern, from.earlyRefresh(BETA).build());
                case STALE_WHILE_REVALIDATE ->
                        caches.put(pattern, from.staleWhileRevalidate(revalidate).build());
                case NONE -> {
                    // Has no cache.
                }
            }
        }
        readThrough = caches.get(ReadPattern.READ_THROUGH).readThrough(one).inBatches(many);
    }

    /**
     * @param asked null = the usual pattern
     */
    Answer<V> read(String key, ReadPattern asked) {
        ReadPattern pattern = asked == null ? usual : asked;
        return switch (pattern) {
            case NONE -> new Answer<>(past(one.apply(key).orElse(null)), pattern, false);
            case READ_THROUGH -> new Answer<>(readThrough.get(key), pattern, false);
            case LAZY, REFRESH_AHEAD, XFETCH, STALE_WHILE_REVALIDATE -> {
                AtomicBoolean mine = new AtomicBoolean();
                Outcome<V> outcome =
                        caches.get(pattern)
                                .read(
                                        key,
                                        wanted -> {
                                            mine.set(true);
                                            return one.apply(wanted);
                                        });
                yield new Answer<>(
                        outcome, pattern, outcome.result() == Outcome.Result.MISS && !mine.get());
            }
        };
    }

    /** In the order of the keys, each once; one load for all that have to be loaded. */
    Map<String, Outcome<V>> readAll(Collection<String> keys, ReadPattern asked) {
        ReadPattern pattern = asked == null ? usual : asked;
        return switch (pattern) {
            case NONE -> {
                Map<String, V> rows = many.apply(Set.copyOf(keys));
                Map<String, Outcome<V>> outcomes = new HashMap<>();
                keys.forEach(key -> outcomes.put(key, past(rows.get(key))));
                yield outcomes;
            }
            case READ_THROUGH -> readThrough.getAll(keys);
            case LAZY, REFRESH_AHEAD, XFETCH, STALE_WHILE_REVALIDATE ->
                    caches.get(pattern).readAll(keys, many);
        };
    }

    /** For what is the same whatever the pattern: writing, dropping, counting. */
    Cache<V> cache() {
        return caches.get(ReadPattern.READ_THROUGH);
    }

    /** Loads all keys that are not there, so that readers find them. */
    long warmUp(Collection<String> keys, ReadThrough.Progress progress) {
        return readThrough.warmUp(keys, progress);
    }

    CacheStats.OfCache stats() {
        return new CacheStats.OfCache(
                name,
                usual,
                of(CacheListener.Event.HOT_HIT),
                of(CacheListener.Event.HIT) + of(CacheListener.Event.NEGATIVE_HIT),
                of(CacheListener.Event.MISS) + uncached.sum(),
                of(CacheListener.Event.STALE),
                of(CacheListener.Event.JOINED) + of(CacheListener.Event.LEASE_WAIT),
                of(CacheListener.Event.REFRESH),
                of(CacheListener.Event.WRITE),
                of(CacheListener.Event.INVALIDATE),
                databaseReads(),
                entries(),
                cache().ttl().toSeconds());
    }

    private Long entries() {
        try {
            return cache().entries();
        } catch (StoreAwayException e) {
            return null;
        }
    }

    private Outcome<V> past(V value) {
        uncached.increment();
        return new Outcome<>(
                value,
                Outcome.Result.BYPASS,
                Tier.DATABASE,
                false,
                false,
                Duration.ZERO,
                Duration.ZERO);
    }

    private long of(CacheListener.Event event) {
        return caches.values().stream().mapToLong(cache -> cache.counters().of(event)).sum();
    }

    private long databaseReads() {
        return uncached.sum() + sum(CacheCounters::databaseReads);
    }

    private long sum(Function<CacheCounters, Long> figure) {
        return caches.values().stream().mapToLong(cache -> figure.apply(cache.counters())).sum();
    }

    void bind(MeterRegistry meters) {
        for (CacheListener.Event event : CacheListener.Event.values()) {
            FunctionCounter.builder("larder.cache.events", this, self -> self.of(event))
                    .description("What happened to keys of a cache")
                    .tag("cache", name)
                    .tag("event", event.name().toLowerCase(Locale.ROOT))
                    .register(meters);
        }
        FunctionCounter.builder("larder.cache.uncached", this, self -> self.uncached.sum())
                .description("Reads that were to go past the cache")
                .tag("cache", name)
                .register(meters);
        FunctionTimer.builder(
                        "larder.cache.database.reads",
                        this,
                        Patterns::databaseReads,
                        self -> self.sum(counters -> counters.databaseTime().toNanos()),
                        TimeUnit.NANOSECONDS)
                .description("Loads from the database behind a cache")
                .tag("cache", name)
                .register(meters);
    }
}
