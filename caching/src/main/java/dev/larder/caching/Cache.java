package dev.larder.caching;

import static dev.larder.caching.CacheListener.Event;

import io.vertx.redis.client.Redis;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/**
 * A named cache of one type of value in the shared store, in front of a database. Thread-safe;
 * blocks the caller (virtual or worker threads).
 *
 * <p>Patterns on the same entries: {@link #read} loads lazily, {@link #readThrough} has the loader
 * built in, {@link #write} writes through, {@link #writeAround} drops. Promise of all: a value that
 * the database has replaced is served for at most the TTL (and the stale windows that were asked
 * for) after the moment it was loaded, and not at all once the write reached the store; the store
 * being away never fails a read or a write (see {@link Outcome.Result#BYPASS}).
 *
 * <p>Errors: what the loader or the commit throws comes through as it is; {@link
 * DatabaseBusyException} when no place in front of the database came free; {@link
 * LoadTimeoutException} when a load took too long; {@link StoreAwayException} only from calls whose
 * whole point is the store: {@link #flush}, {@link #invalidate}, {@link #invalidateTag}, {@link
 * #peek} and {@link #entries}.
 */
public final class Cache<V> {

    private static final System.Logger LOG = System.getLogger(Cache.class.getName());
    private static final int ROUNDS_MAX = 1_000;

    final Redis redis;
    final StoreTier store;
    private final HotTier hot;
    final Keys keys;
    final Codec<V> codec;
    final Clock clock;
    final RandomGenerator random;
    final Duration storeTimeout;
    final Duration fenceTtl;
    final Freshness freshness;
    private final Duration sliding;
    final Duration life;
    final Duration softTimeout;
    final Duration hardTimeout;
    private final ToLongFunction<V> version;
    private final Function<V, ? extends Collection<String>> tags;
    final boolean tagged;
    final boolean guarded;
    final Duration longestKeptLoad;
    private final Duration longestTurn;
    final CacheListener listener;
    private final CacheCounters counters = new CacheCounters();
    final Flights<Outcome<V>> flights;

    /** Of the database, kept by readers that have a stale value. */
    final Pause databasePause;

    Cache(CacheBuilder<V> from) {
        redis = from.redis;
        storeTimeout = from.storeTimeout;
        fenceTtl = from.fenceTtl;
        keys = new Keys(from.name, from.partitions);
        hot = from.hot;
        if (hot != null) {
            hot.join(from.name);
        }
        codec = from.codec;
        freshness = from.freshness();
        sliding = from.sliding;
        life = sliding.isZero() ? freshness.longestLife() : sliding;
        softTimeout = from.softTimeout;
        hardTimeout = from.hardTimeout;
        version = from.version;
        tags = from.tags;
        tagged = from.tagged;
        guarded = from.guarded;
        databasePause = new Pause(from.pauseWhenAway);
        clock = from.clock;
        random = from.random;
        CacheListener outside = from.listener;
        listener = outside == null ? counters : new Both(counters, outside);
        longestKeptLoad = from.fenceTtl.dividedBy(2);
        // The reader before this one may wait for a place and then take its whole lease.
        longestTurn = from.databasePatience.plus(from.lease);
        store =
                new StoreTier(
                        from.redis,
                        keys,
                        from.storeTimeout,
                        from.pauseWhenAway,
                        from.fenceTtl,
                        from.lease,
                        from.clustered,
                        from.clock);
        flights =
                new Flights<>(
                        from.databasePlaces,
                        from.databasePatience,
                        longestTurn.plus(from.databasePatience),
                        // What was not kept may have been replaced while it was loaded.
                        outcome -> outcome.kept() || outcome.result() == Outcome.Result.BYPASS,
                        listener);
    }

    /**
     * Begins a cache whose keys all start with {@code name}, such as {@code catalog:product}. The
     * client stays the caller's to close.
     */
    public static <V> CacheBuilder<V> named(String name, Redis redis, Codec<V> codec) {
        return new CacheBuilder<>(name, redis, codec);
    }

