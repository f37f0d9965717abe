package dev.larder.laboratory;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.caching.Batch;
import dev.larder.caching.Cache;
import dev.larder.caching.CacheBuilder;
import dev.larder.caching.Codec;
import dev.larder.caching.DatabaseBusyException;
import dev.larder.caching.HotTier;
import dev.larder.caching.LoadTimeoutException;
import dev.larder.caching.Outcome;
import dev.larder.caching.StoreAwayException;
import dev.larder.kit.Outage;
import io.vertx.redis.client.Redis;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * One pattern at work: its own rows, its own connections, and as many caches as the workload has
 * instances, each with a store client of its own, as so many processes would have.
 */
final class Lane implements AutoCloseable {

    static final List<String> IDS = List.of("a", "b", "c", "d", "e", "f");

    private static final int HOT_ENTRIES = 2_000;
    private static final Duration LAST_WRITES = Duration.ofSeconds(5);
    private static final Duration CROWD_MAX = Duration.ofSeconds(15);

    private final String run;
    private final String id;
    private final Pattern pattern;
    private final Rows rows;
    private final LaneConnections database;
    private final Semaphore places;
    private final Duration patience;
    private final List<Redis> clients;
    private final List<HotTier> tiers = new ArrayList<>();
    private final List<Cache<Item>> caches;
    private final LaterWrites later;
    private final int keys;
    private final Truth truth;
    private final Meter meter;
    private final AtomicIntegerArray loading;
    private final Semaphore room;
    private volatile Crowd crowd;

    /** What one lane is given. */
    record Setting(
            int places,
            int underWayMax,
            Duration patience,
            Duration storeTimeout,
            boolean clustered) {}

    Lane(
            String run,
            String id,
            Pattern pattern,
            int ttlMillis,
            Workload workload,
            Setting setting,
            Rows rows,
            Ways ways,
            ObjectMapper json) {
        this.run = run;
        this.id = id;
        this.pattern = pattern;
        this.rows = rows;
        this.patience = setting.patience();
        places = new Semaphore(setting.places(), true);
        room = new Semaphore(setting.underWayMax());
        truth = new Truth(workload.keys());
        meter = new Meter(id);
        // Keys that do not exist are as many again.
        loading = new AtomicIntegerArray(2 * workload.keys() + 1);
        database = ways.database();
        clients = new ArrayList<>();
        caches = new ArrayList<>();
        for (int i = 0; pattern.isCached() && i < workload.instances(); i++) {
            Redis client = ways.store();
            clients.add(client);
            caches.add(cache(client, ttlMillis, setting, json));
        }
        keys = workload.keys();
        later =
                pattern == Pattern.WRITE_BEHIND
                        ? new LaterWrites(
                                clients, caches, setting.storeTimeout(), keys, this::store)
                        : null;
    }

    private Cache<Item> cache(Redis client, int ttlMillis, Setting setting, ObjectMapper json) {
        Duration ttl = Duration.ofMillis(ttlMillis);
        CacheBuilder<Item> cache =
                Cache.named("laboratory:" + run + ":" + id, client, Codec.json(json, Item.class))
                        .ttl(ttl)
                        .negativeTtl(ttl)
                        .version(Item::version)
                        .storeTimeout(setting.storeTimeout())
                        .clustered(setting.clustered())
                        .database(setting.places(), patience);
        if (pattern == Pattern.HOT) {
            HotTier tier =
                    HotTier.on(client)
                            .maximumEntries(HOT_ENTRIES)
                            .storeTimeout(setting.storeTimeout())
                            .build();
            tiers.add(tier);
            cache.hot(tier);
        }
        return pattern.on(cache, ttl).build();
    }

    String id() {
        return id;
    }

    Meter meter() {
        return meter;
    }

    /** Takes a place among what is under way; false when there is none: then it is not sent. */
    boolean enter() {
        boolean entered = room.tryAcquire();
        if (!entered) {
            meter.missed();
        }
        return entered;
    }

    /** Waits until nothing is under way, at most {@code patience}; true when nothing is. */
    boolean awaitQuiet(int underWayMax, Duration patience) throws InterruptedException {
        boolean quiet = room.tryAcquire(underWayMax, patience.toMillis(), TimeUnit.MILLISECONDS);
        if (quiet) {
            room.release(underWayMax);
        }
        return quiet;
    }

