package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.caching.CacheListener.Event;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every promise of the README, against a real store. Interleavings are made by latches. */
@Timeout(30)
class CacheTest extends WithStore {

    @Test
    void aMissLoadsAndTheNextReadHits() {
        Cache<Row> cache = cache().jitter(0).build();

        Outcome<Row> miss = cache.read("1", database);
        Outcome<Row> hit = cache.read("1", database);

        assertThat(miss.result()).isEqualTo(Outcome.Result.MISS);
        assertThat(miss.tier()).isEqualTo(Tier.DATABASE);
        assertThat(miss.kept()).isTrue();
        assertThat(miss.remainingTtl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(hit.result()).isEqualTo(Outcome.Result.HIT);
        assertThat(hit.tier()).isEqualTo(Tier.STORE);
        assertThat(hit.value()).isEqualTo(new Row("one", 1));
        assertThat(hit.age().plus(hit.remainingTtl())).isEqualTo(Duration.ofSeconds(30));
        assertThat(databaseReads).hasValue(1);
        assertThat(cache.counters().hitRatio()).isEqualTo(0.5);
        assertThat(cache.entries()).isEqualTo(1);
    }

    @Test
    void anEntryEndsWithItsTtl() {
        Cache<Row> cache = cache().ttl(Duration.ofMillis(150)).build();
        cache.read("1", database);
        table.put("1", new Row("changed behind the back", 2));

        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .until(
                        () -> cache.read("1", database).value(),
                        new Row("changed behind the back", 2)::equals);
    }

    @Test
    void jitterOnlyShortens() {
        Cache<Row> cache = cache().ttl(Duration.ofSeconds(10)).jitter(0.5).build();
        for (int i = 0; i < 50; i++) {
            table.put("j" + i, new Row("x", 1));
            Duration ttl = cache.read("j" + i, database).remainingTtl();
            assertThat(ttl).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(10));
        }
    }

    @Test
    void anAbsenceIsRememberedUntilTheRowIsWritten() {
        Cache<Row> cache = cache().build();

        assertThat(cache.read("none", database).found()).isEmpty();
        Outcome<Row> again = cache.read("none", database);
        assertThat(again.result()).isEqualTo(Outcome.Result.NEGATIVE);
        assertThat(again.remainingTtl()).isLessThanOrEqualTo(Duration.ofSeconds(5));
        assertThat(databaseReads).hasValue(1);

        cache.write("none", () -> new Row("now there", 1));
        assertThat(cache.read("none", database).value()).isEqualTo(new Row("now there", 1));
        assertThat(databaseReads).hasValue(1);
    }

    @Test
    void aWriteIsTheNextHit() {
        Cache<Row> cache = cache().build();
        cache.read("1", database);

        Outcome<Row> written = cache.write("1", () -> new Row("two", 2));

        assertThat(written.result()).isEqualTo(Outcome.Result.WRITTEN);
        assertThat(written.kept()).isTrue();
        assertThat(cache.read("1", database).value()).isEqualTo(new Row("two", 2));
        assertThat(databaseReads).hasValue(1);
    }

    @Test
    void aFailedCommitLeavesTheStoreAlone() {
        Cache<Row> cache = cache().build();
        cache.read("1", database);

        assertThatThrownBy(
                        () ->
                                cache.write(
                                        "1",
                                        () -> {
                                            throw new IllegalStateException("rolled back");
                                        }))
                .hasMessage("rolled back");
        assertThat(cache.read("1", database).result()).isEqualTo(Outcome.Result.HIT);
    }

    @Test
    void anOlderWriteThatArrivesLateIsRefused() {
        Cache<Row> cache = cache().build();
        cache.write("1", () -> new Row("three", 3));
        assertThat(cache.write("1", () -> new Row("two", 2)).kept()).isFalse();
        assertThat(cache.read("1", database).value()).isEqualTo(new Row("three", 3));

        // Even when the newer entry is gone, its fence remembers the version.
        cache.invalidate("1");
        assertThat(cache.write("1", () -> new Row("two", 2)).kept()).isFalse();
        assertThat(cache.counters().of(Event.WRITE_REFUSED)).isEqualTo(2);
    }

    /** The reader has read the old row, the writer commits and writes through, the reader keeps. */
    private Row afterTheRace(Cache<Row> readers, Cache<Row> writers) throws Exception {
        CountDownLatch hasRead = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        Future<Outcome<Row>> slow =
                threads.submit(
                        () ->
                                readers.read(
                                        "1",
                                        id -> {
                                            Row old = table.get(id);
                                            hasRead.countDown();
                                            passed(mayReturn);
                                            return Optional.of(old);
                                        }));
        passed(hasRead);
        writers.write(
                "1",
                () -> {
                    table.put("1", new Row("new", 2));
                    return table.get("1");
                });
        writers.invalidate("1");
        mayReturn.countDown();
        slow.get(10, TimeUnit.SECONDS);
        return writers.read("1", database).value();
    }

    @Test
    void aSlowReaderCannotBuryANewerValue() throws Exception {
        Cache<Row> reader = cache().build();
        assertThat(afterTheRace(reader, cache().build())).isEqualTo(new Row("new", 2));
        assertThat(reader.counters().of(Event.FILL_REFUSED)).isEqualTo(1);
    }

