package dev.larder.caching;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The hot tier: decoded entries of often read keys, held in this JVM and kept honest by the store,
 * which says which key has changed (CLIENT TRACKING). One per Redis client, shared by its caches;
 * thread-safe. A read of it takes well under a microsecond and never waits.
 *
 * <p>Promise: a value that somebody has replaced or removed in the store, in whatever way, is
 * served from here no longer than the store's word takes to arrive, and never longer than {@link
 * Builder#longestTrust} (default 2 s), however the connection fails; nor does anything outlive the
 * TTL that the store gave it. While the connection is away nothing is served from here at all.
 *
 * <p>It takes one place of the client's {@code maxPoolSize}, for its own connection.
 *
 * <h2>Why a slow reader cannot keep what has changed</h2>
 *
 * Each key belongs to one of {@value #STRIPES} stripes, and a stripe's stamp moves with every
 * invalidation of one of its keys. A read takes the stamp before it asks the store, and what it
 * found is held only while the stamp has not moved; checking and holding are one step under the
 * stripe's lock, as are moving and dropping. The store begins to track a key when it executes the
 * read, after the stamp was taken; so every change that the read did not see moves the stamp after
 * it was taken. Two keys in one stripe can only make each other be read again.
 *
 * <h2>Why everything can be dropped in no time</h2>
 *
 * What is held carries the number of its term of trust. A lost connection ends the term, a flush
 * begins another, and what is of another term is not served, whoever puts it in how late. The
 * memory is cleared afterwards.
 *
 * <h2>Why a half-open connection is found out</h2>
 *
 * What the store says on one connection comes in order: when it has answered a PING, everything it
 * had said before has been heard. So trust is granted for {@code longestTrust} from the moment the
 * last answered PING was sent, and each read compares: no thread has to be on time for that.
 *
 * <h2>Servers without tracking</h2>
 *
 * Found out by trying, at each connection. {@link Mode#CHANNEL}: caches publish the keys that they
 * change on {@code <cache name>:changed}; what others change is noticed after {@link
 * Builder#longestByChannel}. {@link Mode#SHORT_TTL}: nothing is held longer than {@link
 * Builder#shortTtl}. A cluster is such a server, too: tracking would need a connection per node.
 */
public final class HotTier implements AutoCloseable {

    static final long NO_TERM = 0;

    private static final System.Logger LOG = System.getLogger(HotTier.class.getName());

    private static final int STRIPES = 1_024;
    private static final int OVERHEAD_BYTES = 96;
    private static final long FOREVER = Long.MAX_VALUE / 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(30);

    private static final Command HELLO = Line.unawaited("hello");
    private static final Command CLIENT = Line.unawaited("client");
    private static final Command GET = Line.unawaited("get");
    private static final Command PTTL = Line.unawaited("pttl");

    /** What keeps the tier honest. */
    public enum Mode {
        /** Only as a wish: the best that the server offers. */
        AUTO,
        /** The server pushes each changed key: CLIENT TRACKING on a RESP3 connection. */
        TRACKING,
        /** The caches publish what they change. */
        CHANNEL,
        /** Nothing: entries are held very briefly. */
        SHORT_TTL
    }

    /**
     * Since the start of this tier.
     *
     * @param hits reads answered from here
     * @param misses reads that were not
     * @param promotions entries that were taken in
     * @param invalidations keys that were said to have changed
     * @param drops times at which everything was dropped: connection lost or silent, store flushed
     * @param refusedPuts entries not taken in as they changed while they were read
     * @param entries held now, about
     */
    public record Counts(
            long hits,
            long misses,
            long promotions,
            long invalidations,
            long drops,
            long refusedPuts,
            long entries) {}

    /** One time of being connected, from the probing of the server to the loss. */
    private static final class Session {
        final CountDownLatch over = new CountDownLatch(1);
        final Set<String> channels = ConcurrentHashMap.newKeySet();
        volatile boolean needsLine = true;
        Mode mode;
        Line line;
        boolean sharded;
    }

    private static final class Stripe {
        long stamp;
    }

    private final Redis redis;
    private final Mode wish;
    private final int readsToBeHot;
    private final Duration patience;
    private final Duration longestTrust;
    private final Duration longestByChannel;
    private final Duration shortTtl;
    private final LongSupplier clock;
    private final boolean stamped;

    private final Cache<String, Held<?>> entries;
    private final ReadCounts reads;
    private final Stripe[] stripes = new Stripe[STRIPES];
    private final Set<String> cacheNames = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder promotions = new LongAdder();
    private final LongAdder invalidations = new LongAdder();
    private final LongAdder drops = new LongAdder();
    private final LongAdder refusedPuts = new LongAdder();

    /** Written under this; read by everybody. */
    private volatile Session session;

    private volatile long term = NO_TERM;
    private volatile long trustedUntil;

    /** Guarded by this. */
    private long terms = NO_TERM;

    /**
     * How others are told what this JVM changes, as it was when last connected; null: by the
     * server.
     */
    private volatile Command tell;

    private HotTier(Builder from) {
        redis = from.redis;
        wish = from.mode;
        readsToBeHot = from.reads;
        patience = from.patience;
        longestTrust = from.longestTrust;
        longestByChannel = from.longestByChannel;
        shortTtl = from.shortTtl;
        clock = from.clock;
        stamped = from.stamped;
        Caffeine<Object, Object> bound = Caffeine.newBuilder();
        entries =
                from.maximumBytes > 0
                        ? bound.maximumWeight(from.maximumBytes)
                                .weigher((String key, Held<?> held) -> held.weight)
                                .build()
                        : bound.maximumSize(from.maximumEntries).build();
        reads =
                new ReadCounts(
                        (int) Math.min(1 << 20, 4 * from.maximumEntries),
                        from.window,
                        clock.getAsLong());
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
        Thread.ofVirtual().name("hot-tier").start(this::keepConnected);
    }

    /** Begins a tier over a client that stays the caller's to close, after the tier. */
    public static Builder on(Redis redis) {
        return new Builder(redis);
    }

    /** What keeps it honest now; empty while nothing is served from here. */
    public Optional<Mode> mode() {
        Session now = session;
        return now == null || term == NO_TERM ? Optional.empty() : Optional.of(now.mode);
    }

    public Counts counts() {
        return new Counts(
                hits.sum(),
                misses.sum(),
                promotions.sum(),
                invalidations.sum(),
                drops.sum(),
                refusedPuts.sum(),
                entries.estimatedSize());
    }

    /** Says that the entries of this cache may be held here: its channel is listened to. */
    void join(String cacheName) {
        if (cacheNames.add(cacheName)) {
            Session now = session;
            if (now != null && now.mode == Mode.CHANNEL) {
                Thread.ofVirtual().start(() -> listenOrConnectAnew(now, cacheName));
            }
        }
    }

    /** What is held at a key and may be served now, or null. Never waits. */
    @SuppressWarnings("unchecked")
    <T> Held<T> get(String storeKey) {
        Held<?> held = entries.getIfPresent(storeKey);
        if (held != null) {
            long now = clock.getAsLong();
            if (held.term == term && now - held.diesAt() < 0 && now - trustedUntil < 0) {
                hits.increment();
                return (Held<T>) held;
            }
            if (now - held.diesAt() >= 0) {
                entries.asMap().remove(storeKey, held);
            }
        }
        misses.increment();
        return null;
    }

    /** Counts a read that was not answered here; whether the key is to be fetched for holding. */
    boolean wants(String storeKey) {
        if (term == NO_TERM) {
            return false;
        }
        return readsToBeHot <= 1 || reads.count(storeKey, clock.getAsLong()) >= readsToBeHot;
    }

    /**
     * Reads an entry so that the store says when it changes. To be handed to {@link #put}, or not.
     *
     * @throws StoreAwayException when the store refuses or does not answer in time
     */
    Fetched fetch(String storeKey) {
        Session now = session;
        long inTerm = term;
        long stamp = stampOf(storeKey);
        long sentAt = clock.getAsLong();
        if (now != null && now.mode == Mode.TRACKING) {
            CompletableFuture<Response> bytes = now.line.ask(GET, storeKey);
            CompletableFuture<Response> ttl = now.line.ask(PTTL, storeKey);
            try {
                return fetched(
                        Waiting.forAnswer(bytes, patience),
                        Waiting.forAnswer(ttl, patience),
                        sentAt,
                        inTerm,
                        stamp);
            } catch (StoreAwayException e) {
                // That connection being lost does not mean that there is none to the store.
                if (!now.line.isOver()) {
                    throw e;
                }
                inTerm = NO_TERM;
            }
        } else if (now == null
                || now.mode == Mode.CHANNEL && !now.channels.contains(channelOf(storeKey))) {
            inTerm = NO_TERM;
        }
        List<Response> answers =
                Waiting.forAnswer(
                        SharedConnection.of(redis)
                                .batch(
                                        List.of(
                                                Request.cmd(Command.GET).arg(storeKey),
                                                Request.cmd(Command.PTTL).arg(storeKey)))
                                .toCompletionStage()
                                .toCompletableFuture(),
                        patience);
        return fetched(answers.get(0), answers.get(1), sentAt, inTerm, stamp);
    }

    private static Fetched fetched(
            Response bytes, Response ttl, long sentAt, long term, long stamp) {
        return new Fetched(
                bytes == null ? null : bytes.toBytes(), ttl.toLong(), sentAt, term, stamp);
    }

    /**
     * Holds what was fetched and decoded, unless the store has said since that it changed.
     *
     * @param decoded null for a remembered absence
     * @param bornAt nanoTime when it was put into the store
     * @param diesAt nanoTime after which it may not be served; what the store said of its TTL holds
     *     in any case
     * @return whether it is held now
     */
    <T> boolean put(String storeKey, T decoded, long bornAt, long diesAt, Fetched fetched) {
        Session now = session;
        // Below -1: it ended between the reading of its value and that of its TTL.
        if (fetched.bytes() == null
                || fetched.remainingMillis() < -1
                || fetched.term() == NO_TERM
                || fetched.term() != term
                || now == null) {
            refusedPuts.increment();
            return false;
        }
        long longest =
                switch (now.mode) {
                    case AUTO, TRACKING -> FOREVER;
                    case CHANNEL -> longestByChannel.toNanos();
                    case SHORT_TTL -> shortTtl.toNanos();
                };
        if (fetched.remainingMillis() >= 0) {
            longest = Math.min(longest, TimeUnit.MILLISECONDS.toNanos(fetched.remainingMillis()));
        }
        long lastMoment = fetched.sentAt() + longest;
        long end = diesAt - lastMoment < 0 ? diesAt : lastMoment;
        if (end - clock.getAsLong() <= 0) {
            refusedPuts.increment();
            return false;
        }
        int weight = OVERHEAD_BYTES + 2 * storeKey.length() + fetched.bytes().length;
        Held<T> held = new Held<>(decoded, bornAt, end, fetched.term(), weight);
        Stripe stripe = stripe(storeKey);
        synchronized (stripe) {
            if (stripe.stamp == fetched.stamp() || !stamped) {
                entries.put(storeKey, held);
                promotions.increment();
                return true;
            }
        }
        refusedPuts.increment();
        return false;
    }

    /**
     * After a write or an invalidation of this JVM: drops the key here at once, and tells the other
     * ones where the server does not. Never fails, waits for nothing.
     */
    void changed(String storeKey) {
        forget(storeKey);
        Command publish = tell;
        if (publish != null) {
            SharedConnection.of(redis)
                    .send(Request.cmd(publish).arg(channelOf(storeKey)).arg(storeKey));
        }
    }

    /** Drops a key, also for those who are reading it. */
    void forget(String storeKey) {
        Stripe stripe = stripe(storeKey);
        synchronized (stripe) {
            stripe.stamp++;
            entries.invalidate(storeKey);
        }
    }

    /** Drops everything, also for those who are reading. */
    void clear() {
        synchronized (this) {
            if (term != NO_TERM) {
                term = ++terms;
            }
        }
        sweep();
    }

    /** Frees what is of another term; in the background, as the caller may be an event loop. */
    private void sweep() {
        Thread.ofVirtual()
                .name("hot-tier-sweep")
                .start(() -> entries.asMap().values().removeIf(held -> held.term != term));
    }

    private Stripe stripe(String storeKey) {
        int hash = storeKey.hashCode() * 0x9E3779B9;
        return stripes[hash >>> 22];
    }

    private long stampOf(String storeKey) {
        Stripe stripe = stripe(storeKey);
        synchronized (stripe) {
            return stripe.stamp;
        }
    }

    private static String channelOf(String storeKey) {
        int tag = storeKey.indexOf(":{");
        return channel(tag < 0 ? storeKey : storeKey.substring(0, tag));
    }

    private static String channel(String cacheName) {
        return cacheName + ":changed";
    }

    // Being connected: one virtual thread, from the first connection to the closing.

    private void keepConnected() {
        int failures = 0;
        try {
            while (closed.getCount() > 0) {
                long began = System.nanoTime();
                Session next = new Session();
                try {
                    connect(next);
                    begin(next);
                    if (next.line == null && wish == Mode.AUTO) {
                        // The server may have been changed meanwhile.
                        next.over.await(ASK_AGAIN.toNanos(), TimeUnit.NANOSECONDS);
                    } else {
                        next.over.await();
                    }
                } catch (RuntimeException | Error e) {
                    // The store is away or refuses, the client is closed: tried again below. So is
                    // what nobody expects, for without this thread nothing is ever hot again.
                    LOG.log(
                            e instanceof StoreAwayException
                                    ? System.Logger.Level.DEBUG
                                    : System.Logger.Level.WARNING,
                            "nothing is served from this JVM for now",
                            e);
                } finally {
                    end(next);
                }
                boolean lasted = System.nanoTime() - began > LONGEST_PAUSE.toNanos();
                failures = lasted ? 0 : failures + 1;
                closed.await(pauseAfter(failures), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Doubles with each failure, and is different in each JVM. */
    private static long pauseAfter(int failures) {
        long full =
                Math.min(
                        LONGEST_PAUSE.toNanos(),
                        FIRST_PAUSE.toNanos() << Math.min(10, Math.max(0, failures - 1)));
        return full / 2 + ThreadLocalRandom.current().nextLong(full / 2);
    }

    private void connect(Session next) {
        if (wish == Mode.SHORT_TTL) {
            next.mode = Mode.SHORT_TTL;
            return;
        }
        next.line = Line.open(redis, patience, push -> heard(next, push), why -> lineLost(next));
        if (wish != Mode.CHANNEL && tracks(next.line)) {
            next.mode = Mode.TRACKING;
        } else if (wish == Mode.TRACKING) {
            throw new StoreAwayException("the store does not track keys", null);
        } else if (hearsChannels(next)) {
            next.mode = Mode.CHANNEL;
        } else if (wish == Mode.CHANNEL) {
            throw new StoreAwayException("the store has no channels for us", null);
        } else {
            Line unused = next.line;
            next.line = null;
            next.mode = Mode.SHORT_TTL;
            next.needsLine = false;
            unused.close();
        }
    }

    private boolean tracks(Line line) {
        Optional<Response> greeting = answer(line, HELLO, "3");
        if (greeting.isEmpty()) {
            return false;
        }
        Response kind = greeting.get().isMap() ? greeting.get().get("mode") : null;
        boolean cluster = kind != null && kind.toString().equals("cluster");
        return !cluster && answer(line, CLIENT, "tracking", "on").isPresent();
    }

    private boolean hearsChannels(Session next) {
        next.sharded = Wakes.of(redis).sharded();
        for (String name : cacheNames) {
            if (!listen(next, name)) {
                return false;
            }
        }
        // Without a cache yet, an unused channel tells whether there would be any.
        return !cacheNames.isEmpty() || listen(next, "hot");
    }

    /** A cache that is not listened to would never be hot as long as the connection lasts. */
    private void listenOrConnectAnew(Session in, String cacheName) {
        try {
            if (listen(in, cacheName)) {
                return;
            }
        } catch (StoreAwayException e) {
            LOG.log(System.Logger.Level.DEBUG, "connects anew to listen to " + cacheName, e);
        }
        in.line.close();
    }

    private boolean listen(Session in, String cacheName) {
        String channel = channel(cacheName);
        Command subscribe = in.sharded ? Command.SSUBSCRIBE : Command.SUBSCRIBE;
        boolean heard = answer(in.line, subscribe, channel).isPresent();
        if (heard) {
            in.channels.add(channel);
        }
        return heard;
    }

    /** Empty when the server refuses; any other failure is one of the connection. */
    private Optional<Response> answer(Line line, Command command, String... args) {
        try {
            return Optional.of(Waiting.forAnswer(line.ask(command, args), patience));
        } catch (StoreAwayException e) {
            if (e.getCause() instanceof Response) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void begin(Session next) {
        synchronized (this) {
            session = next;
            tell =
                    next.mode != Mode.CHANNEL
                            ? null
                            : next.sharded ? Command.SPUBLISH : Command.PUBLISH;
            // Where no connection is relied upon, none can fail.
            trustedUntil = clock.getAsLong() + (next.line == null ? FOREVER : 0);
            if (closed.getCount() == 0) {
                next.over.countDown();
            } else if (next.over.getCount() > 0) {
                term = ++terms;
            }
        }
        if (next.mode == Mode.CHANNEL) {
            // Those that joined after the channels were listened to, and before the session was
            // seen.
            for (String name : cacheNames) {
                if (!next.channels.contains(channel(name)) && !listen(next, name)) {
                    throw new StoreAwayException("the store has no channel for " + name, null);
                }
            }
        }
        if (next.line != null) {
            Duration half = longestTrust.dividedBy(2);
            next.line.watch(
                    half,
                    half,
                    nanosAgo ->
                            trustedUntil = clock.getAsLong() - nanosAgo + longestTrust.toNanos());
        }
    }

    /** On whatever thread finds out, before anything else that follows from it. */
    private void lineLost(Session lost) {
        if (lost.needsLine) {
            lost.over.countDown();
            distrust(lost);
        }
    }

    private void distrust(Session lost) {
        synchronized (this) {
            if (session != lost) {
                return;
            }
            session = null;
            term = NO_TERM;
        }
        drops.increment();
        sweep();
    }

    private void end(Session ended) {
        if (ended.line != null) {
            ended.line.close();
        }
        distrust(ended);
    }

    /** On the event loop, in the order in which the server said it. */
    private void heard(Session by, Response push) {
        switch (push.get(0).toString()) {
            case "invalidate" -> {
                Response keys = push.get(1);
                if (keys == null) {
                    drops.increment();
                    clear();
                } else {
                    for (Response key : keys) {
                        invalidations.increment();
                        forget(key.toString());
                    }
                }
            }
            case "message", "smessage" -> {
                invalidations.increment();
                forget(push.get(2).toString());
            }
            // The channel has moved to another node: as good as lost.
            case "sunsubscribe" -> by.line.close();
            default -> {
                // Nothing else is asked for on this connection.
            }
        }
    }

    /** Drops everything and gives the connection back. */
    @Override
    public void close() {
        Session last;
        synchronized (this) {
            closed.countDown();
            last = session;
            term = NO_TERM;
        }
        if (last != null) {
            last.over.countDown();
        }
        sweep();
    }

    /** Every setting has a default. */
    public static final class Builder {

        private final Redis redis;
        private long maximumEntries = 10_000;
        private long maximumBytes;
        private int reads = 2;
        private Duration window = Duration.ofSeconds(10);
        private Duration longestTrust = Duration.ofSeconds(2);
        private Duration longestByChannel = Duration.ofSeconds(10);
        private Duration shortTtl = Duration.ofSeconds(1);
        private Duration patience = Duration.ofSeconds(1);
        private Mode mode = Mode.AUTO;
        private LongSupplier clock = System::nanoTime;
        private boolean stamped = true;

        private Builder(Redis redis) {
            this.redis = Objects.requireNonNull(redis);
        }

        /** Entries held at most; the least used go first. Default 10,000. */
        public Builder maximumEntries(int entries) {
            if (entries < 1) {
                throw new IllegalArgumentException("at least one entry, not " + entries);
            }
            this.maximumEntries = entries;
            return this;
        }

        /**
         * Instead of a number of entries: bytes held at most, each entry reckoned as its key and
         * its encoded value.
         */
        public Builder maximumBytes(long bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("at least one byte, not " + bytes);
            }
            this.maximumBytes = bytes;
            return this;
        }

        /**
         * A key is hot from its so many-th read within a window on, 1 to 100. Default 2 in 10 s.
         */
        public Builder reads(int reads, Duration window) {
            if (reads < 1 || reads > 100) {
                throw new IllegalArgumentException("1 to 100 reads, not " + reads);
            }
            this.reads = reads;
            this.window = positive(window);
            return this;
        }

        /** As {@link #reads(int, Duration)}, in 10 s. */
        public Builder reads(int reads) {
            return reads(reads, Duration.ofSeconds(10));
        }

        /** Every key is hot from its first read on. */
        public Builder always() {
            return reads(1);
        }

        /**
         * How long what is held may be believed without a sign of life of the store: the longest
         * staleness, when the connection fails silently. Asked for every half of it. Default 2 s.
         */
        public Builder longestTrust(Duration longestTrust) {
            this.longestTrust = positive(longestTrust);
            return this;
        }

        /**
         * How long an entry is held at most where only the caches say what changes: then the
         * staleness after a change by anybody else. Default 10 s.
         */
        public Builder longestByChannel(Duration longest) {
            this.longestByChannel = positive(longest);
            return this;
        }

        /** How long an entry is held at most where nobody says what changes. Default 1 s. */
        public Builder shortTtl(Duration ttl) {
            this.shortTtl = positive(ttl);
            return this;
        }

        /** Longest wait for one answer of the store. Default 1 s. */
        public Builder storeTimeout(Duration timeout) {
            this.patience = positive(timeout);
            return this;
        }

        /** What is to keep it honest. Default: the best that the server offers. */
        public Builder mode(Mode mode) {
            this.mode = Objects.requireNonNull(mode);
            return this;
        }

        /** Nanoseconds in the manner of {@link System#nanoTime}. */
        Builder clock(LongSupplier clock) {
            this.clock = Objects.requireNonNull(clock);
            return this;
        }

        /** Only for the test that shows that the race is real. */
        Builder withoutStamps() {
            this.stamped = false;
            return this;
        }

        /** Connects in the background; until then nothing is hot. */
        public HotTier build() {
            return new HotTier(this);
        }

        private static Duration positive(Duration duration) {
            if (duration.toMillis() < 1) {
                throw new IllegalArgumentException("at least 1 ms, not " + duration);
            }
            return duration;
        }
    }
}
