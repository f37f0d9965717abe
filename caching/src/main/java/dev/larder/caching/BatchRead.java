package dev.larder.caching;

import dev.larder.caching.CacheListener.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One read of many keys: what is cached in one round trip, what is not in one load by whoever's
 * turn it is, and what is due in one load that nobody waits for.
 */
final class BatchRead<V> {

    private final Cache<V> cache;

    private final List<String> wanted;
    private final long since = System.nanoTime();
    private final Function<Set<String>, Map<String, V>> loader;
    private final Map<String, Outcome<V>> answers = new LinkedHashMap<>();

    /** What was seen of those to be loaded before the answer: null for nothing. */
    private final Map<String, Cache.Seen<V>> open = new LinkedHashMap<>();

    /** Of those that are answered, and to be loaded anew after it. */
    private final Map<String, Cache.Seen<V>> due = new LinkedHashMap<>();

    /** Of those that are past their windows: to be loaded, unless the database is left alone. */
    private final Map<String, Cache.Seen<V>> overdue = new LinkedHashMap<>();

    BatchRead(Cache<V> cache, List<String> wanted, Function<Set<String>, Map<String, V>> loader) {
        this.cache = cache;
        this.wanted = wanted;
        this.loader = loader;
        wanted.forEach(Keys::checked);
        // Fixes the order.
        wanted.forEach(key -> answers.put(key, null));
    }

    Map<String, Outcome<V>> run() {
        boolean away = false;
        List<String> asked = new ArrayList<>();
        for (String key : wanted) {
            Cache.Seen<V> held = cache.held(key);
            if (held == null) {
                asked.add(key);
            } else {
                look(key, held);
            }
        }
        try {
            if (!cache.store.worthAsking()) {
                throw new StoreAwayException("left alone for a while", null);
            }
            List<StoreTier.Found> found = cache.store.find(asked);
            for (int i = 0; i < asked.size(); i++) {
                look(asked.get(i), cache.seen(found.get(i)));
            }
        } catch (StoreAwayException e) {
            away = true;
            cache.listener.happened(Event.STORE_AWAY);
            asked.forEach(key -> open.put(key, null));
        }
        whatHasHadItsTime(away);
        if (!open.isEmpty()) {
            answerAtLast(away);
        }
        return answers;
    }

    // --- what is cached --------------------------------------------------------------------------

    private void look(String key, Cache.Seen<V> seen) {
        if (!isThere(seen)) {
            cache.listener.happened(Event.MISS);
            open.put(key, seen);
            return;
        }
        switch (cache.verdict(key, seen)) {
            case FRESH -> answers.put(key, cache.hit(seen));
            case EARLY, STALE -> {
                answers.put(key, cache.hit(seen));
                due.put(key, seen);
            }
            case OVERDUE -> overdue.put(key, seen);
        }
    }

    private static boolean isThere(Cache.Seen<?> seen) {
        return seen != null && seen.from() != null;
    }

    private void whatHasHadItsTime(boolean away) {
        if (due.isEmpty() && overdue.isEmpty()) {
            return;
        }
        if (!cache.databasePause.worthAsking()) {
            overdue.forEach((key, seen) -> answers.put(key, cache.hit(seen)));
            return;
        }
        open.putAll(overdue);
        if (!due.isEmpty() && !away && cache.flights.hasPlace()) {
            Thread.ofVirtual().name("cache-load").start(this::refresh);
        }
    }

    private void refresh() {
        try {
            new Together(due).run().forEach((key, anew) -> cache.listener.happened(Event.REFRESH));
        } catch (RuntimeException | Error e) {
            // Nobody waits for it; the next reader of any of them tries again.
            cache.listener.happened(Event.LOAD_FAILED);
        }
    }

    // --- what is not -----------------------------------------------------------------------------

    /** Whether each of those without an answer has an old value that may be served. */
    private boolean allHaveOld() {
        return open.values().stream().allMatch(BatchRead::isThere);
    }

    private void answerAtLast(boolean away) {
        try {
            Map<String, Outcome<V>> brought = limited(away ? this::bypass : this::loadTogether);
            brought.forEach(
                    (key, outcome) -> {
                        if (isThere(open.get(key))) {
                            cache.listener.happened(Event.MISS);
                        }
                        answers.put(key, outcome);
                    });
        } catch (RuntimeException e) {
            if (!allHaveOld()) {
                throw e;
            }
            if (!(e instanceof LoadTimeoutException)) {
                cache.listener.happened(Event.LOAD_FAILED);
            }
            open.forEach((key, seen) -> answers.put(key, cache.hit(seen)));
        }
        open.forEach(
                (key, seen) -> {
                    if (answers.get(key) == null) {
                        // Another reader's load, of this node or another: wait for that one.
                        answers.put(key, another(key, seen));
                    }
                });
    }

    private Outcome<V> another(String key, Cache.Seen<V> seen) {
        if (isThere(seen)) {
            return cache.overdue(key, since, this::one, seen);
        }
        return cache.loaded(key, since, this::one, seen == null ? null : seen.entry().line());
    }

    private Optional<V> one(String key) {
        return Optional.ofNullable(loader.apply(Set.of(key)).get(key));
    }

    private Map<String, Outcome<V>> loadTogether() {
        try {
            return new Together(open).run();
        } catch (StoreAwayException e) {
            cache.listener.happened(Event.STORE_AWAY);
            return bypass();
        }
    }

