package dev.larder.store.compat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection that reads replies as the bytes they are: one whole reply at a time. */
public final class Wire implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;

    public Wire(int port) throws IOException {
        socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
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
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.ISO_8859_1);
            request.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            request.writeBytes(bytes);
            request.writeBytes(new byte[] {'\r', '\n'});
        }
        out.write(request.toByteArray());
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
        StringBuilder reply = new StringBuilder();
        read(reply);
        return reply.toString();
    }

    private void read(StringBuilder into) throws IOException {
        String line = line();
        into.append(line).append("\r\n");
        char kind = line.charAt(0);
        switch (kind) {
            case '$', '=', '!' -> {
                int length = Integer.parseInt(line.substring(1));
                if (length >= 0) {
                    byte[] bytes = in.readNBytes(length + 2);
                    into.append(new String(bytes, StandardCharsets.ISO_8859_1));
                }
            }
            case '*', '~', '>' -> readItems(into, Integer.parseInt(line.substring(1)));
            case '%' -> readItems(into, 2 * Integer.parseInt(line.substring(1)));
            default -> {}
        }
    }

    private void readItems(StringBuilder into, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            read(into);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int b;
        while ((b = in.read()) != '\r') {
            if (b < 0) {
                throw new java.io.EOFException("closed after '" + line + "'");
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
