package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.Redis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real processes are killed at every step, by name and at random; a real PostgreSQL keeps a ledger
 * of what was stored. Every acknowledged write is there exactly once, in order per key.
 */
@Timeout(300)
class WriteBehindKillTest extends WithServer {

    private static final int WRITES = 120;

    private static OwnDatabase database;
    private static Redis redis;

    private final List<Node> nodes = new ArrayList<>();
    private String name;

    @BeforeAll
    static void start() {
        redis = another();
        database = OwnDatabase.start();
    }

    @AfterAll
    static void stop() throws Exception {
        redis.close();
        database.close();
    }

    @BeforeEach
    void ownKeys() {
        name = unique("kill");
    }

    @AfterEach
    void noProcessStays() {
        nodes.forEach(node -> node.process.destroyForcibly());
    }

    /** A process and the writes that it said were acknowledged. */
    private static final class Node {

        private final Process process;
        private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
        private final Thread reader;
        private volatile boolean done;

        Node(Process process) {
            this.process = process;
            reader = Thread.ofVirtual().start(this::listen);
        }

        private void listen() {
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] words = line.split(" ");
                    if (words[0].equals("ACK") && words.length == 3) {
                        acknowledged.add(words[2]);
                    } else if (words[0].equals("DONE")) {
                        done = true;
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void ended(int code) throws Exception {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ended").isTrue();
            assertThat(process.exitValue()).isEqualTo(code);
            reader.join();
        }

        void kill() throws Exception {
            process.destroyForcibly().waitFor();
            reader.join();
        }
    }

    private Node node(String writer, String step, int nth, boolean checked) {
        try {
            ProcessBuilder command =
                    new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-Xmx128m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            WriteBehindNode.class.getName(),
                            url,
                            database.url(),
                            name,
                            writer,
                            Integer.toString(WRITES),
                            step,
                            Integer.toString(nth),
                            Boolean.toString(checked));
            Node node = new Node(command.redirectError(ProcessBuilder.Redirect.DISCARD).start());
            nodes.add(node);
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Node node(String writer) {
        return node(writer, "-", 1, true);
    }

    /** Waits until the last of them has written everything, and the queue is empty. */
    private void workedOff(Node last) throws Exception {
        WriteBehind<String> queue =
                Cache.named(name, redis, Codec.text())
                        .partitions(4)
                        .storeTimeout(Duration.ofSeconds(10))
                        .build()
                        .writeBehind()
                        .build();
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .until(() -> last.done && queue.backlog().depth() == 0);
        last.process.getOutputStream().close();
        last.ended(0);
        assertThat(queue.backlog().dead()).isZero();
    }

    private void everyAcknowledgedWriteIsThereOnceInOrder(int kills) {
        List<OwnDatabase.Row> ledger = database.ledger(name);
        assertThat(ledger).extracting(OwnDatabase.Row::value).doesNotHaveDuplicates();
        Set<String> stored = new HashSet<>();
        Map<String, String> lastIds = new HashMap<>();
        Map<String, Integer> lastOfWriter = new HashMap<>();
        for (OwnDatabase.Row row : ledger) {
            stored.add(row.value());
            String before = lastIds.put(row.key(), row.id());
            assertThat(before == null || Write.compareIds(before, row.id()) < 0)
                    .as("%s before %s of %s", before, row.id(), row.key())
                    .isTrue();
            int dash = row.value().indexOf('-');
            int number = Integer.parseInt(row.value(), dash + 1, row.value().length(), 10);
            Integer former =
                    lastOfWriter.put(row.key() + " " + row.value().substring(0, dash), number);
            assertThat(former == null || former < number).isTrue();
        }
        Set<String> acknowledged = new HashSet<>();
        nodes.forEach(node -> acknowledged.addAll(node.acknowledged));
        assertThat(acknowledged).hasSizeGreaterThan(WRITES);
        assertThat(stored).containsAll(acknowledged);
        // Accepted, and killed before the writer could say so.
        assertThat(stored.size() - acknowledged.size()).isLessThanOrEqualTo(kills);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ACCEPTED", "READ", WriteBehindNode.STORING, "COMMITTED", "SETTLED"})
    void killedAtAStep(String step) throws Exception {
        Node victim = node("victim", step, 3, true);
        Node other = node("other");
        victim.ended(WriteBehindNode.HALTED);
        workedOff(other);
        everyAcknowledgedWriteIsThereOnceInOrder(1);
    }

    /** The first is gone in a transaction, the second while it takes over, the third goes on. */
    @Test
    void killedDuringTheTakeOver() throws Exception {
        node("first", WriteBehindNode.STORING, 2, true).ended(WriteBehindNode.HALTED);
        node("second", "TAKEN", 2, true).ended(WriteBehindNode.HALTED);
        Node third = node("third");
        workedOff(third);
        everyAcknowledgedWriteIsThereOnceInOrder(2);
    }

    @Test
    void killedAtRandomMomentsWhileAnotherWorks() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        Node survivor = node("survivor");
        for (int round = 0; round < 4; round++) {
            Node victim = node("v" + round);
            int after = random.nextInt(1, WRITES - 1);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(2))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> victim.acknowledged.size() >= after);
            victim.kill();
        }
        workedOff(survivor);
        everyAcknowledgedWriteIsThereOnceInOrder(4);
    }

    /** The test of the test: the same kill does show a double once progress is not checked. */
    @Test
    void withoutTheCheckOfProgressTheDoubleShows() throws Exception {
        node("victim", "COMMITTED", 3, false).ended(WriteBehindNode.HALTED);
        Node other = node("other", "-", 1, false);
        workedOff(other);
        List<String> stored = database.values(name);
        assertThat(new HashSet<>(stored)).hasSizeLessThan(stored.size());
    }
}