    /** Past the store, which cannot be asked. */
    private Map<String, Outcome<V>> bypass() {
        Map<String, V> rows =
                cache.flights.withPlace(
                        () -> cache.timed(() -> loader.apply(new LinkedHashSet<>(open.keySet()))));
        Map<String, Outcome<V>> brought = new HashMap<>();
        for (String key : open.keySet()) {
            brought.put(
                    key, Outcome.fromDatabase(rows.get(key), Outcome.Result.BYPASS, Duration.ZERO));
        }
        return brought;
    }

    /**
     * Runs the load here, or, where a wait for it has a limit, on a thread of its own: then it goes
     * on for others. As for one key, the soft timeout is for those who have an old value.
     */
    private <T> T limited(Supplier<T> load) {
        Duration limit =
                allHaveOld() && cache.softTimeout != null ? cache.softTimeout : cache.hardTimeout;
        if (limit == null) {
            return load.get();
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual()
                .name("cache-load")
                .start(
                        () -> {
                            try {
                                result.complete(load.get());
                            } catch (RuntimeException | Error e) {
                                result.completeExceptionally(e);
                            }
                        });
        return cache.flights.await("several keys", result, limit);
    }

    /** One load of several keys, of those whose turn it is. */
    private final class Together {

        /** What was seen of each, to be replaced; null for nothing. */
        private final Map<String, Cache.Seen<V>> keys;

        private final String token = cache.token();
        private final Map<String, Flights.Flight<Outcome<V>>> led = new LinkedHashMap<>();
        private final Map<String, String> fences = new LinkedHashMap<>();
        private final Map<String, Outcome<V>> brought = new HashMap<>();

        Together(Map<String, Cache.Seen<V>> keys) {
            this.keys = keys;
        }

        /** What it brought: nothing of those that others are loading, or have just kept. */
        Map<String, Outcome<V>> run() {
            try {
                for (String key : keys.keySet()) {
                    Flights.Flight<Outcome<V>> flight = cache.flights.lead(key);
                    if (flight != null) {
                        led.put(key, flight);
                    }
                }
                List<String> asked = List.copyOf(led.keySet());
                List<StoreTier.Turn> turns = cache.store.turns(asked, token, this::line);
                for (int i = 0; i < asked.size(); i++) {
                    if (turns.get(i).yours()) {
                        fences.put(asked.get(i), turns.get(i).fence());
                    }
                }
                if (!fences.isEmpty()) {
                    load(List.copyOf(fences.keySet()));
                }
            } catch (RuntimeException | Error e) {
                led.keySet().forEach(key -> cache.store.release(key, token));
                throw e;
            } finally {
                // Whoever joined one that brought nothing looks again.
                led.forEach((key, flight) -> cache.flights.land(key, flight, brought.get(key)));
            }
            return brought;
        }

        private byte[] line(String key) {
            Cache.Seen<V> seen = keys.get(key);
            return seen == null ? null : seen.entry().line();
        }

        private void load(List<String> mine) {
            cache.store.announce(mine, cache.life);
            long lastMark = cache.tagged ? cache.store.lastMark() : 0;
            long began = System.nanoTime();
            Map<String, V> rows;
            try {
                rows =
                        cache.flights.withPlace(
                                () -> cache.timed(() -> loader.apply(new LinkedHashSet<>(mine))));
                cache.databasePause.answered();
            } catch (RuntimeException | Error e) {
                cache.databasePause.failed();
                throw e;
            }
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            for (String key : mine) {
                brought.put(
                        key,
                        Outcome.fromDatabase(rows.get(key), Outcome.Result.MISS, Duration.ZERO));
            }
            if (took.compareTo(cache.longestKeptLoad) > 0) {
                mine.forEach(key -> cache.store.release(key, token));
                return;
            }
            try {
                List<String> fit = new ArrayList<>();
                for (String key : mine) {
                    if (cache.current(key, rows.get(key), lastMark)) {
                        fit.add(key);
                    } else {
                        cache.listener.happened(Event.FILL_REFUSED);
                        cache.store.release(key, token);
                    }
                }
                keep(fit, rows, took);
            } catch (StoreAwayException e) {
                cache.listener.happened(Event.STORE_AWAY);
            }
        }

        private void keep(List<String> fit, Map<String, V> rows, Duration took) {
            Map<String, Long> fresh = new LinkedHashMap<>();
            List<Boolean> stay =
                    cache.store.fill(
                            fit,
                            token,
                            key -> {
                                V value = rows.get(key);
                                long span = cache.freshness.fresh(value == null, cache.random);
                                fresh.put(key, span);
                                long kept = cache.kept(value == null, span);
                                return new StoreTier.Fill(
                                        fences.get(key),
                                        cache.guarded,
                                        cache.version(value),
                                        kept,
                                        cache.encode(value, kept, span, took.toMillis()));
                            });
            for (int i = 0; i < fit.size(); i++) {
                String key = fit.get(i);
                cache.listener.happened(stay.get(i) ? Event.FILL : Event.FILL_REFUSED);
                if (stay.get(i)) {
                    brought.put(
                            key,
                            Outcome.fromDatabase(
                                    rows.get(key),
                                    Outcome.Result.MISS,
                                    Duration.ofMillis(fresh.get(key))));
                }
            }
        }
    }
}
