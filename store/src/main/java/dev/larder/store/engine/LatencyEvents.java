package dev.larder.store.engine;

import dev.larder.store.StoreConfig;
import dev.larder.store.keyspace.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What took longer than {@code latency-monitor-threshold}, by the name of the event: a sample for
 * each second in which one happened, the last {@value #SAMPLES_MAX} of them. Names are given by the
 * server, so there are few.
 */
public final class LatencyEvents {
    private static final int SAMPLES_MAX = 160;

    /** The worst of one second; seconds since 1970. */
    public record Sample(long second, long millis) {}

    /** The samples of one event, oldest first, and the worst there ever was. */
    public static final class Series {
        private final List<Sample> samples = new ArrayList<>();
        private long worstMillis;

        public List<Sample> samples() {
            return samples;
        }

        public long worstMillis() {
            return worstMillis;
        }
    }

    private final StoreConfig config;
    private final Clock clock;
    private final Map<String, Series> events = new TreeMap<>();

    LatencyEvents(StoreConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** Notes that {@code event} took so long, where that is worth noting. */
    public void took(String event, long nanos) {
        long threshold = config.latencyMonitorMillis();
        long millis = nanos / 1_000_000;
        if (threshold == 0 || millis < threshold) {
            return;
        }
        Series series = events.computeIfAbsent(event, _ -> new Series());
        series.worstMillis = Math.max(series.worstMillis, millis);
        long second = clock.millis() / 1000;
        Sample last = series.samples.isEmpty() ? null : series.samples.getLast();
        if (last != null && last.second() == second) {
            series.samples.set(
                    series.samples.size() - 1, new Sample(second, Math.max(millis, last.millis())));
            return;
        }
        if (series.samples.size() == SAMPLES_MAX) {
            series.samples.removeFirst();
        }
        series.samples.add(new Sample(second, millis));
    }

    /** All events by name. */
    public Map<String, Series> all() {
        return events;
    }

    /** Forgets the events of this name in any case, all for null; returns how many that were. */
    public int forget(String name) {
        int before = events.size();
        if (name == null) {
            events.clear();
        } else {
            events.keySet().removeIf(each -> each.equals(name.toLowerCase(Locale.ROOT)));
        }
        return before - events.size();
    }
}
