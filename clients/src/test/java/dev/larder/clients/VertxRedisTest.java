package dev.larder.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.store.Store;
import dev.larder.store.junit.StoreExtension;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The client of Vert.x, on which Quarkus' stands: a pool, batches, RESP3 pushes. */
@ExtendWith(StoreExtension.class)
class VertxRedisTest {
    private Vertx vertx;
    private Redis redis;

    @BeforeEach
    void connect(Store store) {
        vertx = Vertx.vertx();
        redis =
                Redis.createClient(
                        vertx,
                        new RedisOptions()
                                .setConnectionString(store.url())
                                .setPreferredProtocolVersion(ProtocolVersion.RESP3)
                                .setMaxPoolSize(4)
                                .setMaxPoolWaiting(1000));
    }

    @AfterEach
    void disconnect() {
        redis.close();
        done(vertx.close());
    }

    @Test
    void aPoolAnswersManyAtOnce() {
        RedisAPI api = RedisAPI.api(redis);
        List<Future<Response>> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            all.add(api.incr("n"));
        }
        done(Future.all(all));
        assertThat(done(api.get("n")).toInteger()).isEqualTo(500);
    }

    @Test
    void batchesAnswerInOrderAndMapsAreMaps() {
        List<Request> batch = new ArrayList<>();
        batch.add(Request.cmd(Command.HSET).arg("h").arg("a").arg("1").arg("b").arg("2"));
        batch.add(Request.cmd(Command.HGETALL).arg("h"));
        batch.add(Request.cmd(Command.ZADD).arg("z").arg(1.5).arg("m"));
        batch.add(Request.cmd(Command.ZSCORE).arg("z").arg("m"));
        List<Response> replies = done(redis.batch(batch));
        assertThat(replies.get(1).get("b").toString()).isEqualTo("2");
        assertThat(replies.get(3).type()).isEqualTo(ResponseType.NUMBER);
        assertThat(replies.get(3).toDouble()).isEqualTo(1.5);
    }

    @Test
    void transactionsAndWatch() {
        RedisConnection connection = done(redis.connect());
        RedisAPI api = RedisAPI.api(connection);
        done(api.watch(List.of("k")));
        done(RedisAPI.api(redis).set(List.of("k", "other")));
        done(api.multi());
        done(api.set(List.of("k", "mine")));
        assertThat(done(api.exec())).isNull();
        assertThat(done(api.get("k")).toString()).isEqualTo("other");
        done(connection.close());
    }

    @Test
    void subscribersHearWhatIsPublished() {
        RedisConnection connection = done(redis.connect());
        List<String> heard = new CopyOnWriteArrayList<>();
        connection.handler(message -> heard.add(message.get(0) + " " + message.get(2)));
        done(connection.send(Request.cmd(Command.SUBSCRIBE).arg("news")));
        done(redis.send(Request.cmd(Command.PUBLISH).arg("news").arg("extra")));
        await().untilAsserted(() -> assertThat(heard).contains("message extra"));
        done(connection.close());
    }

    @Test
    void streamsWakeWhoWaits() {
        RedisAPI api = RedisAPI.api(redis);
        done(api.xgroup(List.of("CREATE", "s", "g", "$", "MKSTREAM")));
        RedisConnection waiting = done(redis.connect());
        Future<Response> read =
                waiting.send(
                        Request.cmd(Command.XREADGROUP)
                                .arg("GROUP")
                                .arg("g")
                                .arg("c")
                                .arg("BLOCK")
                                .arg(10_000)
                                .arg("STREAMS")
                                .arg("s")
                                .arg(">"));
        done(api.xadd(List.of("s", "1-1", "f", "v")));
        assertThat(done(read).get("s").get(0).get(0).toString()).isEqualTo("1-1");
        assertThat(done(api.xack(List.of("s", "g", "1-1"))).toInteger()).isEqualTo(1);
        done(waiting.close());
    }

    private static <T> T done(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }
}
