package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.compat.Peer;
import dev.larder.store.compat.Wire;
import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.server.Loops;
import dev.larder.store.server.RespServer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A real server as replica of a store that writes the format which that server reads. */
class RealReplicaTest {
    private static final int VERSION_OF_PEER = 10;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    @Test
    void aRealServerFollows() throws Exception {
        StoreConfig config = new StoreConfig().with("port", 0);
        Engine engine = Store.engine(config, new Clock(System::currentTimeMillis));
        Persistence.of(engine).version(VERSION_OF_PEER);
        Loops loops = new Loops();
        Vertx vertx = loops.start(new VertxOptions().setEventLoopPoolSize(1));
        RespServer server = new RespServer(config, engine, loops);
        vertx.deployVerticle(server).toCompletionStage().toCompletableFuture().get();
        try (Peer real = Peer.start();
                Wire master = new Wire(server.port());
                Wire replica = new Wire(real.port())) {
            master.ask("RPUSH", "list", "a", "b");
            master.ask("HSET", "hash", "a", "1");
            replica.ask("REPLICAOF", "127.0.0.1", Integer.toString(server.port()));
            long until = System.nanoTime() + PATIENCE_NANOS;
            while (!replica.ask("INFO", "replication").contains("master_link_status:up")
                    && System.nanoTime() < until) {
                master.ask("BLPOP", "none", "0.05");
            }
            master.ask("MULTI");
            master.ask("INCR", "counter");
            master.ask("SELECT", "2");
            master.ask("SADD", "set", "a", "b");
            master.ask("EXEC");
            assertThat(master.ask("WAIT", "1", "10000")).contains("1");
            assertThat(replica.ask("DEBUG", "DIGEST")).isEqualTo(master.ask("DEBUG", "DIGEST"));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }
}
