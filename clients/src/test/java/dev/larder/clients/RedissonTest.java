package dev.larder.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.store.Store;
import dev.larder.store.junit.StoreExtension;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.redisson.Redisson;
import org.redisson.api.RBlockingQueue;
import org.redisson.api.RBucket;
import org.redisson.api.RDelayedQueue;
import org.redisson.api.RLock;
import org.redisson.api.RMapCache;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RReadWriteLock;
import org.redisson.api.RScoredSortedSet;
import org.redisson.api.RSemaphore;
import org.redisson.api.RTopic;
import org.redisson.api.RTransaction;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.api.TransactionOptions;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/** Redisson's objects: each is a script or two and a channel. */
@ExtendWith(StoreExtension.class)
class RedissonTest {
    private RedissonClient redisson;

    @BeforeEach
    void connect(Store store) {
        Config config = new Config();
        config.setCodec(StringCodec.INSTANCE);
        config.setThreads(2).setNettyThreads(2);
        config.useSingleServer()
                .setAddress(store.url())
                .setConnectionMinimumIdleSize(1)
                .setConnectionPoolSize(8);
        redisson = Redisson.create(config);
    }

    @AfterEach
    void disconnect() {
        redisson.shutdown(0, 5, TimeUnit.SECONDS);
    }

    @Test
    void aLockIsHeldByOneAndHandedOn() throws Exception {
        RLock lock = redisson.getLock("lock");
        lock.lock();
        lock.lock();
        CompletableFuture<Boolean> other =
                CompletableFuture.supplyAsync(
                        () -> {
                            RLock same = redisson.getLock("lock");
                            same.lock(5, TimeUnit.SECONDS);
                            same.unlock();
                            return true;
                        });
        assertThat(lock.getHoldCount()).isEqualTo(2);
        lock.unlock();
        assertThat(other).isNotDone();
        lock.unlock();
        assertThat(other.get(5, TimeUnit.SECONDS)).isTrue();
        assertThat(lock.isLocked()).isFalse();

        RReadWriteLock shared = redisson.getReadWriteLock("shared");
        shared.readLock().lock();
        assertThat(CompletableFuture.supplyAsync(() -> shared.readLock().tryLock()).get()).isTrue();
        assertThat(CompletableFuture.supplyAsync(() -> shared.writeLock().tryLock()).get())
                .isFalse();
        shared.readLock().unlock();
    }

    @Test
    void mapsForgetInTime() {
        RMapCache<String, String> map = redisson.getMapCache("sessions");
        map.put("short", "1", 50, TimeUnit.MILLISECONDS);
        map.put("long", "2", 1, TimeUnit.HOURS);
        assertThat(map.get("long")).isEqualTo("2");
        await().untilAsserted(() -> assertThat(map.get("short")).isNull());
        assertThat(map.putIfAbsent("long", "3")).isEqualTo("2");
        assertThat(map.readAllKeySet()).contains("long");
    }

    @Test
    @SuppressWarnings("deprecation") // What many use: sorted set, list, channel and scripts.
    void queuesWakeWhoWaits() throws Exception {
        RBlockingQueue<String> queue = redisson.getBlockingQueue("work");
        CompletableFuture<String> taken =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return queue.poll(10, TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        RDelayedQueue<String> later = redisson.getDelayedQueue(queue);
        later.offer("job", 100, TimeUnit.MILLISECONDS);
        assertThat(taken.get(10, TimeUnit.SECONDS)).isEqualTo("job");
        later.destroy();
    }

    @Test
    void topicsSemaphoresAndLimiters() {
        List<String> heard = new CopyOnWriteArrayList<>();
        RTopic topic = redisson.getTopic("news");
        topic.addListener(String.class, (_, message) -> heard.add(message));
        topic.publish("extra");
        await().untilAsserted(() -> assertThat(heard).containsExactly("extra"));

        RSemaphore semaphore = redisson.getSemaphore("seats");
        assertThat(semaphore.trySetPermits(2)).isTrue();
        assertThat(semaphore.tryAcquire(2)).isTrue();
        assertThat(semaphore.tryAcquire()).isFalse();
        semaphore.release();
        assertThat(semaphore.availablePermits()).isEqualTo(1);

        RRateLimiter limiter = redisson.getRateLimiter("calls");
        assertThat(limiter.trySetRate(RateType.OVERALL, 3, java.time.Duration.ofMinutes(1)))
                .isTrue();
        assertThat(limiter.tryAcquire(3)).isTrue();
        assertThat(limiter.tryAcquire()).isFalse();
    }

    @Test
    void sortedSetsAndTransactions() {
        RScoredSortedSet<String> board = redisson.getScoredSortedSet("board");
        board.add(3, "c");
        board.add(1, "a");
        board.add(2, "b");
        assertThat(board.valueRangeReversed(0, 1)).containsExactly("c", "b");
        assertThat(board.addScoreAndGetRevRank("a", 10)).isZero();

        RTransaction transaction = redisson.createTransaction(TransactionOptions.defaults());
        RBucket<String> bucket = transaction.getBucket("bucket");
        bucket.set("inside");
        assertThat(redisson.getBucket("bucket").get()).isNull();
        transaction.commit();
        assertThat(redisson.getBucket("bucket").get()).isEqualTo("inside");
    }
}
