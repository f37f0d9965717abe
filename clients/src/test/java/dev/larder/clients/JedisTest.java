package dev.larder.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.junit.StoreExtension;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.ScanResult;
import redis.clients.jedis.resps.StreamEntry;

/** Jedis as services use it: a pool, pipelines, transactions, subscribers, streams. */
@ExtendWith(StoreExtension.class)
class JedisTest {

    @Test
    void aPoolServesManyThreads(Store store) throws Exception {
        try (JedisPool pool = new JedisPool("127.0.0.1", store.port());
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(
                        threads.submit(
                                () -> {
                                    for (int n = 0; n < 200; n++) {
                                        try (Jedis jedis = pool.getResource()) {
                                            jedis.incr("visits");
                                        }
                                    }
                                }));
            }
            for (Future<?> one : all) {
                one.get(30, TimeUnit.SECONDS);
            }
            try (Jedis jedis = pool.getResource()) {
                assertThat(jedis.get("visits")).isEqualTo("1600");
            }
        }
    }

    @Test
    void pipelinesAndTransactions(Store store) {
        try (Jedis jedis = new Jedis("127.0.0.1", store.port());
                Jedis other = new Jedis("127.0.0.1", store.port())) {
            Pipeline pipeline = jedis.pipelined();
            List<Response<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                counts.add(pipeline.zadd("board", i, "player" + i));
            }
            Response<Long> size = pipeline.zcard("board");
            pipeline.sync();
            assertThat(counts).allMatch(count -> count.get() == 1);
            assertThat(size.get()).isEqualTo(1000);

            jedis.set("stock", "5");
            jedis.watch("stock");
            other.set("stock", "4");
            Transaction lost = jedis.multi();
            lost.decr("stock");
            assertThat(lost.exec()).isNull();

            jedis.watch("stock");
            Transaction won = jedis.multi();
            won.decr("stock");
            won.lpush("stock", "no list");
            List<Object> replies = won.exec();
            assertThat(replies.getFirst()).isEqualTo(3L);
            assertThat(replies.get(1)).isInstanceOf(JedisDataException.class);
        }
    }

    @Test
    void subscribersHearWhatIsPublished(Store store) throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        JedisPubSub subscriber =
                new JedisPubSub() {
                    @Override
                    public void onPMessage(String pattern, String channel, String message) {
                        heard.add(channel + " " + message);
                    }
                };
        try (Jedis listening = new Jedis("127.0.0.1", store.port());
                Jedis jedis = new Jedis("127.0.0.1", store.port())) {
            CompletableFuture<Void> done =
                    CompletableFuture.runAsync(() -> listening.psubscribe(subscriber, "news.*"));
            await().until(() -> jedis.pubsubNumPat() == 1);
            assertThat(jedis.publish("news.sport", "1:0")).isEqualTo(1);
            await().untilAsserted(() -> assertThat(heard).containsExactly("news.sport 1:0"));
            subscriber.punsubscribe();
            done.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void streamsAreReadByGroups(Store store) {
        try (Jedis jedis = new Jedis("127.0.0.1", store.port())) {
            jedis.xgroupCreate("orders", "billing", StreamEntryID.XGROUP_LAST_ENTRY, true);
            StreamEntryID first =
                    jedis.xadd("orders", StreamEntryID.NEW_ENTRY, Map.of("item", "tea"));
            jedis.xadd("orders", StreamEntryID.NEW_ENTRY, Map.of("item", "bread"));
            List<Map.Entry<String, List<StreamEntry>>> read =
                    jedis.xreadGroup(
                            "billing",
                            "anna",
                            XReadGroupParams.xReadGroupParams().count(10),
                            Map.of("orders", StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY));
            List<StreamEntry> entries = read.getFirst().getValue();
            assertThat(entries)
                    .extracting(e -> e.getFields().get("item"))
                    .containsExactly("tea", "bread");
            assertThat(jedis.xpending("orders", "billing").getTotal()).isEqualTo(2);
            assertThat(jedis.xack("orders", "billing", first)).isEqualTo(1);
            assertThat(jedis.xinfoGroups("orders").getFirst().getPending()).isEqualTo(1);
            assertThat(jedis.xinfoStreamFull("orders").getEntries()).hasSize(2);
        }
    }

    @Test
    void scansSeeEveryKeyAndScriptsAreKept(Store store) {
        try (Jedis jedis = new Jedis("127.0.0.1", store.port())) {
            for (int i = 0; i < 3000; i++) {
                jedis.set("key:" + i, "v", SetParams.setParams().ex(1000));
            }
            Set<String> seen = new HashSet<>();
            String cursor = ScanParams.SCAN_POINTER_START;
            do {
                ScanResult<String> page =
                        jedis.scan(cursor, new ScanParams().match("key:*").count(100));
                seen.addAll(page.getResult());
                cursor = page.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
            assertThat(seen).hasSize(3000);

            String sha = jedis.scriptLoad("return redis.call('INCRBY', KEYS[1], ARGV[1])");
            assertThat(jedis.evalsha(sha, 1, "n", "5")).isEqualTo(5L);
            assertThatThrownBy(() -> jedis.evalsha("0".repeat(40), 0))
                    .hasMessageContaining("NOSCRIPT");
        }
    }

    @Test
    void aPasswordIsAskedFor() {
        try (Store store =
                Store.start(new StoreConfig().with("port", 0).with("requirepass", "secret"))) {
            try (Jedis jedis = new Jedis("127.0.0.1", store.port())) {
                assertThatThrownBy(() -> jedis.get("k")).hasMessageContaining("NOAUTH");
                assertThatThrownBy(() -> jedis.auth("wrong")).hasMessageContaining("WRONGPASS");
                assertThat(jedis.auth("secret")).isEqualTo("OK");
                assertThat(jedis.clientInfo()).contains("lib-name=");
            }
        }
    }

    /**
     * Its cache in the client wants a server that says 7.4; Lettuce's and node-redis' are tried.
     */
    @Test
    void repliesOfResp3(Store store) {
        DefaultJedisClientConfig resp3 =
                DefaultJedisClientConfig.builder()
                        .protocol(RedisProtocol.RESP3)
                        .clientName("resp3")
                        .database(3)
                        .build();
        try (Jedis jedis = new Jedis(new HostAndPort("127.0.0.1", store.port()), resp3)) {
            jedis.hset("h", Map.of("a", "1", "b", "2"));
            assertThat(jedis.hgetAll("h")).containsEntry("b", "2").hasSize(2);
            jedis.sadd("s", "x", "y");
            assertThat(jedis.smembers("s")).containsExactlyInAnyOrder("x", "y");
            jedis.zadd("z", 1.5, "m");
            assertThat(jedis.zscore("z", "m")).isEqualTo(1.5);
            assertThat(jedis.zrangeWithScores("z", 0, -1).getFirst().getScore()).isEqualTo(1.5);
            assertThat(jedis.clientInfo()).contains("name=resp3").contains("db=3");
        }
    }
}
