package dev.larder.laboratory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Says from the measured table which lane fits, and why. No judgement but these rules, in this
 * order; the same table always gets the same advice.
 *
 * <ol>
 *   <li>A lane <b>fits</b> when nothing it served was staler than is tolerated, at most one read or
 *       write in a hundred failed, and at most one in a hundred was missed.
 *   <li>Of those that fit, lanes whose <b>documented bound</b> is within the tolerance too go
 *       before lanes that only happened to stay within it.
 *   <li>Then the one with the fewest <b>database queries per read</b>; lanes within a tenth of the
 *       least count as equal,
 *   <li>then the lowest <b>p99</b>, again within a tenth,
 *   <li>then the <b>simplest</b> pattern, in the order of {@link Pattern}.
 *   <li>When no cached lane saves a fifth of the queries that the lane without a cache sends, no
 *       cache is the advice, if that lane fits.
 * </ol>
 *
 * What to change is said of the chosen lane, or of the least stale one when none fits.
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

    private final Workload workload;
    private final long tolerated;
    private final List<Candidate> candidates;

    private record Candidate(Run.Lane lane, Figures figures) {

        Pattern pattern() {
            return Pattern.of(lane.pattern());
        }

        double queriesPerRead() {
            return figures.reads() == 0 ? 0 : figures.databaseQueries() / (double) figures.reads();
        }

        long sent() {
            return figures.reads() + figures.writes() + figures.missed();
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
    }

    private Adviser(
            Workload workload, List<Run.Lane> lanes, List<Figures> figures, long tolerated) {
        this.workload = workload;
        this.tolerated = tolerated;
        candidates = new ArrayList<>();
        for (int i = 0; i < figures.size(); i++) {
            candidates.add(new Candidate(lanes.get(i), figures.get(i)));
        }
    }

    /**
     * @param figures of the lanes, in their order, for the whole run
     */
    static Advice advise(
            Workload workload, List<Run.Lane> lanes, List<Figures> figures, long toleratedMillis) {
        return new Adviser(workload, lanes, figures, toleratedMillis).advise();
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
                    best.lane().id(),
                    best.lane().pattern(),
                    best.title()
                            + " fits best: "
                            + perRead(best)
                            + " at a p99 of "
                            + millis(best.figures().latency().p99Micros() / 1_000.0)
                            + ", never staler than "
                            + millis(best.figures().staleness().maxMillis())
                            + ".",
                    reasons(best),
                    verdicts,
                    changes(best));
        }
        List<String> changes =
                candidates.stream()
                        .min(
                                Comparator.comparingDouble(
                                        each -> each.figures().staleness().maxMillis()))
                        .map(this::changes)
                        .orElse(List.of());
        return new Advice(
                tolerated,
                null,
                null,
                "None of these lanes serves this workload within " + millis(tolerated) + ".",
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
        left = nearTheLeast(left, each -> each.figures().latency().p99Micros());
        return left.stream().min(Comparator.comparing(Candidate::pattern));
    }

    private static List<Candidate> nearTheLeast(
            List<Candidate> from, ToDoubleFunction<Candidate> measure) {
        double least = from.stream().mapToDouble(measure).min().orElse(0);
        return from.stream().filter(each -> measure.applyAsDouble(each) <= least * NEARLY).toList();
    }

    private boolean isBoundTolerated(Candidate each) {
        Long bound = each.lane().boundMillis();
        return bound != null && bound <= tolerated;
    }

    private Optional<Candidate> uncached() {
        return candidates.stream().filter(each -> !each.pattern().isCached()).findFirst();
    }

    /** Why a lane does not fit, or null. */
    private String against(Candidate each) {
        Figures figures = each.figures();
        if (figures.staleness().maxMillis() > tolerated) {
            return "served a value replaced %s ago; %s is tolerated; %s of its reads were stale."
                    .formatted(
                            millis(figures.staleness().maxMillis()),
                            millis(tolerated),
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
                "%s, p99 %s, at most %s stale"
                        .formatted(
                                perRead(each),
                                millis(each.figures().latency().p99Micros() / 1_000.0),
                                millis(each.figures().staleness().maxMillis()));
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
                                                        number(figures.queriesPerSecond()),
                                                        number(none.figures().queriesPerSecond()),
                                                        millis(
                                                                figures.latency().p99Micros()
                                                                        / 1_000.0),
                                                        millis(
                                                                none.figures().latency().p99Micros()
                                                                        / 1_000.0))));
        if (best.pattern().isCached()) {
            reasons.add(
                    "%s of its reads came from a cache; %s were stale, by %s at the 99th percentile."
                            .formatted(
                                    percent(figures.hitRatio() == null ? 0 : figures.hitRatio()),
                                    percent(figures.staleness().staleShare()),
                                    millis(figures.staleness().p99Millis())));
            reasons.add(
                    isBoundTolerated(best)
                            ? "Its documented bound, %s, is within the %s that are tolerated."
                                    .formatted(bound(best), millis(tolerated))
                            : "It stayed within the %s that are tolerated, but is only bound by %s: %s"
                                    .formatted(
                                            millis(tolerated), bound(best), best.lane().bound()));
        } else {
            reasons.add(
                    "No lane with a cache that fits saves %s of the queries."
                            .formatted(percent(SAVING_MIN)));
        }
        return reasons;
    }

    private List<String> changes(Candidate of) {
        List<String> changes = new ArrayList<>();
        Figures figures = of.figures();
        int ttl = of.lane().ttlMillis();
        double ratio = figures.hitRatio() == null ? 0 : figures.hitRatio();
        boolean isStaleTooLong = figures.staleness().maxMillis() > tolerated;
        if (of.pattern().isCached()) {
            if (isStaleTooLong && ttl > tolerated && tolerated >= Workload.TTL_MILLIS_MIN) {
                changes.add(
                        "Shorten the TTL from %s to %s: it is what bounds staleness, and %s was measured."
                                .formatted(
                                        millis(ttl),
                                        millis(tolerated),
                                        millis(figures.staleness().maxMillis())));
            } else if (!isStaleTooLong && ratio < GOOD_HIT_RATIO && ttl < tolerated) {
                changes.add(
                        "Lengthen the TTL from %s to %s: only %s of the reads hit, and so much staleness is tolerated."
                                .formatted(millis(ttl), millis(tolerated), percent(ratio)));
            } else if (ratio < GOOD_HIT_RATIO && !isStaleTooLong) {
                changes.add(
                        "Only %s of the reads hit within a TTL of %s: %d keys at %d reads a second are read too seldom for it."
                                .formatted(
                                        percent(ratio),
                                        millis(ttl),
                                        workload.keys(),
                                        workload.readsPerSecond()));
            }
            if (figures.width() > 1) {
                changes.add(
                        "Up to %d loads of one key ran at a time: a lease over all instances makes them one."
                                .formatted(figures.width()));
            }
        }
        int hotKeys = (int) Math.max(1, workload.keys() * HOT_KEYS_PART);
        double hotShare = new Zipf(workload.keys(), workload.skew()).share(hotKeys);
        boolean hasHotLane = candidates.stream().anyMatch(each -> each.figures().hits().hot() > 0);
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
        if (figures.writes() > figures.reads() * MANY_WRITES) {
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
        return bound == null ? "nothing" : millis(bound);
    }

    private static String millis(double millis) {
        if (millis >= 10_000) {
            return number(millis / 1_000) + " s";
        }
        return number(millis) + " ms";
    }

    private static String percent(double share) {
        return number(share * 100) + " %";
    }

    /** Three digits are what a reader compares. */
    private static String number(double value) {
        double size = Math.abs(value);
        String format =
                size >= 100 || size == Math.rint(size) ? "%.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
