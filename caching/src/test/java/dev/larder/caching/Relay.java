package dev.larder.caching;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stands between a client and a server: cuts their connections, or keeps what the server says to
 * itself for a while, as a network does that has lost a route without telling anybody.
 */
final class Relay implements AutoCloseable {

    private final ServerSocket door;
    private final String host;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();
    private boolean held;
    private boolean refusing;

    private Relay(ServerSocket door, String host, int port) {
        this.door = door;
        this.host = host;
        this.port = port;
    }

    static Relay to(String url) {
        try {
            URI uri = URI.create(url);
            Relay relay =
                    new Relay(
                            new ServerSocket(0, 64, InetAddress.getLoopbackAddress()),
                            uri.getHost(),
                            uri.getPort());
            Thread.ofVirtual().start(relay::accepting);
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "redis://127.0.0.1:" + door.getLocalPort();
    }

    /** From now on nothing that the server says comes through; connections stay. */
    void hold() {
        lock.lock();
        try {
            held = true;
        } finally {
            lock.unlock();
        }
    }

    /** What was kept back comes through, in its order, and what follows. */
    void release() {
        lock.lock();
        try {
            held = false;
            refusing = false;
            opened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all connections; new ones are closed at once until {@link #release}. */
    void cutAndRefuse() {
        lock.lock();
        try {
            refusing = true;
        } finally {
            lock.unlock();
        }
        cut();
    }

    /** Ends all connections; new ones are welcome. */
    void cut() {
        sockets.forEach(Relay::quietly);
        sockets.clear();
    }

    private void accepting() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                lock.lock();
                boolean turnedAway = refusing;
                lock.unlock();
                if (turnedAway) {
                    client.close();
                    continue;
                }
                Socket server = new Socket(host, port);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> pump(client, server, false));
                Thread.ofVirtual().start(() -> pump(server, client, true));
            } catch (IOException e) {
                // The door is closed, or the server is: the client sees its connection end.
            }
        }
    }

    private void pump(Socket from, Socket to, boolean fromServer) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int read;
            while ((read = in.read(buffer)) > 0) {
                if (fromServer) {
                    untilReleased();
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException e) {
            // One of the two has gone; so does the other.
        } finally {
            quietly(from);
            quietly(to);
        }
    }

    private void untilReleased() {
        lock.lock();
        try {
            while (held) {
                opened.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void quietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        release();
        cut();
    }
}