    /**
     * Lazy loading: the cached value, else what {@code loader} finds, kept for the next reader. An
     * empty answer is kept too, for the shorter negative TTL. Readers of the same key share one
     * load, in this JVM and, by the lease, across nodes.
     */
    public Outcome<V> read(String key, Function<String, Optional<V>> loader) {
        Keys.checked(key);
        long since = System.nanoTime();
        Seen<V> seen = held(key);
        if (seen == null) {
            if (!store.worthAsking()) {
                return bypass(key, since, loader);
            }
            try {
                seen = find(key);
            } catch (StoreAwayException e) {
                return bypass(key, since, loader);
            }
        }
        return served(key, seen, since, loader);
    }

    /**
     * The same for many keys: one round trip for what is cached, one call of {@code loader} with
     * the keys that this reader has to load. The loader leaves out what it does not know. In the
     * order of the keys, each once.
     */
    public Map<String, Outcome<V>> readAll(
            Collection<String> wanted, Function<Set<String>, Map<String, V>> loader) {
        return new BatchRead<>(this, new ArrayList<>(new LinkedHashSet<>(wanted)), loader).run();
    }

    /** A cache that knows how to load: read-through. */
    public ReadThrough<V> readThrough(Function<String, Optional<V>> loader) {
        return new ReadThrough<>(this, loader);
    }

    /** What is cached now, however stale; never loads. */
    public Optional<Outcome<V>> peek(String key) {
        Keys.checked(key);
        Seen<V> held = held(key);
        Seen<V> seen = held == null ? seen(store.find(key)) : held;
        return seen == null || seen.from() == null ? Optional.empty() : Optional.of(outcome(seen));
    }

    /**
     * Write-through: runs {@code commit}, which returns when the database has committed, then keeps
     * its result. What {@code commit} throws leaves the store as it was. When the store cannot be
     * told, the outcome is not {@code kept} and readers may see the former value until its TTL
     * ends.
     */
    public Outcome<V> write(String key, Supplier<V> commit) {
        Keys.checked(key);
        long lastMark = 0;
        boolean marks = tagged;
        if (marks) {
            try {
                lastMark = store.lastMark();
            } catch (StoreAwayException e) {
                marks = false;
            }
        }
        V value = commit.get();
        flights.forget(key);
        long fresh = freshness.fresh(false, random);
        boolean told = false;
        try {
            Objects.requireNonNull(value, "what was committed");
            store.announce(List.of(key), life);
            boolean current = !tagged || marks && current(key, value, lastMark);
            long kept = kept(false, fresh);
            boolean stays =
                    store.write(
                            key,
                            token(),
                            version.applyAsLong(value),
                            kept,
                            encode(value, kept, fresh, 0));
            if (!current) {
                // A tag of it was invalidated meanwhile, and that did not see this key.
                store.invalidate(List.of(key), token(), null);
                stays = false;
            }
            told = true;
            listener.happened(stays ? Event.WRITE : Event.WRITE_REFUSED);
            return Outcome.fromDatabase(
                    value,
                    Outcome.Result.WRITTEN,
                    stays ? Duration.ofMillis(fresh) : Duration.ZERO);
        } catch (StoreAwayException e) {
            told = true;
            listener.happened(Event.STORE_AWAY);
            return Outcome.fromDatabase(value, Outcome.Result.BYPASS, Duration.ZERO);
        } finally {
            if (!told) {
                // The codec or the tags failed on what is committed: the former value must not
                // stay.
                invalidateAfterCommit(List.of(key));
            }
            changed(key);
        }
    }

    /**
     * Write-around: runs {@code commit}, which returns when the database has committed, then drops
     * the key; the next reader loads. What {@code commit} throws drops nothing. Never fails because
     * of the store: when it is away the former value ends by its TTL.
     */
    public <R> R writeAround(String key, Supplier<R> commit) {
        return writeAroundAll(List.of(key), commit);
    }

    /** {@link #writeAround} of several keys. */
    public <R> R writeAroundAll(Collection<String> changed, Supplier<R> commit) {
        changed.forEach(Keys::checked);
        R result = commit.get();
        invalidateAfterCommit(changed);
        return result;
    }

