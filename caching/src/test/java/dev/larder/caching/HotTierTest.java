package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the hot tier promises, against a real store that somebody else changes. */
@Timeout(60)
class HotTierTest extends WithServer {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private String name;
    private String key;

    @BeforeEach
    void ownKeys() {
        name = unique("hot");
        key = name + ":{1}";
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    // Honest

    @Test
    void whatAnotherClientChangesIsServedNoLonger() {
        HotTier tier = serving(tier(url).always());
        set(key, "old");
        hold(tier, key);
        assertThat(text(tier, key)).isEqualTo("old");

        set(key, "new");

        Awaitility.await().until(() -> tier.get(key) == null);
        assertThat(tier.counts().invalidations()).isEqualTo(1);
        hold(tier, key);
        assertThat(text(tier, key)).isEqualTo("new");
    }

    @Test
    void whateverChangesItAndOnlyThat() {
        HotTier tier = serving(tier(url).always());
        List<String[]> changes =
                List.of(
                        new String[] {"del", key},
                        new String[] {"append", key, "x"},
                        new String[] {"pexpire", key, "60000"},
                        new String[] {"rename", key, key + "2"},
                        new String[] {"eval", "return redis.call('SET', KEYS[1], 'y')", "1", key});
        set(name + ":{other}", "other");
        hold(tier, name + ":{other}");
        for (String[] change : changes) {
            set(key, "old");
            hold(tier, key);
            assertThat(text(tier, key)).isEqualTo("old");

            other(change);

            Awaitility.await().until(() -> tier.get(key) == null);
        }
        assertThat(text(tier, name + ":{other}")).isEqualTo("other");
        assertThat(tier.counts().drops()).isZero();
    }

    @Test
    void aReaderThatIsLateCannotKeepWhatHasChanged() {
        HotTier tier = serving(tier(url).always());
        set(key, "old");

        Fetched fetched = tier.fetch(key);
        set(key, "new");
        Awaitility.await().until(() -> tier.counts().invalidations() == 1);

        assertThat(put(tier, key, fetched)).isFalse();
        assertThat((Object) tier.get(key)).isNull();
        assertThat(tier.counts().refusedPuts()).isEqualTo(1);
    }

    @Test
    void withoutStampsTheRaceShows() {
        HotTier tier = serving(tier(url).always().withoutStamps());
        set(key, "old");

        Fetched fetched = tier.fetch(key);
        set(key, "new");
        Awaitility.await().until(() -> tier.counts().invalidations() == 1);
        put(tier, key, fetched);

        assertThat(text(tier, key)).as("for ever, as the store has said it all").isEqualTo("old");
    }

    @Test
    void anAnswerThatIsHeldBackOnTheWayCannotBuryTheInvalidationBehindIt() throws Exception {
        Relay relay = relay();
        HotTier tier = serving(tier(relay.url()).always().longestTrust(LONG).storeTimeout(LONG));
        set(key, "old");
        long tracked = trackedKeys();
        relay.hold();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> held = threads.submit(() -> put(tier, key, tier.fetch(key)));
            Awaitility.await().until(() -> trackedKeys() > tracked);
            set(key, "new");

            relay.release();

            // Held for a moment or refused: either is right, as long as it goes.
            held.get();
            Awaitility.await().until(() -> tier.counts().invalidations() == 1);
            assertThat((Object) tier.get(key)).isNull();
        }
    }

