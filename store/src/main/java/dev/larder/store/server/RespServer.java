package dev.larder.store.server;

import dev.larder.store.StoreConfig;
import dev.larder.store.engine.Engine;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.util.ArrayList;
import java.util.List;

/**
 * A shard on the network: one verticle, so one event loop, that owns one engine and every
 * connection to it. Commands therefore need no lock, and one batch of requests one write.
 */
public final class RespServer extends AbstractVerticle {
    private static final long HOUSEKEEPING_MILLIS = 100;

    /** How long expired keys are removed at a stretch: well under the millisecond promised. */
    private static final long SWEEP_NANOS = 500_000;

    /** How long a snapshot is written at a stretch. */
    private static final long BACKGROUND_NANOS = 400_000;

    private final StoreConfig config;
    private final Engine engine;
    private final List<Connection> unflushed = new ArrayList<>();
    private NetServer server;
    private byte[] scratch = new byte[64 * 1024];
    private long deadlineTimer = -1;
    private long deadlineTimerAt;
    private boolean busyInBackground;

    public RespServer(StoreConfig config, Engine engine) {
        this.config = config;
        this.engine = engine;
    }

    @Override
    public void start(Promise<Void> started) {
        engine.onDeadline(this::deadline);
        engine.afterServing(this::flushAll);
        NetServerOptions options =
                new NetServerOptions()
                        .setHost(config.text("bind").split("\\s+")[0])
                        .setPort(config.port())
                        .setTcpNoDelay(true)
                        .setAcceptBacklog((int) config.integer("tcp-backlog"));
        server = vertx.createNetServer(options).connectHandler(this::accept);
        server.listen()
                .onSuccess(
                        _ -> {
                            vertx.setPeriodic(HOUSEKEEPING_MILLIS, _ -> housekeep());
                            started.complete();
                        })
                .onFailure(started::fail);
    }

    /** The port it listens on, also where 0 was asked for. */
    public int port() {
        return server.actualPort();
    }

    private void accept(NetSocket socket) {
        NetSocketInternal internal = (NetSocketInternal) socket;
        ChannelHandlerContext vertxHandler = internal.channelHandlerContext();
        engine.clock().refresh();
        Connection connection =
                new Connection(
                        this,
                        engine,
                        engine.newClientId(),
                        socket.remoteAddress().toString(),
                        socket.localAddress().toString());
        if (engine.clients().size() >= config.clientsMax()) {
            engine.statistics().rejectedConnection();
            connection.refuse(vertxHandler, "ERR max number of clients reached");
            return;
        }
        // Ahead of Vert.x' own handler: the bytes are read where they are, without a copy into a
        // Buffer, and answered by one write.
        vertxHandler.pipeline().addBefore(vertxHandler.name(), "resp", connection.inbound());
    }

    /** Memory for the bytes of one read, shared by all connections, since one is read at a time. */
    byte[] scratch(int atLeast) {
        if (scratch.length < atLeast) {
            scratch = new byte[Integer.highestOneBit(atLeast - 1) << 1];
        }
        return scratch;
    }

    /** Remembers that a connection has something to send. */
    void unflushed(Connection connection) {
        unflushed.add(connection);
    }

    /** Sends what any connection has to send. */
    void flushAll() {
        engine.endBatch();
        for (int i = 0; i < unflushed.size(); i++) {
            unflushed.get(i).flush();
        }
        unflushed.clear();
    }

    private void housekeep() {
        engine.clock().refresh();
        engine.statistics().sample();
        engine.expireWaiting();
        if (engine.sweepExpired(SWEEP_NANOS)) {
            vertx.runOnContext(_ -> sweepOn());
        }
        if (!busyInBackground) {
            workInBackground();
        }
        flushAll();
    }

    private void workInBackground() {
        busyInBackground = engine.workInBackground(BACKGROUND_NANOS);
        if (busyInBackground) {
            vertx.setTimer(
                    1,
                    _ -> {
                        engine.clock().refresh();
                        workInBackground();
                        flushAll();
                    });
        }
    }

    /** Goes on with the sweep after the requests that have come meanwhile. */
    private void sweepOn() {
        engine.clock().refresh();
        if (engine.sweepExpired(SWEEP_NANOS)) {
            vertx.setTimer(1, _ -> sweepOn());
        }
        flushAll();
    }

    /** Wakes up when the next waiting client's time is over. */
    private void deadline(long at) {
        if (deadlineTimer >= 0 && deadlineTimerAt <= at) {
            return;
        }
        if (deadlineTimer >= 0) {
            vertx.cancelTimer(deadlineTimer);
        }
        deadlineTimerAt = at;
        deadlineTimer =
                vertx.setTimer(
                        Math.max(1, at - engine.clock().millis()),
                        _ -> {
                            deadlineTimer = -1;
                            engine.clock().refresh();
                            engine.expireWaiting();
                            flushAll();
                        });
    }

    @Override
    public void stop(Promise<Void> stopped) {
        engine.clock().refresh();
        engine.stopping();
        for (var client : List.copyOf(engine.clients().values())) {
            client.closeNow();
        }
        if (server == null) {
            stopped.complete();
        } else {
            server.close().onComplete(stopped);
        }
    }
}