    /** After {@link #enter}: does it, measures it, leaves. */
    void serve(Operations.Operation operation, long dueNanos) {
        try {
            switch (operation.kind()) {
                case READ -> read(operation.instance(), operation.key(), dueNanos);
                case WRITE -> write(operation.instance(), operation.key());
            }
        } finally {
            room.release();
        }
    }

    private void read(int instance, int key, long dueNanos) {
        long began = System.nanoTime();
        try {
            Answer answer = ask(instance, key);
            long latency = System.nanoTime() - dueNanos;
            meter.read(answer.from, latency, staleness(key, answer.item, began));
        } catch (RuntimeException e) {
            meter.failedRead(kind(e), System.nanoTime() - dueNanos);
        }
    }

    private void write(int instance, int key) {
        try {
            switch (pattern) {
                case NONE, TTL, CHANGE_CAPTURE -> change(key);
                case INVALIDATE,
                        SLIDING,
                        REFRESH_AHEAD,
                        EARLY_REFRESH,
                        STALE_WHILE_REVALIDATE,
                        STALE_IF_ERROR,
                        HOT ->
                        caches.get(instance).writeAround(name(key), () -> change(key));
                case WRITE_BEHIND ->
                        later.accept(
                                instance,
                                caches.get(instance)
                                        .read(name(key), asked -> load(key))
                                        .found()
                                        .orElseThrow());
                case WRITE_THROUGH -> caches.get(instance).write(name(key), () -> changed(key));
            }
            meter.wrote();
        } catch (RuntimeException e) {
            meter.failedWrite(kind(e));
        }
    }

    /** Somebody has committed past this lane. */
    void changedBehind(int key, long version, long nanoTime) {
        truth.committed(key, version, nanoTime);
        if (later != null) {
            later.seen(key, version);
        }
        meter.wroteBehind();
    }

    private record Answer(Meter.From from, Item item) {}

    private Answer ask(int instance, int key) {
        if (caches.isEmpty()) {
            return new Answer(Meter.From.DATABASE, load(key).orElse(null));
        }
        Outcome<Item> outcome = caches.get(instance).read(name(key), asked -> load(key));
        return new Answer(from(outcome), outcome.value());
    }

    private static Meter.From from(Outcome<Item> outcome) {
        if (outcome.result() == Outcome.Result.NEGATIVE) {
            return Meter.From.NEGATIVE;
        }
        if (outcome.stale()) {
            return Meter.From.STALE;
        }
        return switch (outcome.tier()) {
            case HOT -> Meter.From.HOT;
            case STORE -> Meter.From.STORE;
            case DATABASE -> Meter.From.DATABASE;
        };
    }

    private long staleness(int key, Item item, long began) {
        return item == null ? 0 : truth.stalenessNanos(key, item.version(), began);
    }

    /** What the caches have in front of. */
    private Optional<Item> load(int key) {
        int sameKey = loading.incrementAndGet(key);
        try {
            meets(sameKey);
            return atDatabase(
                    () -> {
                        queried();
                        long asked = System.nanoTime();
                        Optional<Item> found = rows.find(database, run, id, key);
                        meter.loaded(System.nanoTime() - asked);
                        return found;
                    });
        } finally {
            loading.decrementAndGet(key);
        }
    }

    private long change(int key) {
        long version = atDatabase(() -> rows.change(database, run, id, key));
        truth.committed(key, version, System.nanoTime());
        return version;
    }

    /** What was accepted before reaches the database. */
    private void store(Batch<Item> batch) throws SQLException {
        Map<Integer, Long> versions = rows.store(database, run, id, batch);
        long committed = System.nanoTime();
        versions.forEach((key, version) -> truth.committed(key, version, committed));
    }

    /**
     * The follower has heard of changes.
     *
     * @throws IllegalStateException the cache could not be told: to be said again
     */
    void follow(Set<String> changed) {
        Cache<Item> cache = caches.getFirst();
        if (cache.invalidateAfterCommit(changed) < changed.size()) {
            throw new IllegalStateException("the store was not told of a change");
        }
    }

    private Item changed(int key) {
        change(key);
        return load(key).orElseThrow();
    }

