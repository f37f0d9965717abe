package dev.larder.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The adviser's rules, one by one, on tables made for them. */
class AdviserTest {

    private static final Workload WORKLOAD =
            new Workload(1_000, 0.5, 100, 5, 0.2, 0.0, 2_000, 500, 10, 2, 1L);

    private Workload workload = WORKLOAD;
    private final List<Run.Lane> lanes = new ArrayList<>();
    private final List<Figures> figures = new ArrayList<>();
    private List<Figures> settled = List.of();

    /** A lane with a thousand reads and fifty writes. */
    private AdviserTest lane(
            Pattern pattern, int ttlMillis, long queries, long p99Millis, double staleMillis) {
        return lane(pattern, ttlMillis, queries, p99Millis, staleMillis, Map.of(), 0, 1);
    }

    private AdviserTest lane(
            Pattern pattern,
            int ttlMillis,
            long queries,
            long p99Millis,
            double staleMillis,
            Map<String, Long> errors,
            long missed,
            int width) {
        String id = Lane.IDS.get(lanes.size());
        lanes.add(
                new Run.Lane(
                        id,
                        pattern.id(),
                        pattern.label(),
                        ttlMillis,
                        pattern.bound(),
                        pattern.boundMillis(ttlMillis),
                        pattern.boundAddsLoad(ttlMillis)));
        long reads = 1_000;
        Figures.Hits hits = new Figures.Hits(0, reads - queries, 0, queries, 0);
        long stale = staleMillis > 0 ? 20 : 0;
        figures.add(
                new Figures(
                        id,
                        reads,
                        50,
                        0,
                        10,
                        missed,
                        hits,
                        hits.cached() / (double) reads,
                        errors,
                        queries,
                        queries / 10.0,
                        new Figures.Latency(1_000, p99Millis * 1_000, p99Millis * 2_000),
                        new Figures.Staleness(
                                stale, stale / (double) reads, staleMillis / 2, staleMillis),
                        width,
                        20_000));
        return this;
    }

    private Advice tolerating(long millis) {
        return Adviser.advise(
                new Run(
                        "r",
                        Run.State.DONE,
                        new Run.Person("p", "Ada"),
                        Instant.EPOCH,
                        Instant.EPOCH,
                        10,
                        workload,
                        lanes,
                        Switches.of(workload),
                        figures,
                        4,
                        settled,
                        List.of(),
                        null),
                millis);
    }

    @Test
    void theFewestQueriesWinAmongLanesThatAreFreshEnough() {
        Advice advice =
                lane(Pattern.NONE, 2_000, 1_000, 40, 0)
                        .lane(Pattern.TTL, 2_000, 100, 8, 1_900)
                        .lane(Pattern.INVALIDATE, 2_000, 200, 9, 1_500)
                        .tolerating(2_020);
        assertThat(advice.lane()).isEqualTo("b");
        assertThat(advice.pattern()).isEqualTo("ttl");
        assertThat(advice.summary())
                .isEqualTo(
                        "Lazy loading, TTL only (lane b) fits best: 10 queries per 100 reads at a p99 of 8 ms, never staler than 1.9 s.");
        assertThat(advice.reasons())
                .contains(
                        "It sends 10 queries a second to the database where no cache sends 100, with a p99 of 8 ms against 40 ms.",
                        "90 % of its reads came from a cache; 2 % were stale, the worst by 1.9 s.",
                        "Its documented bound, 2 s and a load, which took 20 ms at most, is within the 2.02 s that are tolerated.");
        assertThat(advice.lanes()).allMatch(Advice.Verdict::fits);
    }

    @Test
    void whoServedWhatWasTooOldDoesNotFit() {
        Advice advice =
                lane(Pattern.NONE, 2_000, 1_000, 40, 0)
                        .lane(Pattern.TTL, 2_000, 100, 8, 1_900)
                        .tolerating(1_000);
        assertThat(advice.lane()).isEqualTo("a");
        assertThat(advice.lanes().get(1).fits()).isFalse();
        assertThat(advice.lanes().get(1).reason())
                .isEqualTo(
                        "served a value replaced 1.9 s ago, where 1 s is tolerated; 2 % of its reads were stale.");
    }

    @Test
    void aBoundThatIsDocumentedGoesBeforeLuck() {
        Advice advice =
                lane(Pattern.STALE_WHILE_REVALIDATE, 2_000, 100, 8, 900)
                        .lane(Pattern.INVALIDATE, 900, 300, 9, 800)
                        .tolerating(1_000);
        assertThat(advice.lane()).isEqualTo("b");
        assertThat(advice.lanes().get(0).fits()).isTrue();
        assertThat(advice.lanes().get(0).reason())
                .endsWith(
                        "; its bound, 4 s and a load, which took 20 ms at most, is above what is tolerated.");
    }

    @Test
    void whereNoBoundIsWithinItTheMeasuredOneCountsAndIsCalledThat() {
        Advice advice =
                lane(Pattern.NONE, 2_000, 1_000, 40, 0)
                        .lane(Pattern.INVALIDATE, 2_000, 100, 8, 300)
                        .tolerating(500);
        assertThat(advice.lane()).isEqualTo("b");
        assertThat(advice.reasons())
                .anyMatch(
                        said ->
                                said.startsWith(
                                        "It stayed within the 500 ms that are tolerated, but is only bound by 2 s and a load"));
    }

