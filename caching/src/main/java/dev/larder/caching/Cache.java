package dev.larder.caching;

import static dev.larder.caching.CacheListener.Event;

import io.vertx.redis.client.Redis;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/**
 * A named cache of one type of value in the shared store, in front of a database. Thread-safe;
 * blocks the caller (virtual or worker threads).
 *
 * <p>Two patterns, on the same entries: {@link #read} loads lazily, {@link #write} writes through.
 * Promise of both: a value that the database has replaced is served for at most the TTL after the
 * moment it was kept, and not at all once the write reached the store; the store being away never
 * fails a read or a write (see {@link Outcome.Result#BYPASS}).
 *
 * <p>Errors: what the loader or the commit throws comes through as it is; {@link
 * DatabaseBusyException} when no place in front of the database came free; {@link
 * StoreAwayException} only from {@link #flush}, {@link #invalidate} and {@link #entries}, whose
 * whole point is the store.
 */
public final class Cache<V> {

    private static final int HEADER_LIMIT = 64;

    private final StoreTier store;
    private final Codec<V> codec;
    private final Duration ttl;
    private final Duration negativeTtl;
    private final double jitter;
    private final ToLongFunction<V> version;
    private final boolean guarded;
    private final Duration longestKeptLoad;
    private final RandomGenerator random;
    private final CacheListener listener;
    private final CacheCounters counters = new CacheCounters();
    private final Flights<Outcome<V>> flights;

    private Cache(Builder<V> from) {
        codec = from.codec;
        ttl = from.ttl;
        negativeTtl = from.negativeTtl;
        jitter = from.jitter;
        version = from.version;
        guarded = from.guarded;
        random = from.random;
        CacheListener outside = from.listener;
        listener = outside == null ? counters : new Both(counters, outside);
        longestKeptLoad = from.fenceTtl.dividedBy(2);
        store =
                new StoreTier(
                        from.redis,
                        from.name,
                        from.storeTimeout,
                        from.pauseWhenAway,
                        from.fenceTtl,
                        from.clock);
        flights = new Flights<>(from.databasePlaces, from.databasePatience, listener);
    }

    /**
     * Begins a cache whose keys all start with {@code name}, such as {@code catalog:product}. The
     * client stays the caller's to close.
     */
    public static <V> Builder<V> named(String name, Redis redis, Codec<V> codec) {
        return new Builder<>(name, redis, codec);
    }

    /**
     * Lazy loading: the store's value, else what {@code loader} finds, kept for the next reader. An
     * empty answer is kept too, for the shorter negative TTL. Readers of the same key in this JVM
     * share one load.
     */
    public Outcome<V> read(String key, Function<String, Optional<V>> loader) {
        StoreTier.checked(key);
        if (!store.worthAsking()) {
            return bypass(key, loader);
        }
        try {
            Optional<Outcome<V>> hit = decode(store.find(key));
            if (hit.isPresent()) {
                listener.happened(hit.get().value() == null ? Event.NEGATIVE_HIT : Event.HIT);
                return hit.get();
            }
        } catch (StoreAwayException e) {
            return bypass(key, loader);
        }
        listener.happened(Event.MISS);
        return flights.join(key, () -> loadAndKeep(key, loader));
    }

    /**
     * Write-through: runs {@code commit}, which returns when the database has committed, then keeps
     * its result. What {@code commit} throws leaves the store as it was. When the store cannot be
     * told, the outcome is not {@code kept} and readers may see the former value until its TTL
     * ends.
     */
    public Outcome<V> write(String key, Supplier<V> commit) {
        StoreTier.checked(key);
        V value = Objects.requireNonNull(commit.get(), "what was committed");
        flights.forget(key);
        Duration keepFor = jittered(ttl);
        try {
            store.announce(key, ttl);
            boolean kept =
                    store.write(
                            key,
                            token(),
                            version.applyAsLong(value),
                            keepFor,
                            encode(value, keepFor));
            listener.happened(kept ? Event.WRITE : Event.WRITE_REFUSED);
            return Outcome.fromDatabase(
                    value, Outcome.Result.WRITTEN, kept ? keepFor : Duration.ZERO);
        } catch (StoreAwayException e) {
            listener.happened(Event.STORE_AWAY);
            return Outcome.fromDatabase(value, Outcome.Result.BYPASS, Duration.ZERO);
        }
    }

    /** Drops one entry, after the commit that made it untrue; true when there was one. */
    public boolean invalidate(String key) {
        StoreTier.checked(key);
        flights.forget(key);
        String due = store.due(key);
        boolean dropped = store.invalidate(key, token());
        store.unindex(key, due);
        listener.happened(Event.INVALIDATE);
        return dropped;
    }

