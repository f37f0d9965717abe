package dev.larder.caching;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.redis.client.Redis;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A cache on a client, a table that counts its reads, and keys of the test's own. */
abstract class WithStore extends WithServer {

    final Redis redis = another();
    final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    final Map<String, Row> table = new ConcurrentHashMap<>();
    final AtomicInteger databaseReads = new AtomicInteger();
    final Function<String, Optional<Row>> database =
            id -> {
                databaseReads.incrementAndGet();
                return Optional.ofNullable(table.get(id));
            };
    String name;

    record Row(String text, long version) {}

    @BeforeEach
    void ownKeys() {
        name = unique("");
        table.put("1", new Row("one", 1));
    }

    @AfterEach
    void noThreadStays() {
        threads.close();
        redis.close();
    }

    CacheBuilder<Row> cache() {
        return cache(redis);
    }

    CacheBuilder<Row> cache(Redis client) {
        return Cache.named(name, client, Codec.json(new ObjectMapper(), Row.class))
                // Long, because a busy machine is no outage; tests of an outage set their own.
                .storeTimeout(Duration.ofSeconds(10))
                .version(Row::version);
    }

    static void passed(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("the other side did not come in 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
