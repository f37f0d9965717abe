package dev.larder.laboratory;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A port of this machine that stands in for a server, passing bytes on as they are. It can be told
 * to be slow (every answer arrives later by so much) or down (connections are cut and new ones
 * closed at the door), for its own callers only: whoever talks to the server directly notices
 * nothing.
 *
 * <p>Both ends of a connection live on one event loop, so their state needs no lock. What waits in
 * between is bounded: an end that writes faster than the other one reads is paused.
 */
final class Relay implements AutoCloseable {

    /** What one connection may hold back while it is slow. */
    private static final int LATE_BYTES_MAX = 256 * 1024;

    private static final int CONNECT_MILLIS = 1_000;
    private static final int BEGIN_SECONDS = 5;

    /** How the way to the server is. */
    enum State {
        OK,
        SLOW,
        DOWN
    }

    private record Weather(State state, int millis) {}

    private final Vertx vertx;
    private final NetServer server;
    private final NetClient client;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private volatile Weather weather = new Weather(State.OK, 0);

    /** Blocks until it listens, on a port that is free. */
    Relay(Vertx vertx, String host, int port) {
        this.vertx = vertx;
        client =
                vertx.createNetClient(
                        new NetClientOptions()
                                .setConnectTimeout(CONNECT_MILLIS)
                                .setTcpNoDelay(true));
        server =
                vertx.createNetServer(new NetServerOptions().setTcpNoDelay(true))
                        .connectHandler(caller -> meet(caller, host, port));
        CompletableFuture<NetServer> listening =
                server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture();
        try {
            listening.get(BEGIN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new IllegalStateException("a relay finds no port to listen on", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new IllegalStateException("interrupted while a relay began", e);
        }
    }

    int port() {
        return server.actualPort();
    }

    int connections() {
        return pairs.size();
    }

    /**
     * @param millis added to each answer while slow
     */
    void become(State state, int millis) {
        weather = new Weather(state, state == State.SLOW ? millis : 0);
        if (state == State.DOWN) {
            pairs.forEach(Pair::cut);
        }
    }

    private void meet(NetSocket caller, String host, int port) {
        if (weather.state == State.DOWN) {
            caller.close();
            return;
        }
        caller.pause();
        AtomicBoolean gone = new AtomicBoolean();
        caller.closeHandler(closed -> gone.set(true));
        client.connect(port, host)
                .onFailure(away -> caller.close())
                .onSuccess(
                        callee -> {
                            if (gone.get()) {
                                callee.close();
                            } else {
                                new Pair(caller, callee).begin();
                            }
                        });
    }

    @Override
    public void close() {
        server.close();
        pairs.forEach(Pair::cut);
        client.close();
    }

    /** A caller and the server it was connected to. */
    private final class Pair {
        private final NetSocket caller;
        private final NetSocket callee;
        private final ArrayDeque<Late> late = new ArrayDeque<>();
        private int lateBytes;
        private boolean ending;

        private record Late(Buffer bytes, long dueNanos) {}

        Pair(NetSocket caller, NetSocket callee) {
            this.caller = caller;
            this.callee = callee;
        }

        void begin() {
            pairs.add(this);
            caller.handler(bytes -> pass(bytes, caller, callee));
            callee.handler(this::answer);
            caller.exceptionHandler(broken -> cut());
            callee.exceptionHandler(broken -> cut());
            caller.closeHandler(gone -> cut());
            callee.closeHandler(gone -> end());
            if (weather.state == State.DOWN) {
                cut();
                return;
            }
            caller.resume();
        }

        private void answer(Buffer bytes) {
            long millis = weather.millis;
            if (millis == 0 && late.isEmpty()) {
                pass(bytes, callee, caller);
                return;
            }
            long delay = TimeUnit.MILLISECONDS.toNanos(millis);
            late.add(new Late(bytes, System.nanoTime() + delay));
            lateBytes += bytes.length();
            if (lateBytes > LATE_BYTES_MAX) {
                callee.pause();
            }
            if (late.size() == 1) {
                deliverLater();
            }
        }

        private void deliverLater() {
            long wait = late.element().dueNanos - System.nanoTime();
            vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait)), timer -> deliver());
        }

        private void deliver() {
            // A timer counts whole milliseconds: what is due within one goes along.
            long now = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1);
            while (!late.isEmpty() && late.element().dueNanos - now <= 0) {
                Buffer bytes = late.remove().bytes;
                lateBytes -= bytes.length();
                caller.write(bytes);
            }
            if (caller.writeQueueFull()) {
                callee.pause();
                caller.drainHandler(drained -> callee.resume());
            } else if (lateBytes <= LATE_BYTES_MAX) {
                callee.resume();
            }
            if (!late.isEmpty()) {
                deliverLater();
            } else if (ending) {
                cut();
            }
        }

        /** The server has closed: what it said before is still delivered. */
        private void end() {
            ending = true;
            if (late.isEmpty()) {
                cut();
            }
        }

        private void cut() {
            if (pairs.remove(this)) {
                caller.close();
                callee.close();
            }
        }

        private static void pass(Buffer bytes, NetSocket from, NetSocket to) {
            to.write(bytes);
            if (to.writeQueueFull()) {
                from.pause();
                to.drainHandler(drained -> from.resume());
            }
        }
    }
}
