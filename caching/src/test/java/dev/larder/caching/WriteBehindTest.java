package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every promise of write-behind, against a real store and a real PostgreSQL. */
@Timeout(60)
class WriteBehindTest extends WithServer {

    private static OwnDatabase database;
    private static Redis redis;

    private final JdbcProgress progress = new JdbcProgress();
    private String name;

    @BeforeAll
    static void start() {
        redis = another();
        database = OwnDatabase.start();
    }

    @AfterAll
    static void stop() throws Exception {
        redis.close();
        database.close();
    }

    @BeforeEach
    void ownKeys() {
        name = unique("behind");
    }

    private CacheBuilder<String> cache() {
        return cache(redis);
    }

    private CacheBuilder<String> cache(Redis client) {
        return Cache.named(name, client, Codec.text())
                .partitions(1)
                .storeTimeout(Duration.ofSeconds(10));
    }

    private WriteBehind.Builder<String> queue() {
        return queue(cache());
    }

    private static <V> WriteBehind.Builder<V> queue(CacheBuilder<V> cache) {
        return cache.build()
                .writeBehind()
                .lease(Duration.ofSeconds(3))
                .retries(3, Duration.ofMillis(5), Duration.ofMillis(20));
    }

    private Sink<String> ledger() {
        return progress.sink(database.source(), OwnDatabase.appending(name));
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10));
    }

    private static Response ask(Command command, Object... args) {
        Request request = Request.cmd(command);
        for (Object arg : args) {
            request.arg(arg.toString());
        }
        try {
            return redis.send(request)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private String entry(String key) {
        return name + ":{p0}:" + key;
    }

    private void drained(WriteBehind<?> queue) {
        soon().until(() -> queue.backlog().depth() == 0);
    }

    @Test
    void aWriteIsCachedAtOnceAndStoredLater() {
        WriteBehind<String> queue = queue().build();

        Receipt receipt = queue.put("1", "one");

        assertThat(receipt.key()).isEqualTo("1");
        assertThat(receipt.depth()).isEqualTo(1);
        assertThat(ask(Command.GET, entry("1")).toString()).startsWith("L2 v 0 ").endsWith("\none");
        assertThat(ask(Command.PTTL, entry("1")).toLong()).as("dirty").isEqualTo(-1);
        assertThat(ask(Command.PTTL, entry("1:fence")).toLong()).isEqualTo(-1);
        assertThat(database.ledger(name)).isEmpty();
        assertThat(queue.backlog().depth()).isEqualTo(1);

        try (var worker = queue.start(ledger())) {
            drained(queue);
            assertThat(worker.partitions()).containsExactly(0);
        }
        assertThat(database.ledger(name))
                .singleElement()
                .satisfies(row -> assertThat(row.id()).isEqualTo(receipt.id()))
                .satisfies(row -> assertThat(row.value()).isEqualTo("one"));
        assertThat(ask(Command.PTTL, entry("1")).toLong()).as("clean").isBetween(1L, 30_000L);
        assertThat(ask(Command.PTTL, entry("1:fence")).toLong()).isBetween(1L, 60_000L);
        assertThat(queue.counters().written()).isEqualTo(1);
        assertThat(queue.backlog()).isEqualTo(new WriteBehind.Backlog(0, Duration.ZERO, 0));
    }

    @Test
    void aRemovalIsAnAbsenceAtOnceAndStoredLater() {
        WriteBehind<String> queue = queue().build();
        queue.put("1", "one");
        queue.remove("1");
        assertThat(ask(Command.GET, entry("1")).toString()).startsWith("L2 n 0 ").endsWith("\n");

        try (var _ = queue.start(ledger())) {
            drained(queue);
        }
        assertThat(database.values(name)).containsExactly("one", null);
        assertThat(ask(Command.PTTL, entry("1")).toLong()).isBetween(1L, 5_000L);
    }

    @Test
    void anEntryStaysDirtyWhileALaterWriteOfItsKeyWaits() throws Exception {
        WriteBehind<String> queue = queue().batch(1, Duration.ZERO).build();
        queue.put("1", "first");
        CountDownLatch storing = new CountDownLatch(2);
        CountDownLatch mayStore = new CountDownLatch(1);
        Sink<String> ledger = ledger();
        try (var _ =
                queue.start(
                        batch -> {
                            storing.countDown();
                            if (batch.writes().getFirst().value().equals("second")) {
                                passed(mayStore);
                            }
                            ledger.store(batch);
                        })) {
            queue.put("1", "second");
            passed(storing);
            assertThat(database.values(name)).containsExactly("first");
            assertThat(ask(Command.PTTL, entry("1")).toLong()).isEqualTo(-1);
            mayStore.countDown();
            drained(queue);
        }
        assertThat(ask(Command.PTTL, entry("1")).toLong()).isPositive();
    }

    @Test
    void keysKeepTheirOrderUnderManyProducersAndTwoWorkers() throws Exception {
        int producers = 6;
        int writes = 150;
        WriteBehind<String> here =
                queue(cache().partitions(4)).lease(Duration.ofMillis(900)).build();
        WriteBehind<String> there =
                queue(cache().partitions(4)).lease(Duration.ofMillis(900)).build();
        List<Receipt> receipts = new ArrayList<>();
        try (var first = here.start(ledger());
                var second = there.start(ledger());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Receipt>>> all = new ArrayList<>();
            for (int p = 0; p < producers; p++) {
                int producer = p;
                WriteBehind<String> mine = p % 2 == 0 ? here : there;
                all.add(
                        threads.submit(
                                () -> {
                                    List<Receipt> own = new ArrayList<>();
                                    for (int i = 0; i < writes; i++) {
                                        own.add(mine.put("k" + i % 7, producer + "-" + i));
                                    }
                                    return own;
                                }));
            }
            for (Future<List<Receipt>> each : all) {
                receipts.addAll(each.get(30, TimeUnit.SECONDS));
            }
            drained(here);
            soon().untilAsserted(
                            () -> {
                                assertThat(first.partitions()).hasSize(2);
                                assertThat(second.partitions()).hasSize(2);
                            });
        }
        Map<String, List<String>> accepted = new TreeMap<>();
        receipts.stream()
                .sorted(Comparator.comparing(Receipt::id, Write::compareIds))
                .forEach(
                        r -> accepted.computeIfAbsent(r.key(), k -> new ArrayList<>()).add(r.id()));
        Map<String, List<String>> stored = new TreeMap<>();
        database.ledger(name)
                .forEach(r -> stored.computeIfAbsent(r.key(), k -> new ArrayList<>()).add(r.id()));
        assertThat(stored).isEqualTo(accepted);
        assertThat(receipts).hasSize(producers * writes);
        assertThat(here.counters().written() + there.counters().written())
                .isEqualTo(producers * writes);
    }

    /** The first owner is slow, not dead: its successor writes, then it wakes up. */
    @Test
    void anOwnerThatWasThoughtDeadCannotWriteAfterItsSuccessor() throws Exception {
        WriteBehind<String> slow = queue().build();
        WriteBehind<String> next = queue().build();
        CountDownLatch hasRead = new CountDownLatch(1);
        CountDownLatch mayStore = new CountDownLatch(1);
        AtomicInteger refused = new AtomicInteger();
        Sink<String> ledger = ledger();
        slow.put("1", "one");
        slow.put("2", "two");
        try (var _ =
                slow.start(
                        batch -> {
                            hasRead.countDown();
                            passed(mayStore);
                            try {
                                ledger.store(batch);
                            } catch (LeaseLostException e) {
                                refused.incrementAndGet();
                                throw e;
                            }
                        })) {
            passed(hasRead);
            // As the store does when the lease ends.
            ask(Command.DEL, name + ":{p0}:behind:lease");
            try (var second = next.start(ledger)) {
                soon().until(() -> second.partitions().equals(List.of(0)));
                next.put("1", "newer");
                drained(next);
                mayStore.countDown();
                soon().until(() -> refused.get() == 1);
            }
        }
        assertThat(database.values(name)).containsExactly("one", "two", "newer");
    }

    @Test
    void aPoisonedWriteIsSetAsideAloneAndMayBeRedriven() {
        WriteBehind<String> queue = queue().build();
        for (int i = 0; i < 20; i++) {
            queue.put("k" + i, i == 13 ? "poison" : "v" + i);
        }
        queue.put("k13", "later");
        queue.put("bad", "poison");
        try (var _ = queue.start(ledger())) {
            drained(queue);

            assertThat(database.values(name))
                    .hasSize(20)
                    .doesNotContain("poison")
                    .contains("later");
            assertThat(queue.counters().dead()).isEqualTo(2);
            List<DeadLetter<String>> letters = queue.deadLetters(10);
            assertThat(letters)
                    .extracting(each -> each.write().key())
                    .containsExactly("k13", "bad");
            DeadLetter<String> letter = letters.getFirst();
            assertThat(letter.write().value()).isEqualTo("poison");
            assertThat(letter.attempts()).isEqualTo(3);
            assertThat(letter.reason()).contains("ledger_value_check");
            assertThat(letter.died())
                    .isBetween(letter.write().accepted(), Instant.now().plusSeconds(5));
            // Overwritten by a later write, which is stored and stays; the other must not be read.
            assertThat(ask(Command.GET, entry("k13")).toString()).endsWith("\nlater");
            assertThat(ask(Command.GET, entry("bad"))).isNull();

            database.run("alter table ledger drop constraint ledger_value_check");
            try {
                queue.redrive(letters.get(1));
                drained(queue);
            } finally {
                database.run("update ledger set value = 'cured' where value = 'poison'");
                database.run("alter table ledger add check (value <> 'poison')");
            }
            assertThat(database.ledger(name))
                    .last()
                    .satisfies(row -> assertThat(row.key()).isEqualTo("bad"));
            assertThat(queue.drop(letter)).isTrue();
            assertThat(queue.drop(letter)).isFalse();
            assertThat(queue.deadLetters(10)).isEmpty();
            assertThatThrownBy(() -> queue.redrive(letter))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aDatabaseThatIsAwayKillsNoWrite() {
        WriteBehind<String> queue = queue().build();
        for (int i = 0; i < 5; i++) {
            queue.put("k" + i, "v" + i);
        }
        AtomicInteger away = new AtomicInteger(12);
        Sink<String> ledger = ledger();
        try (var _ =
                queue.start(
                        batch -> {
                            if (away.getAndDecrement() > 0) {
                                throw new IllegalStateException(
                                        new SQLException("connection lost", "08006"));
                            }
                            ledger.store(batch);
                        })) {
            drained(queue);
        }
        assertThat(database.values(name)).containsExactly("v0", "v1", "v2", "v3", "v4");
        assertThat(queue.counters().retried()).isEqualTo(12);
        assertThat(queue.counters().dead()).isZero();
    }

    /** The answer to a commit was lost: the batch comes again and the database knows it. */
    @Test
    void aCommitWhoseAnswerWasLostIsNotDoneAgain() {
        WriteBehind<String> queue = queue().build();
        queue.put("1", "one");
        AtomicInteger lost = new AtomicInteger(1);
        Sink<String> ledger = ledger();
        try (var _ =
                queue.start(
                        batch -> {
                            ledger.store(batch);
                            if (lost.getAndDecrement() > 0) {
                                throw new SQLException("no answer", "08006");
                            }
                        })) {
            drained(queue);
        }
        assertThat(database.values(name)).containsExactly("one");
    }

    @Test
    void aFullQueueRefusesAndDoesNothing() {
        WriteBehind<String> queue = queue().capacity(2, 10).build();
        queue.put("1", "one");
        queue.put("1", "two");

        assertThatThrownBy(() -> queue.put("1", "three"))
                .isInstanceOfSatisfying(
                        QueueFullException.class, e -> assertThat(e.depth()).isEqualTo(2));
        assertThatThrownBy(() -> queue.remove("2")).isInstanceOf(QueueFullException.class);

        assertThat(ask(Command.GET, entry("1")).toString()).endsWith("\ntwo");
        assertThat(ask(Command.EXISTS, entry("2"), entry("2:fence")).toLong()).isZero();
        assertThat(queue.backlog().depth()).isEqualTo(2);
        assertThat(queue.counters().full()).isEqualTo(2);
        try (var _ = queue.start(ledger())) {
            drained(queue);
            queue.put("1", "four");
            drained(queue);
        }
        assertThat(database.values(name)).containsExactly("one", "two", "four");
    }

    @Test
    void withoutPlaceForADeadLetterNothingIsPassedOver() {
        WriteBehind<String> queue = queue().capacity(100, 1).build();
        queue.put("1", "poison");
        queue.put("2", "poison");
        queue.put("3", "fine");
        try (var _ = queue.start(ledger())) {
            soon().until(() -> queue.counters().dead() == 1 && queue.counters().retried() > 12);
            assertThat(database.values(name)).isEmpty();
            assertThat(queue.backlog().depth()).isEqualTo(2);

            queue.drop(queue.deadLetters(1).getFirst());
            drained(queue);
        }
        assertThat(database.values(name)).containsExactly("fine");
        assertThat(queue.deadLetters(10)).hasSize(1);
    }

    @Test
    void anOlderVersionIsRefusedAlsoAfterTheNewerIsStored() {
        WriteBehind<String> queue = queue(cache().version(String::length)).build();
        queue.put("1", "333");
        assertThatThrownBy(() -> queue.put("1", "22")).isInstanceOf(OlderWriteException.class);
        try (var _ = queue.start(ledger())) {
            drained(queue);
            assertThatThrownBy(() -> queue.put("1", "22")).isInstanceOf(OlderWriteException.class);
            queue.put("1", "4444");
            drained(queue);
        }
        assertThat(database.values(name)).containsExactly("333", "4444");
    }

    @Test
    void whatCannotBeDecodedIsDeadAndStopsNothing() {
        WriteBehind<String> queue = queue().build();
        queue.put("1", "one");
        queue.put("2", "garbled");
        queue.put("3", "three");
        Codec<String> strict =
                new Codec<>() {
                    @Override
                    public byte[] encode(String value) {
                        return Codec.text().encode(value);
                    }

                    @Override
                    public String decode(byte[] bytes) {
                        String text = Codec.text().decode(bytes);
                        if (text.equals("garbled")) {
                            throw new IllegalArgumentException("not mine");
                        }
                        return text;
                    }
                };
        WriteBehind<String> other =
                queue(
                                Cache.named(name, redis, strict)
                                        .partitions(1)
                                        .storeTimeout(Duration.ofSeconds(10)))
                        .build();
        try (var _ = other.start(ledger())) {
            drained(other);
            assertThat(database.values(name)).containsExactly("one", "three");
            DeadLetter<String> letter = other.deadLetters(5).getFirst();
            assertThat(letter.readable()).isFalse();
            assertThatThrownBy(() -> other.redrive(letter)).hasMessageContaining("decoded");
            // Who can read it may.
            queue.redrive(letter);
            soon().until(() -> other.counters().dead() == 2);
            assertThat(queue.deadLetters(5))
                    .singleElement()
                    .satisfies(each -> assertThat(each.write().value()).isEqualTo("garbled"));
        }
    }

    @Test
    void aClosedWorkerLeavesItsPartitionsToTheNextAtOnce() {
        WriteBehind<String> queue =
                queue(cache().partitions(3)).lease(Duration.ofMinutes(5)).build();
        try (var worker = queue.start(ledger())) {
            soon().until(() -> worker.partitions().size() == 3);
        }
        queue.put("1", "one");
        assertThat(database.ledger(name)).isEmpty();
        try (var worker = queue.start(ledger())) {
            drained(queue);
            assertThat(worker.partitions()).hasSize(3);
        }
        assertThat(database.values(name)).containsExactly("one");
    }

    @Test
    void anotherNumberOfPartitionsIsRefused() {
        queue(cache().partitions(4)).build().put("1", "one");
        WriteBehind<String> other = queue(cache().partitions(5)).build();
        assertThatThrownBy(() -> other.put("1", "two"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("4 partitions");
    }

    @Test
    void keysOfTheQueueItselfAreRefused() {
        WriteBehind<String> queue = queue().build();
        for (String key : List.of("a}b", "", "behind", "behind:dead", "1:fence", "1:lease")) {
            assertThatThrownBy(() -> queue.put(key, "x"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theLagIsTheAgeOfTheOldest() {
        CacheBuilder<String> later = cache();
        later.clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
        WriteBehind<String> queue = queue(later).build();
        queue.put("1", "one");
        assertThat(queue.backlog().lag()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
    }

    @Test
    void readersSeeTheWriteUntilTheDatabaseHasItWhateverTheyDo() {
        Cache<String> cache = cache().ttl(Duration.ofMillis(200)).jitter(0).build();
        WriteBehind<String> queue = cache.writeBehind().build();
        queue.put("1", "new");

        Outcome<String> read = cache.read("1", id -> Optional.of("old"));
        assertThat(read.result()).isEqualTo(Outcome.Result.HIT);
        assertThat(read.value()).isEqualTo("new");
        assertThat(read.stale()).isFalse();
        assertThat(read.remainingTtl()).isEqualTo(Duration.ofMillis(200));

        assertThat(cache.invalidate("1")).isFalse();
        assertThat(cache.flush()).isZero();
        assertThat(cache.write("1", () -> "through").kept()).isFalse();
        assertThat(cache.readAll(List.of("1"), ids -> Map.of("1", "old")).get("1").value())
                .isEqualTo("new");
        assertThat(ask(Command.PTTL, entry("1")).toLong()).isEqualTo(-1);

        try (var _ = queue.start(ledger())) {
            drained(queue);
            soon().until(
                            () ->
                                    cache.read("1", id -> Optional.of("from the database"))
                                            .value()
                                            .equals("from the database"));
        }
    }

    @Test
    void theTtlThatSlidesDoesNotEndWhatIsNotStored() {
        Cache<String> cache =
                cache().ttl(Duration.ofMillis(50)).sliding(Duration.ofMillis(100)).build();
        WriteBehind<String> queue = cache.writeBehind().build();
        queue.put("1", "new");
        for (int i = 0; i < 5; i++) {
            assertThat(cache.read("1", id -> Optional.of("old")).value()).isEqualTo("new");
        }
        assertThat(ask(Command.PTTL, entry("1")).toLong()).isEqualTo(-1);
    }

    @Test
    void aSlowReaderCannotBuryAnAcceptedWrite() throws Exception {
        Cache<String> cache = cache().build();
        WriteBehind<String> queue = cache.writeBehind().build();
        CountDownLatch hasRead = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                var _ = queue.start(ledger())) {
            Future<Outcome<String>> slow =
                    threads.submit(
                            () ->
                                    cache.read(
                                            "1",
                                            id -> {
                                                hasRead.countDown();
                                                passed(mayReturn);
                                                return Optional.of("old");
                                            }));
            passed(hasRead);
            queue.put("1", "new");
            drained(queue);
            mayReturn.countDown();
            assertThat(slow.get(20, TimeUnit.SECONDS).kept()).isFalse();
            assertThat(cache.read("1", id -> Optional.of("old")).value()).isEqualTo("new");
        }
    }

    @Test
    void whatIsStoredIsFoundByFlushAndByItsTags() {
        Cache<String> cache = cache().tags(value -> List.of("tag:" + value.charAt(0))).build();
        WriteBehind<String> queue = cache.writeBehind().build();
        queue.put("1", "a1");
        queue.put("2", "b2");
        queue.put("3", "c3");
        // Before it is stored: it stays, and goes when it is.
        cache.invalidateTag("tag:c");
        assertThat(cache.peek("3")).isPresent();
        try (var _ = queue.start(ledger())) {
            drained(queue);
            soon().until(() -> cache.peek("3").isEmpty());
            assertThat(cache.invalidateTag("tag:a")).isEqualTo(1);
            assertThat(cache.peek("1")).isEmpty();
            assertThat(cache.flush()).isEqualTo(1);
            assertThat(cache.peek("2")).isEmpty();
        }
    }

    @Test
    void aValueWhoseTagsFailIsStoredAndHoldsUpNothing() {
        Cache<String> cache =
                cache().tags(value -> List.of(value.equals("bad") ? "{" : "tag")).build();
        WriteBehind<String> queue = cache.writeBehind().build();
        queue.put("1", "bad");
        queue.put("2", "good");
        try (var _ = queue.start(ledger())) {
            drained(queue);
            soon().until(() -> cache.peek("1").isEmpty());
        }
        assertThat(database.values(name)).containsExactly("bad", "good");
        assertThat(cache.peek("2")).isPresent();
    }

    /** Its threads are the only ones that would notice their end. */
    @Test
    void nothingThatIsThrownEndsAWorker() {
        AtomicInteger errors = new AtomicInteger(2);
        CacheBuilder<String> cache =
                cache().random(
                                () -> {
                                    if (Thread.currentThread().getName().startsWith("write-behind")
                                            && errors.getAndDecrement() == 2) {
                                        throw new LinkageError("half of a release");
                                    }
                                    return ThreadLocalRandom.current().nextLong();
                                });
        WriteBehind<String> queue = queue(cache).lease(Duration.ofMillis(300)).build();
        queue.put("1", "one");
        Sink<String> ledger = ledger();
        AtomicInteger stored = new AtomicInteger();
        try (var _ =
                queue.start(
                        batch -> {
                            if (stored.getAndIncrement() == 0) {
                                throw new StackOverflowError();
                            }
                            ledger.store(batch);
                        })) {
            drained(queue);
        }
        assertThat(errors.get()).isLessThan(2);
        assertThat(database.values(name)).containsExactly("one");
        assertThat(queue.counters().takenOver()).isEqualTo(2);
    }

    @Test
    void theHotTierServesNoValueThatAWriteReplaced() {
        try (HotTier hot = HotTier.on(redis).always().build()) {
            Cache<String> cache = cache().hot(hot).build();
            WriteBehind<String> queue = cache.writeBehind().build();
            soon().until(() -> hot.mode().isPresent());
            soon().until(() -> cache.read("1", id -> Optional.of("old")).tier() == Tier.HOT);

            queue.put("1", "new");
            for (int i = 0; i < 3; i++) {
                Outcome<String> read = cache.read("1", id -> Optional.of("old"));
                assertThat(read.value()).isEqualTo("new");
                assertThat(read.tier()).isEqualTo(Tier.STORE);
            }
            try (var _ = queue.start(ledger())) {
                drained(queue);
                soon().until(() -> cache.read("1", id -> Optional.of("old")).tier() == Tier.HOT);
                assertThat(cache.read("1", id -> Optional.of("old")).value()).isEqualTo("new");
            }
        }
    }

    @Test
    void aCacheWithoutPartitionsHasNoQueue() {
        assertThatThrownBy(() -> Cache.named(name, redis, Codec.text()).build().writeBehind())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSinkMayMergeByKey() {
        List<Write<String>> writes =
                List.of(
                        new Write<>("1-0", "a", "1", 0),
                        new Write<>("1-1", "b", "1", 0),
                        new Write<>("2-0", "a", null, 0));
        assertThat(Batch.latestPerKey(writes)).extracting(Write::id).containsExactly("1-1", "2-0");
        assertThat(Write.compareIds("9-0", "10-0")).isNegative();
        assertThat(Write.compareIds("9-10", "9-9")).isPositive();
    }

    @Test
    void theQueueOutlivesTheStoreAndRefusesWhileItIsAway(@TempDir Path folder) {
        StoreConfig durable =
                new StoreConfig()
                        .with("dir", folder.toString())
                        .with("appendonly", "yes")
                        .with("appendfsync", "always");
        Store store = Store.start(durable.with("port", 0));
        assumeTrue(
                Files.exists(folder.resolve("appendonlydir")),
                "the store on the class path is a build of before its append-only file");
        int port = store.port();
        Redis client = client(store.url());
        WriteBehind<String> queue =
                queue(cache(client).storeTimeout(Duration.ofSeconds(2))).build();
        queue.put("1", "one");
        queue.put("1", "two");
        store.close();
        assertThatThrownBy(() -> queue.put("1", "three")).isInstanceOf(StoreAwayException.class);

        store = Store.start(durable.with("port", port));
        try (var _ = queue.start(ledger())) {
            soon().ignoreExceptions().until(() -> queue.backlog().depth() == 0);
            store.close();
            assertThatThrownBy(() -> queue.put("1", "four")).isInstanceOf(StoreAwayException.class);
            store = Store.start(durable.with("port", port));
            soon().ignoreExceptions().until(() -> queue.put("1", "five").depth() > 0);
            soon().ignoreExceptions().until(() -> queue.backlog().depth() == 0);
        } finally {
            client.close();
            store.close();
        }
        assertThat(database.values(name)).containsExactly("one", "two", "five");
    }

    private static void passed(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("the other side did not come in 20 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