    /**
     * Write-behind: begins a queue of writes that are acknowledged before the database has them.
     *
     * @throws IllegalStateException when the cache has no {@link CacheBuilder#partitions}
     */
    public WriteBehind.Builder<V> writeBehind() {
        if (keys.partitions() == 0) {
            throw new IllegalStateException("write-behind needs a cache with partitions");
        }
        return new WriteBehind.Builder<>(this);
    }

    /** Drops one entry, after the commit that made it untrue; true when there was one. */
    public boolean invalidate(String key) {
        Keys.checked(key);
        return drop(List.of(key), null) == 1;
    }

    /**
     * Drops an entry unless it is at least as new as {@code version}, for whoever learns of a
     * commit late (change capture): a value that was written through by then stays. True when one
     * went.
     */
    public boolean invalidateOlder(String key, long version) {
        Keys.checked(key);
        return drop(List.of(key), version) == 1;
    }

    /**
     * Drops entries after a commit that changed many rows. Never fails: when the store is away the
     * entries end by their TTL. Returns how many keys the store was told about.
     */
    public int invalidateAfterCommit(Collection<String> changed) {
        changed.forEach(Keys::checked);
        try {
            drop(List.copyOf(changed), null);
            return changed.size();
        } catch (StoreAwayException e) {
            listener.happened(Event.STORE_AWAY);
            return 0;
        }
    }

    /** Drops all values that carry the tag, and those that are being loaded; returns how many. */
    public long invalidateTag(String tag) {
        return drop(store.mark(tag), null);
    }