    @Test
    void ofEqualsTheFasterAndThenTheSimplerWins() {
        Advice faster =
                lane(Pattern.TTL, 2_000, 100, 20, 100)
                        .lane(Pattern.REFRESH_AHEAD, 2_000, 105, 8, 100)
                        .lane(Pattern.EARLY_REFRESH, 2_000, 100, 8, 100)
                        .tolerating(2_000);
        assertThat(faster.pattern()).isEqualTo("refresh-ahead");
    }

    @Test
    void aCacheThatSavesNothingIsNotAdvised() {
        Advice advice =
                lane(Pattern.TTL, 2_000, 900, 35, 100)
                        .lane(Pattern.NONE, 2_000, 1_000, 40, 0)
                        .tolerating(2_000);
        assertThat(advice.lane()).isEqualTo("b");
        assertThat(advice.reasons())
                .contains("No lane with a cache that fits saves 20 % of the queries.");
    }

    @Test
    void failuresAndMissedOperationsSpeakAgainstALane() {
        Advice advice =
                lane(Pattern.TTL, 2_000, 100, 8, 0, Map.of("database-down", 40L), 0, 1)
                        .lane(Pattern.INVALIDATE, 2_000, 100, 8, 0, Map.of(), 200, 1)
                        .tolerating(2_000);
        assertThat(advice.lane()).isNull();
        assertThat(advice.pattern()).isNull();
        assertThat(advice.summary())
                .isEqualTo("None of these lanes serves this workload within 2 s.");
        assertThat(advice.lanes().get(0).reason())
                .isEqualTo("failed 3.81 % of what it was asked: 40 database-down.");
        assertThat(advice.lanes().get(1).reason())
                .isEqualTo("could not take 16 % of the load: 200 reads and writes were not sent.");
    }

    @Test
    void theTtlIsTheFirstThingToTurn() {
        Advice shorter = lane(Pattern.TTL, 5_000, 100, 8, 4_000).tolerating(1_000);
        assertThat(shorter.lane()).isNull();
        assertThat(shorter.changes())
                .contains(
                        "Shorten the TTL from 5 s to 980 ms: it is what bounds staleness, and 4 s was measured.");
        lanes.clear();
        figures.clear();
        Advice longer = lane(Pattern.TTL, 500, 600, 8, 400).tolerating(30_000);
        assertThat(longer.changes())
                .contains(
                        "Lengthen the TTL from 500 ms to 29 s: only 40 % of the reads hit, and so much staleness is tolerated.");
    }

    @Test
    void whatALaneCostsIsJudgedAfterItsColdStartAndWhetherItFitsByAll() {
        lane(Pattern.TTL, 2_000, 100, 8, 900).lane(Pattern.INVALIDATE, 2_000, 100, 8, 3_000);
        settled = List.copyOf(figures);
        figures.clear();
        lanes.clear();
        // All of the run: the first one's loads and compiling at the start, too.
        lane(Pattern.TTL, 2_000, 600, 90, 900).lane(Pattern.INVALIDATE, 2_000, 200, 9, 3_000);
        Advice advice = tolerating(2_500);
        assertThat(advice.fromSecond()).isEqualTo(4);
        assertThat(advice.summary())
                .isEqualTo(
                        "Lazy loading, TTL only (lane a) fits best: 10 queries per 100 reads at a p99 of 8 ms, never staler than 900 ms.");
        assertThat(advice.lanes().get(1).fits()).isFalse();
    }

    @Test
    void aRunShorterThanTheTtlIsNoReasonToChangeTheTtl() {
        assertThat(lane(Pattern.INVALIDATE, 60_000, 500, 8, 0).tolerating(90_000).changes())
                .containsExactly(
                        "Only 50 % of the reads hit, but they were measured for less than one TTL of 60 s, so that first loads count: let it run longer.");
    }

    @Test
    void aLeaseIsAdvisedOnlyWhereThereIsNone() {
        assertThat(
                        lane(Pattern.INVALIDATE, 2_000, 100, 8, 0, Map.of(), 0, 3)
                                .tolerating(5_000)
                                .changes())
                .isEmpty();
    }

    @Test
    void whatElseWouldPayIsSaid() {
        workload = new Workload(1_000, 1.2, 100, 5, 0.2, 0.1, 2_000, 500, 10, 2, 1L);
        Advice advice = lane(Pattern.TTL, 2_000, 100, 8, 900, Map.of(), 5, 3).tolerating(2_000);
        assertThat(advice.changes())
                .anyMatch(said -> said.startsWith("Up to 3 loads of one key ran at a time"))
                .anyMatch(said -> said.startsWith("Try a hot tier: 100 keys take "))
                .anyMatch(said -> said.startsWith("10 writes went past the cache and 20 reads"))
                .anyMatch(said -> said.startsWith("10 % of the reads ask for what does not exist"))
                .anyMatch(said -> said.startsWith("5 reads and writes were not sent"));
    }
}
