package dev.larder.laboratory;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Says from the measured table which lane fits, and why. No judgement but these rules, in this
 * order; the same table always gets the same advice.
 *
 * <ol>
 *   <li>A lane <b>fits</b> when nothing it served was staler than is tolerated, at most one read or
 *       write in a hundred failed, and at most one in a hundred was missed.
 *   <li>Of those that fit, lanes whose <b>documented bound</b>, with the slowest load that was
 *       measured, is within the tolerance too go before lanes that only happened to stay within it.
 *   <li>Then the one with the fewest <b>database queries per read</b>; lanes within a tenth of the
 *       least count as equal,
 *   <li>then the lowest <b>p99</b>, again within a tenth,
 *   <li>then the <b>simplest</b> pattern, in the order of {@link Pattern}.
 *   <li>When no cached lane saves a fifth of the queries that the lane without a cache sends, no
 *       cache is the advice, if that lane fits.
 * </ol>
 *
 * Whether a lane fits is judged by the whole run: an answer that was too old was too old in its
 * first second, too. What it costs (queries, latency, hits) is judged by what comes after the cold
 * start, once there is any.
 *
 * <p>What to change is said of the chosen lane, or of the least stale one when none fits.
 */
final class Adviser {

    private static final double FAILED_SHARE_MAX = 0.01;
    private static final double NEARLY = 1.1;
    private static final double SAVING_MIN = 0.2;
    private static final double GOOD_HIT_RATIO = 0.8;
    private static final double UNKNOWN_SHARE_SEEN = 0.05;
    private static final double HOT_KEYS_PART = 0.1;
    private static final double HOT_READS_SHARE = 0.5;
    private static final double MANY_WRITES = 0.5;

    private final Run run;
    private final Workload workload;
    private final long tolerated;
    private final int fromSecond;
    private final List<Candidate> candidates;

    /**
     * @param figures of the whole run
     * @param settled of what came after the cold start, or the same
     */
    private record Candidate(Run.Lane lane, Figures figures, Figures settled) {

        Pattern pattern() {
            return Pattern.of(lane.pattern());
        }

        double queriesPerRead() {
            return settled.reads() == 0 ? 0 : settled.databaseQueries() / (double) settled.reads();
        }

        long sent() {
            return figures.reads() + figures.writes() + figures.refused() + figures.missed();
        }

        double failedShare() {
            return sent() == 0 ? 0 : figures.failed() / (double) sent();
        }

        double missedShare() {
            return sent() == 0 ? 0 : figures.missed() / (double) sent();
        }

        String title() {
            return lane.name() + " (lane " + lane.id() + ")";
        }

        long p99Micros() {
            return settled.latency().p99Micros();
        }

        double hitRatio() {
            return settled.hitRatio() == null ? 0 : settled.hitRatio();
        }

        double stalestMillis() {
            return figures.staleness().maxMillis();
        }

        double slowestLoadMillis() {
            return figures.slowestLoadMicros() / 1_000.0;
        }
    }

    private Adviser(Run run, long tolerated) {
        this.run = run;
        this.tolerated = tolerated;
        workload = run.workload();
        fromSecond = run.settled().isEmpty() ? 1 : run.settledFrom();
        candidates = new ArrayList<>();
        for (int i = 0; i < run.totals().size(); i++) {
            Figures all = run.totals().get(i);
            Figures settled = run.settled().isEmpty() ? all : run.settled().get(i);
            candidates.add(new Candidate(run.lanes().get(i), all, settled));
        }
    }

    static Advice advise(Run run, long toleratedMillis) {
        return new Adviser(run, toleratedMillis).advise();
    }