    /** Drops everything that this cache holds, a batch at a time; returns how many entries went. */
    public long flush() {
        long dropped = 0;
        for (int index = 0; index < StoreTier.INDEXES; index++) {
            dropped += drop(store.indexed(index), null);
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

    public String name() {
        return keys.name();
    }

    public Duration ttl() {
        return freshness.ttl();
    }

    private long drop(List<String> changed, Long than) {
        changed.forEach(flights::forget);
        List<Boolean> dropped;
        List<String> due;
        try {
            due = store.due(changed);
            dropped = store.invalidate(changed, token(), than);
        } finally {
            changed.forEach(this::changed);
        }
        List<String> gone = new ArrayList<>();
        List<String> theirs = new ArrayList<>();
        long went = 0;
        for (int i = 0; i < changed.size(); i++) {
            if (dropped.get(i)) {
                went++;
            }
            if (dropped.get(i) || than == null) {
                gone.add(changed.get(i));
                theirs.add(due.get(i));
            }
            listener.happened(Event.INVALIDATE);
        }
        store.unindex(gone, theirs);
        return went;
    }

    // --- for write-behind ------------------------------------------------------------------------

    /** The entry of a value, or of an absence (null), as it is kept once the database has it. */
    byte[] entry(V value) {
        long fresh = freshness.fresh(value == null, random);
        return encode(value, kept(value == null, fresh), fresh, 0);
    }

    /** A write of the key was accepted: who asks from now on joins no load that began before. */
    void accepted(String key) {
        flights.forget(key);
        changed(key);
    }

    /**
     * Before entries that the database has now get their TTL: enters them where {@link #flush} and
     * tags find them. Returns the keys of those with a tag that was invalidated since they were
     * accepted.
     *
     * @param stored the last write of each key
     */
    List<String> enter(List<Write<V>> stored) {
        store.announce(stored.stream().map(Write::key).toList(), life);
        if (!tagged) {
            return List.of();
        }
        List<String> outdated = new ArrayList<>();
        for (Write<V> write : stored) {
            // Marks are microseconds; they are forgotten after fenceTtl.
            long lastMark = write.accepted().toEpochMilli() * 1_000;
            boolean marksForgotten =
                    clock.millis() - write.accepted().toEpochMilli() > fenceTtl.toMillis();
            if (!enteredUnderItsTags(write, lastMark) || marksForgotten) {
                outdated.add(write.key());
            }
        }
        return outdated;
    }

    private boolean enteredUnderItsTags(Write<V> write, long lastMark) {
        try {
            return current(write.key(), write.value(), lastMark);
        } catch (StoreAwayException e) {
            throw e;
        } catch (RuntimeException e) {
            // The database has it; a value whose tags fail must not hold up those behind it.
            LOG.log(System.Logger.Level.WARNING, "tags of " + write.key() + " in " + name(), e);
            return false;
        }
    }

    // --- what is cached --------------------------------------------------------------------------

    /** An entry and its age; {@code from} is who had it. */
    record Seen<V>(Entry<V> entry, long age, long remaining, Tier from) {}

    /** What this JVM holds, or null. */
    Seen<V> held(String key) {
        if (hot == null) {
            return null;
        }
        Held<Entry<V>> held = hot.get(keys.entry(key));
        if (held == null) {
            return null;
        }
        long now = System.nanoTime();
        return new Seen<>(
                held.value(), held.age(now).toMillis(), held.remaining(now).toMillis(), Tier.HOT);
    }

    /** What the store has; a key that is read often is held from then on. */
    private Seen<V> find(String key) {
        if (hot == null) {
            return seen(store.find(key));
        }
        String storeKey = keys.entry(key);
        if (!hot.wants(storeKey)) {
            return seen(store.find(key));
        }
        Fetched fetched;
        try {
            fetched = hot.fetch(storeKey);
        } catch (StoreAwayException e) {
            // Its connection is one of its own: whether the store is away, the other one says.
            return seen(store.find(key));
        }
        Seen<V> seen =
                seen(
                        new StoreTier.Found(
                                fetched.bytes(), StoreTier.remaining(fetched.remainingMillis())));
        // What write-behind has not stored is not held: here its age would go on.
        if (seen != null && seen.from() != null && fetched.remainingMillis() >= 0) {
            hot.put(
                    storeKey,
                    seen.entry(),
                    fetched.sentAt() - Duration.ofMillis(seen.age()).toNanos(),
                    fetched.sentAt() + Duration.ofMillis(seen.remaining()).toNanos(),
                    fetched);
        }
        return seen;
    }

    private void changed(String key) {
        if (hot != null) {
            hot.changed(keys.entry(key));
        }
    }

    /** Null for nothing; from nobody when there is something that cannot be read. */
    Seen<V> seen(StoreTier.Found found) {
        if (found.bytes() == null) {
            return null;
        }
        Entry<V> entry = Entry.decode(found.bytes(), codec);
        if (entry == null) {
            // Another release of the service wrote it: load anew and overwrite.
            listener.happened(Event.UNREADABLE);
            return new Seen<>(
                    new Entry<>(null, 0, 0, 0, 0, 0, Entry.line(found.bytes())), 0, 0, null);
        }
        // What write-behind has not stored yet is the truth; its TTL begins when it is stored.
        long remaining = found.remainingMillis() < 0 ? entry.kept() : found.remainingMillis();
        // By the store's clock; the TTL that slides has no beginning, so by those of the nodes.
        long age =
                sliding.isZero()
                        ? entry.kept() - remaining
                        : Math.max(0, clock.millis() - entry.created());
        return new Seen<>(entry, age, remaining, Tier.STORE);
    }

    private Outcome<V> outcome(Seen<V> seen) {
        long remaining =
                sliding.isZero()
                        ? Math.max(0, seen.entry().fresh() - seen.age())
                        : seen.remaining();
        return Outcome.cached(
                seen.entry().value(),
                seen.from(),
                Duration.ofMillis(seen.age()),
                Duration.ofMillis(remaining));
    }

    /** Of what was seen; a TTL that slides is renewed by that. */
    Freshness.Verdict verdict(String key, Seen<V> seen) {
        if (sliding.isZero()) {
            return freshness.of(seen.entry(), seen.age(), random);
        }
        store.prolong(
                key, Math.max(1, Math.min(seen.entry().fresh(), sliding.toMillis() - seen.age())));
        return Freshness.Verdict.FRESH;
    }

    private Outcome<V> served(
            String key, Seen<V> seen, long since, Function<String, Optional<V>> loader) {
        if (seen == null || seen.from() == null) {
            listener.happened(Event.MISS);
            return loaded(key, since, loader, seen == null ? null : seen.entry().line());
        }
        return switch (verdict(key, seen)) {
            case FRESH -> hit(seen);
            case EARLY, STALE -> {
                refresh(key, loader, seen);
                yield hit(seen);
            }
            case OVERDUE ->
                    databasePause.worthAsking() ? overdue(key, since, loader, seen) : hit(seen);
        };
    }

    Outcome<V> hit(Seen<V> seen) {
        Outcome<V> outcome = outcome(seen);
        if (seen.from() == Tier.HOT) {
            listener.happened(Event.HOT_HIT);
        } else {
            listener.happened(outcome.value() == null ? Event.NEGATIVE_HIT : Event.HIT);
        }
        if (outcome.stale()) {
            listener.happened(Event.STALE);
        }
        return outcome;
    }

    private void refresh(String key, Function<String, Optional<V>> loader, Seen<V> seen) {
        if (!databasePause.worthAsking()) {
            return;
        }
        flights.inBackground(
                key,
                () -> {
                    Outcome<V> anew = loadAndKeep(key, loader, seen.entry().line(), true);
                    if (anew != null && anew.tier() == Tier.DATABASE) {
                        listener.happened(Event.REFRESH);
                    }
                    return anew;
                });
    }

    /** Stale-if-error: the load first; the stale value when that fails or takes too long. */
    Outcome<V> overdue(String key, long since, Function<String, Optional<V>> loader, Seen<V> seen) {
        try {
            Outcome<V> anew =
                    softTimeout == null
                            ? loaded(key, since, loader, seen.entry().line())
                            : flights.within(
                                    softTimeout,
                                    key,
                                    since,
                                    () -> loadAndKeep(key, loader, seen.entry().line(), false));
            if (anew == null) {
                return hit(seen);
            }
            listener.happened(Event.MISS);
            return anew;
        } catch (LoadTimeoutException e) {
            return hit(seen);
        } catch (RuntimeException e) {
            listener.happened(Event.LOAD_FAILED);
            return hit(seen);
        }
    }

    // --- loading ---------------------------------------------------------------------------------

    Outcome<V> loaded(String key, long since, Function<String, Optional<V>> loader, byte[] seen) {
        return flown(key, since, () -> loadAndKeep(key, loader, seen, false));
    }

    /** The result of a flight, one's own or another reader's. */
    private Outcome<V> flown(String key, long since, Supplier<Outcome<V>> load) {
        for (int round = 0; round < ROUNDS_MAX; round++) {
            Outcome<V> outcome =
                    hardTimeout == null
                            ? flights.join(key, since, load)
                            : flights.within(hardTimeout, key, since, load);
            if (outcome != null) {
                return outcome;
            }
            // Joined what was no answer for this reader: take one's own turn.
        }
        throw new DatabaseBusyException("no turn to load " + key);
    }

    /**
     * Takes the turn to load, loads and keeps. Null only in the background: another node is at it.
     *
     * @param seen first line of the entry to be replaced, or null
     */
    private Outcome<V> loadAndKeep(
            String key, Function<String, Optional<V>> loader, byte[] seen, boolean background) {
        String token = token();
        String fence = null;
        long lastMark = 0;
        try {
            StoreTier.Turn turn = turn(key, token, seen, background);
            if (turn == null) {
                return null;
            }
            if (turn.found() != null) {
                Seen<V> other = seen(turn.found());
                if (other != null && other.from() != null) {
                    listener.happened(Event.JOINED);
                    return outcome(other);
                }
                // Unreadable: to be replaced without a lease.
            }
            fence = turn.fence();
            store.announce(List.of(key), life);
            lastMark = tagged ? store.lastMark() : 0;
        } catch (StoreAwayException e) {
            listener.happened(Event.STORE_AWAY);
            fence = null;
        }
        long began = System.nanoTime();
        V value;
        try {
            value = flights.withPlace(() -> load(key, loader)).orElse(null);
            databasePause.answered();
        } catch (RuntimeException | Error e) {
            databasePause.failed();
            store.release(key, token);
            throw e;
        }
        try {
            return keep(key, value, token, fence, lastMark, began);
        } catch (RuntimeException | Error e) {
            // The codec or the tags failed on it: the next reader need not wait for the lease to
            // end.
            store.release(key, token);
            throw e;
        }
    }

    /** Keeps what was loaded since {@code began}, if nobody wrote since the turn was taken. */
    private Outcome<V> keep(
            String key, V value, String token, String fence, long lastMark, long began) {
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (fence == null || took.compareTo(longestKeptLoad) > 0) {
            store.release(key, token);
            return Outcome.fromDatabase(value, Outcome.Result.MISS, Duration.ZERO);
        }
        long fresh = freshness.fresh(value == null, random);
        try {
            if (!current(key, value, lastMark)) {
                store.release(key, token);
                listener.happened(Event.FILL_REFUSED);
                return Outcome.fromDatabase(value, Outcome.Result.MISS, Duration.ZERO);
            }
            long kept = kept(value == null, fresh);
            boolean stays =
                    store.fill(
                                    List.of(key),
                                    token,
                                    one ->
                                            new StoreTier.Fill(
                                                    fence,
                                                    guarded,
                                                    version(value),
                                                    kept,
                                                    encode(value, kept, fresh, took.toMillis())))
                            .getFirst();
            listener.happened(stays ? Event.FILL : Event.FILL_REFUSED);
            return Outcome.fromDatabase(
                    value, Outcome.Result.MISS, stays ? Duration.ofMillis(fresh) : Duration.ZERO);
        } catch (StoreAwayException e) {
            listener.happened(Event.STORE_AWAY);
            return Outcome.fromDatabase(value, Outcome.Result.MISS, Duration.ZERO);
        }
    }

    /** Waits for the reader that has the lease, until there is an entry or a turn to load. */
    private StoreTier.Turn turn(String key, String token, byte[] seen, boolean background) {
        StoreTier.Turn turn = store.turn(key, token, seen);
        if (turn.yours() || turn.found() != null) {
            return turn;
        }
        if (background) {
            return null;
        }
        listener.happened(Event.LEASE_WAIT);
        long deadline = System.nanoTime() + longestTurn.toNanos();
        try (Wakes.Wait wait = store.listen(key)) {
            while (true) {
                // Asked after the subscription is confirmed: what ended before it sent no word.
                turn = store.turn(key, token, seen);
                if (turn.yours() || turn.found() != null) {
                    return turn;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new DatabaseBusyException(
                            "another node's load of " + key + " takes too long");
                }
                wait.await(
                        Duration.ofNanos(
                                Math.min(left, Duration.ofMillis(turn.leaseMillis()).toNanos())));
            }
        }
    }

    private Outcome<V> bypass(String key, long since, Function<String, Optional<V>> loader) {
        listener.happened(Event.STORE_AWAY);
        return flown(
                key,
                since,
                () ->
                        Outcome.fromDatabase(
                                flights.withPlace(() -> load(key, loader)).orElse(null),
                                Outcome.Result.BYPASS,
                                Duration.ZERO));
    }

    private <T> T load(String key, Function<String, T> loader) {
        return timed(() -> loader.apply(key));
    }

    <T> T timed(Supplier<T> load) {
        long began = System.nanoTime();
        try {
            return load.get();
        } finally {
            listener.databaseRead(Duration.ofNanos(System.nanoTime() - began));
        }
    }

    /** Enters the value under its tags; false when one of them was invalidated meanwhile. */
    boolean current(String key, V value, long lastMark) {
        if (!tagged || value == null) {
            return true;
        }
        Set<String> of = new HashSet<>(tags.apply(value));
        return of.isEmpty() || store.tag(key, of, life, lastMark);
    }

    long version(V value) {
        return value == null ? 0 : version.applyAsLong(value);
    }

    /** Ms for which the store keeps an entry that is fresh for so many. */
    long kept(boolean negative, long fresh) {
        return negative ? fresh : fresh + freshness.staleWindow();
    }

    byte[] encode(V value, long kept, long fresh, long load) {
        return Entry.encode(
                value == null ? null : codec.encode(value),
                version(value),
                kept,
                fresh,
                load,
                clock.millis());
    }

    String token() {
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
}
