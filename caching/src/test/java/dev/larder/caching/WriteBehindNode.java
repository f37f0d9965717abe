package dev.larder.caching;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A process that writes, says which writes were acknowledged, and works the queue off until its
 * input ends; at a named step it is gone without a word, as by a power cut.
 */
public final class WriteBehindNode {

    static final int HALTED = 42;

    /** In the transaction, after its statements; the other steps are the library's. */
    static final String STORING = "STORING";

    private WriteBehindNode() {}

    /**
     * @param args store, database, name of the queue, name of this writer, number of writes, step
     *     at which to halt (or -), at the how-many-eth time, whether progress is checked
     */
    public static void main(String[] args) throws Exception {
        String name = args[2];
        String writer = args[3];
        int writes = Integer.parseInt(args[4]);
        String fatal = args[5];
        AtomicInteger left = new AtomicInteger(Integer.parseInt(args[6]));
        JdbcProgress progress =
                Boolean.parseBoolean(args[7]) ? new JdbcProgress() : JdbcProgress.withoutCheck();
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setURL(args[1]);
        database.setUser("postgres");

        Vertx vertx = Vertx.vertx();
        Redis redis = Redis.createClient(vertx, args[0]);
        WriteBehind<String> queue =
                Cache.named(name, redis, Codec.text())
                        .partitions(4)
                        .storeTimeout(Duration.ofSeconds(10))
                        .build()
                        .writeBehind()
                        .batch(10, Duration.ofMillis(2))
                        .lease(Duration.ofSeconds(1))
                        .steps(step -> at(step.name(), fatal, left))
                        .build();
        JdbcProgress.Statements<String> appending = OwnDatabase.appending(name);
        var worker =
                queue.start(
                        progress.sink(
                                database,
                                (connection, batch) -> {
                                    appending.store(connection, batch);
                                    at(STORING, fatal, left);
                                }));
        CountDownLatch accepted = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(
                        () -> {
                            for (int i = 0; i < writes; i++) {
                                Receipt receipt = queue.put("k" + i % 9, writer + "-" + i);
                                say("ACK " + receipt.key() + " " + writer + "-" + i);
                            }
                            say("DONE");
                            accepted.countDown();
                        });
        while (System.in.read() >= 0) {
            continue;
        }
        accepted.await();
        worker.close();
        System.exit(0);
    }

    private static void at(String step, String fatal, AtomicInteger left) {
        if (step.equals(fatal) && left.decrementAndGet() == 0) {
            Runtime.getRuntime().halt(HALTED);
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
