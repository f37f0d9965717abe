package dev.larder.caching;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * A server for the tests of a class, {@code LARDER_TEST_STORE_URL} or one of their own, and names
 * that no other test has.
 */
abstract class WithServer {

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static OwnStore server;
    static String url;
    static Vertx vertx;

    /** Somebody else: another program, another node. */
    static Redis other;

    @BeforeAll
    static void startServer() {
        String given = System.getenv("LARDER_TEST_STORE_URL");
        server = given == null ? OwnStore.start() : null;
        url = given == null ? server.url() : given;
        vertx = Vertx.vertx();
        other = another();
    }

    @AfterAll
    static void stopServer() throws Exception {
        other.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        if (server != null) {
            server.close();
        }
    }

    /** Another node: its own connections. Closed by the test. */
    static Redis another() {
        return client(url);
    }

    static Redis client(String at) {
        return Redis.createClient(
                vertx,
                new RedisOptions()
                        .setConnectionString(at)
                        .setMaxPoolSize(16)
                        .setMaxPoolWaiting(256));
    }

    static String unique(String kind) {
        return "test:" + kind + ProcessHandle.current().pid() + ":" + NAMES.incrementAndGet();
    }
}