    private Advice advise() {
        List<Advice.Verdict> verdicts =
                candidates.stream()
                        .map(
                                each -> {
                                    String against = against(each);
                                    return new Advice.Verdict(
                                            each.lane().id(),
                                            against == null,
                                            against == null ? forIt(each) : against);
                                })
                        .toList();
        List<Candidate> fitting =
                candidates.stream().filter(each -> against(each) == null).toList();
        Optional<Candidate> chosen = choose(fitting);
        if (chosen.isPresent()) {
            Candidate best = chosen.get();
            return new Advice(
                    tolerated,
                    fromSecond,
                    best.lane().id(),
                    best.lane().pattern(),
                    best.title()
                            + " fits best: "
                            + perRead(best)
                            + " at a p99 of "
                            + span(best.p99Micros() / 1_000.0)
                            + (best.stalestMillis() == 0
                                    ? ", never stale."
                                    : ", never staler than " + span(best.stalestMillis()) + "."),
                    reasons(best),
                    verdicts,
                    changes(best));
        }
        List<String> changes =
                candidates.stream()
                        .min(Comparator.comparingDouble(Candidate::stalestMillis))
                        .map(this::changes)
                        .orElse(List.of());
        return new Advice(
                tolerated,
                fromSecond,
                null,
                null,
                tolerated == 0
                        ? "None of these lanes serves this workload without a stale answer."
                        : "None of these lanes serves this workload within "
                                + span(tolerated)
                                + ".",
                List.of(),
                verdicts,
                changes);
    }

    private Optional<Candidate> choose(List<Candidate> fitting) {
        Optional<Candidate> uncached = uncached();
        if (uncached.isPresent() && fitting.contains(uncached.get())) {
            double full = uncached.get().queriesPerRead();
            boolean pays =
                    fitting.stream()
                            .anyMatch(each -> each.queriesPerRead() <= full * (1 - SAVING_MIN));
            if (!pays) {
                return uncached;
            }
        }
        List<Candidate> left = fitting;
        if (left.stream().anyMatch(this::isBoundTolerated)) {
            left = left.stream().filter(this::isBoundTolerated).toList();
            // A bound of zero is no reason to send every read to the database.
            List<Candidate> cached = left.stream().filter(e -> e.pattern().isCached()).toList();
            if (cached.isEmpty()) {
                left = fitting;
            }
        }
        left = nearTheLeast(left, Candidate::queriesPerRead);
        left = nearTheLeast(left, Candidate::p99Micros);
        return left.stream().min(Comparator.comparing(Candidate::pattern));
    }

    private static List<Candidate> nearTheLeast(
            List<Candidate> from, ToDoubleFunction<Candidate> measure) {
        double least = from.stream().mapToDouble(measure).min().orElse(0);
        return from.stream().filter(each -> measure.applyAsDouble(each) <= least * NEARLY).toList();
    }

    private boolean isBoundTolerated(Candidate each) {
        Long bound = each.lane().boundMillis();
        double load = each.lane().boundAddsLoad() ? each.slowestLoadMillis() : 0;
        return bound != null && bound + load <= tolerated;
    }

    private Optional<Candidate> uncached() {
        return candidates.stream().filter(each -> !each.pattern().isCached()).findFirst();
    }

    /** Why a lane does not fit, or null. */
    private String against(Candidate each) {
        Figures figures = each.figures();
        if (each.stalestMillis() > tolerated) {
            return "served a value replaced %s ago%s; %s of its reads were stale."
                    .formatted(
                            span(each.stalestMillis()),
                            tolerated == 0 ? "" : ", where " + span(tolerated) + " is tolerated",
                            percent(figures.staleness().staleShare()));
        }
        if (each.failedShare() > FAILED_SHARE_MAX) {
            return "failed %s of what it was asked: %s."
                    .formatted(percent(each.failedShare()), errors(figures));
        }
        if (each.missedShare() > FAILED_SHARE_MAX) {
            return "could not take %s of the load: %d reads and writes were not sent."
                    .formatted(percent(each.missedShare()), figures.missed());
        }
        return null;
    }

