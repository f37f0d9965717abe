package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.redis.client.Redis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The checker: readers and writers of a few keys on three nodes, with delays put in at random
 * wherever a node may be slow, and a note of every commit, every acknowledgement and every read.
 * From the notes it follows how stale each answer was, and whether that is within the bound that
 * the pattern documents. With the fence, the lease or the hook after the commit switched off it
 * must find what they prevent.
 */
@Timeout(120)
class StalenessTest extends WithStore {

    private static final int NODES = 3;
    private static final int KEYS = 3;
    private static final int READERS = 12;
    private static final int WRITERS = 3;
    private static final Duration SPAN = Duration.ofMillis(1_500);
    private static final Duration AT_MOST = Duration.ofSeconds(30);

    private final List<Redis> clients = new ArrayList<>();

    @BeforeEach
    void openNodes() {
        for (int i = 0; i < NODES; i++) {
            clients.add(another());
        }
    }

    @AfterEach
    void closeNodes() {
        clients.forEach(Redis::close);
    }

    /** How the writers of a run tell the cache of what they commit. */
    private enum Writing {
        THROUGH,
        AROUND,
        /** They do not: only the TTL ends what was kept. */
        BEHIND_THE_BACK
    }

    /**
     * One read or commit.
     *
     * @param version that was served, or committed
     * @param from when it began, nanoTime
     * @param to when it was committed (for a commit), or answered
     * @param told when the writer had told the cache, or 0
     */
    private record Note(String key, long version, long from, long to, long told) {}

    /** What a run came to. */
    private final class Run {
        final Map<String, AtomicLong> truth = new ConcurrentHashMap<>();
        final Map<String, ReentrantLock> rows = new ConcurrentHashMap<>();
        final Map<String, List<Note>> commits = new ConcurrentHashMap<>();
        final ConcurrentLinkedQueue<Note> reads = new ConcurrentLinkedQueue<>();
        final Map<String, AtomicInteger> loading = new ConcurrentHashMap<>();
        final AtomicInteger width = new AtomicInteger();
        final AtomicLong longestLoad = new AtomicLong();
        final AtomicLong fromCache = new AtomicLong();
        final List<Cache<Row>> nodes = new ArrayList<>();

        Run(UnaryOperator<CacheBuilder<Row>> settings) {
            for (Redis client : clients) {
                nodes.add(
                        settings.apply(
                                        Cache.named(
                                                        name,
                                                        client,
                                                        Codec.json(new ObjectMapper(), Row.class))
                                                .storeTimeout(Duration.ofSeconds(10))
                                                .database(64, Duration.ofSeconds(10))
                                                .version(Row::version))
                                .build());
            }
            for (int i = 0; i < KEYS; i++) {
                String key = "k" + i;
                truth.put(key, new AtomicLong(1));
                rows.put(key, new ReentrantLock());
                loading.put(key, new AtomicInteger());
                commits.put(key, new CopyOnWriteArrayList<>());
            }
        }

        Optional<Row> load(String key, Random random) {
            long began = System.nanoTime();
            width.accumulateAndGet(loading.get(key).incrementAndGet(), Math::max);
            try {
                delay(random);
                long version = truth.get(key).get();
                delay(random);
                return Optional.of(new Row("v", version));
            } finally {
                loading.get(key).decrementAndGet();
                longestLoad.accumulateAndGet(System.nanoTime() - began, Math::max);
            }
        }

        void read(Random random) {
            String key = "k" + random.nextInt(KEYS);
            Random own = new Random(random.nextLong());
            long from = System.nanoTime();
            Outcome<Row> outcome =
                    nodes.get(random.nextInt(NODES)).read(key, missing -> load(missing, own));
            if (outcome.tier() != Tier.DATABASE) {
                fromCache.incrementAndGet();
            }
            reads.add(new Note(key, outcome.value().version(), from, System.nanoTime(), 0));
        }

