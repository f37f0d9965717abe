package dev.larder.caching;

import dev.larder.caching.CacheListener.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One read of many keys: what is cached in one round trip, what is not in one load by whoever's
 * turn it is.
 */
final class BatchRead<V> {

    private final Cache<V> cache;

    private final List<String> wanted;
    private final long since = System.nanoTime();
    private final Function<Set<String>, Map<String, V>> loader;
    private final Map<String, Outcome<V>> answers = new LinkedHashMap<>();
    private final Map<String, Flights.Flight<Outcome<V>>> led = new LinkedHashMap<>();

    BatchRead(Cache<V> cache, List<String> wanted, Function<Set<String>, Map<String, V>> loader) {
        this.cache = cache;
        this.wanted = wanted;
        this.loader = loader;
        wanted.forEach(Keys::checked);
        // Fixes the order.
        wanted.forEach(key -> answers.put(key, null));
    }

    Map<String, Outcome<V>> run() {
        try {
            if (!cache.store.worthAsking()) {
                throw new StoreAwayException("left alone for a while", null);
            }
            List<String> asked = new ArrayList<>();
            for (String key : wanted) {
                Cache.Seen<V> held = cache.held(key);
                if (held == null) {
                    asked.add(key);
                } else {
                    answers.put(key, cache.served(key, held, since, this::one));
                }
            }
            List<StoreTier.Found> found = cache.store.find(asked);
            List<String> missing = new ArrayList<>();
            for (int i = 0; i < asked.size(); i++) {
                Cache.Seen<V> seen = cache.seen(found.get(i));
                if (seen == null) {
                    cache.listener.happened(Event.MISS);
                    missing.add(asked.get(i));
                } else {
                    answers.put(asked.get(i), cache.served(asked.get(i), seen, since, this::one));
                }
            }
            load(missing);
        } catch (StoreAwayException e) {
            bypass();
        }
        for (Map.Entry<String, Outcome<V>> answer : answers.entrySet()) {
            if (answer.getValue() == null) {
                // Another reader's load, of this node or another: wait for that one.
                answer.setValue(cache.loaded(answer.getKey(), since, this::one, null));
            }
        }
        return answers;
    }

    private Optional<V> one(String key) {
        return Optional.ofNullable(loader.apply(Set.of(key)).get(key));
    }

    /** Loads those whose turn it is, together. */
    private void load(List<String> missing) {
        String token = cache.token();
        List<String> mine = new ArrayList<>();
        try {
            for (String key : missing) {
                Flights.Flight<Outcome<V>> flight = cache.flights.lead(key);
                if (flight != null) {
                    led.put(key, flight);
                }
            }
            List<String> asked = List.copyOf(led.keySet());
            List<StoreTier.Turn> turns = cache.store.turns(asked, token);
            Map<String, String> fences = new LinkedHashMap<>();
            for (int i = 0; i < asked.size(); i++) {
                if (turns.get(i).yours()) {
                    mine.add(asked.get(i));
                    fences.put(asked.get(i), turns.get(i).fence());
                }
            }
            if (!mine.isEmpty()) {
                cache.store.announce(mine, cache.life);
                loadTogether(mine, fences, token);
            }
        } catch (RuntimeException | Error e) {
            led.keySet().forEach(key -> cache.store.release(key, token));
            throw e;
        } finally {
            // Whoever joined one that brought nothing looks again.
            led.forEach((key, flight) -> cache.flights.land(key, flight, answers.get(key)));
        }
    }

    private void loadTogether(List<String> mine, Map<String, String> fences, String token) {
        long lastMark = cache.tagged ? cache.store.lastMark() : 0;
        long began = System.nanoTime();
        Map<String, V> rows;
        try {
            rows =
                    cache.flights.withPlace(
                            () -> cache.timed(() -> loader.apply(new LinkedHashSet<>(mine))));
            cache.databasePause.answered();
        } catch (RuntimeException e) {
            cache.databasePause.failed();
            throw e;
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        for (String key : mine) {
            answers.put(
                    key, Outcome.fromDatabase(rows.get(key), Outcome.Result.MISS, Duration.ZERO));
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
            keepTogether(fit, rows, fences, token, took);
        } catch (StoreAwayException e) {
            cache.listener.happened(Event.STORE_AWAY);
        }
    }

    private void keepTogether(
            List<String> fit,
            Map<String, V> rows,
            Map<String, String> fences,
            String token,
            Duration took) {
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
                answers.put(
                        key,
                        Outcome.fromDatabase(
                                rows.get(key),
                                Outcome.Result.MISS,
                                Duration.ofMillis(fresh.get(key))));
            }
        }
    }

    private void bypass() {
        Set<String> open = new LinkedHashSet<>();
        answers.forEach(
                (key, answer) -> {
                    if (answer == null) {
                        open.add(key);
                    }
                });
        if (open.isEmpty()) {
            return;
        }
        cache.listener.happened(Event.STORE_AWAY);
        Map<String, V> rows = cache.flights.withPlace(() -> cache.timed(() -> loader.apply(open)));
        open.forEach(
                key ->
                        answers.put(
                                key,
                                Outcome.fromDatabase(
                                        rows.get(key), Outcome.Result.BYPASS, Duration.ZERO)));
    }
}
