package dev.larder.store.compat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection that reads replies as the bytes they are: one whole reply at a time. */
public final class Wire implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    /** What has been received: the reply that is being read begins at {@code begin}. */
    private byte[] received = new byte[1 << 14];

    private int begin;
    private int at;
    private int end;

    public Wire(int port) throws IOException {
        socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = new java.io.BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    }

    public void send(String... words) throws IOException {
        post(words);
        flush();
    }

    void flush() throws IOException {
        out.flush();
    }

    /** Is sent when it is flushed. */
    void post(String... words) throws IOException {
        head('*', words.length);
        for (String word : words) {
            head('$', word.length());
            out.write(word.getBytes(StandardCharsets.ISO_8859_1));
            end();
        }
    }

    private void head(char kind, int number) throws IOException {
        out.write(kind);
        out.write(Integer.toString(number).getBytes(StandardCharsets.ISO_8859_1));
        end();
    }

    private void end() throws IOException {
        out.write('\r');
        out.write('\n');
    }

    void sendRaw(String bytes) throws IOException {
        out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    public String ask(String... words) throws IOException {
        send(words);
        return reply();
    }

    /** The bytes of the next reply, one character each. */
    public String reply() throws IOException {
        begin = at;
        for (long left = 1; left > 0; left--) {
            int line = at - begin;
            skipLine();
            byte kind = received[begin + line];
            switch (kind) {
                case '$', '=', '!' -> {
                    int length = number(line + 1);
                    if (length >= 0) {
                        skip(length + 2);
                    }
                }
                case '*', '~', '>' -> left += Math.max(0, number(line + 1));
                case '%' -> left += 2L * number(line + 1);
                default -> {}
            }
        }
        return new String(received, begin, at - begin, StandardCharsets.ISO_8859_1);
    }

    /** The number from there, counted from the begin of the reply, to the end of the line. */
    private int number(int from) {
        return Integer.parseInt(
                new String(
                        received,
                        begin + from,
                        at - 2 - begin - from,
                        StandardCharsets.ISO_8859_1));
    }

    private void skipLine() throws IOException {
        while (true) {
            for (; at < end; at++) {
                if (received[at] == '\r') {
                    skip(2);
                    return;
                }
            }
            receive();
        }
    }

    private void skip(int bytes) throws IOException {
        while (end - at < bytes) {
            receive();
        }
        at += bytes;
    }

    private void receive() throws IOException {
        if (end == received.length) {
            int length = end - begin;
            byte[] next = length > received.length / 2 ? new byte[2 * received.length] : received;
            System.arraycopy(received, begin, next, 0, length);
            received = next;
            at -= begin;
            end = length;
            begin = 0;
        }
        int read = in.read(received, end, received.length - end);
        if (read < 0) {
            String rest = new String(received, begin, end - begin, StandardCharsets.ISO_8859_1);
            throw new EOFException("closed after '" + rest + "'");
        }
        end += read;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