        /** Like a transaction on the row: one writer at a time, visible at its commit. */
        void write(Random random, Writing how) {
            String key = "k" + random.nextInt(KEYS);
            Cache<Row> node = nodes.get(random.nextInt(NODES));
            long from = System.nanoTime();
            long[] committed = new long[2];
            java.util.function.Supplier<Row> commit =
                    () -> {
                        rows.get(key).lock();
                        try {
                            committed[0] = truth.get(key).incrementAndGet();
                            committed[1] = System.nanoTime();
                        } finally {
                            rows.get(key).unlock();
                        }
                        delay(random);
                        return new Row("v", committed[0]);
                    };
            boolean told =
                    switch (how) {
                        case THROUGH -> {
                            node.write(key, commit);
                            yield true;
                        }
                        case AROUND -> {
                            node.writeAround(key, commit);
                            yield true;
                        }
                        case BEHIND_THE_BACK -> {
                            commit.get();
                            yield false;
                        }
                    };
            commits.get(key)
                    .add(
                            new Note(
                                    key,
                                    committed[0],
                                    from,
                                    committed[1],
                                    told ? System.nanoTime() : 0));
        }

        /**
         * Longest time (ns) by which an answer was older than its pattern allows if its bound were
         * zero: for every read, the time since the earliest newer version was acknowledged.
         */
        long staleness(boolean sinceTold) {
            long worst = 0;
            for (Note read : reads) {
                for (Note commit : commits.get(read.key())) {
                    long known = sinceTold ? commit.told() : commit.to();
                    if (commit.version() > read.version()
                            && known != 0
                            && known - read.from() < 0) {
                        worst = Math.max(worst, read.from() - known);
                    }
                }
            }
            return worst;
        }
    }

    /** Mostly nothing or a moment, now and then long enough for others to overtake. */
    private static void delay(Random random) {
        int chance = random.nextInt(10);
        if (chance > 6) {
            LockSupport.parkNanos(random.nextInt(chance == 9 ? 12_000_000 : 1_000_000));
        }
    }

