package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.caching.CacheListener.Event;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leases, refreshes, stale windows, batches and tags, on two nodes of one store. */
@Timeout(60)
class PatternsTest extends WithStore {

    private static final Duration LONG = Duration.ofMinutes(5);

    private Redis elsewhere;

    @BeforeEach
    void openAnotherNode() {
        elsewhere = another();
    }

    @AfterEach
    void closeTheOtherNode() {
        elsewhere.close();
    }

    private static void awaitEvent(Cache<?> cache, Event event, long times) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> cache.counters().of(event) >= times);
    }

    /** A loader that says when it began and returns when told. */
    private final class Held implements Function<String, Optional<Row>> {
        final CountDownLatch began = new CountDownLatch(1);
        final CountDownLatch mayReturn = new CountDownLatch(1);

        @Override
        public Optional<Row> apply(String key) {
            Optional<Row> row = database.apply(key);
            began.countDown();
            passed(mayReturn);
            return row;
        }
    }

    /** A reader that is at the database, until its load is let go. */
    private Future<Outcome<Row>> loading(Cache<Row> node, Held load) {
        Future<Outcome<Row>> reader = threads.submit(() -> node.read("1", load));
        passed(load.began);
        return reader;
    }

    /** A reader that waits for the load of another node. */
    private Future<Outcome<Row>> waiting(Cache<Row> node) {
        Future<Outcome<Row>> reader = threads.submit(() -> node.read("1", database));
        awaitEvent(node, Event.LEASE_WAIT, 1);
        return reader;
    }

    // --- the lease -------------------------------------------------------------------------------

    @Test
    void aReaderOfAnotherNodeWaitsForTheLoadAndHasItsResult() throws Exception {
        Cache<Row> here = cache().build();
        Cache<Row> there = cache(elsewhere).build();
        Held load = new Held();
        Future<Outcome<Row>> first = loading(here, load);
        Future<Outcome<Row>> second = waiting(there);
        load.mayReturn.countDown();

        assertThat(second.get(20, TimeUnit.SECONDS).value()).isEqualTo(new Row("one", 1));
        assertThat(second.get().tier()).isEqualTo(Tier.STORE);
        assertThat(first.get().tier()).isEqualTo(Tier.DATABASE);
        assertThat(databaseReads).hasValue(1);
    }

    /** The test of the test: without the lease each node loads. */
    @Test
    void withoutALeaseEachNodeLoads() throws Exception {
        Cache<Row> here = cache().lease(Duration.ZERO).build();
        Cache<Row> there = cache(elsewhere).lease(Duration.ZERO).build();
        Held load = new Held();
        Future<Outcome<Row>> first = loading(here, load);
        assertThat(there.read("1", database).tier()).isEqualTo(Tier.DATABASE);
        load.mayReturn.countDown();
        first.get(20, TimeUnit.SECONDS);
        assertThat(databaseReads).hasValue(2);
    }

    @Test
    void whenALoadFailsOneWhoWaitedIsNext() throws Exception {
        Cache<Row> here = cache().lease(LONG).build();
        Cache<Row> there = cache(elsewhere).lease(LONG).build();
        Held load = new Held();
        Future<Outcome<Row>> first =
                threads.submit(
                        () ->
                                here.read(
                                        "1",
                                        key -> {
                                            load.apply(key);
                                            throw new IllegalStateException("no connection");
                                        }));
        passed(load.began);
        Future<Outcome<Row>> second = waiting(there);
        load.mayReturn.countDown();

        assertThat(second.get(20, TimeUnit.SECONDS).value()).isEqualTo(new Row("one", 1));
        assertThatThrownBy(first::get).hasRootCauseMessage("no connection");
    }

    @Test
    void theLeaseOfANodeThatDiedEnds() throws Exception {
        Cache<Row> there = cache(elsewhere).lease(Duration.ofSeconds(5)).build();
        redis.send(
                        Request.cmd(Command.SET)
                                .arg(name + ":{1}:lease")
                                .arg("of a node that is gone")
                                .arg("PX")
                                .arg(300))
                .toCompletionStage()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
        assertThat(there.read("1", database).tier()).isEqualTo(Tier.DATABASE);
        assertThat(there.counters().of(Event.LEASE_WAIT)).isEqualTo(1);
    }

    @Test
    void anInvalidationLetsThoseWhoWaitLoadAnewAndTheOldLoadIsNotKept() throws Exception {
        Cache<Row> here = cache().lease(LONG).build();
        Cache<Row> there = cache(elsewhere).lease(LONG).build();
        Held load = new Held();
        Future<Outcome<Row>> first = loading(here, load);
        Future<Outcome<Row>> second = waiting(there);
        table.put("1", new Row("new", 2));
        there.invalidateAfterCommit(List.of("1"));

        assertThat(second.get(20, TimeUnit.SECONDS).value()).isEqualTo(new Row("new", 2));
        load.mayReturn.countDown();
        assertThat(first.get(20, TimeUnit.SECONDS).kept()).isFalse();
        assertThat(there.read("1", database).value()).isEqualTo(new Row("new", 2));
    }

    @Test
    void aWriteIsWhatThoseWhoWaitGet() throws Exception {
        Cache<Row> here = cache().lease(LONG).build();
        Cache<Row> there = cache(elsewhere).lease(LONG).build();
        Held load = new Held();
        Future<Outcome<Row>> first = loading(here, load);
        Future<Outcome<Row>> second = waiting(there);
        here.write("1", () -> new Row("written", 2));
        assertThat(second.get(20, TimeUnit.SECONDS).value()).isEqualTo(new Row("written", 2));
        load.mayReturn.countDown();
        first.get(20, TimeUnit.SECONDS);
        assertThat(databaseReads).hasValue(1);
        assertThat(there.read("1", database).value()).isEqualTo(new Row("written", 2));
    }

    @Test
    void aThousandReadersOfThreeNodesAreOneQuery() throws Exception {
        List<Cache<Row>> nodes = new ArrayList<>();
        List<Redis> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(another());
            nodes.add(cache(clients.getLast()).lease(LONG).build());
        }
        CountDownLatch all = new CountDownLatch(1_000);
        CountDownLatch go = new CountDownLatch(1);
        List<Future<Outcome<Row>>> answers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Cache<Row> node = nodes.get(i % 3);
            answers.add(
                    threads.submit(
                            () -> {
                                all.countDown();
                                passed(go);
                                return node.read("1", database);
                            }));
        }
        passed(all);
        go.countDown();
        for (Future<Outcome<Row>> answer : answers) {
            assertThat(answer.get(30, TimeUnit.SECONDS).value()).isEqualTo(new Row("one", 1));
        }
        assertThat(databaseReads).hasValue(1);
        clients.forEach(Redis::close);
    }

    // --- the store falls silent ------------------------------------------------------------------

    /** More often than the pool has places: none of them may be lost to a silent connection. */
    @Test
    void aSilentConnectionIsReplacedAndGivesItsPlaceBack() {
        try (Relay relay = Relay.to(url)) {
            Redis client =
                    Redis.createClient(
                            vertx,
                            new io.vertx.redis.client.RedisOptions()
                                    .setConnectionString(relay.url())
                                    .setMaxPoolSize(3));
            Cache<Row> cache =
                    cache(client)
                            .storeTimeout(Duration.ofMillis(400))
                            .pauseWhenAway(Duration.ofMillis(10))
                            .build();
            for (int round = 0; round < 6; round++) {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(
                                () -> cache.read("1", database).result(),
                                Outcome.Result.HIT::equals);
                relay.hold();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(
                                () -> cache.read("1", database).result(),
                                Outcome.Result.BYPASS::equals);
                relay.release();
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> cache.read("1", database).result(), Outcome.Result.HIT::equals);
            client.close();
        }
    }

    // --- before and after the TTL ----------------------------------------------------------------

    @Test
    void refreshAheadServesAtOnceAndLoadsInTheBackground() {
        // 0.999: practically all of the TTL is its last part.
        Cache<Row> cache = cache().ttl(LONG).jitter(0).refreshAhead(0.99999).build();
        cache.read("1", database);
        table.put("1", new Row("changed", 2));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> cache.read("1", database).value(), new Row("changed", 2)::equals);
        assertThat(cache.counters().of(Event.REFRESH)).isPositive();
        // Nobody but the first reader ever waited.
        assertThat(cache.counters().of(Event.MISS)).isEqualTo(1);
        assertThat(cache.read("1", database).stale()).isFalse();
    }

    @Test
    void xfetchReloadsTheEarlierTheLongerALoadTakes() {
        Freshness freshness = new Freshness(LONG, LONG, 0, 0, 2, Duration.ZERO, Duration.ZERO);
        // -ln(1 - 0.5) = 0.693: with beta 2 and a load of 100 ms, 138.6 ms before the end.
        java.util.random.RandomGenerator half =
                new java.util.random.RandomGenerator() {
                    @Override
                    public long nextLong() {
                        return Long.MIN_VALUE;
                    }

                    @Override
                    public double nextDouble() {
                        return 0.5;
                    }
                };
        Entry<String> slow = new Entry<>("x", 0, 1_000, 1_000, 100, 0, new byte[0]);
        assertThat(freshness.of(slow, 861, half)).isEqualTo(Freshness.Verdict.FRESH);
        assertThat(freshness.of(slow, 862, half)).isEqualTo(Freshness.Verdict.EARLY);
        Entry<String> quick = new Entry<>("x", 0, 1_000, 1_000, 1, 0, new byte[0]);
        assertThat(freshness.of(quick, 990, half)).isEqualTo(Freshness.Verdict.FRESH);
        assertThat(freshness.of(quick, 1_000, half)).isEqualTo(Freshness.Verdict.OVERDUE);
    }

    @Test
    void earlyRefreshKeepsAKeyWarmWithoutAMiss() {
        Cache<Row> cache =
                cache().ttl(Duration.ofMillis(500)).staleIfError(LONG).earlyRefresh(100).build();
        Function<String, Optional<Row>> takesTime =
                key -> {
                    java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                    return database.apply(key);
                };
        cache.read("1", takesTime);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            cache.read("1", takesTime);
                            return cache.counters().of(Event.REFRESH) >= 2;
                        });
    }

    @Test
    void staleWhileRevalidateServesTheOldValueWhileOneLoads() throws Exception {
        Cache<Row> cache =
                cache().ttl(Duration.ofMillis(50)).staleWhileRevalidate(LONG).jitter(0).build();
        cache.read("1", database);
        Awaitility.await().until(() -> cache.peek("1").orElseThrow().stale());
        table.put("1", new Row("changed", 2));
        Held load = new Held();

        Outcome<Row> stale = cache.read("1", load);
        assertThat(stale.value()).isEqualTo(new Row("one", 1));
        assertThat(stale.stale()).isTrue();
        assertThat(stale.remainingTtl()).isZero();
        passed(load.began);
        // The second reader does not begin another load.
        assertThat(cache.read("1", database).stale()).isTrue();
        assertThat(databaseReads).hasValue(2);
        load.mayReturn.countDown();
        awaitEvent(cache, Event.REFRESH, 1);
        assertThat(cache.peek("1").orElseThrow().value()).isEqualTo(new Row("changed", 2));
    }

    @Test
    void staleIfErrorServesTheOldValueUntilTheDatabaseIsBack() {
        Cache<Row> cache =
                cache().ttl(Duration.ofMillis(50))
                        .staleIfError(LONG)
                        .pauseWhenAway(Duration.ofMillis(20))
                        .build();
        cache.read("1", database);
        Awaitility.await().until(() -> cache.peek("1").orElseThrow().stale());
        Function<String, Optional<Row>> down =
                key -> {
                    databaseReads.incrementAndGet();
                    throw new IllegalStateException("the database is down");
                };
        for (int i = 0; i < 200; i++) {
            Outcome<Row> stale = cache.read("1", down);
            assertThat(stale.value()).isEqualTo(new Row("one", 1));
            assertThat(stale.stale()).isTrue();
        }
        // One reader for each pause finds out; the others leave the database alone.
        assertThat(databaseReads.get()).isLessThan(200);
        assertThatThrownBy(() -> cache.read("another", down)).hasMessage("the database is down");
        table.put("1", new Row("back", 2));
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> cache.read("1", database).value(), new Row("back", 2)::equals);
    }

    @Test
    void theSoftTimeoutServesTheOldValueAndTheLoadGoesOn() throws Exception {
        Cache<Row> cache =
                cache().ttl(Duration.ofMillis(50))
                        .staleIfError(LONG)
                        .softTimeout(Duration.ofMillis(50))
                        .build();
        cache.read("1", database);
        Awaitility.await().until(() -> cache.peek("1").orElseThrow().stale());
        table.put("1", new Row("slow", 2));
        Held load = new Held();
        assertThat(cache.read("1", load).stale()).isTrue();
        load.mayReturn.countDown();
        awaitEvent(cache, Event.FILL, 2);
        assertThat(cache.peek("1").orElseThrow().value()).isEqualTo(new Row("slow", 2));
    }

    @Test
    void theHardTimeoutEndsTheWaitAndTheLoadGoesOn() {
        Cache<Row> cache = cache().hardTimeout(Duration.ofMillis(50)).build();
        Held load = new Held();
        assertThatThrownBy(() -> cache.read("1", load)).isInstanceOf(LoadTimeoutException.class);
        load.mayReturn.countDown();
        awaitEvent(cache, Event.FILL, 1);
        assertThat(cache.read("1", database).result()).isEqualTo(Outcome.Result.HIT);
        assertThat(databaseReads).hasValue(1);
    }

    @Test
    void aSlidingTtlIsRenewedByHitsUntilTheGreatestAge() {
        Cache<Row> cache = cache().ttl(Duration.ofSeconds(20)).jitter(0).sliding(LONG).build();
        cache.read("1", database);
        Awaitility.await().until(() -> remaining("1") < 19_500);
        cache.read("1", database);
        Awaitility.await().until(() -> remaining("1") > 19_500);

        Cache<Row> brief =
                cache().ttl(Duration.ofMillis(300)).sliding(Duration.ofMillis(400)).build();
        table.put("2", new Row("two", 1));
        brief.read("2", database);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .until(() -> brief.read("2", database).result(), Outcome.Result.MISS::equals);
    }

    private long remaining(String key) throws Exception {
        return redis.send(Request.cmd(Command.PTTL).arg(name + ":{" + key + "}"))
                .toCompletionStage()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS)
                .toLong();
    }

    // --- the hot tier ----------------------------------------------------------------------------

    @Test
    void whatIsReadOftenIsHeldInTheJvmUntilSomebodyChangesIt() {
        try (HotTier tier = HotTier.on(redis).reads(2).longestTrust(LONG).build()) {
            Awaitility.await().until(() -> tier.mode().isPresent());
            Cache<Row> cache = cache().hot(tier).jitter(0).build();
            Cache<Row> there = cache(elsewhere).build();
            assertThat(cache.read("1", database).tier()).isEqualTo(Tier.DATABASE);
            Awaitility.await().until(() -> cache.read("1", database).tier(), Tier.HOT::equals);
            Outcome<Row> hot = cache.read("1", database);
            assertThat(hot.age().plus(hot.remainingTtl()))
                    .isBetween(Duration.ofMillis(29_990), Duration.ofMillis(30_010));
            assertThat(cache.counters().of(Event.HOT_HIT)).isPositive();
            assertThat(databaseReads).hasValue(1);

            there.write("1", () -> new Row("two", 2));
            Awaitility.await()
                    .until(() -> cache.read("1", database).value(), new Row("two", 2)::equals);
            Awaitility.await().until(() -> cache.read("1", database).tier(), Tier.HOT::equals);
            // Its own writes it sees at once.
            cache.write("1", () -> new Row("three", 3));
            assertThat(cache.read("1", database).value()).isEqualTo(new Row("three", 3));
            assertThat(databaseReads).hasValue(1);
            assertThat(cache.readAll(List.of("1"), keys -> Map.of()).get("1").value())
                    .isEqualTo(new Row("three", 3));
        }
    }

    // --- writes ----------------------------------------------------------------------------------

    @Test
    void aWriteAroundDropsAfterTheCommitAndNotWhenItFails() {
        Cache<Row> cache = cache().build();
        cache.read("1", database);
        assertThatThrownBy(
                        () ->
                                cache.writeAround(
                                        "1",
                                        () -> {
                                            throw new IllegalStateException("rolled back");
                                        }))
                .hasMessage("rolled back");
        assertThat(cache.read("1", database).result()).isEqualTo(Outcome.Result.HIT);
        cache.writeAround("1", () -> table.put("1", new Row("around", 2)));
        assertThat(cache.read("1", database).value()).isEqualTo(new Row("around", 2));
    }

    @Test
    void whoLearnsLateDropsOnlyWhatIsOlder() {
        Cache<Row> cache = cache().build();
        cache.write("1", () -> new Row("two", 2));
        assertThat(cache.invalidateOlder("1", 2)).isFalse();
        assertThat(cache.peek("1").orElseThrow().value()).isEqualTo(new Row("two", 2));
        assertThat(cache.invalidateOlder("1", 3)).isTrue();
        assertThat(cache.peek("1")).isEmpty();
        // The commit that it heard of is known from then on.
        assertThat(cache.write("1", () -> new Row("two", 2)).kept()).isFalse();
        assertThat(cache.write("1", () -> new Row("three", 3)).kept()).isTrue();
    }

    // --- many keys -------------------------------------------------------------------------------

    @Test
    void aBatchIsOneLoadAndKeepsItsOrder() {
        for (int i = 0; i < 300; i++) {
            table.put("b" + i, new Row("row " + i, 1));
        }
        Cache<Row> cache = cache().build();
        cache.read("b7", database);
        List<Set<String>> asked = new CopyOnWriteArrayList<>();
        Function<Set<String>, Map<String, Row>> rows =
                keys -> {
                    asked.add(Set.copyOf(keys));
                    Map<String, Row> found = new HashMap<>();
                    keys.stream()
                            .filter(table::containsKey)
                            .forEach(k -> found.put(k, table.get(k)));
                    return found;
                };
        List<String> wanted = new ArrayList<>(List.of("none", "b7", "b7"));
        for (int i = 299; i >= 0; i--) {
            wanted.add("b" + i);
        }
        Map<String, Outcome<Row>> answers = cache.readAll(wanted, rows);

        assertThat(asked).hasSize(1);
        assertThat(asked.getFirst()).hasSize(300).contains("none").doesNotContain("b7");
        assertThat(answers).hasSize(301);
        assertThat(answers.keySet()).startsWith("none", "b7", "b299").endsWith("b0");
        assertThat(answers.get("b7").result()).isEqualTo(Outcome.Result.HIT);
        assertThat(answers.get("b8").result()).isEqualTo(Outcome.Result.MISS);
        assertThat(answers.get("b8").kept()).isTrue();
        assertThat(answers.get("none").found()).isEmpty();

        assertThat(cache.readAll(wanted, rows).values())
                .allMatch(
                        again ->
                                again.result() == Outcome.Result.HIT
                                        || again.result() == Outcome.Result.NEGATIVE);
        assertThat(asked).hasSize(1);
        assertThat(cache.flush()).isEqualTo(301);
    }

    @Test
    void aBatchWaitsForWhatOthersLoad() throws Exception {
        table.put("2", new Row("two", 1));
        Cache<Row> here = cache().build();
        Cache<Row> there = cache(elsewhere).build();
        Held load = new Held();
        Future<Outcome<Row>> first = loading(here, load);
        List<Set<String>> asked = new CopyOnWriteArrayList<>();
        Future<Map<String, Outcome<Row>>> batch =
                threads.submit(
                        () ->
                                there.readAll(
                                        List.of("1", "2"),
                                        keys -> {
                                            asked.add(Set.copyOf(keys));
                                            return Map.of("2", table.get("2"));
                                        }));
        awaitEvent(there, Event.LEASE_WAIT, 1);
        load.mayReturn.countDown();
        assertThat(batch.get(20, TimeUnit.SECONDS).get("1").value()).isEqualTo(new Row("one", 1));
        assertThat(batch.get().get("2").value()).isEqualTo(new Row("two", 1));
        assertThat(asked).containsExactly(Set.of("2"));
        first.get();
    }

    /** Three keys that are past their TTL, and a loader of several that notes what it is asked. */
    private final class Past {
        final List<Set<String>> asked = new CopyOnWriteArrayList<>();
        final List<String> keys = List.of("1", "2", "3");
        final Function<Set<String>, Map<String, Row>> rows =
                some -> {
                    asked.add(Set.copyOf(some));
                    Map<String, Row> found = new HashMap<>();
                    some.forEach(key -> found.put(key, table.get(key)));
                    return found;
                };

        Past(Cache<Row> cache) {
            keys.forEach(key -> table.put(key, new Row("old", 1)));
            cache.readAll(keys, rows);
            Awaitility.await()
                    .until(() -> keys.stream().allMatch(k -> cache.peek(k).orElseThrow().stale()));
            asked.clear();
            keys.forEach(key -> table.put(key, new Row("new", 2)));
        }

        boolean allOld(Map<String, Outcome<Row>> answers) {
            return answers.size() == 3
                    && answers.values().stream()
                            .allMatch(one -> one.stale() && one.value().version() == 1);
        }
    }

    @Test
    void aBatchIsAnsweredAtOnceAndWhatIsDueIsOneLoadInTheBackground() {
        Cache<Row> cache =
                cache().ttl(Duration.ofMillis(50)).staleWhileRevalidate(LONG).jitter(0).build();
        Past past = new Past(cache);
        Held load = new Held();
        Map<String, Outcome<Row>> answers =
                cache.readAll(
                        past.keys,
                        some -> {
                            load.apply("1");
                            return past.rows.apply(some);
                        });
        assertThat(past.allOld(answers)).isTrue();
        passed(load.began);
        // While it is under way nobody begins another one.
        assertThat(past.allOld(cache.readAll(past.keys, past.rows))).isTrue();
        load.mayReturn.countDown();
        awaitEvent(cache, Event.REFRESH, 3);
        assertThat(past.asked).containsExactly(Set.copyOf(past.keys));
        for (String key : past.keys) {
            assertThat(cache.peek(key).orElseThrow().value()).isEqualTo(new Row("new", 2));
        }
    }

    @Test
    void whatIsOverdueInABatchIsOneLoadAndTheOldValuesWhenThatFails() {
        Cache<Row> cache =
                cache().ttl(Duration.ofMillis(50))
                        .staleIfError(LONG)
                        .pauseWhenAway(Duration.ofMillis(1))
                        .jitter(0)
                        .build();
        Past past = new Past(cache);
        assertThat(
                        past.allOld(
                                cache.readAll(
                                        past.keys,
                                        some -> {
                                            throw new IllegalStateException("down");
                                        })))
                .isTrue();
        assertThat(cache.counters().of(Event.LOAD_FAILED)).isEqualTo(1);
        // With one key of which nothing is known the failure is the answer.
        assertThatThrownBy(
                        () ->
                                cache.readAll(
                                        List.of("1", "2", "another"),
                                        some -> {
                                            throw new IllegalStateException("down");
                                        }))
                .hasMessage("down");
        Awaitility.await().until(() -> !past.allOld(cache.readAll(past.keys, past.rows)));
        assertThat(past.asked).containsExactly(Set.copyOf(past.keys));
        assertThat(cache.peek("3").orElseThrow().value()).isEqualTo(new Row("new", 2));
    }

    @Test
    void theTimeoutsHoldForABatchTooAndItsLoadGoesOn() {
        Cache<Row> cache =
                cache().ttl(Duration.ofMillis(50))
                        .staleIfError(LONG)
                        .softTimeout(Duration.ofMillis(30))
                        .hardTimeout(Duration.ofMillis(100))
                        .jitter(0)
                        .build();
        Past past = new Past(cache);
        Held load = new Held();
        Function<Set<String>, Map<String, Row>> slow =
                some -> {
                    load.apply("1");
                    return past.rows.apply(some);
                };
        assertThat(past.allOld(cache.readAll(past.keys, slow))).isTrue();
        assertThatThrownBy(() -> cache.readAll(List.of("another"), slow))
                .isInstanceOf(LoadTimeoutException.class);
        load.mayReturn.countDown();
        awaitEvent(cache, Event.FILL, 3 + 4);
        assertThat(cache.peek("3").orElseThrow().value()).isEqualTo(new Row("new", 2));
    }

    @Test
    void aWarmUpReadsAllKeysAndTellsHowFarItIs() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            table.put("w" + i, new Row("x", 1));
            all.add("w" + i);
        }
        Cache<Row> cache = cache().build();
        ReadThrough<Row> rows = cache.readThrough(database);
        List<Long> told = new ArrayList<>();
        assertThat(
                        rows.warmUp(
                                all,
                                (done, of) -> {
                                    told.add(done);
                                    return done < 200;
                                }))
                .isEqualTo(200);
        assertThat(told).containsExactly(100L, 200L);
        assertThat(cache.entries()).isEqualTo(200);
        assertThat(rows.get("w3").result()).isEqualTo(Outcome.Result.HIT);
        assertThat(rows.get("w240").result()).isEqualTo(Outcome.Result.MISS);
    }

    // --- tags ------------------------------------------------------------------------------------

    private CacheBuilder<Row> tagged(Redis client) {
        return cache(client).tags(row -> Set.of("text:" + row.text(), "all"));
    }

    @Test
    void aTagDropsWhatCarriesItAndNothingElse() {
        table.put("2", new Row("two", 1));
        table.put("3", new Row("two", 1));
        Cache<Row> cache = tagged(redis).build();
        for (String key : List.of("1", "2")) {
            cache.read(key, database);
        }
        cache.readAll(List.of("3"), keys -> Map.of("3", table.get("3")));
        assertThat(tagged(elsewhere).build().invalidateTag("text:two")).isEqualTo(2);
        assertThat(cache.peek("1")).isPresent();
        assertThat(cache.peek("2")).isEmpty();
        assertThat(cache.peek("3")).isEmpty();
        cache.write("4", () -> new Row("two", 1));
        assertThat(cache.invalidateTag("text:two")).isEqualTo(1);
        assertThat(cache.peek("4")).isEmpty();
        assertThat(cache.invalidateTag("nobody has it")).isZero();
    }

    @Test
    void aLoadThatBeganBeforeItsTagWasInvalidatedIsNotKept() throws Exception {
        Cache<Row> cache = tagged(redis).build();
        Held load = new Held();
        Future<Outcome<Row>> slow = loading(cache, load);
        // Nobody knows yet that this key will carry the tag.
        assertThat(tagged(elsewhere).build().invalidateTag("all")).isZero();
        load.mayReturn.countDown();
        assertThat(slow.get(20, TimeUnit.SECONDS).kept()).isFalse();
        assertThat(cache.peek("1")).isEmpty();
        assertThat(cache.read("1", database).kept()).isTrue();
    }

    /** Whatever is wrong with a value: nobody else waits for it, and nothing old stays. */
    @Test
    void aValueWhoseTagsFailEndsItsLeaseAndTakesItsPredecessorAlong() {
        Cache<Row> cache =
                cache().lease(LONG)
                        .tags(row -> Set.of(row.text().equals("bad") ? "{" : "tag"))
                        .build();
        table.put("1", new Row("bad", 2));
        assertThatThrownBy(() -> cache.read("1", database))
                .isInstanceOf(IllegalArgumentException.class);
        table.put("1", new Row("good", 3));
        assertThat(cache.read("1", database).kept()).isTrue();
        assertThat(cache.counters().of(Event.LEASE_WAIT)).isZero();

        assertThatThrownBy(() -> cache.write("1", () -> new Row("bad", 4)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(cache.peek("1")).isEmpty();
    }

    @Test
    void aWriteOfWhatIsInvalidatedMeanwhileDoesNotStay() {
        Cache<Row> cache = tagged(redis).build();
        Cache<Row> there = tagged(elsewhere).build();
        Outcome<Row> written =
                cache.write(
                        "1",
                        () -> {
                            there.invalidateTag("all");
                            return new Row("w", 2);
                        });
        assertThat(written.kept()).isFalse();
        assertThat(cache.peek("1")).isEmpty();
    }
}