    /**
     * Drops entries after a commit that changed many rows. Never fails: when the store is away the
     * entries end by their TTL. Returns how many keys the store was told about.
     */
    public int invalidateAfterCommit(Collection<String> keys) {
        int told = 0;
        for (String key : keys) {
            try {
                invalidate(key);
                told++;
            } catch (StoreAwayException e) {
                listener.happened(Event.STORE_AWAY);
                return told;
            }
        }
        return told;
    }

    /** Drops everything that this cache holds, a batch at a time; returns how many entries went. */
    public long flush() {
        long dropped = 0;
        for (int index = 0; index < StoreTier.INDEXES; index++) {
            List<String> ids = store.indexed(index);
            for (String id : ids) {
                if (invalidate(id)) {
                    dropped++;
                }
            }
        }
        return dropped;
    }

    /** Entries that the store holds for this cache now, remembered absences included. */
    public long entries() {
        return store.entries();
    }

    public CacheCounters counters() {
        return counters;
    }

    public Duration ttl() {
        return ttl;
    }

    private Outcome<V> loadAndKeep(String key, Function<String, Optional<V>> loader) {
        String fence;
        try {
            store.announce(key, ttl);
            // Asked again: the reader before this one may have landed since this one looked.
            StoreTier.Found found = store.find(key);
            Optional<Outcome<V>> hit = decode(found);
            if (hit.isPresent()) {
                listener.happened(Event.JOINED);
                return hit.get();
            }
            fence = found.fence();
        } catch (StoreAwayException e) {
            listener.happened(Event.STORE_AWAY);
            fence = null;
        }
        long began = System.nanoTime();
        Optional<V> loaded = load(key, loader);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        V value = loaded.orElse(null);
        if (fence == null || took.compareTo(longestKeptLoad) > 0) {
            return Outcome.fromDatabase(value, Outcome.Result.MISS, Duration.ZERO);
        }
        Duration keepFor = jittered(value == null ? negativeTtl : ttl);
        long newVersion = value == null ? 0 : version.applyAsLong(value);
        try {
            boolean kept =
                    store.fill(key, fence, guarded, newVersion, keepFor, encode(value, keepFor));
            listener.happened(kept ? Event.FILL : Event.FILL_REFUSED);
            return Outcome.fromDatabase(value, Outcome.Result.MISS, kept ? keepFor : Duration.ZERO);
        } catch (StoreAwayException e) {
            listener.happened(Event.STORE_AWAY);
            return Outcome.fromDatabase(value, Outcome.Result.MISS, Duration.ZERO);
        }
    }

    private Outcome<V> bypass(String key, Function<String, Optional<V>> loader) {
        listener.happened(Event.STORE_AWAY);
        return flights.join(
                key,
                () ->
                        Outcome.fromDatabase(
                                load(key, loader).orElse(null),
                                Outcome.Result.BYPASS,
                                Duration.ZERO));
    }

