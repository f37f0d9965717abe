package dev.larder.caching;

import io.vertx.redis.client.Redis;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/** Every setting has a default that suits rows of a few KB in front of a small database. */
public final class CacheBuilder<V> {

    final String name;
    final Redis redis;
    final Codec<V> codec;
    Duration ttl = Duration.ofSeconds(30);
    Duration negativeTtl = Duration.ofSeconds(5);
    double jitter = 0.1;
    Duration sliding = Duration.ZERO;
    double refreshAhead;
    double beta;
    Duration revalidate = Duration.ZERO;
    Duration ifError = Duration.ZERO;
    Duration softTimeout;
    Duration hardTimeout;
    Duration lease = Duration.ofSeconds(10);
    HotTier hot;
    Function<V, ? extends Collection<String>> tags = value -> List.of();
    boolean tagged;
    ToLongFunction<V> version = value -> 0;
    boolean guarded = true;
    Duration storeTimeout = Duration.ofMillis(500);
    Duration pauseWhenAway = Duration.ofMillis(500);
    Duration fenceTtl = Duration.ofSeconds(60);
    int databasePlaces = 16;
    Duration databasePatience = Duration.ofSeconds(2);
    int partitions;
    boolean clustered;
    Clock clock = Clock.systemUTC();
    // Shared by all callers, and only ever asked for luck and for names that do not repeat.
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    CacheListener listener;

    CacheBuilder(String name, Redis redis, Codec<V> codec) {
        this.name = Keys.checked(name);
        this.redis = Objects.requireNonNull(redis);
        this.codec = Objects.requireNonNull(codec);
    }

    /** How long a value may be served after it was loaded. Default 30 s. */
    public CacheBuilder<V> ttl(Duration ttl) {
        this.ttl = positive(ttl);
        return this;
    }

    /** How long an absence may be believed. Default 5 s. */
    public CacheBuilder<V> negativeTtl(Duration ttl) {
        this.negativeTtl = positive(ttl);
        return this;
    }

    /**
     * The part of the TTL, 0 to 0.9, by which entries end earlier at random, so that what was
     * loaded together does not end together. Default 0.1.
     */
    public CacheBuilder<V> jitter(double part) {
        if (!(part >= 0 && part <= 0.9)) {
            throw new IllegalArgumentException("jitter is 0 to 0.9, not " + part);
        }
        this.jitter = part;
        return this;
    }

    /**
     * Sliding TTL: every hit lets the value live a whole TTL from then on, but no longer than
     * {@code maxAge} after it was loaded, which is then the bound on staleness. Default: off.
     */
    public CacheBuilder<V> sliding(Duration maxAge) {
        this.sliding = positive(maxAge);
        return this;
    }

    /**
     * Refresh-ahead: a read in the last {@code part} (0 to 1) of the TTL is served at once and has
     * the value loaded anew in the background, by one reader of all nodes. Default 0: off.
     */
    public CacheBuilder<V> refreshAhead(double part) {
        if (!(part >= 0 && part < 1)) {
            throw new IllegalArgumentException("a part of 0 to 1, not " + part);
        }
        this.refreshAhead = part;
        return this;
    }

    /**
     * XFetch: a read has the value loaded anew in the background with a probability that grows
     * towards the end of the TTL, the sooner the longer its load takes. {@code beta} 1 is the
     * paper's optimum, more is earlier, 0 off. Default 0.
     *
     * @see Freshness
     */
    public CacheBuilder<V> earlyRefresh(double beta) {
        if (!(beta >= 0 && beta <= 100)) {
            throw new IllegalArgumentException("beta is 0 to 100, not " + beta);
        }
        this.beta = beta;
        return this;
    }

    /**
     * Stale-while-revalidate (RFC 5861): so long after its TTL a value is still served at once,
     * while one reader of all nodes loads it anew. Default: off.
     */
    public CacheBuilder<V> staleWhileRevalidate(Duration window) {
        this.revalidate = notNegative(window);
        return this;
    }

    /**
     * Stale-if-error (RFC 5861): so long after its TTL a value is served when its load fails or
     * takes longer than the soft timeout. Default: off.
     */
    public CacheBuilder<V> staleIfError(Duration window) {
        this.ifError = notNegative(window);
        return this;
    }

    /**
     * How long a reader that has a stale value at hand waits for the load, which then goes on for
     * others. Default: as long as it takes.
     */
    public CacheBuilder<V> softTimeout(Duration limit) {
        this.softTimeout = positive(limit);
        return this;
    }

