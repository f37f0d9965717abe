package dev.larder.caching;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A store, a client, a table that counts its reads, and keys of the test's own. */
abstract class WithStore {

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static OwnStore server;
    static Vertx vertx;
    static Redis redis;

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

    @BeforeAll
    static void start() {
        String given = System.getenv("LARDER_TEST_STORE_URL");
        server = given == null ? OwnStore.start() : null;
        vertx = Vertx.vertx();
        redis = another();
    }

    private static RedisOptions options() {
        String given = System.getenv("LARDER_TEST_STORE_URL");
        return new RedisOptions()
                .setConnectionString(given == null ? server.url() : given)
                .setMaxPoolSize(16)
                .setMaxPoolWaiting(256);
    }

    @AfterAll
    static void stop() throws Exception {
        redis.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void ownKeys() {
        name = "test:" + ProcessHandle.current().pid() + ":" + NAMES.incrementAndGet();
        table.put("1", new Row("one", 1));
    }

    @AfterEach
    void noThreadStays() {
        threads.close();
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

    /** Another node: its own connections. Closed by the test. */
    static Redis another() {
        return Redis.createClient(vertx, options());
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
