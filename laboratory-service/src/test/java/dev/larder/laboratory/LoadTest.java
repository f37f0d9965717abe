package dev.larder.laboratory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.larder.kit.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is sent, when, and what is measured of it: everything that needs no server. */
class LoadTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static Workload workload(double skew, int reads, int writes, double behind) {
        return new Workload(100, skew, reads, writes, behind, 0.1, 1_000, 64, 10, 3, 7L);
    }

    @Test
    void ranksComeUpByTheirLaw() {
        Zipf zipf = new Zipf(3, 1);
        int[] drawn = new int[4];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 110_000; i++) {
            drawn[zipf.draw(random)]++;
        }
        // 1 : 1/2 : 1/3
        assertThat(drawn[0]).isZero();
        assertThat(drawn[1]).isCloseTo(60_000, within(1_000));
        assertThat(drawn[2]).isCloseTo(30_000, within(1_000));
        assertThat(drawn[3]).isCloseTo(20_000, within(1_000));
        assertThat(zipf.share(1)).isCloseTo(6.0 / 11, within(1e-9));
        assertThat(zipf.share(3)).isEqualTo(1);
        assertThat(new Zipf(4, 0).share(1)).isEqualTo(0.25);
    }

    @Test
    void theSameSeedSendsTheSameOperationsAtTheRatesAskedFor() {
        Workload workload = workload(0.9, 90, 20, 0.5);
        Operations one = new Operations(workload);
        Operations other = new Operations(workload);
        List<Operations.Operation> sent = new ArrayList<>();
        do {
            sent.add(one.next());
            assertThat(other.next()).isEqualTo(sent.getLast());
        } while (sent.getLast().dueNanos() < 100 * SECOND);
        long writes = sent.stream().filter(o -> o.kind() == Operations.Kind.WRITE).count();
        long unknown = sent.stream().filter(o -> o.key() > 100).count();
        assertThat(sent.size()).isCloseTo(10_000, within(400));
        assertThat(writes).isCloseTo(1_000, within(150L));
        assertThat(unknown).isCloseTo(900, within(150L));
        assertThat(sent)
                .allMatch(o -> o.key() >= 1 && o.key() <= 200)
                .allMatch(o -> o.instance() >= 0 && o.instance() < 3)
                .noneMatch(o -> o.kind() == Operations.Kind.WRITE && o.key() > 100);
        assertThat(sent.stream().map(Operations.Operation::instance).distinct()).hasSize(3);
    }

    @Test
    void stalenessIsTheTimeSinceTheNextVersionWasCommitted() {
        Truth truth = new Truth(10);
        assertThat(truth.stalenessNanos(3, 1, 500)).isZero();
        truth.committed(3, 2, 1_000);
        truth.committed(3, 3, 5_000);
        assertThat(truth.stalenessNanos(3, 3, 9_000)).isZero();
        assertThat(truth.stalenessNanos(3, 2, 9_000)).isEqualTo(4_000);
        // Replaced twice since: untrue from the first time on.
        assertThat(truth.stalenessNanos(3, 1, 9_000)).isEqualTo(8_000);
        // It was still true when the read began.
        assertThat(truth.stalenessNanos(3, 1, 900)).isZero();
        assertThat(truth.stalenessNanos(4, 1, 9_000)).isZero();
    }

    @Test
    void ofManyCommitsTheOldestKnownOneCounts() {
        Truth truth = new Truth(1);
        for (int version = 2; version <= 2 + Truth.KEPT; version++) {
            truth.committed(1, version, version * 100L);
        }
        // Version 2 has been forgotten, 3 is the first one known to have replaced version 1.
        assertThat(truth.stalenessNanos(1, 1, 10_000)).isEqualTo(10_000 - 300);
        // A commit that is told late, after one that came after it, takes nobody's place.
        truth.committed(1, 2, 200);
        assertThat(truth.stalenessNanos(1, 2 + Truth.KEPT - 1, 10_000))
                .isEqualTo(10_000 - (2 + Truth.KEPT) * 100L);
    }

    @Test
    void aSecondIsWhatHappenedInItAndTheTotalIsAllOfThem() {
        Meter meter = new Meter("a");
        meter.read(Meter.From.DATABASE, 4_000_000, 0);
        meter.query();
        meter.loaded(3_000_000);
        meter.width(3);
        meter.wrote();
        Figures first = meter.second(1);
        meter.read(Meter.From.STORE, 1_000_000, 2_000_000_000L);
        meter.read(Meter.From.NEGATIVE, 1_000_000, 0);
        meter.failedRead(Meter.Failure.DATABASE_DOWN, 9_000_000);
        meter.missed();
        Figures second = meter.second(1);
        Figures total = meter.total(2);
        assertThat(first.reads()).isEqualTo(1);
        assertThat(first.hitRatio()).isZero();
        assertThat(first.width()).isEqualTo(3);
        assertThat(first.latency().p50Micros()).isCloseTo(4_000, within(40L));
        assertThat(second.reads()).isEqualTo(3);
        assertThat(second.writes()).isZero();
        assertThat(second.databaseQueries()).isZero();
        assertThat(second.width()).isZero();
        assertThat(second.hits()).isEqualTo(new Figures.Hits(0, 1, 0, 0, 1));
        assertThat(second.errors()).containsExactly(Map.entry("database-down", 1L));
        assertThat(second.staleness().staleShare()).isEqualTo(0.5);
        assertThat(second.staleness().maxMillis()).isCloseTo(2_000, within(20.0));
        assertThat(total.reads()).isEqualTo(4);
        assertThat(total.hitRatio()).isCloseTo(2 / 3.0, within(1e-9));
        assertThat(total.queriesPerSecond()).isEqualTo(0.5);
        assertThat(total.width()).isEqualTo(3);
        assertThat(total.missed()).isEqualTo(1);
        assertThat(total.slowestLoadMicros()).isCloseTo(3_000, within(30L));
        assertThat(total.latency().maxMicros()).isCloseTo(9_000, within(100L));
    }

    @Test
    void theColdStartIsLeftOutOfWhatComesAfterIt() {
        Meter meter = new Meter("a");
        meter.read(Meter.From.DATABASE, 900_000_000, 5_000_000_000L);
        meter.query();
        meter.second(1);
        assertThat(meter.isSettled()).isFalse();
        meter.settle();
        meter.read(Meter.From.STORE, 1_000_000, 0);
        meter.wrote();
        meter.failedWrite(Meter.Failure.STORE);
        meter.second(1);
        Figures settled = meter.settled(1);
        assertThat(settled.reads()).isEqualTo(1);
        assertThat(settled.hitRatio()).isEqualTo(1);
        assertThat(settled.databaseQueries()).isZero();
        assertThat(settled.latency().maxMicros()).isCloseTo(1_000, within(10L));
        Figures all = meter.total(2);
        assertThat(all.latency().maxMicros()).isCloseTo(900_000, within(9_000L));
        assertThat(all.staleness().maxMillis()).isCloseTo(5_000, within(50.0));
        assertThat(all.writes()).isEqualTo(1);
        assertThat(all.refused()).isEqualTo(1);
    }

    @Test
    void theColdStartLastsForTheLongestTtlButNeverForMostOfTheRun() {
        assertThat(run(40, 3_000, null).coldSeconds()).isEqualTo(5);
        assertThat(run(40, 3_000, 7_500).coldSeconds()).isEqualTo(8);
        assertThat(run(30, 60_000, null).coldSeconds()).isEqualTo(10);
        assertThat(run(3, 100, null).coldSeconds()).isEqualTo(1);
    }

    private static NewRun run(int seconds, int ttlMillis, Integer laneTtlMillis) {
        return new NewRun(
                new Workload(10, 0.0, 10, 1, 0.0, 0.0, ttlMillis, 64, seconds, 1, 1L),
                List.of(new NewRun.Lane("ttl", laneTtlMillis), new NewRun.Lane("none", 100)));
    }

    @Test
    void whatIsDueWhileARunIsHeldIsDueLaterAndNotLate() throws Exception {
        RunClock clock = new RunClock();
        long due = clock.now() + TimeUnit.MILLISECONDS.toNanos(30);
        clock.hold();
        long held = clock.now();
        Thread waiting = Thread.ofVirtual().start(() -> awaited(clock, due));
        assertThat(waiting.join(Duration.ofMillis(80))).isFalse();
        assertThat(clock.now()).isEqualTo(held);
        clock.release();
        assertThat(waiting.join(Duration.ofSeconds(5))).isTrue();
        assertThat(clock.now()).isGreaterThanOrEqualTo(due);
        // The moment it was due lies after the hold, not before.
        assertThat(System.nanoTime() - clock.await(due)).isLessThan(SECOND);
    }

    private static void awaited(RunClock clock, long due) {
        try {
            clock.await(due);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whatAllLanesTogetherWouldAskIsBounded() {
        List<NewRun.Lane> six = Collections.nCopies(6, new NewRun.Lane("ttl", null));
        Workload much = new Workload(10, 0.0, 500, 1, 0.0, 0.0, 1_000, 64, 10, 1, 1L);
        Workload large = new Workload(5_000, 0.0, 10, 1, 0.0, 0.0, 1_000, 8_192, 10, 1, 1L);
        assertThatThrownBy(() -> new NewRun(much, six).checked())
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("workload.readsPerSecond");
        assertThatThrownBy(() -> new NewRun(large, six).checked())
                .hasMessageContaining("workload.keys");
        assertThatThrownBy(
                        () ->
                                new NewRun(Workload.PRESET, List.of(new NewRun.Lane("x", null)))
                                        .checked())
                .hasMessageContaining("lanes[0].pattern");
        NewRun.PRESET.checked();
    }

    @Test
    void anAddressIsLedThroughTheRelayAndAListOfThemIsNot() {
        assertThat(Ways.through("jdbc:postgresql://db.example:6000/larder?ssl=false", 9))
                .isEqualTo("jdbc:postgresql://127.0.0.1:9/larder?ssl=false");
        assertThat(Ways.through("jdbc:postgresql://db/larder", 9))
                .isEqualTo("jdbc:postgresql://127.0.0.1:9/larder");
        assertThat(Ways.through("redis://me:se:cret@[::1]:6379/2", 9))
                .isEqualTo("redis://me:se:cret@127.0.0.1:9/2");
        assertThat(Ways.through("redis://localhost", 9)).isEqualTo("redis://127.0.0.1:9");
        assertThat(addresses("jdbc:postgresql://a:1,b:2/larder", false, "redis://a:1"))
                .matches(several -> !several.databaseSwitch())
                .matches(Ways.Addresses::storeSwitch);
        assertThat(addresses("jdbc:postgresql://a/larder", true, "redis://a:1"))
                .matches(Ways.Addresses::databaseSwitch)
                .matches(cluster -> !cluster.storeSwitch());
        assertThat(addresses("jdbc:postgresql://a/x", false, "redis://a:1,redis://b:1"))
                .matches(several -> !several.storeSwitch());
    }

    private static Ways.Addresses addresses(String database, boolean cluster, String stores) {
        return new Ways.Addresses(database, "me", "secret", Ways.list(stores), cluster);
    }
}