    /**
     * How long a reader without any value waits before it gets {@link LoadTimeoutException}; the
     * load goes on for others. Loads then run on threads of their own. Default: as long as it
     * takes.
     */
    public CacheBuilder<V> hardTimeout(Duration limit) {
        this.hardTimeout = positive(limit);
        return this;
    }

    /**
     * Single flight across nodes: one reader of all nodes loads a key, the others wait for it and
     * are woken; so long may it take before another one tries. Zero: each node loads for itself.
     * Default 10 s.
     */
    public CacheBuilder<V> lease(Duration longest) {
        this.lease = notNegative(longest);
        return this;
    }

    /**
     * Holds what is read often in this JVM, too. What others change is served from there until the
     * store's word of it has arrived, never longer than the tier's {@code longestTrust}. Default:
     * off.
     */
    public CacheBuilder<V> hot(HotTier tier) {
        this.hot = Objects.requireNonNull(tier);
        return this;
    }

    /**
     * What a value is made of, such as {@code category:tea}: {@link Cache#invalidateTag} drops all
     * values that carry a tag. Costs two more round trips for each load, none for a hit.
     */
    public CacheBuilder<V> tags(Function<V, ? extends Collection<String>> tags) {
        this.tags = Objects.requireNonNull(tags);
        this.tagged = true;
        return this;
    }

    /**
     * The value's version, 1 to 2^53, growing with every commit of its row. Orders writers that
     * commit in one order and reach the store in another; without it the later arrival wins.
     */
    public CacheBuilder<V> version(ToLongFunction<V> version) {
        this.version = Objects.requireNonNull(version);
        return this;
    }

    /** Longest wait for one answer of the store. Default 500 ms. */
    public CacheBuilder<V> storeTimeout(Duration timeout) {
        this.storeTimeout = positive(timeout);
        return this;
    }

    /**
     * How long reads leave a store alone that failed to answer, and readers with a stale value a
     * database whose loads failed. Default 500 ms.
     */
    public CacheBuilder<V> pauseWhenAway(Duration pause) {
        this.pauseWhenAway = positive(pause);
        return this;
    }

    /** Loads at a time in this JVM, and the longest wait for one's turn. Default 16, 2 s. */
    public CacheBuilder<V> database(int places, Duration patience) {
        if (places < 1) {
            throw new IllegalArgumentException("at least one place, not " + places);
        }
        this.databasePlaces = places;
        this.databasePatience = positive(patience);
        return this;
    }

    /**
     * Entries share slots with their partition's stream, as write-behind needs it: 1 to 1,024
     * partitions. Another number later is another cache: what is there is not found any more.
     */
    public CacheBuilder<V> partitions(int partitions) {
        if (partitions < 1 || partitions > 1_024) {
            throw new IllegalArgumentException("1 to 1,024 partitions, not " + partitions);
        }
        this.partitions = partitions;
        return this;
    }

    /** The client is one of a cluster, where a batch must stay in one slot. Default: it is not. */
    public CacheBuilder<V> clustered(boolean clustered) {
        this.clustered = clustered;
        return this;
    }

    public CacheBuilder<V> random(RandomGenerator random) {
        this.random = Objects.requireNonNull(random);
        return this;
    }

    public CacheBuilder<V> listener(CacheListener listener) {
        this.listener = Objects.requireNonNull(listener);
        return this;
    }

    /** Only for the test that shows that the race is real. */
    CacheBuilder<V> withoutFences() {
        this.guarded = false;
        return this;
    }

    public Cache<V> build() {
        if (!sliding.isZero()) {
            if (sliding.compareTo(ttl) < 0) {
                throw new IllegalArgumentException(
                        "the greatest age of a sliding TTL is at least the TTL");
            }
            if (refreshAhead > 0 || beta > 0 || !revalidate.isZero() || !ifError.isZero()) {
                throw new IllegalArgumentException(
                        "a sliding TTL goes with no refresh and no stale window: it never ends while"
                                + " the value is read");
            }
        }
        return new Cache<>(this);
    }

    Freshness freshness() {
        return new Freshness(ttl, negativeTtl, jitter, refreshAhead, beta, revalidate, ifError);
    }

    private static Duration positive(Duration duration) {
        if (duration.toMillis() < 1) {
            throw new IllegalArgumentException("at least 1 ms, not " + duration);
        }
        return duration;
    }

    private static Duration notNegative(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("not negative, as " + duration + " is");
        }
        return duration;
    }
}