    private String forIt(Candidate each) {
        String said =
                "%s, p99 %s, %s"
                        .formatted(
                                perRead(each),
                                span(each.p99Micros() / 1_000.0),
                                each.stalestMillis() == 0
                                        ? "never stale"
                                        : "at most " + span(each.stalestMillis()) + " stale");
        return isBoundTolerated(each)
                ? said + "."
                : said + "; its bound, " + bound(each) + ", is above what is tolerated.";
    }

    private List<String> reasons(Candidate best) {
        List<String> reasons = new ArrayList<>();
        Figures figures = best.figures();
        uncached()
                .filter(none -> none != best)
                .ifPresent(
                        none ->
                                reasons.add(
                                        "It sends %s queries a second to the database where no cache sends %s, with a p99 of %s against %s."
                                                .formatted(
                                                        number(best.settled().queriesPerSecond()),
                                                        number(none.settled().queriesPerSecond()),
                                                        span(best.p99Micros() / 1_000.0),
                                                        span(none.p99Micros() / 1_000.0))));
        if (best.pattern().isCached()) {
            reasons.add(
                    figures.staleness().staleReads() == 0
                            ? "%s of its reads came from a cache; none was stale."
                                    .formatted(percent(best.hitRatio()))
                            : "%s of its reads came from a cache; %s were stale, the worst by %s."
                                    .formatted(
                                            percent(best.hitRatio()),
                                            percent(figures.staleness().staleShare()),
                                            span(best.stalestMillis())));
            reasons.add(
                    isBoundTolerated(best)
                            ? "Its documented bound, %s, is within the %s that are tolerated."
                                    .formatted(bound(best), span(tolerated))
                            : "%s, but is only bound by %s: %s"
                                    .formatted(
                                            tolerated == 0
                                                    ? "It was never stale"
                                                    : "It stayed within the %s that are tolerated"
                                                            .formatted(span(tolerated)),
                                            bound(best),
                                            best.lane().bound()));
        } else if (candidates.size() > 1) {
            reasons.add(
                    "No lane with a cache that fits saves %s of the queries."
                            .formatted(percent(SAVING_MIN)));
        }
        return reasons;
    }

    private List<String> changes(Candidate of) {
        List<String> changes = new ArrayList<>();
        Figures figures = of.figures();
        boolean areWritesMany = figures.writes() > figures.reads() * MANY_WRITES;
        if (of.pattern().isCached()) {
            if (of.stalestMillis() > tolerated) {
                shorten(of).ifPresent(changes::add);
            } else if (of.hitRatio() < GOOD_HIT_RATIO && !areWritesMany) {
                changes.add(hitMore(of));
            }
            if (figures.width() > 1 && !of.pattern().isLeased() && workload.instances() > 1) {
                changes.add(
                        "Up to %d loads of one key ran at a time: a lease over all instances makes them one."
                                .formatted(figures.width()));
            }
        }
        int hotKeys = (int) Math.max(1, workload.keys() * HOT_KEYS_PART);
        double hotShare = new Zipf(workload.keys(), workload.skew()).share(hotKeys);
        boolean hasHotLane = candidates.stream().anyMatch(e -> e.pattern() == Pattern.HOT);
        if (of.pattern().isCached() && !hasHotLane && hotShare >= HOT_READS_SHARE) {
            changes.add(
                    "Try a hot tier: %d keys take %s of the reads, which would need no round trip to the store."
                            .formatted(hotKeys, percent(hotShare)));
        }
        if (of.pattern() != Pattern.CHANGE_CAPTURE
                && figures.behind() > 0
                && figures.staleness().staleReads() > 0) {
            changes.add(
                    "%d writes went past the cache and %d reads were stale: have the writers tell it, or let it follow the database's changes."
                            .formatted(figures.behind(), figures.staleness().staleReads()));
        }
        if (areWritesMany) {
            changes.add(
                    "There are %d writes to %d reads: an entry is rarely read again before it is replaced, so a cache relieves little."
                            .formatted(figures.writes(), figures.reads()));
        }
        if (workload.unknownShare() > UNKNOWN_SHARE_SEEN && figures.hits().negative() == 0) {
            changes.add(
                    "%s of the reads ask for what does not exist: remember absences."
                            .formatted(percent(workload.unknownShare())));
        }
        if (figures.missed() > 0) {
            changes.add(
                    "%d reads and writes were not sent because too many were under way: lower the rate, or read these figures as the best that can be."
                            .formatted(figures.missed()));
        }
        return changes;
    }

