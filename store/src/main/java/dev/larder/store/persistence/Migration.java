package dev.larder.store.persistence;

import dev.larder.store.keyspace.Clock;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Connections to other servers that keys are moved to. They are kept for some seconds, for keys
 * seldom move alone. Moving blocks the caller, as on the real servers: between the copy there and
 * the removal here nobody may see or change the key.
 */
final class Migration {
    private static final int LINKS_MAX = 64;
    private static final long IDLE_MILLIS = 10_000;
    private static final int LINE_MAX = 1024;

    /** One connection, and the database that is selected on it; -1 for not known. */
    static final class Link implements Closeable {
        private final Socket socket = new Socket();
        private InputStream in;
        private long usedAt;
        long database = -1;

        private void connect(String host, int port, int timeoutMillis) throws IOException {
            socket.connect(new InetSocketAddress(host, port), timeoutMillis);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        }

        void timeout(int millis) throws IOException {
            socket.setSoTimeout(millis);
        }

        void send(Request request) throws IOException {
            request.bytes.writeTo(socket.getOutputStream());
        }

        /** The next line of an answer. */
        String line() throws IOException {
            StringBuilder line = new StringBuilder();
            int b;
            while ((b = in.read()) != '\n') {
                if (b < 0) {
                    throw new EOFException("closed by the target");
                }
                if (b != '\r' && line.length() < LINE_MAX) {
                    line.append((char) b);
                }
            }
            return line.toString();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                Persistence.LOG.fine(() -> "closing a connection: " + e);
            }
        }
    }

    /** Commands for the other server, one after another. */
    static final class Request {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /** Adds a command; each word is a {@code byte[]} or printed. */
        void add(List<?> words) {
            print("*" + words.size() + "\r\n");
            for (Object word : words) {
                byte[] text =
                        word instanceof byte[] raw
                                ? raw
                                : word.toString().getBytes(StandardCharsets.UTF_8);
                print("$" + text.length + "\r\n");
                bytes.writeBytes(text);
                print("\r\n");
            }
        }

        private void print(String text) {
            bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private final Clock clock;
    private final Map<String, Link> links = new LinkedHashMap<>();

    Migration(Clock clock) {
        this.clock = clock;
    }

    /** How many connections are kept. */
    int links() {
        return links.size();
    }

    private static String name(String host, int port) {
        return host + ":" + port;
    }

    /** The connection to a server, made where there is none. */
    Link link(String host, int port, int timeoutMillis) throws IOException {
        Link link = links.get(name(host, port));
        if (link == null) {
            if (links.size() == LINKS_MAX) {
                Iterator<Link> oldest = links.values().iterator();
                oldest.next().close();
                oldest.remove();
            }
            link = new Link();
            try {
                link.connect(host, port, timeoutMillis);
            } catch (IOException e) {
                link.close();
                throw e;
            }
            links.put(name(host, port), link);
        }
        link.usedAt = clock.millis();
        link.timeout(timeoutMillis);
        return link;
    }

    void close(String host, int port) {
        Link link = links.remove(name(host, port));
        if (link != null) {
            link.close();
        }
    }

    /** Closes what was not used for a while. */
    void closeIdle() {
        links.values()
                .removeIf(
                        link -> {
                            boolean idle = clock.millis() - link.usedAt > IDLE_MILLIS;
                            if (idle) {
                                link.close();
                            }
                            return idle;
                        });
    }

    void closeAll() {
        links.values().forEach(Link::close);
        links.clear();
    }
}