    /** The test of the test: the same interleaving does bury it once the fences are off. */
    @Test
    void withoutFencesTheRaceShows() throws Exception {
        assertThat(afterTheRace(cache().withoutFences().build(), cache().build()))
                .isEqualTo(new Row("one", 1));
    }

    @Test
    void aFlushDropsEverythingAndWhatIsBeingLoaded() throws Exception {
        Cache<Row> cache = cache().build();
        for (int i = 0; i < 40; i++) {
            table.put("f" + i, new Row("x", 1));
            cache.read("f" + i, database);
        }
        CountDownLatch hasRead = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        Future<Outcome<Row>> slow =
                threads.submit(
                        () ->
                                cache.read(
                                        "1",
                                        id -> {
                                            hasRead.countDown();
                                            passed(mayReturn);
                                            return Optional.of(new Row("one", 1));
                                        }));
        passed(hasRead);
        assertThat(cache.flush()).isEqualTo(40);
        mayReturn.countDown();

        assertThat(slow.get(10, TimeUnit.SECONDS).kept()).isFalse();
        assertThat(cache.entries()).isZero();
        assertThat(cache.read("f7", database).result()).isEqualTo(Outcome.Result.MISS);
    }

    @Test
    void readersOfAColdKeyShareOneLoad() throws Exception {
        int readers = 100;
        CountDownLatch waiting = new CountDownLatch(readers - 1);
        Cache<Row> cache =
                cache().listener(
                                new CacheListener() {
                                    @Override
                                    public void happened(Event event) {
                                        if (event == Event.JOINED) {
                                            waiting.countDown();
                                        }
                                    }

                                    @Override
                                    public void databaseRead(Duration took) {}
                                })
                        .database(4, Duration.ofSeconds(10))
                        .storeTimeout(Duration.ofSeconds(10))
                        .build();
        List<Future<Outcome<Row>>> answers = new ArrayList<>();
        for (int i = 0; i < readers; i++) {
            answers.add(
                    threads.submit(
                            () ->
                                    cache.read(
                                            "1",
                                            id -> {
                                                passed(waiting);
                                                return database.apply(id);
                                            })));
        }
        for (Future<Outcome<Row>> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS).value()).isEqualTo(new Row("one", 1));
        }
        assertThat(databaseReads).hasValue(1);
    }

    @Test
    void noMoreLoadsThanPlaces() throws Exception {
        table.put("2", new Row("two", 1));
        Cache<Row> cache = cache().database(1, Duration.ofMillis(50)).build();
        CountDownLatch hasPlace = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        Future<Outcome<Row>> first =
                threads.submit(
                        () ->
                                cache.read(
                                        "1",
                                        id -> {
                                            hasPlace.countDown();
                                            passed(mayReturn);
                                            return database.apply(id);
                                        }));
        passed(hasPlace);
        assertThatThrownBy(() -> cache.read("2", database))
                .isInstanceOf(DatabaseBusyException.class);
        mayReturn.countDown();
        first.get(10, TimeUnit.SECONDS);
        assertThat(cache.read("2", database).value()).isEqualTo(new Row("two", 1));
    }

    @Test
    void anEntryOfAnotherReleaseIsLoadedAnew() throws Exception {
        redis.send(Request.cmd(Command.SET).arg(name + ":{1}").arg("{\"layout\":\"older\"}"))
                .toCompletionStage()
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);
        Cache<Row> cache = cache().build();
        assertThat(cache.read("1", database).value()).isEqualTo(new Row("one", 1));
        assertThat(cache.read("1", database).result()).isEqualTo(Outcome.Result.HIT);
    }

    @Test
    void theEventLoopIsRefused() throws Exception {
        Cache<Row> cache = cache().build();
        var refused = new java.util.concurrent.CompletableFuture<Throwable>();
        vertx.runOnContext(
                nothing -> {
                    try {
                        cache.read("1", database);
                        refused.complete(null);
                    } catch (RuntimeException e) {
                        refused.complete(e);
                    }
                });
        assertThat(refused.get(5, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aKeyThatWouldMoveTheHashTagIsRefused() {
        Cache<Row> cache = cache().build();
        assertThatThrownBy(() -> cache.read("a}b", database))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withTheStoreAwayTheDatabaseAnswersAndTheStoreIsUsedAgainOnItsReturn() throws Exception {
        try (OwnStore own = OwnStore.start()) {
            Redis client = Redis.createClient(vertx, own.url());
            Cache<Row> cache =
                    cache(client)
                            .storeTimeout(Duration.ofMillis(300))
                            .pauseWhenAway(Duration.ofMillis(50))
                            .build();
            cache.read("1", database);
            own.down();

            Outcome<Row> bypass = cache.read("1", database);
            assertThat(bypass.result()).isEqualTo(Outcome.Result.BYPASS);
            assertThat(bypass.value()).isEqualTo(new Row("one", 1));
            table.put("1", new Row("two", 2));
            Outcome<Row> written = cache.write("1", () -> table.get("1"));
            assertThat(written.value()).isEqualTo(new Row("two", 2));
            assertThat(written.kept()).isFalse();

            own.up();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> cache.read("1", database).result(), Outcome.Result.HIT::equals);
            assertThat(cache.read("1", database).value()).isEqualTo(new Row("two", 2));
            client.close();
        }
    }
}
