package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for another node's word, against a real store. */
@Timeout(30)
class WakesTest extends WithServer {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Relay relay;
    private Redis redis;
    private Wakes wakes;
    private String channel;

    @BeforeEach
    void connect() {
        relay = Relay.to(url);
        redis =
                Redis.createClient(
                        vertx,
                        new RedisOptions().setConnectionString(relay.url()).setMaxPoolSize(2));
        wakes = Wakes.of(redis);
        channel = "{" + unique("wakes") + "}:wake";
    }

    @AfterEach
    void disconnect() {
        threads.close();
        redis.close();
        relay.close();
    }

    @Test
    void whoWaitsIsWokenByAMessage() throws Exception {
        try (Wakes.Wait wait = wakes.open(channel)) {
            Future<Boolean> woken = threads.submit(() -> wait.await(LONG));

            assertThat(publish(channel)).isEqualTo(1);

            assertThat(woken.get()).isTrue();
        }
    }

    @Test
    void aMessageBetweenOpenAndAwaitIsNotMissed() {
        try (Wakes.Wait wait = wakes.open(channel)) {
            assertThat(publish(channel)).isEqualTo(1);

            assertThat(wait.await(LONG)).isTrue();
            assertThat(wait.await(Duration.ofMillis(1))).isFalse();
        }
    }

    @Test
    void manyWaitersShareASubscriptionAndAllAreWoken() throws Exception {
        List<Wakes.Wait> waits = new ArrayList<>();
        List<Future<Boolean>> woken = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Wakes.Wait wait = wakes.open(channel);
            waits.add(wait);
            woken.add(threads.submit(() -> wait.await(LONG)));
        }
        assertThat(wakes.listening()).isEqualTo(1);

        assertThat(publish(channel)).isEqualTo(1);

        for (Future<Boolean> each : woken) {
            assertThat(each.get()).isTrue();
        }
        waits.forEach(Wakes.Wait::close);
        assertThat(wakes.listening()).isZero();
        Awaitility.await().until(() -> publish(channel) == 0);
    }

    @Test
    void aMessageWakesItsOwnChannelOnly() {
        try (Wakes.Wait wait = wakes.open(channel);
                Wakes.Wait neighbour = wakes.open(channel + "2")) {
            publish(channel + "2");

            assertThat(neighbour.await(LONG)).isTrue();
            assertThat(wait.await(Duration.ofMillis(1))).isFalse();
        }
    }

    @Test
    void manyThreadsOpenAndCloseAtOnce() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        for (int i = 0; i < 16; i++) {
            String mine = channel + i % 4;
            all.add(
                    threads.submit(
                            () -> {
                                go.await();
                                for (int round = 0; round < 50; round++) {
                                    try (Wakes.Wait wait = wakes.open(mine)) {
                                        assertThat(publish(mine)).isEqualTo(1);
                                        assertThat(wait.await(LONG)).isTrue();
                                    }
                                }
                                return null;
                            }));
        }
        go.countDown();
        for (Future<?> each : all) {
            each.get();
        }
        assertThat(wakes.listening()).isZero();
    }

    @Test
    void aLostConnectionWakesTheWaiterWhoThenListensAnew() throws Exception {
        try (Wakes.Wait wait = wakes.open(channel)) {
            Future<Boolean> woken = threads.submit(() -> wait.await(LONG));

            relay.cut();

            assertThat(woken.get()).isTrue();
            assertThat(wait.await(LONG)).as("subscribed anew: look again").isTrue();
            assertThat(publish(channel)).isEqualTo(1);
            assertThat(wait.await(LONG)).isTrue();
        }
    }

    @Test
    void aSilentConnectionIsFoundOutAndWakesTheWaiter() throws Exception {
        try (Wakes.Wait wait = wakes.open(channel)) {
            relay.hold();

            assertThat(wait.await(LONG)).isTrue();
            relay.release();
        }
    }

    @Test
    void withoutAStoreItSaysSo() {
        wakes.sharded();
        relay.cutAndRefuse();

        assertThatThrownBy(() -> wakes.open(channel)).isInstanceOf(StoreAwayException.class);
        assertThat(wakes.listening()).isZero();

        relay.release();
        try (Wakes.Wait wait = wakes.open(channel)) {
            publish(channel);
            assertThat(wait.await(LONG)).isTrue();
        }
    }

    @Test
    void oneClientHasOneConnectionForAllItsCaches() {
        assertThat(Wakes.of(redis)).isSameAs(wakes);
        assertThat(Wakes.of(other)).isNotSameAs(wakes);
    }

    /** From another node, as a script would; answers how many heard it. */
    private long publish(String to) {
        Response heard =
                Waiting.forAnswer(
                        other.send(
                                        Request.cmd(Command.EVAL)
                                                .arg("return redis.call(ARGV[1], KEYS[1], '')")
                                                .arg(1)
                                                .arg(to)
                                                .arg(wakes.sharded() ? "SPUBLISH" : "PUBLISH"))
                                .toCompletionStage()
                                .toCompletableFuture(),
                        LONG);
        return heard.toLong();
    }
}
