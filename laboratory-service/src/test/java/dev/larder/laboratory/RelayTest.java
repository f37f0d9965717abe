package dev.larder.laboratory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The relay in front of a server that says back what it hears. */
@Timeout(30)
class RelayTest {

    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private ServerSocket server;
    private Relay relay;

    @BeforeEach
    void begin() throws IOException {
        server = new ServerSocket(0);
        threads.execute(
                () -> {
                    try {
                        while (true) {
                            Socket caller = server.accept();
                            threads.execute(() -> echo(caller));
                        }
                    } catch (IOException e) {
                        // The test is over.
                    }
                });
        relay = new Relay(vertx, "127.0.0.1", server.getLocalPort());
    }

    private static void echo(Socket caller) {
        try (caller) {
            caller.getInputStream().transferTo(caller.getOutputStream());
        } catch (IOException e) {
            // It was cut.
        }
    }

    @AfterEach
    void end() throws IOException {
        relay.close();
        server.close();
        threads.shutdownNow();
        vertx.close();
    }

    private Socket call() throws IOException {
        Socket socket = new Socket("127.0.0.1", relay.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static long nanosOfAnswer(Socket socket, int word) throws IOException {
        long began = System.nanoTime();
        socket.getOutputStream().write(word);
        assertThat(socket.getInputStream().read()).isEqualTo(word);
        return System.nanoTime() - began;
    }

    @Test
    void whatIsSentComesBackWholeHoweverMuchItIs() throws Exception {
        byte[] sent = new byte[3_000_000];
        new Random(1).nextBytes(sent);
        for (int millis : new int[] {0, 5}) {
            relay.become(millis == 0 ? Relay.State.OK : Relay.State.SLOW, millis);
            try (Socket socket = call()) {
                threads.execute(
                        () -> {
                            try {
                                socket.getOutputStream().write(sent);
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        });
                InputStream in = socket.getInputStream();
                assertThat(Arrays.equals(in.readNBytes(sent.length), sent)).isTrue();
            }
        }
    }

    @Test
    void aSlowWayDelaysEveryAnswerAndOnlyOnce() throws Exception {
        try (Socket socket = call()) {
            nanosOfAnswer(socket, 1);
            relay.become(Relay.State.SLOW, 120);
            for (int i = 0; i < 3; i++) {
                assertThat(nanosOfAnswer(socket, i)).isGreaterThan(millis(119));
            }
            // Answers that come together are late together, not one after the other.
            long began = System.nanoTime();
            for (int i = 0; i < 5; i++) {
                socket.getOutputStream().write(i);
            }
            socket.getInputStream().readNBytes(5);
            assertThat(System.nanoTime() - began).isBetween(millis(119), millis(500));
            relay.become(Relay.State.OK, 0);
            nanosOfAnswer(socket, 1);
        }
    }

    @Test
    void downCutsWhatIsConnectedAndLetsNobodyInUntilItIsBack() throws Exception {
        try (Socket socket = call()) {
            nanosOfAnswer(socket, 1);
            relay.become(Relay.State.DOWN, 0);
            assertThat(readUntilGone(socket)).isTrue();
        }
        try (Socket socket = call()) {
            assertThat(readUntilGone(socket)).isTrue();
        } catch (IOException refused) {
            assertThat(refused).isNotNull();
        }
        assertThat(relay.connections()).isZero();
        relay.become(Relay.State.OK, 0);
        try (Socket socket = call()) {
            nanosOfAnswer(socket, 2);
        }
    }

    @Test
    void aCallerThatLeavesTakesTheServersEndAlong() throws Exception {
        try (Socket socket = call()) {
            nanosOfAnswer(socket, 1);
            assertThat(relay.connections()).isEqualTo(1);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> relay.connections() == 0);
    }

    @Test
    void aServerThatIsAwayEndsTheCall() throws Exception {
        server.close();
        try (Socket socket = call()) {
            assertThat(readUntilGone(socket)).isTrue();
        }
    }

    private static boolean readUntilGone(Socket socket) {
        try {
            return socket.getInputStream().read() == -1;
        } catch (IOException reset) {
            return true;
        }
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
