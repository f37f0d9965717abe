package dev.larder.store.script;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Numbers;
import dev.larder.store.reply.Reply;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same snippets on our engine and on a real server: equal answers, errors included. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SameAsRedisTest {
    private static final Path SERVER = Path.of("/usr/bin/redis-server");

    private final TinyHost host = new TinyHost();
    private Process server;
    private Socket socket;
    private DataInputStream in;
    private OutputStream out;
    private PucLua engine;

    static List<String> snippets() {
        return Snippets.ALL;
    }

    @BeforeAll
    void start() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(SERVER), "no redis-server is installed here");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        server =
                new ProcessBuilder(
                                SERVER.toString(),
                                "--port",
                                Integer.toString(port),
                                "--save",
                                "",
                                "--bind",
                                "127.0.0.1")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (socket == null) {
            try {
                socket = new Socket("127.0.0.1", port);
            } catch (ConnectException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
        engine = PucLua.open(64 << 20, "7.0.15");
    }

    @AfterAll
    void stop() throws Exception {
        if (engine != null) {
            engine.close();
        }
        if (socket != null) {
            socket.close();
        }
        if (server != null) {
            server.destroy();
            server.waitFor();
        }
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void sameAnswer(String snippet) throws Exception {
        command("FLUSHALL");
        host.call(Args.of(List.of("FLUSHALL".getBytes(StandardCharsets.ISO_8859_1))));
        String theirs = command("EVAL", snippet, "2", "k1", "k2", "a1", "a2", "3");
        assertThat(ours(snippet)).isEqualTo(theirs);
    }

    private String ours(String snippet) {
        try {
            Script script = engine.compile(snippet.getBytes(StandardCharsets.ISO_8859_1));
            return show(
                    engine.run(
                            script,
                            Args.of(
                                    Stream.of("k1", "k2", "a1", "a2", "3")
                                            .map(w -> w.getBytes(StandardCharsets.ISO_8859_1))
                                            .toList()),
                            0,
                            2,
                            host));
        } catch (ScriptException e) {
            return "-" + e.getMessage();
        }
    }

    private static String show(Reply reply) {
        return switch (reply) {
            case Reply.Status status -> "+" + status.text();
            case Reply.Failure failure -> "-" + failure.text();
            case Reply.Int integer -> ":" + integer.value();
            case Reply.Bulk bulk -> "$" + new String(bulk.bytes(), StandardCharsets.ISO_8859_1);
            case Reply.Nil _ -> "nil";
            case Reply.Num number -> "$" + Numbers.text(number.value());
            case Reply.Bool truth -> ":" + (truth.value() ? 1 : 0);
            case Reply.BigNumber big -> "$" + big.digits();
            case Reply.Verbatim verbatim ->
                    "$" + new String(verbatim.bytes(), StandardCharsets.ISO_8859_1);
            case Reply.Array array -> show(array.items());
            case Reply.Map map -> show(map.keysAndValues());
            case Reply.Set set -> show(set.items());
            default -> throw new IllegalStateException(reply.toString());
        };
    }

    private static String show(List<Reply> items) {
        return items.stream().map(SameAsRedisTest::show).toList().toString();
    }

    private String command(String... words) throws IOException {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        return read();
    }

    private String read() throws IOException {
        int type = in.read();
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\r'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the real server is gone");
            }
            line.append((char) b);
        }
        in.read();
        switch (type) {
            case '$' -> {
                int length = Integer.parseInt(line.toString());
                if (length < 0) {
                    return "nil";
                }
                byte[] bytes = in.readNBytes(length);
                in.readNBytes(2);
                return "$" + new String(bytes, StandardCharsets.ISO_8859_1);
            }
            case '*' -> {
                int count = Integer.parseInt(line.toString());
                if (count < 0) {
                    return "nil";
                }
                List<String> items = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    items.add(read());
                }
                return items.toString();
            }
            default -> {
                return (char) type + line.toString();
            }
        }
    }
}
