package dev.larder.caching;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Who is on the way to the database: one load per key at a time (the others wait for its result)
 * and a limited number of loads in all, so that a cold or absent store cannot drown the database.
 *
 * <h2>What a reader may take from another's load</h2>
 *
 * A load that began after the reader did is as good as its own. One that was under way already may
 * have read a row that was replaced, and the replacement acknowledged, before this reader came. So
 * it is only taken when it was still current at its end, which {@code current} tells; else, and
 * when a flight ends with null, {@link #join} answers null and the reader looks again. The second
 * load it meets began after it did: nobody looks more than twice for this reason.
 */
final class Flights<T> {

    private final ConcurrentHashMap<String, Flight<T>> flights = new ConcurrentHashMap<>();
    private final Semaphore places;
    private final Duration patience;
    private final Duration longest;
    private final Predicate<T> current;
    private final CacheListener listener;

    /** A load under way, and when (nanoTime) it began. */
    static final class Flight<T> {
        private final long began = System.nanoTime();
        private final CompletableFuture<T> result = new CompletableFuture<>();
    }

    /**
     * @param patience the longest wait for a place
     * @param longest the longest wait for another reader's load
     * @param current whether a result was still the truth when its load ended
     */
    Flights(
            int places,
            Duration patience,
            Duration longest,
            Predicate<T> current,
            CacheListener listener) {
        this.places = new Semaphore(places, true);
        this.patience = patience;
        this.longest = longest;
        this.current = current;
        this.listener = listener;
    }

    /**
     * Runs {@code load} on the calling thread, or waits for the one that is under way.
     *
     * @param since when (nanoTime) the reader began
     */
    T join(String key, long since, Supplier<T> load) {
        Flight<T> mine = new Flight<>();
        Flight<T> flying = flights.putIfAbsent(key, mine);
        return flying == null ? fly(key, mine, load) : joined(key, since, flying, longest);
    }

    /**
     * Has {@code load} run on a thread of its own, or joins the one under way, and waits for it no
     * longer than {@code limit}; then the load goes on for the next reader.
     *
     * @throws LoadTimeoutException when the limit passed
     */
    T within(Duration limit, String key, long since, Supplier<T> load) {
        Flight<T> mine = new Flight<>();
        Flight<T> flying = flights.putIfAbsent(key, mine);
        if (flying != null) {
            return joined(key, since, flying, limit);
        }
        start(key, mine, load);
        return await(key, mine.result, limit);
    }

    /** Has {@code load} run on a thread of its own unless one is under way. */
    void inBackground(String key, Supplier<T> load) {
        Flight<T> mine = hasPlace() ? lead(key) : null;
        if (mine != null) {
            start(key, mine, load);
        }
    }

    /** Whether a load would have its place at once: what nobody waits for takes no other. */
    boolean hasPlace() {
        return places.availablePermits() > 0;
    }

    /** Takes a key for a load that the caller makes with others; null when one is under way. */
    Flight<T> lead(String key) {
        if (flights.containsKey(key)) {
            return null;
        }
        Flight<T> mine = new Flight<>();
        return flights.putIfAbsent(key, mine) == null ? mine : null;
    }

    /** Ends what {@link #lead} began. */
    void land(String key, Flight<T> mine, T result) {
        // In this order: whoever finds no answer in it looks again, and must not find it again.
        flights.remove(key, mine);
        mine.result.complete(result);
    }

    /**
     * Readers from now on do not join a load of this key that is under way: it may have read what a
     * write has just replaced.
     */
    void forget(String key) {
        flights.remove(key);
    }

    /** Runs what asks the database once there is a place for it. */
    <R> R withPlace(Supplier<R> load) {
        try {
            if (!places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw busy(
                        "no place in front of the database within " + patience.toMillis() + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy("interrupted while waiting for a place in front of the database");
        }
        try {
            return load.get();
        } finally {
            places.release();
        }
    }

    private void start(String key, Flight<T> mine, Supplier<T> load) {
        Thread.ofVirtual()
                .name("cache-load")
                .start(
                        () -> {
                            try {
                                fly(key, mine, load);
                            } catch (RuntimeException | Error e) {
                                // Whoever waits has it from the flight; nobody waits in vain.
                                listener.happened(CacheListener.Event.LOAD_FAILED);
                            }
                        });
    }

    private T fly(String key, Flight<T> mine, Supplier<T> load) {
        try {
            T result = load.get();
            land(key, mine, result);
            return result;
        } catch (RuntimeException | Error e) {
            flights.remove(key, mine);
            mine.result.completeExceptionally(e);
            throw e;
        }
    }

    private T joined(String key, long since, Flight<T> flying, Duration limit) {
        listener.happened(CacheListener.Event.JOINED);
        T result = await(key, flying.result, limit);
        boolean mayTake = result == null || flying.began - since >= 0 || current.test(result);
        return mayTake ? result : null;
    }

    /**
     * Waits for a load, which goes on when the limit has passed.
     *
     * @param key or keys, for what is said of a failure
     * @throws LoadTimeoutException when the limit passed
     */
    <R> R await(String key, CompletableFuture<R> result, Duration limit) {
        try {
            return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("load of " + key + " failed", e.getCause());
        } catch (TimeoutException e) {
            listener.happened(CacheListener.Event.LOAD_TIMEOUT);
            throw new LoadTimeoutException(
                    "the load of " + key + " takes over " + limit.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy("interrupted while another reader loads " + key);
        }
    }

    private DatabaseBusyException busy(String why) {
        listener.happened(CacheListener.Event.DATABASE_BUSY);
        return new DatabaseBusyException(why);
    }
}
