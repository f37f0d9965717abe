package dev.larder.store.server;

import dev.larder.store.StoreConfig;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.ClientCommands;
import dev.larder.store.engine.Engine;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;

/**
 * A shard on the network: one verticle, so one event loop, that owns one engine and every
 * connection to it. Commands therefore need no lock, and one batch of requests one write.
 */
public final class RespServer extends AbstractVerticle {
    private static final Logger LOG = Logger.getLogger(RespServer.class.getName());

    private static final long HOUSEKEEPING_MILLIS = 100;

    /** How long expired keys are removed at a stretch: well under the millisecond promised. */
    private static final long SWEEP_NANOS = 500_000;

    /** How long a snapshot is written at a stretch. */
    private static final long BACKGROUND_NANOS = 400_000;

    private static final int CHECKS_PER_SECOND = (int) (1000 / HOUSEKEEPING_MILLIS);
    private static final int CHECKED_AT_ONCE_MIN = 5;

    /** Unsent replies of a client that never matter, and the parts of the heap that do. */
    private static final long UNSENT_ALWAYS_BYTES = 1 << 20;

    private static final int UNSENT_OF_ONE = 8;
    private static final int UNSENT_OF_ALL = 4;

    private final StoreConfig config;
    private final Engine engine;
    private final Loops loops;
    private final List<Connection> unflushed = new ArrayList<>();
    private final OutputLimits outputLimits;
    private int repliesUnwatchedBytes;
    private final Deque<Client> checking = new ArrayDeque<>();
    private int checkedAtOnce;
    private Listeners listeners;
    private byte[] scratch = new byte[64 * 1024];
    private long deadlineTimer = -1;
    private long deadlineTimerAt;
    private boolean busyInBackground;
    private byte[] scratchBeside;
    private boolean beside;
    private boolean flushesSoon;
    private final Runnable flushing = this::flushNow;

    public RespServer(StoreConfig config, Engine engine, Loops loops) {
        this.config = config;
        this.engine = engine;
        this.loops = loops;
        this.outputLimits = new OutputLimits(config);
        watchReplies();
        config.onChange("client-output-buffer-limit", _ -> watchReplies());
    }

    private void watchReplies() {
        repliesUnwatchedBytes =
                (int) Math.min(Connection.PIECE_BYTES, outputLimits.leastBytes() - 1);
    }

    @Override
    public void start(Promise<Void> started) {
        engine.onDeadline(this::deadline);
        engine.afterServing(this::flushAll);
        engine.onBusy(this::serveBeside);
        listeners = new Listeners(vertx, config, this::accept);
        listeners
                .listen()
                .onSuccess(
                        _ -> {
                            vertx.setPeriodic(HOUSEKEEPING_MILLIS, _ -> housekeep());
                            started.complete();
                        })
                .onFailure(started::fail);
    }

    /** The port it listens on, also where 0 was asked for. */
    public int port() {
        return listeners.port();
    }

    private void accept(NetSocket socket) {
        NetSocketInternal internal = (NetSocketInternal) socket;
        ChannelHandlerContext vertxHandler = internal.channelHandlerContext();
        engine.clock().refresh();
        SocketAddress from = vertxHandler.channel().remoteAddress();
        Connection connection =
                new Connection(
                        this,
                        engine,
                        engine.newClientId(),
                        text(from),
                        text(vertxHandler.channel().localAddress()));
        if (ProtectedMode.refuses(config, engine.acl().defaultUser(), from)) {
            engine.statistics().rejectedConnection();
            connection.refuse(vertxHandler, ProtectedMode.REFUSAL);
            return;
        }
        if (engine.clients().size() >= config.clientsMax()) {
            engine.statistics().rejectedConnection();
            connection.refuse(vertxHandler, "ERR max number of clients reached");
            return;
        }
        keepAlive(vertxHandler.channel());
        // Ahead of Vert.x' own handler: the bytes are read where they are, without a copy into a
        // Buffer, and answered by one write.
        vertxHandler.pipeline().addBefore(vertxHandler.name(), "resp", connection.inbound());
    }

    /** An address as CLIENT LIST writes it: {@code 127.0.0.1:6379}, {@code /tmp/socket:0}. */
    private String text(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? NetUtil.toSocketAddressString(internet)
                : config.text("unixsocket") + ":0";
    }

