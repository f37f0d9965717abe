package dev.larder.caching;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Who is on the way to the database: one load per key at a time (the others wait for its result)
 * and a limited number of loads in all, so that a cold or absent store cannot drown the database.
 *
 * <p>A flight that ends with null has no answer for those who joined it: they look again.
 */
final class Flights<T> {

    private final ConcurrentHashMap<String, CompletableFuture<T>> flights =
            new ConcurrentHashMap<>();
    private final Semaphore places;
    private final Duration patience;
    private final Duration longest;
    private final CacheListener listener;

    /**
     * @param patience the longest wait for a place
     * @param longest the longest wait for another reader's load
     */
    Flights(int places, Duration patience, Duration longest, CacheListener listener) {
        this.places = new Semaphore(places, true);
        this.patience = patience;
        this.longest = longest;
        this.listener = listener;
    }

    /** Runs {@code load} on the calling thread, or waits for the one that is under way. */
    T join(String key, Supplier<T> load) {
        CompletableFuture<T> mine = new CompletableFuture<>();
        CompletableFuture<T> flying = flights.putIfAbsent(key, mine);
        if (flying != null) {
            listener.happened(CacheListener.Event.JOINED);
            return await(key, flying, longest);
        }
        return fly(key, mine, load);
    }

    /**
     * Has {@code load} run on a thread of its own, or joins the one under way, and waits for it no
     * longer than {@code limit}; then the load goes on for the next reader.
     *
     * @throws LoadTimeoutException when the limit passed
     */
    T within(Duration limit, String key, Supplier<T> load) {
        CompletableFuture<T> mine = new CompletableFuture<>();
        CompletableFuture<T> flying = flights.putIfAbsent(key, mine);
        if (flying != null) {
            listener.happened(CacheListener.Event.JOINED);
            return await(key, flying, limit);
        }
        start(key, mine, load);
        return await(key, mine, limit);
    }

    /** Has {@code load} run on a thread of its own unless one is under way; true when it began. */
    boolean inBackground(String key, Supplier<T> load) {
        if (places.availablePermits() == 0 || flights.containsKey(key)) {
            return false;
        }
        CompletableFuture<T> mine = new CompletableFuture<>();
        if (flights.putIfAbsent(key, mine) != null) {
            return false;
        }
        start(key, mine, load);
        return true;
    }

    /** Takes a key for a load that the caller makes with others; null when one is under way. */
    CompletableFuture<T> lead(String key) {
        CompletableFuture<T> mine = new CompletableFuture<>();
        return flights.putIfAbsent(key, mine) == null ? mine : null;
    }

    /** Ends what {@link #lead} began. */
    void land(String key, CompletableFuture<T> mine, T result) {
        mine.complete(result);
        flights.remove(key, mine);
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

    private void start(String key, CompletableFuture<T> mine, Supplier<T> load) {
        Thread.ofVirtual()
                .name("cache-load")
                .start(
                        () -> {
                            try {
                                fly(key, mine, load);
                            } catch (RuntimeException | Error e) {
                                // Whoever waits has it from the future; nobody waits in vain.
                                listener.happened(CacheListener.Event.LOAD_FAILED);
                            }
                        });
    }

    private T fly(String key, CompletableFuture<T> mine, Supplier<T> load) {
        try {
            T result = load.get();
            mine.complete(result);
            return result;
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(key, mine);
        }
    }

    private T await(String key, CompletableFuture<T> flying, Duration limit) {
        try {
            return flying.get(limit.toNanos(), TimeUnit.NANOSECONDS);
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
