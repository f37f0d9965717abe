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
 */
final class Flights<T> {

    private final ConcurrentHashMap<String, CompletableFuture<T>> flights =
            new ConcurrentHashMap<>();
    private final Semaphore places;
    private final Duration patience;
    private final CacheListener listener;

    Flights(int places, Duration patience, CacheListener listener) {
        this.places = new Semaphore(places, true);
        this.patience = patience;
        this.listener = listener;
    }

    T join(String key, Supplier<T> load) {
        CompletableFuture<T> mine = new CompletableFuture<>();
        CompletableFuture<T> flying = flights.putIfAbsent(key, mine);
        if (flying != null) {
            listener.happened(CacheListener.Event.JOINED);
            return await(key, flying);
        }
        try {
            T result = withPlace(load);
            mine.complete(result);
            return result;
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(key, mine);
        }
    }

    /**
     * Readers from now on do not join a load of this key that is under way: it may have read what a
     * write has just replaced.
     */
    void forget(String key) {
        flights.remove(key);
    }

    private T withPlace(Supplier<T> load) {
        try {
            if (!places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw busy("no place in front of the database within " + patience.toMillis());
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

    private T await(String key, CompletableFuture<T> flying) {
        try {
            // Its pilot may wait for a place first and then for the database: twice the patience.
            return flying.get(2 * patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("load of " + key + " failed", e.getCause());
        } catch (TimeoutException e) {
            throw busy("another reader's load of " + key + " takes too long");
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
