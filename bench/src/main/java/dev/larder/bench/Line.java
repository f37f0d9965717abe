package dev.larder.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/** One blocking connection: to ask a server something, and to fill it before it is measured. */
final class Line implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 120_000;
    private static final int BATCH = 1_000;

    /** Writes the requests of one item and answers how many replies they get. */
    @FunctionalInterface
    interface Filling {
        int write(long item, Words into);
    }

    private final Socket socket = new Socket();
    private final BufferedInputStream in;

    Line(String host, int port) throws IOException {
        socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    /** The reply as text: of a bulk its content, of an array its items one a line. */
    String ask(String... words) throws IOException {
        socket.getOutputStream().write(new Words().all(words).toBytes());
        String reply = read();
        if (reply.startsWith("-")) {
            throw new Refusal(String.join(" ", words) + " was answered " + reply);
        }
        return reply;
    }

    /** Sends the requests of items 0 to count - 1, many at a time. */
    void fill(long count, Filling filling, LongConsumer progress) throws IOException {
        Words words = new Words();
        Replies replies = new Replies();
        byte[] buffer = new byte[1 << 16];
        for (long item = 0; item < count; ) {
            int awaited = 0;
            for (long end = Math.min(count, item + BATCH); item < end; item++) {
                awaited += filling.write(item, words);
            }
            ByteBuffer unsent = words.unsent();
            socket.getOutputStream().write(unsent.array(), unsent.position(), unsent.remaining());
            words.sent(unsent.remaining());
            while (awaited > 0) {
                int length = in.read(buffer);
                if (length < 0) {
                    throw new EOFException("the server closed the connection while it was filled");
                }
                awaited -= replies.count(ByteBuffer.wrap(buffer, 0, length));
            }
            if (replies.error() != null) {
                throw new Refusal("filling the server was answered -" + replies.error());
            }
            progress.accept(item);
        }
    }

    private String read() throws IOException {
        String line = line();
        char kind = line.isEmpty() ? ' ' : line.charAt(0);
        return switch (kind) {
            case '$' -> {
                int length = Integer.parseInt(line.substring(1));
                yield length < 0
                        ? ""
                        : new String(in.readNBytes(length + 2), StandardCharsets.UTF_8).strip();
            }
            case '*' -> {
                StringBuilder all = new StringBuilder();
                for (int i = Integer.parseInt(line.substring(1)); i > 0; i--) {
                    all.append(read()).append('\n');
                }
                yield all.toString();
            }
            case '-' -> line;
            default -> line.substring(Math.min(1, line.length()));
        };
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int b;
        while ((b = in.read()) != '\r') {
            if (b < 0) {
                throw new EOFException("the server closed the connection");
            }
            line.append((char) b);
        }
        in.read();
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