    /** Runs for a span, or until {@code enough}. */
    private Run run(
            UnaryOperator<CacheBuilder<Row>> settings,
            Writing how,
            Duration span,
            java.util.function.Predicate<Run> enough)
            throws Exception {
        Run run = new Run(settings);
        long seed = System.nanoTime();
        long until = System.nanoTime() + span.toNanos();
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < READERS + WRITERS; i++) {
            boolean reader = i < READERS;
            Random random = new Random(seed + i);
            all.add(
                    threads.submit(
                            () -> {
                                for (int n = 1; System.nanoTime() - until < 0; n++) {
                                    if (reader) {
                                        run.read(random);
                                    } else {
                                        run.write(random, how);
                                        LockSupport.parkNanos(random.nextInt(20_000_000));
                                    }
                                    if (n % 200 == 0 && enough.test(run)) {
                                        return;
                                    }
                                }
                            }));
        }
        for (Future<?> one : all) {
            one.get(2 * AT_MOST.toSeconds(), TimeUnit.SECONDS);
        }
        // A checker that saw nothing proves nothing.
        assertThat(run.fromCache).hasPositiveValue();
        assertThat(run.reads).hasSizeGreaterThan(500);
        return run;
    }

    private Run run(UnaryOperator<CacheBuilder<Row>> settings, Writing how) throws Exception {
        return run(settings, how, SPAN, so -> false);
    }

    @Test
    void afterAWriteThroughNobodyReadsWhatWasBefore() throws Exception {
        Run run = run(cache -> cache, Writing.THROUGH);
        assertThat(run.staleness(true)).isZero();
        assertThat(run.width).hasValue(1);
    }

    @Test
    void afterAWriteAroundNobodyReadsWhatWasBefore() throws Exception {
        assertThat(run(cache -> cache, Writing.AROUND).staleness(true)).isZero();
    }

    @Test
    void refreshesDoNotBringBackWhatWasBefore() throws Exception {
        Run run =
                run(
                        cache ->
                                cache.ttl(Duration.ofMillis(40))
                                        .refreshAhead(0.9)
                                        .earlyRefresh(1)
                                        .staleWhileRevalidate(Duration.ofSeconds(10)),
                        Writing.AROUND);
        assertThat(run.staleness(true)).isZero();
    }

    /** What others write is served from the JVM no longer than the store's word of it takes. */
    @Test
    void theHotTierIsHonestWithinItsTrust() throws Exception {
        Duration trust = Duration.ofSeconds(2);
        List<HotTier> tiers = new ArrayList<>();
        for (Redis client : clients) {
            tiers.add(HotTier.on(client).always().longestTrust(trust).build());
        }
        try {
            for (HotTier tier : tiers) {
                org.awaitility.Awaitility.await().until(() -> tier.mode().isPresent());
            }
            AtomicInteger next = new AtomicInteger();
            Run run = run(cache -> cache.hot(tiers.get(next.getAndIncrement())), Writing.AROUND);
            assertThat(run.staleness(true)).isLessThanOrEqualTo(trust.toNanos());
            assertThat(tiers).allMatch(tier -> tier.counts().hits() > 0);
            assertThat(tiers).allMatch(tier -> tier.counts().invalidations() > 0);
        } finally {
            tiers.forEach(HotTier::close);
        }
    }

    @Test
    void behindTheBackTheTtlIsTheBound() throws Exception {
        Duration ttl = Duration.ofMillis(60);
        Run run = run(cache -> cache.ttl(ttl), Writing.BEHIND_THE_BACK);
        // The TTL begins when the load has ended; a millisecond is how finely a store counts.
        assertThat(run.staleness(false))
                .isPositive()
                .isLessThanOrEqualTo(
                        ttl.plusMillis(1).toNanos() + run.longestLoad.get() + roundTrip(run));
    }

    @Test
    void staleWhileRevalidateAddsItsWindow() throws Exception {
        Duration ttl = Duration.ofMillis(30);
        Duration window = Duration.ofMillis(50);
        Run run =
                run(cache -> cache.ttl(ttl).staleWhileRevalidate(window), Writing.BEHIND_THE_BACK);
        assertThat(run.staleness(false))
                .isPositive()
                .isLessThanOrEqualTo(
                        ttl.plus(window).plusMillis(1).toNanos()
                                + run.longestLoad.get()
                                + roundTrip(run));
    }

    /** The longest that any read took beyond its load: what the machine did to this run. */
    private static long roundTrip(Run run) {
        return run.reads.stream().mapToLong(read -> read.to() - read.from()).max().orElse(0);
    }

    // --- the test of the test --------------------------------------------------------------------

    @Test
    void withoutTheFenceItFindsTheStaleSet() throws Exception {
        Run run =
                run(
                        CacheBuilder::withoutFences,
                        Writing.AROUND,
                        AT_MOST,
                        so -> so.staleness(true) > 0);
        assertThat(run.staleness(true)).isPositive();
    }

    @Test
    void withoutTheLeaseItFindsTwoLoadsAtATime() throws Exception {
        Run run =
                run(
                        cache -> cache.lease(Duration.ZERO),
                        Writing.AROUND,
                        AT_MOST,
                        so -> so.width.get() > 1);
        assertThat(run.width.get()).isGreaterThan(1);
    }

    /** Writers that commit and forget to say so: their bound of zero does not hold. */
    @Test
    void withoutTheHookAfterTheCommitItFindsStaleReads() throws Exception {
        Run run =
                run(
                        cache -> cache,
                        Writing.BEHIND_THE_BACK,
                        AT_MOST,
                        so -> so.staleness(false) > 50_000_000);
        assertThat(run.staleness(false)).isGreaterThan(50_000_000);
    }
}
