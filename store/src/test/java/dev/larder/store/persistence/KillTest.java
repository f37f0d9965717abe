package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.compat.Wire;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is killed at any moment has, started anew, all that it has said OK to. */
class KillTest {
    private static final int LIVES = 5;
    private static final int CLIENTS = 3;

    @TempDir Path folder;

    /** Where this test's own classes come from, whoever loads them. */
    private static String classPath() {
        if (KillTest.class.getClassLoader() instanceof URLClassLoader loader) {
            return Stream.of(loader.getURLs())
                    .map(url -> Path.of(URI.create(url.toString())).toString())
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }

    private Process start(int port) throws IOException {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx256m",
                                "-cp",
                                classPath(),
                                "dev.larder.store.Store"));
        words.addAll(List.of("--port", Integer.toString(port), "--dir", folder.toString()));
        words.addAll(List.of("--appendonly", "yes", "--appendfsync", "always"));
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    private static Wire connect(Process process, int port) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                Wire wire = new Wire(port);
                wire.ask("PING");
                return wire;
            } catch (IOException e) {
                assertThat(process.isAlive() && System.nanoTime() < deadline).isTrue();
                process.waitFor(20, TimeUnit.MILLISECONDS);
            }
        }
    }

    @Test
    void everyAcknowledgedWriteIsThere() throws Exception {
        Random random = new Random(7);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        long[] acknowledged = new long[CLIENTS];
        for (int life = 0; life < LIVES; life++) {
            Process process = start(port);
            try (Wire wire = connect(process, port)) {
                for (int client = 0; client < CLIENTS; client++) {
                    String count = wire.ask("LLEN", "list" + client);
                    long there = Long.parseLong(count.substring(1).strip());
                    // What was asked for last may have been kept without an answer.
                    assertThat(there).isBetween(acknowledged[client], acknowledged[client] + 1);
                    assertThat(wire.ask("GET", "count" + client))
                            .isEqualTo(there == 0 ? "$-1\r\n" : bulk(there));
                    acknowledged[client] = there;
                }
                if (life % 2 == 1) {
                    wire.ask("BGREWRITEAOF");
                }
                List<Thread> writers = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    int number = client;
                    writers.add(Thread.ofPlatform().start(() -> write(port, number, acknowledged)));
                }
                process.waitFor(50 + random.nextInt(400), TimeUnit.MILLISECONDS);
                process.destroyForcibly().waitFor();
                for (Thread writer : writers) {
                    writer.join();
                }
            } finally {
                process.destroyForcibly();
            }
        }
        assertThat(acknowledged[0]).isPositive();
    }

    private static String bulk(long value) {
        String digits = Long.toString(value);
        return "$" + digits.length() + "\r\n" + digits + "\r\n";
    }

    /** Two changes that belong together, again and again until the connection breaks. */
    private static void write(int port, int client, long[] acknowledged) {
        try (Wire wire = new Wire(port)) {
            while (true) {
                wire.ask("MULTI");
                wire.ask("RPUSH", "list" + client, "x");
                wire.ask("INCR", "count" + client);
                if (!wire.ask("EXEC").startsWith("*2")) {
                    return;
                }
                acknowledged[client]++;
            }
        } catch (IOException _) {
            // Killed.
        }
    }
}
