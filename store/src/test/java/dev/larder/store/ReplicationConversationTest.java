package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A replica's talk with its master: all data, then every change as the command that repeats it. */
class ReplicationConversationTest {
    private static final class Line implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;
        private final OutputStream out;

        Line(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(20_000);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            out = socket.getOutputStream();
        }

        void say(String line) throws IOException {
            out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        }

        String hear() throws IOException {
            StringBuilder line = new StringBuilder();
            int b;
            while ((b = in.read()) != '\n') {
                if (b < 0) {
                    return null;
                }
                line.append((char) b);
            }
            return line.toString().strip();
        }

        String ask(String line) throws IOException {
            say(line);
            return hear();
        }

        byte[] image() throws IOException {
            byte[] image = new byte[Integer.parseInt(hear().substring(1))];
            in.readFully(image);
            return image;
        }

        /** The next command of the stream, its words divided by blanks. */
        String command() throws IOException {
            int count = Integer.parseInt(hear().substring(1));
            List<String> words = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                hear();
                words.add(hear());
            }
            return String.join(" ", words);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void aReplicaIsSentAllDataAndThenEveryChange() throws IOException {
        try (Store store = Store.start(new StoreConfig().with("port", 0));
                Line client = new Line(store.port());
                Line replica = new Line(store.port())) {
            assertThat(client.ask("SET before 1")).isEqualTo("+OK");
            assertThat(replica.ask("REPLCONF listening-port 7777 capa psync2")).isEqualTo("+OK");
            String head = replica.ask("PSYNC ? -1");
            assertThat(head).matches("\\+FULLRESYNC [0-9a-f]{40} 0");
            String image = new String(replica.image(), StandardCharsets.ISO_8859_1);
            assertThat(image).startsWith("REDIS0011").contains("before");
            assertThat(client.ask("SET now 2 EX 100")).isEqualTo("+OK");
            assertThat(replica.command()).isEqualTo("SELECT 0");
            assertThat(replica.command()).matches("SET now 2 PXAT \\d+");
            for (String line : List.of("MULTI", "INCR counter", "GET now", "RPUSH list a b")) {
                client.ask(line);
            }
            client.ask("EXEC");
            assertThat(replica.command()).isEqualTo("MULTI");
            assertThat(replica.command()).isEqualTo("INCR counter");
            assertThat(replica.command()).isEqualTo("RPUSH list a b");
            assertThat(replica.command()).isEqualTo("EXEC");
            // The rest of the reply to EXEC: its three items.
            client.hear();
            client.hear();
            client.hear();
            client.hear();
            assertThat(client.ask("EVAL \"return redis.call('incr', 'counter')\" 0"))
                    .isEqualTo(":2");
            assertThat(replica.command()).isEqualTo("incr counter");
            assertThat(client.ask("GET nothing")).isEqualTo("$-1");
            assertThat(client.ask("DEL now nothing")).isEqualTo(":1");
            assertThat(replica.command()).isEqualTo("DEL now nothing");
            assertThat(client.ask("INFO replication")).startsWith("$");
            List<String> lines = new ArrayList<>();
            for (String line = client.hear(); !line.isEmpty(); line = client.hear()) {
                lines.add(line);
            }
            assertThat(lines).contains("connected_slaves:1");
            assertThat(lines).anyMatch(line -> line.startsWith("slave0:ip=127.0.0.1,port=7777,"));
        }
    }
}
