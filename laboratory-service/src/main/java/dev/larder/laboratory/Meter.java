package dev.larder.laboratory;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Counts what a lane does: for this second, for the whole run, and for what comes after its cold
 * start, in which caches fill and code is compiled.
 */
final class Meter {

    /** Where an answer came from. */
    enum From {
        HOT,
        STORE,
        STALE,
        DATABASE,
        NEGATIVE
    }

    /** Why there was none. */
    enum Failure {
        DATABASE_DOWN,
        DATABASE_BUSY,
        TIMEOUT,
        STORE,
        OTHER;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What is counted and never goes down; a second is the difference of two looks. */
    private enum Count {
        READS,
        WRITES,
        REFUSED,
        BEHIND,
        MISSED,
        QUERIES,
        STALE_READS
    }

    private static final int DIGITS = 2;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

    private final String lane;
    private final Map<Count, LongAdder> counts = adders(Count.class);
    private final Map<From, LongAdder> from = adders(From.class);
    private final Map<Failure, LongAdder> failures = adders(Failure.class);
    private final AtomicInteger width = new AtomicInteger();
    private final AtomicLong slowestLoad = new AtomicLong();
    private final Recorder latency = new Recorder(LONGEST_MICROS, DIGITS);
    private final Recorder staleness = new Recorder(LONGEST_MICROS, DIGITS);

    // Below: only by who looks, one at a time.
    private final Stretch all = new Stretch(Look.NOTHING);
    private Stretch settled;
    private Look last = Look.NOTHING;

    private record Look(
            Map<Count, Long> counts, Map<From, Long> from, Map<Failure, Long> failures) {

        static final Look NOTHING = new Look(Map.of(), Map.of(), Map.of());

        Look since(Look before) {
            return new Look(
                    minus(counts, before.counts),
                    minus(from, before.from),
                    minus(failures, before.failures));
        }
    }

    /** From one look to the present one. */
    private static final class Stretch {
        private final Look first;
        private final Histogram latency = new Histogram(LONGEST_MICROS, DIGITS);
        private final Histogram staleness = new Histogram(LONGEST_MICROS, DIGITS);
        private int width;
        private long slowestLoad;

        Stretch(Look first) {
            this.first = first;
        }

        void add(Stretch further) {
            latency.add(further.latency);
            staleness.add(further.staleness);
            width = Math.max(width, further.width);
            slowestLoad = Math.max(slowestLoad, further.slowestLoad);
        }
    }

    Meter(String lane) {
        this.lane = lane;
    }

    /**
     * @param stalenessNanos 0 for an answer that was true when the read began
     */
    void read(From where, long latencyNanos, long stalenessNanos) {
        add(Count.READS);
        from.get(where).increment();
        latency.recordValue(micros(latencyNanos));
        staleness.recordValue(micros(stalenessNanos));
        if (stalenessNanos > 0) {
            add(Count.STALE_READS);
        }
    }

    void failedRead(Failure failure, long latencyNanos) {
        add(Count.READS);
        failures.get(failure).increment();
        latency.recordValue(micros(latencyNanos));
    }

    void wrote() {
        add(Count.WRITES);
    }

    void failedWrite(Failure failure) {
        add(Count.REFUSED);
        failures.get(failure).increment();
    }

    void wroteBehind() {
        add(Count.BEHIND);
    }

    void missed() {
        add(Count.MISSED);
    }

    /** A load is sent to the database. */
    void query() {
        add(Count.QUERIES);
    }

    /**
     * A load begins, which may have to wait for a place first.
     *
     * @param sameKey loads of its key that are under way now, this one included
     */
    void width(int sameKey) {
        width.accumulateAndGet(sameKey, Math::max);
    }

    /** The database has answered a load. */
    void loaded(long nanos) {
        slowestLoad.accumulateAndGet(micros(nanos), Math::max);
    }

    /** What happened since the last second, which ends here. */
    synchronized Figures second(double seconds) {
        Stretch second = new Stretch(last);
        latency.getIntervalHistogramInto(second.latency);
        staleness.getIntervalHistogramInto(second.staleness);
        second.width = width.getAndSet(0);
        second.slowestLoad = slowestLoad.getAndSet(0);
        last = new Look(sums(counts), sums(from), sums(failures));
        all.add(second);
        if (settled != null) {
            settled.add(second);
        }
        return figures(second, seconds);
    }

    /** Everything up to the last second that was taken. */
    synchronized Figures total(double seconds) {
        return figures(all, seconds);
    }

    /** The cold start ends with the last second that was taken. */
    synchronized void settle() {
        settled = new Stretch(last);
    }

    synchronized boolean isSettled() {
        return settled != null;
    }

    /** What came after {@link #settle}, up to the last second that was taken. */
    synchronized Figures settled(double seconds) {
        return figures(settled, seconds);
    }

    private Figures figures(Stretch of, double seconds) {
        Look look = last.since(of.first);
        Figures.Hits hits =
                new Figures.Hits(
                        of(look.from, From.HOT),
                        of(look.from, From.STORE),
                        of(look.from, From.STALE),
                        of(look.from, From.DATABASE),
                        of(look.from, From.NEGATIVE));
        Map<String, Long> errors = new TreeMap<>();
        look.failures.forEach(
                (failure, times) -> {
                    if (times > 0) {
                        errors.put(failure.label(), times);
                    }
                });
        long staleReads = of(look.counts, Count.STALE_READS);
        long queries = of(look.counts, Count.QUERIES);
        return new Figures(
                lane,
                of(look.counts, Count.READS),
                of(look.counts, Count.WRITES),
                of(look.counts, Count.REFUSED),
                of(look.counts, Count.BEHIND),
                of(look.counts, Count.MISSED),
                hits,
                hits.all() == 0 ? null : (double) hits.cached() / hits.all(),
                errors,
                queries,
                seconds <= 0 ? 0 : queries / seconds,
                new Figures.Latency(
                        of.latency.getValueAtPercentile(50),
                        of.latency.getValueAtPercentile(99),
                        of.latency.getMaxValue()),
                new Figures.Staleness(
                        staleReads,
                        hits.all() == 0 ? 0 : (double) staleReads / hits.all(),
                        of.staleness.getValueAtPercentile(99) / 1_000.0,
                        of.staleness.getMaxValue() / 1_000.0),
                of.width,
                of.slowestLoad);
    }

    private void add(Count count) {
        counts.get(count).increment();
    }

    private static long micros(long nanos) {
        return Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, LONGEST_MICROS);
    }

    private static <K> long of(Map<K, Long> look, K key) {
        return look.getOrDefault(key, 0L);
    }

    private static <K extends Enum<K>> Map<K, LongAdder> adders(Class<K> kinds) {
        Map<K, LongAdder> adders = new EnumMap<>(kinds);
        for (K kind : kinds.getEnumConstants()) {
            adders.put(kind, new LongAdder());
        }
        return adders;
    }

    private static <K> Map<K, Long> sums(Map<K, LongAdder> adders) {
        Map<K, Long> sums = new TreeMap<>();
        adders.forEach((kind, adder) -> sums.put(kind, adder.sum()));
        return sums;
    }

    private static <K> Map<K, Long> minus(Map<K, Long> now, Map<K, Long> before) {
        Map<K, Long> since = new TreeMap<>();
        now.forEach((kind, sum) -> since.put(kind, sum - of(before, kind)));
        return since;
    }
}
