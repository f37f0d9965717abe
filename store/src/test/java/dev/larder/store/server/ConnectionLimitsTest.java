package dev.larder.store.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Over real sockets: what a connection may take, and in which order it is told things. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectionLimitsTest {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final String OUTPUT = "client-output-buffer-limit";

    private Store store;

    /** One end of a conversation in inline commands. */
    private static final class Talk implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;

        Talk(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
        }

        void say(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        }

        String ask(String line) throws IOException {
            say(line + "\r\n");
            return line();
        }

        /** The next line, or all before the end of the connection. */
        String line() {
            StringBuilder line = new StringBuilder();
            try {
                int b;
                while ((b = in.read()) >= 0 && b != '\n') {
                    if (b != '\r') {
                        line.append((char) b);
                    }
                }
            } catch (IOException _) {
                line.append("(reset)");
            }
            return line.toString();
        }

        String lines(int count) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < count; i++) {
                lines.append(line()).append(' ');
            }
            return lines.toString().strip();
        }

        boolean isClosed() {
            String line = line();
            return line.isEmpty() || line.equals("(reset)");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @BeforeAll
    void start() {
        store = Store.start(new StoreConfig().with("port", 0));
    }

    @AfterAll
    void stop() {
        store.close();
    }

    private Talk talk() throws IOException {
        return new Talk(store.port());
    }

    private void set(String option, String value) throws IOException {
        try (Talk admin = talk()) {
            assertThat(admin.ask("CONFIG SET " + option + " \"" + value + "\"")).isEqualTo("+OK");
        }
    }

    @Test
    void aPipelineIsAnsweredThoughNothingIsReadBeforeItsEnd() throws IOException {
        int requests = 20_000;
        try (Talk talk = talk()) {
            talk.ask("SET pipelined " + "x".repeat(1000));
            talk.say("GET pipelined\r\n".repeat(requests));
            for (int i = 0; i < requests; i++) {
                assertThat(talk.line()).isEqualTo("$1000");
                assertThat(talk.line()).hasSize(1000);
            }
        }
    }

    @Test
    void aReplyOverTheHardLimitClosesInsteadOfBeingSent() throws IOException {
        set(OUTPUT, "normal 100000 0 0");
        try (Talk talk = talk()) {
            talk.ask("SET large " + "x".repeat(60_000));
            talk.say("GET large\r\nGET large\r\n");
            assertThat(talk.isClosed()).isTrue();
        } finally {
            set(OUTPUT, "normal 0 0 0");
        }
    }

    @Test
    void aSubscriberThatDoesNotReadIsClosed() throws IOException {
        set(OUTPUT, "pubsub 1000000 0 0");
        try (Talk ear = talk();
                Talk mouth = talk()) {
            ear.ask("SUBSCRIBE news");
            String message = "PUBLISH news " + "x".repeat(60_000);
            int published = 0;
            while (mouth.ask(message).equals(":1")) {
                assertThat(published++).isLessThan(1000);
            }
        } finally {
            set(OUTPUT, "pubsub 33554432 8388608 60");
        }
    }

    @Test
    void aRequestOverTheQueryLimitCloses() throws IOException {
        set("client-query-buffer-limit", "1mb");
        try (Talk talk = talk()) {
            talk.say("*2\r\n$3\r\nSET\r\n$3000000\r\n");
            byte[] piece = new byte[100_000];
            assertThat(
                            org.assertj.core.api.Assertions.catchThrowable(
                                    () -> {
                                        for (int i = 0; i < 29; i++) {
                                            talk.socket.getOutputStream().write(piece);
                                        }
                                        if (talk.isClosed()) {
                                            throw new IOException("closed");
                                        }
                                    }))
                    .isInstanceOf(IOException.class);
        } finally {
            set("client-query-buffer-limit", "1gb");
        }
    }

    @Test
    void whatABrowserWasMadeToPostIsNotRun() throws IOException {
        try (Talk talk = talk()) {
            talk.say("POST / HTTP/1.1\r\nHost: x\r\n\r\nSET posted 1\r\n");
            assertThat(talk.isClosed()).isTrue();
        }
        try (Talk talk = talk()) {
            assertThat(talk.ask("EXISTS posted")).isEqualTo(":0");
        }
    }

    @Test
    void itsOwnMessagesComeAfterTheReplyOfAWholeTransaction() throws IOException {
        try (Talk talk = talk()) {
            talk.say("HELLO 3\r\nSUBSCRIBE own\r\nMULTI\r\nPUBLISH own hi\r\nPING\r\nEXEC\r\n");
            String line;
            do {
                line = talk.line();
            } while (!line.equals("+QUEUED"));
            assertThat(talk.line()).isEqualTo("+QUEUED");
            assertThat(talk.lines(3)).isEqualTo("*2 :1 +PONG");
            assertThat(talk.lines(7)).isEqualTo(">3 $7 message $3 own $2 hi");
        }
    }

    @Test
    void aPausedClientIsAnsweredWhenThePauseIsOver() throws IOException {
        try (Talk talk = talk();
                Talk writer = talk()) {
            assertThat(talk.ask("CLIENT PAUSE 100000 WRITE")).isEqualTo("+OK");
            writer.say("SET paused 1\r\nGET paused\r\n");
            while (!talk.ask("INFO clients").isEmpty()) {
                String text = "";
                String line;
                while (!(line = talk.line()).isEmpty()) {
                    text += line + "\n";
                }
                if (text.contains("blocked_clients:1\n")) {
                    break;
                }
            }
            assertThat(talk.ask("CLIENT UNPAUSE")).isEqualTo("+OK");
            assertThat(writer.lines(3)).isEqualTo("+OK $1 1");
        }
    }
}