    @Test
    void underManyChangesNothingOldIsLeft() throws Exception {
        HotTier tier = serving(tier(url).always());
        int keys = 8;
        for (int i = 0; i < keys; i++) {
            set(name + ":{" + i + "}", "0");
        }
        AtomicInteger wrong = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch writing = new CountDownLatch(2);
            for (int writer = 0; writer < 2; writer++) {
                threads.submit(
                        () -> {
                            for (int i = 0; i < 300; i++) {
                                other("incr", name + ":{" + random(keys) + "}");
                            }
                            writing.countDown();
                            return null;
                        });
            }
            for (int reader = 0; reader < 4; reader++) {
                threads.submit(
                        () -> {
                            long[] seen = new long[keys];
                            while (writing.getCount() > 0) {
                                int i = random(keys);
                                String one = name + ":{" + i + "}";
                                Held<String> held = tier.get(one);
                                if (held == null) {
                                    Fetched fetched = tier.fetch(one);
                                    put(tier, one, fetched);
                                } else {
                                    long value = Long.parseLong(held.value());
                                    if (value < seen[i]) {
                                        wrong.incrementAndGet();
                                    }
                                    seen[i] = value;
                                    // Readers that never rest leave two cores nothing for the
                                    // writers.
                                    LockSupport.parkNanos(100_000);
                                }
                            }
                            return null;
                        });
            }
        }
        // Its answer comes after everything that the server had to say before.
        tier.fetch(name + ":{none}");
        int left = 0;
        for (int i = 0; i < keys; i++) {
            String one = name + ":{" + i + "}";
            Held<String> held = tier.get(one);
            if (held != null) {
                left++;
                assertThat(held.value()).isEqualTo(other("get", one).toString());
            }
        }
        assertThat(wrong).as("a key went back in time").hasValue(0);
        assertThat(left).isPositive();
        assertThat(tier.counts().invalidations()).isPositive();
    }

    @Test
    void answersStayWithTheirCommandsThoughTheServerSpeaksInBetween() throws Exception {
        HotTier tier = serving(tier(url).always());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                String mine = name + ":{" + t + "}";
                all.add(
                        threads.submit(
                                () -> {
                                    for (int i = 0; i < 100; i++) {
                                        set(mine, mine + i);
                                        assertThat(tier.fetch(mine).bytes())
                                                .asString(StandardCharsets.UTF_8)
                                                .isEqualTo(mine + i);
                                    }
                                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    @Test
    void aFlushDropsEverything() {
        HotTier tier = serving(tier(url).always());
        set(key, "old");
        set(key + "2", "old");
        hold(tier, key);
        hold(tier, key + "2");

        // Of a database that is nobody's: a server tells of a flush whichever it was.
        Redis empty = client(new RedisOptions().setConnectionString(url + "/15"));
        send(empty, "flushdb");

        Awaitility.await().until(() -> tier.get(key) == null && tier.get(key + "2") == null);
        assertThat(tier.counts().drops()).isEqualTo(1);
        assertThat(tier.mode()).contains(HotTier.Mode.TRACKING);
        set(key, "new");
        hold(tier, key);
        assertThat(text(tier, key)).isEqualTo("new");
    }

    @Test
    void nothingOutlivesItsTtlInTheStore() {
        AtomicLong clock = new AtomicLong(System.nanoTime());
        HotTier tier =
                serving(tier(url).always().longestTrust(Duration.ofDays(1)).clock(clock::get));
        other("set", key, "old", "px", "60000");
        Fetched fetched = tier.fetch(key);
        long now = clock.get();
        assertThat(fetched.remainingMillis()).isBetween(30_000L, 60_000L);
        tier.put(key, "old", now, now + Duration.ofHours(1).toNanos(), fetched);

        Held<String> held = tier.get(key);
        assertThat(held.remaining(now)).isEqualTo(Duration.ofMillis(fetched.remainingMillis()));
        clock.addAndGet(Duration.ofMillis(fetched.remainingMillis()).toNanos() - 1);
        assertThat((Object) tier.get(key)).isSameAs(held);
        assertThat(held.age(clock.get())).isGreaterThanOrEqualTo(Duration.ofSeconds(29));
        clock.addAndGet(1);

        assertThat((Object) tier.get(key)).isNull();
        assertThat(tier.counts().entries()).isZero();
    }

    @Test
    void whatTheStoreLetsExpireGoesAtOnce() {
        AtomicLong clock = new AtomicLong(System.nanoTime());
        HotTier tier =
                serving(tier(url).always().longestTrust(Duration.ofDays(1)).clock(clock::get));
        other("set", key, "old", "px", "200");
        hold(tier, key);

        // The tier's own clock stands still: only the store's word can be the reason.
        Awaitility.await().until(() -> tier.counts().invalidations() == 1);
        assertThat((Object) tier.get(key)).isNull();
    }

    @Test
    void whatEndsBetweenItsValueAndItsTtlIsNotHeld() {
        HotTier tier = serving(tier(url).always());
        set(key, "old");
        Fetched fetched = tier.fetch(key);
        Fetched ended =
                new Fetched(fetched.bytes(), -2, fetched.sentAt(), fetched.term(), fetched.stamp());

        assertThat(put(tier, key, ended)).isFalse();
        assertThat(put(tier, key, fetched)).isTrue();
    }

    @Test
    void anAbsenceCanBeHeldToo() {
        HotTier tier = serving(tier(url).always());
        set(key, "L2 n 0");
        Fetched fetched = tier.fetch(key);
        long now = System.nanoTime();
        tier.put(key, null, now, now + LONG.toNanos(), fetched);

        assertThat((Object) tier.get(key)).isNotNull();
        assertThat(tier.<String>get(key).value()).isNull();
        assertThat(tier.fetch(key + "none").bytes()).isNull();
        assertThat(put(tier, key + "none", tier.fetch(key + "none"))).isFalse();
    }

    // Its own writes

    @Test
    void ownChangesAreSeenAtOnceAndByWhoIsReading() {
        HotTier tier = serving(tier(url).always());
        set(key, "old");
        hold(tier, key);
        Fetched before = tier.fetch(key);

        tier.changed(key);

        assertThat((Object) tier.get(key)).isNull();
        assertThat(put(tier, key, before)).isFalse();
    }

    @Test
    void clearDropsEverythingAlsoWhatIsOnItsWay() {
        HotTier tier = serving(tier(url).always());
        set(key, "old");
        hold(tier, key);
        Fetched before = tier.fetch(key);

        tier.clear();

        assertThat((Object) tier.get(key)).isNull();
        assertThat(put(tier, key, before)).isFalse();
        assertThat(tier.mode()).isPresent();
    }

    // The connection

    @Test
    void aLostConnectionDropsEverythingUntilItIsBack() {
        Relay relay = relay();
        HotTier tier = serving(tier(relay.url()).always());
        set(key, "old");
        hold(tier, key);

        relay.cutAndRefuse();

        Awaitility.await().until(() -> tier.mode().isEmpty());
        assertThat((Object) tier.get(key)).isNull();
        assertThat(tier.wants(key)).isFalse();
        assertThat(tier.counts().drops()).isEqualTo(1);
        set(key, "new");

        relay.release();

        Awaitility.await().until(() -> tier.mode().isPresent());
        assertThat((Object) tier.get(key)).isNull();
        hold(tier, key);
        assertThat(text(tier, key)).isEqualTo("new");
    }

    @Test
    void whatWasFetchedBeforeTheLossIsNotHeldAfterIt() {
        Relay relay = relay();
        HotTier tier = serving(tier(relay.url()).always());
        set(key, "old");
        Fetched before = tier.fetch(key);

        relay.cut();
        Awaitility.await().until(() -> tier.counts().drops() == 1);
        Awaitility.await().until(() -> tier.mode().isPresent());

        assertThat(put(tier, key, before)).isFalse();
    }

    @Test
    void aServerThatFallsSilentIsBelievedNoLongerThanAgreed() {
        Relay relay = relay();
        Duration trust = Duration.ofSeconds(2);
        HotTier tier = serving(tier(relay.url()).always().longestTrust(trust));
        set(key, "old");
        hold(tier, key);
        relay.hold();
        long changed = System.nanoTime();
        set(key, "new");

        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(LONG)
                .until(() -> tier.get(key) == null);

        assertThat(Duration.ofNanos(System.nanoTime() - changed)).isLessThan(trust.plusSeconds(1));
        Awaitility.await().atMost(LONG).until(() -> tier.mode().isEmpty());
        relay.release();
        Awaitility.await().atMost(LONG).until(() -> tier.mode().isPresent());
        assertThat((Object) tier.get(key)).isNull();
    }

    @Test
    void trustIsReckonedByTheClockAndNotByAThreadThatIsOnTime() {
        AtomicLong clock = new AtomicLong(System.nanoTime());
        Relay relay = relay();
        HotTier tier = serving(tier(relay.url()).always().longestTrust(LONG).clock(clock::get));
        set(key, "old");
        hold(tier, key);
        assertThat(text(tier, key)).isEqualTo("old");

        clock.addAndGet(LONG.toNanos());

        assertThat((Object) tier.get(key)).isNull();
    }

    @Test
    void thePoolLeavesItsConnectionAlone() {
        Redis redis =
                client(
                        new RedisOptions()
                                .setConnectionString(url)
                                .setMaxPoolSize(2)
                                .setPoolCleanerInterval(20)
                                .setPoolRecycleTimeout(20));
        HotTier tier = serving(HotTier.on(redis).longestTrust(LONG).always());
        set(key, "old");
        hold(tier, key);

        // Each connection is recycled after a use or two, but not the tier's.
        AtomicInteger round = new AtomicInteger();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(25))
                .until(
                        () -> {
                            send(redis, "ping");
                            return round.incrementAndGet() == 20;
                        });

        assertThat(text(tier, key)).isEqualTo("old");
        assertThat(tier.counts().drops()).isZero();
    }

    @Test
    void closingGivesTheConnectionBack() {
        Redis redis = client(new RedisOptions().setConnectionString(url).setMaxPoolSize(1));
        for (int i = 0; i < 3; i++) {
            HotTier tier = HotTier.on(redis).longestTrust(LONG).always().build();
            Awaitility.await().until(() -> tier.mode().isPresent());

            tier.close();

            assertThat(send(redis, "ping").toString()).isEqualTo("PONG");
            assertThat(tier.mode()).isEmpty();
        }
    }

    // Promotion and bounds

    @Test
    void aKeyIsWantedFromTheAgreedReadOn() {
        AtomicLong clock = new AtomicLong(System.nanoTime());
        HotTier tier =
                serving(
                        tier(url)
                                .reads(3, Duration.ofSeconds(10))
                                .longestTrust(Duration.ofDays(1))
                                .clock(clock::get));

        assertThat(tier.wants(key)).isFalse();
        assertThat(tier.wants(key)).isFalse();
        assertThat(tier.wants(name + ":{2}")).isFalse();
        assertThat(tier.wants(key)).isTrue();

        clock.addAndGet(Duration.ofMinutes(5).toNanos());

        assertThat(tier.wants(key)).isFalse();
    }

    @Test
    void noMoreIsHeldThanAgreed() {
        HotTier tier = serving(tier(url).always().maximumEntries(50));
        long before = tier.counts().promotions();
        for (int i = 0; i < 500; i++) {
            set(name + ":{" + i + "}", "x");
            hold(tier, name + ":{" + i + "}");
        }
        Awaitility.await().until(() -> tier.counts().entries() <= 50);
        assertThat(tier.counts().promotions() - before).isEqualTo(500);

        HotTier byBytes = serving(tier(url).always().maximumBytes(10_000));
        for (int i = 0; i < 20; i++) {
            set(name + ":{" + i + "}", "x".repeat(1_000));
            hold(byBytes, name + ":{" + i + "}");
        }
        Awaitility.await().until(() -> byBytes.counts().entries() <= 9);
        assertThat(byBytes.counts().entries()).isPositive();
    }

    // Servers that do not track

    @Test
    void withoutTrackingTheCachesTellEachOther() {
        String guest = guest("-client|tracking");
        HotTier tier = tier(guest).always().build();
        opened.add(tier);
        tier.join(name);
        HotTier another = tier(guest).always().build();
        opened.add(another);
        another.join(name);
        Awaitility.await().until(() -> another.mode().isPresent() && tier.mode().isPresent());
        assertThat(tier.mode()).contains(HotTier.Mode.CHANNEL);
        set(key, "old");
        // The tier may have met the server before it knew of the cache.
        Awaitility.await().until(() -> put(tier, key, tier.fetch(key)));
        assertThat(text(tier, key)).isEqualTo("old");
        assertThat(tier.<String>get(key).remaining(System.nanoTime()))
                .isLessThanOrEqualTo(Duration.ofSeconds(10));

        set(key, "new");
        another.changed(key);

        Awaitility.await().until(() -> tier.get(key) == null);
        assertThat(put(tier, "elsewhere:{1}", tier.fetch("elsewhere:{1}"))).isFalse();
    }

    @Test
    void withoutTrackingOrChannelsNothingIsHeldForLong() {
        AtomicLong clock = new AtomicLong(System.nanoTime());
        String guest = guest("-client|tracking", "-subscribe", "-ssubscribe");
        HotTier tier =
                serving(tier(guest).always().shortTtl(Duration.ofSeconds(1)).clock(clock::get));
        assertThat(tier.mode()).contains(HotTier.Mode.SHORT_TTL);
        set(key, "old");
        hold(tier, key);
        clock.addAndGet(Duration.ofSeconds(1).toNanos() - 1);
        assertThat(text(tier, key)).isEqualTo("old");

        clock.addAndGet(1);

        assertThat((Object) tier.get(key)).isNull();
    }

    @Test
    void whoInsistsOnTrackingGetsThatOrNothing() {
        HotTier tier = tier(guest("-client|tracking")).mode(HotTier.Mode.TRACKING).build();
        opened.add(tier);
        HotTier allowed = serving(tier(url).mode(HotTier.Mode.TRACKING));

        assertThat(allowed.mode()).contains(HotTier.Mode.TRACKING);
        assertThat(tier.mode()).isEmpty();
        set(key, "old");
        assertThat(tier.fetch(key).bytes()).asString().isEqualTo("old");
        assertThat(put(tier, key, tier.fetch(key))).isFalse();
    }

    // Tools

    private HotTier.Builder tier(String at) {
        // Long, because a busy machine is no silent connection; tests of that set their own.
        return HotTier.on(client(new RedisOptions().setConnectionString(at).setMaxPoolSize(6)))
                .longestTrust(LONG);
    }

    private Redis client(RedisOptions options) {
        Redis redis = Redis.createClient(vertx, options);
        opened.add(redis::close);
        return redis;
    }

    private HotTier serving(HotTier.Builder builder) {
        HotTier tier = builder.build();
        opened.add(tier);
        // Served from the first sign of life on.
        String probe = name + ":{probe}";
        set(probe, "x");
        Awaitility.await()
                .until(
                        () -> {
                            if (tier.mode().isPresent() && tier.get(probe) == null) {
                                put(tier, probe, tier.fetch(probe));
                            }
                            return tier.get(probe) != null;
                        });
        tier.forget(probe);
        return tier;
    }

    private Relay relay() {
        Relay relay = Relay.to(url);
        opened.add(relay);
        return relay;
    }

    /** A user of the server that may not do everything. */
    private String guest(String... not) {
        String user =
                "guest"
                        + ProcessHandle.current().pid()
                        + "-"
                        + ThreadLocalRandom.current().nextInt(1_000_000);
        List<String> words = new ArrayList<>(List.of("setuser", user, "on", ">secret", "~*", "&*"));
        words.add("+@all");
        words.addAll(List.of(not));
        words.addFirst("acl");
        other(words.toArray(String[]::new));
        opened.addFirst(() -> other("acl", "deluser", user));
        return url.replace("redis://", "redis://" + user + ":secret@");
    }

    private static void hold(HotTier tier, String key) {
        assertThat(put(tier, key, tier.fetch(key))).isTrue();
    }

    private static boolean put(HotTier tier, String key, Fetched fetched) {
        long now = System.nanoTime();
        String text =
                fetched.bytes() == null
                        ? null
                        : new String(fetched.bytes(), StandardCharsets.UTF_8);
        return tier.put(key, text, now, now + Duration.ofHours(1).toNanos(), fetched);
    }

    private static String text(HotTier tier, String key) {
        return Optional.ofNullable(tier.<String>get(key)).map(Held::value).orElse(null);
    }

    private static void set(String key, String value) {
        other("set", key, value);
    }

    /** Keys that the server watches for somebody. */
    private static long trackedKeys() {
        return other("info", "stats")
                .toString()
                .lines()
                .filter(line -> line.startsWith("tracking_total_keys:"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .findFirst()
                .orElseThrow();
    }

    private static Response other(String... words) {
        return send(other, words);
    }

    private static Response send(Redis redis, String... words) {
        Request request = Request.cmd(Command.create(words[0]));
        for (int i = 1; i < words.length; i++) {
            request.arg(words[i]);
        }
        return Waiting.forAnswer(
                redis.send(request).toCompletionStage().toCompletableFuture(), LONG);
    }

    private static int random(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }
}
