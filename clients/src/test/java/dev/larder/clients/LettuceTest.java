package dev.larder.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.store.Store;
import dev.larder.store.junit.StoreExtension;
import io.lettuce.core.Consumer;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.CacheFrontend;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Lettuce: one connection for many, RESP3, pushes. */
@ExtendWith(StoreExtension.class)
class LettuceTest {
    private RedisClient client;

    @BeforeEach
    void connect(Store store) {
        client = RedisClient.create(store.url());
    }

    @AfterEach
    void disconnect() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
    }

    @Test
    void commandsAreSentTogetherAndAnsweredInOrder() {
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            connection.setAutoFlushCommands(false);
            List<RedisFuture<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                counts.add(connection.async().incr("n"));
            }
            connection.flushCommands();
            assertThat(
                            LettuceFutures.awaitAll(
                                    Duration.ofSeconds(10), counts.toArray(new RedisFuture<?>[0])))
                    .isTrue();
            assertThat(counts.getLast().toCompletableFuture().join()).isEqualTo(1000);
        }
    }

    @Test
    void aWatchedKeyThatChangesEndsATransaction() {
        try (StatefulRedisConnection<String, String> connection = client.connect();
                StatefulRedisConnection<String, String> other = client.connect()) {
            RedisCommands<String, String> redis = connection.sync();
            redis.watch("balance");
            other.sync().set("balance", "1");
            redis.multi();
            redis.incr("balance");
            assertThat(redis.exec().wasDiscarded()).isTrue();
            redis.multi();
            redis.incr("balance");
            redis.hset("account", Map.of("owner", "Ada", "open", "true"));
            TransactionResult result = redis.exec();
            assertThat(result.<Long>get(0)).isEqualTo(2);
            assertThat(redis.hgetall("account")).containsEntry("owner", "Ada");
        }
    }

    @Test
    void subscribersHearWhatIsPublished() {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (StatefulRedisPubSubConnection<String, String> listening = client.connectPubSub();
                StatefulRedisConnection<String, String> connection = client.connect()) {
            listening.addListener(
                    new RedisPubSubAdapter<>() {
                        @Override
                        public void message(String channel, String message) {
                            heard.add(channel + " " + message);
                        }
                    });
            listening.sync().subscribe("room:1", "room:2");
            assertThat(connection.sync().publish("room:2", "hello")).isEqualTo(1);
            await().untilAsserted(() -> assertThat(heard).containsExactly("room:2 hello"));
            // In RESP3 a subscriber may go on asking.
            assertThat(listening.sync().ping()).isEqualTo("PONG");
        }
    }

    @Test
    @SuppressWarnings("unchecked") // Its varargs are generic.
    void streamsAreReadByGroups() {
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisCommands<String, String> redis = connection.sync();
            redis.xgroupCreate(
                    XReadArgs.StreamOffset.from("jobs", "0"),
                    "workers",
                    XGroupCreateArgs.Builder.mkstream());
            String id = redis.xadd("jobs", Map.of("task", "scale"));
            List<StreamMessage<String, String>> read =
                    redis.xreadgroup(
                            Consumer.from("workers", "w1"),
                            XReadArgs.Builder.count(5).block(1000),
                            XReadArgs.StreamOffset.lastConsumed("jobs"));
            assertThat(read).hasSize(1);
            assertThat(read.getFirst().getBody()).containsEntry("task", "scale");
            assertThat(redis.xpending("jobs", "workers").getCount()).isEqualTo(1);
            assertThat(redis.xack("jobs", "workers", id)).isEqualTo(1);
        }
    }

    @Test
    void scansAndScripts() {
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisCommands<String, String> redis = connection.sync();
            for (int i = 0; i < 2000; i++) {
                redis.hset("big", "f" + i, "v");
                redis.set("key:" + i, "v");
            }
            Set<String> fields = new HashSet<>();
            ScanIterator.hscan(redis, "big").forEachRemaining(one -> fields.add(one.getKey()));
            assertThat(fields).hasSize(2000);
            Set<String> keys = new HashSet<>();
            KeyScanCursor<String> page = redis.scan(ScanArgs.Builder.matches("key:*").limit(500));
            keys.addAll(page.getKeys());
            while (!page.isFinished()) {
                page =
                        redis.scan(
                                ScanCursor.of(page.getCursor()),
                                ScanArgs.Builder.matches("key:*").limit(500));
                keys.addAll(page.getKeys());
            }
            assertThat(keys).hasSize(2000);
            Long sum =
                    redis.eval(
                            "return ARGV[1] + ARGV[2]",
                            ScriptOutputType.INTEGER,
                            new String[] {"k"},
                            "2",
                            "3");
            assertThat(sum).isEqualTo(5);
        }
    }

    @Test
    void aCacheInTheClientIsKeptHonest() {
        Map<String, String> near = new ConcurrentHashMap<>();
        try (StatefulRedisConnection<String, String> connection = client.connect();
                StatefulRedisConnection<String, String> writer = client.connect()) {
            CacheFrontend<String, String> cache =
                    ClientSideCaching.enable(
                            CacheAccessor.forMap(near), connection, TrackingArgs.Builder.enabled());
            writer.sync().set("price", "10");
            assertThat(cache.get("price")).isEqualTo("10");
            assertThat(near).containsEntry("price", "10");
            writer.sync().set("price", "11");
            await().untilAsserted(() -> assertThat(near).doesNotContainKey("price"));
            assertThat(cache.get("price")).isEqualTo("11");
        }
    }
}