    private <T> T atDatabase(Supplier<T> work) {
        try {
            if (!places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new DatabaseBusy();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseBusy();
        }
        try {
            return work.get();
        } finally {
            places.release();
        }
    }

    private void meets(int sameKey) {
        Crowd present = crowd;
        if (present == null) {
            meter.width(sameKey);
        } else {
            present.width.accumulateAndGet(sameKey, Math::max);
        }
    }

    private void queried() {
        Crowd present = crowd;
        if (present == null) {
            meter.query();
        } else {
            present.queries.increment();
        }
    }

    /** What a stampede does, apart from the workload, which is held meanwhile. */
    private static final class Crowd {
        final LongAdder queries = new LongAdder();
        final AtomicInteger width = new AtomicInteger();
        final LongAdder hits = new LongAdder();
        final LongAdder waited = new LongAdder();
        final LongAdder errors = new LongAdder();
        final AtomicReference<Error> broken = new AtomicReference<>();
        final ConcurrentHistogram latency = new ConcurrentHistogram(2);
    }

    /** Drops one key and lets so many readers ask for it at once, spread over the instances. */
    Stampede.Lane stampede(int key, int readers) throws InterruptedException {
        Crowd present = new Crowd();
        crowd = present;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            drop(key);
            CountDownLatch gate = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(readers);
            for (int reader = 0; reader < readers; reader++) {
                int instance = caches.isEmpty() ? 0 : reader % caches.size();
                threads.execute(
                        () -> {
                            join(present, gate, instance, key);
                            done.countDown();
                        });
            }
            gate.countDown();
            try {
                done.await(CROWD_MAX.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                threads.shutdownNow();
            }
        } finally {
            crowd = null;
        }
        Error broken = present.broken.get();
        if (broken != null) {
            throw broken;
        }
        long queries = present.queries.sum();
        return new Stampede.Lane(
                id,
                queries,
                present.width.get(),
                present.hits.sum(),
                Math.max(0, present.waited.sum() - queries),
                present.errors.sum(),
                present.latency.getValueAtPercentile(50),
                present.latency.getMaxValue());
    }

    private void join(Crowd present, CountDownLatch gate, int instance, int key) {
        try {
            gate.await();
            long began = System.nanoTime();
            Answer answer = ask(instance, key);
            long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began);
            present.latency.recordValue(micros);
            (answer.from == Meter.From.DATABASE ? present.waited : present.hits).increment();
        } catch (InterruptedException | RuntimeException e) {
            present.errors.increment();
        } catch (Error e) {
            present.broken.compareAndSet(null, e);
        }
    }

    private void drop(int key) {
        try {
            if (!caches.isEmpty()) {
                caches.getFirst().invalidate(name(key));
            }
        } catch (StoreAwayException e) {
            // Then it is not served from the store either.
        }
    }

    /** Takes everything of this lane out of the store; what cannot be reached ends by its TTL. */
    void flush() {
        try {
            if (later != null) {
                later.drain(LAST_WRITES);
                later.close();
                // A write that was accepted is in no index.
                caches.getFirst()
                        .invalidateAfterCommit(
                                IntStream.rangeClosed(1, keys).mapToObj(Lane::name).toList());
                later.forget();
            }
            if (!caches.isEmpty()) {
                caches.getFirst().flush();
            }
        } catch (StoreAwayException e) {
            // As said.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        tiers.forEach(HotTier::close);
        clients.forEach(Redis::close);
        database.close();
    }

    private static String name(int key) {
        return Integer.toString(key);
    }

    private static Meter.Failure kind(RuntimeException thrown) {
        return switch (thrown) {
            case DatabaseBusyException busy -> Meter.Failure.DATABASE_BUSY;
            case DatabaseBusy busy -> Meter.Failure.DATABASE_BUSY;
            case LoadTimeoutException late -> Meter.Failure.TIMEOUT;
            case StoreAwayException away -> Meter.Failure.STORE;
            case DatabaseFailure refused when Outage.whatIsAway(refused) != null ->
                    Meter.Failure.DATABASE_DOWN;
            default -> Meter.Failure.OTHER;
        };
    }

    /** No place at the database came free in time. */
    private static final class DatabaseBusy extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DatabaseBusy() {
            super("no place at the database", null, false, false);
        }
    }
}
