package dev.larder.store.compat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A real server as a child process: the {@code redis-server} of the PATH, or what the environment
 * variable {@code LARDER_PEER} names. Where there is none, the test is skipped and says so.
 */
public final class Peer implements AutoCloseable {
    private final Process process;
    private final int port;

    private Peer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    public static Peer start() throws IOException, InterruptedException {
        return start(new String[0]);
    }

    /** Starts one with more options. */
    public static Peer start(String... options) throws IOException, InterruptedException {
        Optional<Path> server = find();
        Assumptions.assumeTrue(
                server.isPresent(),
                "no redis-server on PATH and LARDER_PEER is not set: nothing to compare with");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> words =
                new ArrayList<>(
                        List.of(
                                server.get().toString(),
                                "--port",
                                Integer.toString(port),
                                "--bind",
                                "127.0.0.1",
                                "--save",
                                "",
                                "--enable-debug-command",
                                "yes",
                                "--daemonize",
                                "no"));
        words.addAll(List.of(options));
        // A data file in the folder of the tests is not its own.
        Path folder = Files.createTempDirectory("larder-peer");
        folder.toFile().deleteOnExit();
        Process process =
                new ProcessBuilder(words)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        Peer peer = new Peer(process, port);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try (Wire wire = new Wire(port)) {
                // What it loads is not there yet while it says so.
                if (!wire.ask("PING").startsWith("-LOADING")) {
                    return peer;
                }
            } catch (IOException e) {
                if (System.nanoTime() > deadline || !process.isAlive()) {
                    peer.close();
                    throw new IOException("the real server did not start", e);
                }
            }
            process.waitFor(10, TimeUnit.MILLISECONDS);
        }
    }

    private static Optional<Path> find() {
        String named = System.getenv("LARDER_PEER");
        if (named != null) {
            return Optional.of(Path.of(named).toAbsolutePath());
        }
        String path = System.getenv("PATH");
        return Arrays.stream((path == null ? "" : path).split(java.io.File.pathSeparator))
                .map(folder -> Path.of(folder, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