    private void keepAlive(Channel channel) {
        int seconds = (int) config.integer("tcp-keepalive");
        if (seconds == 0 || !(channel.remoteAddress() instanceof InetSocketAddress)) {
            return;
        }
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, seconds);
            channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, Math.max(1, seconds / 3));
            channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, 3);
        }
    }

    OutputLimits outputLimits() {
        return outputLimits;
    }

    /** Replies of up to so many bytes need not be looked at: they are sent after the batch. */
    int repliesUnwatchedBytes() {
        return repliesUnwatchedBytes;
    }

    /**
     * Whether a client with {@code unsent} bytes of replies to read is asked nothing more until it
     * has read some: where it alone, or all together, take too much of the heap. A client that
     * writes a long pipeline before it reads has thus much room, but not without end.
     */
    boolean isTooMuch(long unsent) {
        if (unsent < UNSENT_ALWAYS_BYTES) {
            return false;
        }
        long heap = Runtime.getRuntime().maxMemory();
        if (unsent > heap / UNSENT_OF_ONE) {
            return true;
        }
        long all = 0;
        for (Client client : engine.clients().values()) {
            if (client instanceof Connection connection) {
                all += connection.unsentBytes();
            }
        }
        return all > heap / UNSENT_OF_ALL;
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

    /**
     * Sends what any connection has to send once all that were ready to be read have been read: one
     * round of writes for one round of reads, as redis-server does before it sleeps.
     */
    void flushSoon(EventExecutor loop) {
        if (!flushesSoon) {
            flushesSoon = true;
            loop.execute(flushing);
        }
    }

    private void flushNow() {
        flushesSoon = false;
        flushAll();
    }

    /** Sends what any connection has to send. */
    void flushAll() {
        if (!beside) {
            engine.endBatch();
        }
        for (int i = 0; i < unflushed.size(); i++) {
            unflushed.get(i).flush();
        }
        unflushed.clear();
    }

    /**
     * Serves all connections but one, whose command keeps this very thread: takes in who has come,
     * reads what has been sent, and answers it. What is read for them must not lie where the words
     * of that command lie.
     */
    private void serveBeside(Client busy) {
        byte[] ofBusy = scratch;
        scratch = scratchBeside == null ? new byte[64 * 1024] : scratchBeside;
        beside = true;
        try {
            loops.runWaiting();
            for (Client client : List.copyOf(engine.clients().values())) {
                if (client != busy && client instanceof Connection connection) {
                    connection.readNow();
                }
            }
            flushAll();
        } finally {
            beside = false;
            scratchBeside = scratch;
            scratch = ofBusy;
        }
    }

    /** Ends a command that keeps the thread, so that the server can stop; from any thread. */
    public void stopSoon() {
        engine.halt();
    }

    private void housekeep() {
        engine.clock().refresh();
        engine.statistics().sample();
        engine.expireWaiting();
        checkClients(engine.clock().millis());
        evictClients();
        if (engine.sweepExpired(SWEEP_NANOS)) {
            vertx.runOnContext(_ -> sweepOn());
        }
        if (!busyInBackground) {
            workInBackground();
        }
        flushAll();
    }

    /** Looks after a part of the clients, so that each has its turn about once a second. */
    private void checkClients(long now) {
        if (checking.isEmpty()) {
            checking.addAll(engine.clients().values());
            checkedAtOnce = Math.max(CHECKED_AT_ONCE_MIN, checking.size() / CHECKS_PER_SECOND + 1);
        }
        long idleSecondsMax = config.idleSecondsMax();
        for (int i = 0; i < checkedAtOnce && !checking.isEmpty(); i++) {
            if (checking.poll() instanceof Connection connection) {
                connection.check(now, idleSecondsMax);
            }
        }
    }

    /** Closes those who take most, while all clients together take more than they may. */
    private void evictClients() {
        long most = config.integer("maxmemory-clients");
        if (most < 0) {
            most = config.integer("maxmemory") * -most / 100;
        }
        if (most == 0) {
            return;
        }
        Map<Client, Long> taken = new HashMap<>();
        long all = 0;
        for (Client client : engine.clients().values()) {
            long bytes = ClientCommands.memoryBytes(client);
            if (!client.isKept() && !client.isReplica() && !client.isClosing()) {
                taken.put(client, bytes);
                all += bytes;
            }
        }
        while (all > most && !taken.isEmpty()) {
            Map.Entry<Client, Long> largest =
                    Collections.max(taken.entrySet(), Map.Entry.comparingByValue());
            all -= largest.getValue();
            Client client = largest.getKey();
            taken.remove(client);
            LOG.warning("evicting client " + client.line(engine.clock().millis()));
            engine.statistics().evictedClient();
            client.closeNow();
        }
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
        if (listeners == null) {
            stopped.complete();
        } else {
            listeners.close().onComplete(stopped);
        }
    }
}
