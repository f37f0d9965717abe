package dev.larder.caching;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts since the start of this process. Every cache has one. */
public final class CacheCounters implements CacheListener {

    private final Map<Event, LongAdder> events = new EnumMap<>(Event.class);
    private final LongAdder databaseReads = new LongAdder();
    private final LongAdder databaseNanos = new LongAdder();

    CacheCounters() {
        for (Event event : Event.values()) {
            events.put(event, new LongAdder());
        }
    }

    @Override
    public void happened(Event event) {
        events.get(event).increment();
    }

    @Override
    public void databaseRead(Duration took) {
        databaseReads.increment();
        databaseNanos.add(took.toNanos());
    }

    public long of(Event event) {
        return events.get(event).sum();
    }

    public long databaseReads() {
        return databaseReads.sum();
    }

    /** Time spent in the loader by all readers together. */
    public Duration databaseTime() {
        return Duration.ofNanos(databaseNanos.sum());
    }

    /** Answers by this JVM or the store, whether a value or a remembered absence. */
    public long hits() {
        return of(Event.HOT_HIT) + of(Event.HIT) + of(Event.NEGATIVE_HIT);
    }

    /** Hits of all reads that asked, 0 to 1; 0 before the first read. */
    public double hitRatio() {
        long hits = hits();
        long all = hits + of(Event.MISS);
        return all == 0 ? 0 : (double) hits / all;
    }
}
