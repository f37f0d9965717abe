package dev.larder.store.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The same command to our store and to a real server, and their answers compared. */
final class BothServers implements AutoCloseable {
    private static final long START_NANOS_MAX = 10_000_000_000L;

    private final Process process;
    private final int port;
    private final Connection real;
    private final Store store;
    private final Connection ours;

    /** One connection; replies are read as a line of text, or a list of such for an aggregate. */
    private static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;
        private final OutputStream out;

        Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            this.out = socket.getOutputStream();
        }

        Object ask(List<String> words) throws IOException {
            send(words);
            return read();
        }

        void send(List<String> words) throws IOException {
            StringBuilder request = new StringBuilder("*" + words.size() + "\r\n");
            for (String word : words) {
                request.append('$').append(word.length()).append("\r\n");
                request.append(word).append("\r\n");
            }
            out.write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        Object read() throws IOException {
            String line = line();
            return switch (line.charAt(0)) {
                case '$', '=' -> {
                    int length = Integer.parseInt(line.substring(1));
                    if (length < 0) {
                        yield line;
                    }
                    byte[] bytes = new byte[length + 2];
                    in.readFully(bytes);
                    String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
                    yield "$" + (text.equals("-0") ? "0" : text);
                }
                case '*', '~', '>', '%' -> {
                    int count = Integer.parseInt(line.substring(1));
                    if (count < 0) {
                        yield line;
                    }
                    List<Object> items = new ArrayList<>();
                    items.add(line.substring(0, 1));
                    for (int i = 0; i < (line.charAt(0) == '%' ? 2 * count : count); i++) {
                        items.add(read());
                    }
                    yield items;
                }
                case ',' -> "," + number(line.substring(1));
                default -> line;
            };
        }

        /** The two print the same double with more or fewer digits. */
        private static double number(String text) {
            return switch (text) {
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(text) + 0.0;
            };
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            int b;
            while ((b = in.read()) != '\r') {
                if (b < 0) {
                    throw new EOFException("the server has closed the connection");
                }
                line.append((char) b);
            }
            in.readByte();
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** The real server where it is installed: redis-server on the PATH. */
    static Optional<Path> installed() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "redis-server"))
                .filter(file -> file.toFile().canExecute())
                .findFirst();
    }

    BothServers(Path server) throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        process =
                new ProcessBuilder(
                                server.toString(),
                                "--port",
                                Integer.toString(port),
                                "--bind",
                                "127.0.0.1",
                                "--save",
                                "")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        real = new Connection(connect(port));
        store = Store.start(new StoreConfig().with("port", 0));
        ours = new Connection(connect(store.port()));
    }

    private static Socket connect(int port) throws IOException {
        long deadline = System.nanoTime() + START_NANOS_MAX;
        while (true) {
            try {
                return new Socket("127.0.0.1", port);
            } catch (ConnectException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    /** A command as a line, its words apart by blanks; {@code ""} is the empty word. */
    void say(String line) {
        say(words(line), UnaryOperator.identity());
    }

    private static List<String> words(String line) {
        return Stream.of(line.split(" ")).map(word -> word.equals("\"\"") ? "" : word).toList();
    }

    void say(List<String> words, UnaryOperator<Object> view) {
        try {
            Object theirs = view.apply(real.ask(words));
            assertThat(view.apply(ours.ask(words))).as(String.join(" ", words)).isEqualTo(theirs);
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", words), e);
        }
    }

    /** Two more connections, one to each, whose command has been sent and waits. */
    final class Waiter implements AutoCloseable {
        private final Connection theirs;
        private final Connection mine;

        private Waiter(String line) throws IOException {
            theirs = new Connection(connect(port));
            mine = new Connection(connect(store.port()));
            theirs.send(words(line));
            mine.send(words(line));
            awaitBlocked(real);
            awaitBlocked(ours);
        }

        private void awaitBlocked(Connection server) throws IOException {
            long deadline = System.nanoTime() + START_NANOS_MAX;
            while (!server.ask(List.of("INFO", "clients"))
                    .toString()
                    .contains("blocked_clients:1")) {
                assertThat(System.nanoTime()).as("still nobody waits").isLessThan(deadline);
            }
        }

        void sameAnswer() throws IOException {
            assertThat(mine.read()).isEqualTo(theirs.read());
        }

        @Override
        public void close() throws IOException {
            theirs.close();
            mine.close();
        }
    }

    Waiter waiter(String line) throws IOException {
        return new Waiter(line);
    }

    /** A command to our store alone; for what the real server, being older, has not got. */
    Object askOurs(String line) throws IOException {
        return ours.ask(words(line));
    }

    @Override
    public void close() throws IOException {
        ours.close();
        store.close();
        real.close();
        process.destroy();
    }
}