    /** Where the TTL is what let something get too old: behind the back of who would tell. */
    private Optional<String> shorten(Candidate of) {
        int ttl = of.lane().ttlMillis();
        int ttls = of.pattern().ttlsInBound();
        boolean isUntold = of.pattern() == Pattern.TTL || of.figures().behind() > 0;
        double room = ttls == 0 ? 0 : (tolerated - of.slowestLoadMillis()) / ttls;
        if (!isUntold || room < Workload.TTL_MILLIS_MIN || room >= ttl) {
            return Optional.empty();
        }
        // Rounded down to what a person would set.
        double shorter = Double.parseDouble(digits(room, 2, RoundingMode.DOWN));
        return Optional.of(
                "Shorten the TTL from %s to %s: it is what bounds staleness, and %s was measured."
                        .formatted(span(ttl), span(shorter), span(of.stalestMillis())));
    }

    private String hitMore(Candidate of) {
        int ttl = of.lane().ttlMillis();
        String ratio = percent(of.hitRatio());
        long measuredMillis = 1_000L * (run.second() - fromSecond + 1);
        double room =
                (tolerated - of.slowestLoadMillis()) / Math.max(1, of.pattern().ttlsInBound());
        if (measuredMillis < ttl) {
            return "Only %s of the reads hit, but they were measured for less than one TTL of %s, so that first loads count: let it run longer."
                    .formatted(ratio, span(ttl));
        }
        if (room > ttl * NEARLY) {
            return "Lengthen the TTL from %s to %s: only %s of the reads hit, and so much staleness is tolerated."
                    .formatted(
                            span(ttl),
                            span(
                                    Math.min(
                                            Workload.TTL_MILLIS_MAX,
                                            Double.parseDouble(
                                                    digits(room, 2, RoundingMode.DOWN)))),
                            ratio);
        }
        return "Only %s of the reads hit within a TTL of %s: %d keys at %d reads a second are read too seldom for it."
                .formatted(ratio, span(ttl), workload.keys(), workload.readsPerSecond());
    }

    private static String errors(Figures figures) {
        List<String> kinds = new ArrayList<>();
        figures.errors().forEach((kind, times) -> kinds.add(times + " " + kind));
        return String.join(", ", kinds);
    }

    private static String perRead(Candidate each) {
        return number(each.queriesPerRead() * 100) + " queries per 100 reads";
    }

    private static String bound(Candidate each) {
        Long bound = each.lane().boundMillis();
        if (bound == null) {
            return "nothing";
        }
        return each.lane().boundAddsLoad()
                ? "%s and a load, which took %s at most"
                        .formatted(span(bound), span(each.slowestLoadMillis()))
                : span(bound);
    }

    /** A time in the unit that a reader would choose. */
    private static String span(double millis) {
        if (millis < 1_000) {
            return number(millis) + " ms";
        }
        return millis < 120_000 ? number(millis / 1_000) + " s" : number(millis / 60_000) + " min";
    }

    private static String percent(double share) {
        return share > 0 && share < 0.0001 ? "under 0.01 %" : number(share * 100) + " %";
    }

    /** Three digits are what a reader compares; nothing in front of the point is rounded away. */
    private static String number(double value) {
        int before = (int) Math.log10(Math.max(1, Math.abs(value))) + 1;
        return digits(value, Math.max(3, before), RoundingMode.HALF_UP);
    }

    private static String digits(double value, int digits, RoundingMode rounding) {
        return new BigDecimal(value)
                .round(new MathContext(digits, rounding))
                .stripTrailingZeros()
                .toPlainString();
    }
}
