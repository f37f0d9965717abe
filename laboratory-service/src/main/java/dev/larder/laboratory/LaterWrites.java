package dev.larder.laboratory;

import dev.larder.caching.Cache;
import dev.larder.caching.OlderWriteException;
import dev.larder.caching.Sink;
import dev.larder.caching.StoreAwayException;
import dev.larder.caching.WriteBehind;
import dev.larder.caching.WriteBehindWorker;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The writes of a write-behind lane: accepted by the store at once, brought to the database by a
 * worker of each instance.
 *
 * <h2>Versions</h2>
 *
 * A row's version is drawn when its write is accepted, long before the database has it, while
 * others may commit to the same row, each one version further. So an accepted write takes the next
 * multiple of {@value #STEP}: whoever commits in between stays below it, whoever commits after it
 * goes on above it, and "which is newer" has one answer in the cache, in the database and in {@link
 * Truth}.
 */
final class LaterWrites implements AutoCloseable {

    static final int PARTITIONS = 4;

    /** Odd, so that {@link Truth} gives each multiple a place of its own. */
    private static final long STEP = 1_000_003;

    private static final int WAITING_MAX = 5_000;
    private static final int START_ATTEMPTS = 4;
    private static final int DEAD_MAX = 100;
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final String name;
    private final List<Redis> clients;
    private final Duration storeTimeout;
    private final AtomicLongArray newest;
    private final List<WriteBehind<Item>> queues = new ArrayList<>();
    private final List<WriteBehindWorker<Item>> workers = new ArrayList<>();

    /**
     * @param clients of the instances, as their caches
     * @param keys the highest key
     */
    LaterWrites(
            List<Redis> clients,
            List<Cache<Item>> caches,
            Duration storeTimeout,
            int keys,
            Sink<Item> sink) {
        this.clients = clients;
        this.storeTimeout = storeTimeout;
        name = caches.getFirst().name();
        newest = new AtomicLongArray(keys + 1);
        for (Cache<Item> cache : caches) {
            WriteBehind<Item> queue =
                    cache.writeBehind()
                            .capacity(WAITING_MAX, DEAD_MAX)
                            .lease(LEASE)
                            .retries(5, Duration.ofMillis(50), Duration.ofSeconds(1))
                            .build();
            queues.add(queue);
            workers.add(started(queue, sink));
        }
    }

    /** A store that is slow to answer at first is asked again, as the queue is asked only once. */
    private static WriteBehindWorker<Item> started(WriteBehind<Item> queue, Sink<Item> sink) {
        for (int left = START_ATTEMPTS; ; left--) {
            try {
                return queue.start(sink);
            } catch (StoreAwayException e) {
                if (left == 0) {
                    throw e;
                }
            }
        }
    }

    /** Accepts the next version of an item. */
    void accept(int instance, Item item) {
        seen(item.key(), item.version());
        long version = newest.updateAndGet(item.key(), known -> (known / STEP + 1) * STEP);
        try {
            queues.get(instance).put(Integer.toString(item.key()), item.withVersion(version));
        } catch (OlderWriteException e) {
            // A later write of the same row has overtaken it: nobody would have seen this one.
        }
    }

    /** A version that the database has. */
    void seen(int key, long version) {
        newest.accumulateAndGet(key, version, Math::max);
    }

    /** Waits until the database has what was accepted, at most so long. */
    void drain(Duration patience) throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (queues.getFirst().backlog().depth() > 0 && System.nanoTime() < until) {
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
    }

    /**
     * After {@link #close}: takes out of the store what a queue keeps for ever, as it is told in
     * the key table of {@code caching}. A queue of a service stays; these end with the run.
     */
    void forget() {
        List<String> keys = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            String queue = name + ":{p" + partition + "}:behind";
            keys.add(queue);
            keys.add(queue + ":dead");
            keys.add(queue + ":lease");
            keys.add(queue + ":token");
        }
        keys.add(name + ":behind:workers");
        keys.add(name + ":behind:partitions");
        for (String key : keys) {
            CompletableFuture<?> gone =
                    clients.getFirst()
                            .send(Request.cmd(Command.DEL).arg(key))
                            .toCompletionStage()
                            .toCompletableFuture();
            try {
                gone.get(storeTimeout.toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | TimeoutException e) {
                // The store is away: the queue is empty and small, and stays.
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        workers.forEach(WriteBehindWorker::close);
    }
}