    private Optional<V> load(String key, Function<String, Optional<V>> loader) {
        long began = System.nanoTime();
        try {
            return loader.apply(key);
        } finally {
            listener.databaseRead(Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private Optional<Outcome<V>> decode(StoreTier.Found found) {
        byte[] bytes = found.bytes();
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            int end = 0;
            while (bytes[end] != '\n') {
                if (++end == Math.min(HEADER_LIMIT, bytes.length)) {
                    throw new IllegalArgumentException("no header");
                }
            }
            String[] header = new String(bytes, 0, end, StandardCharsets.US_ASCII).split(" ", -1);
            if (header.length != 4 || !header[0].equals("L1")) {
                throw new IllegalArgumentException("another format");
            }
            Duration remaining = Duration.ofMillis(found.remainingMillis());
            Duration age = Duration.ofMillis(Long.parseLong(header[2])).minus(remaining);
            byte[] payload = Arrays.copyOfRange(bytes, end + 1, bytes.length);
            V value = header[1].equals("n") ? null : codec.decode(payload);
            return Optional.of(Outcome.fromStore(value, age, remaining));
        } catch (IllegalArgumentException | IndexOutOfBoundsException | UncheckedIOException e) {
            // Another release of the service wrote it: load anew and overwrite.
            listener.happened(Event.UNREADABLE);
            return Optional.empty();
        }
    }

    private byte[] encode(V value, Duration keepFor) {
        long newVersion = value == null ? 0 : version.applyAsLong(value);
        byte[] header =
                ("L1 "
                                + (value == null ? "n " : "v ")
                                + keepFor.toMillis()
                                + " "
                                + newVersion
                                + "\n")
                        .getBytes(StandardCharsets.US_ASCII);
        if (value == null) {
            return header;
        }
        byte[] payload = codec.encode(value);
        byte[] entry = new byte[header.length + payload.length];
        System.arraycopy(header, 0, entry, 0, header.length);
        System.arraycopy(payload, 0, entry, header.length, payload.length);
        return entry;
    }

    /** Shorter by up to the jitter, never longer: the TTL stays a bound on staleness. */
    private Duration jittered(Duration full) {
        long millis = full.toMillis();
        return Duration.ofMillis(
                Math.max(1, millis - (long) (millis * jitter * random.nextDouble())));
    }

    private String token() {
        return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
    }

    private record Both(CacheListener first, CacheListener second) implements CacheListener {

        @Override
        public void happened(Event event) {
            first.happened(event);
            second.happened(event);
        }

        @Override
        public void databaseRead(Duration took) {
            first.databaseRead(took);
            second.databaseRead(took);
        }
    }

    /** Every setting has a default that suits rows of a few KB in front of a small database. */
    public static final class Builder<V> {

        private final String name;
        private final Redis redis;
        private final Codec<V> codec;
        private Duration ttl = Duration.ofSeconds(30);
        private Duration negativeTtl = Duration.ofSeconds(5);
        private double jitter = 0.1;
        private ToLongFunction<V> version = value -> 0;
        private boolean guarded = true;
        private Duration storeTimeout = Duration.ofMillis(500);
        private Duration pauseWhenAway = Duration.ofMillis(500);
        private Duration fenceTtl = Duration.ofSeconds(60);
        private int databasePlaces = 16;
        private Duration databasePatience = Duration.ofSeconds(2);
        private Clock clock = Clock.systemUTC();
        private RandomGenerator random = new SecureRandom();
        private CacheListener listener;

        private Builder(String name, Redis redis, Codec<V> codec) {
            this.name = StoreTier.checked(name);
            this.redis = Objects.requireNonNull(redis);
            this.codec = Objects.requireNonNull(codec);
        }

        /** How long a value may be served after it was kept. Default 30 s. */
        public Builder<V> ttl(Duration ttl) {
            this.ttl = positive(ttl);
            return this;
        }

        /** How long an absence may be believed. Default 5 s. */
        public Builder<V> negativeTtl(Duration ttl) {
            this.negativeTtl = positive(ttl);
            return this;
        }

        /**
         * The part of the TTL, 0 to 0.9, by which entries end earlier at random, so that what was
         * loaded together does not end together. Default 0.1.
         */
        public Builder<V> jitter(double part) {
            if (!(part >= 0 && part <= 0.9)) {
                throw new IllegalArgumentException("jitter is 0 to 0.9, not " + part);
            }
            this.jitter = part;
            return this;
        }

        /**
         * The value's version, 1 to 2^53, growing with every commit of its row. Orders writers that
         * commit in one order and reach the store in another; without it the later arrival wins.
         */
        public Builder<V> version(ToLongFunction<V> version) {
            this.version = Objects.requireNonNull(version);
            return this;
        }

        /** Longest wait for one answer of the store. Default 500 ms. */
        public Builder<V> storeTimeout(Duration timeout) {
            this.storeTimeout = positive(timeout);
            return this;
        }

        /** How long reads leave a store alone that failed to answer. Default 500 ms. */
        public Builder<V> pauseWhenAway(Duration pause) {
            this.pauseWhenAway = positive(pause);
            return this;
        }

        /** Loads at a time in this JVM, and the longest wait for one's turn. Default 16, 2 s. */
        public Builder<V> database(int places, Duration patience) {
            if (places < 1) {
                throw new IllegalArgumentException("at least one place, not " + places);
            }
            this.databasePlaces = places;
            this.databasePatience = positive(patience);
            return this;
        }

        public Builder<V> random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random);
            return this;
        }

        public Builder<V> listener(CacheListener listener) {
            this.listener = Objects.requireNonNull(listener);
            return this;
        }

        /** Only for the test that shows that the race is real. */
        Builder<V> withoutFences() {
            this.guarded = false;
            return this;
        }

        public Cache<V> build() {
            return new Cache<>(this);
        }

        private static Duration positive(Duration duration) {
            if (duration.toMillis() < 1) {
                throw new IllegalArgumentException("at least 1 ms, not " + duration);
            }
            return duration;
        }
    }
}
