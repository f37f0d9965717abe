package dev.larder.caching;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A store that a test may stop and start again on its port: ours in this JVM, or, as the build
 * repeats every test that uses one, the {@code redis-server} of this machine.
 */
final class OwnStore implements AutoCloseable {

    private static final boolean REAL = Boolean.getBoolean("larder.caching.test.redis-server");
    private static final int STARTS_WITHIN_SECONDS = 30;

    private Store store;
    private Process process;
    private int port;

    private OwnStore() {}

    static OwnStore start() {
        OwnStore own = new OwnStore();
        own.up();
        return own;
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    void down() {
        if (process != null) {
            process.destroy();
            process.onExit().join();
            process = null;
        }
        if (store != null) {
            store.close();
            store = null;
        }
    }

    void up() {
        if (REAL) {
            try {
                port = port == 0 ? freePort() : port;
                process = redisServer(port);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("redis-server does not start", e);
            }
        } else {
            store = Store.start(new StoreConfig().with("port", port));
            port = store.port();
        }
    }

    private static Process redisServer(int port) throws IOException, InterruptedException {
        Optional<Path> program =
                Arrays.stream(System.getenv("PATH").split(":"))
                        .map(folder -> Path.of(folder, "redis-server"))
                        .filter(Files::isExecutable)
                        .findFirst();
        assumeTrue(program.isPresent(), "there is no redis-server to repeat the tests on");
        Process started =
                new ProcessBuilder(
                                program.get().toString(),
                                "--port",
                                Integer.toString(port),
                                "--bind",
                                "127.0.0.1",
                                "--save",
                                "")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(STARTS_WITHIN_SECONDS);
        while (System.nanoTime() - until < 0) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return started;
            } catch (IOException notYet) {
                if (started.waitFor(20, TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
        }
        started.destroy();
        throw new IOException("nothing listens on port " + port);
    }

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        down();
    }
}
