package dev.larder.store.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.EventLoopTaskQueueFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.util.concurrent.DefaultEventExecutorChooserFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import io.netty.util.internal.PlatformDependent;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.transport.Transport;
import java.net.SocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The event loop of a store, as one whose waiting tasks can be run from within a task that takes
 * long: among them are the connections that were accepted meanwhile. In all else it is the event
 * loop that Vert.x would have made.
 */
public final class Loops {
    private static final Logger LOG = Logger.getLogger(Loops.class.getName());

    /** More tasks than this are not run at once; the rest comes the next time. */
    private static final int TASKS_AT_ONCE_MAX = 256;

    private final Transport transport;
    private volatile Queue<Runnable> tasks;

    /** One loop for all connections, on the system's own way of waiting where there is one. */
    public Loops() {
        Transport natural = VertxBuilder.nativeTransport();
        transport = natural != null && natural.isAvailable() ? natural : JDKTransport.INSTANCE;
    }

    /** Starts the loop. */
    public Vertx start(VertxOptions options) {
        return new VertxBuilder(options).findTransport(new Wrapped()).init().vertx();
    }

    /** Runs what waits for the loop's thread; to be called on that thread alone. */
    void runWaiting() {
        Queue<Runnable> queue = tasks;
        if (queue == null) {
            return;
        }
        Runnable task;
        for (int i = 0; i < TASKS_AT_ONCE_MAX && (task = queue.poll()) != null; i++) {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a task of the event loop failed", e);
            }
        }
    }

    private EventLoopGroup loop(ThreadFactory threads, int ioRatio) {
        Executor executor = new ThreadPerTaskExecutor(threads);
        EventLoopTaskQueueFactory queues =
                _ -> {
                    tasks = PlatformDependent.newMpscQueue();
                    return tasks;
                };
        if (transport == JDKTransport.INSTANCE) {
            NioEventLoopGroup group =
                    new NioEventLoopGroup(
                            1,
                            executor,
                            DefaultEventExecutorChooserFactory.INSTANCE,
                            SelectorProvider.provider(),
                            DefaultSelectStrategyFactory.INSTANCE,
                            RejectedExecutionHandlers.reject(),
                            queues);
            group.setIoRatio(ioRatio);
            return group;
        }
        EpollEventLoopGroup group =
                new EpollEventLoopGroup(
                        1,
                        executor,
                        DefaultEventExecutorChooserFactory.INSTANCE,
                        DefaultSelectStrategyFactory.INSTANCE,
                        RejectedExecutionHandlers.reject(),
                        queues);
        group.setIoRatio(ioRatio);
        return group;
    }

    /** The system's transport, but for the loop of the connections. */
    private final class Wrapped implements Transport {
        @Override
        public EventLoopGroup eventLoopGroup(
                int type, int count, ThreadFactory threads, int ioRatio) {
            boolean known =
                    transport == JDKTransport.INSTANCE
                            || transport instanceof io.vertx.core.impl.transports.EpollTransport;
            return type == IO_EVENT_LOOP_GROUP && count == 1 && known
                    ? loop(threads, ioRatio)
                    : transport.eventLoopGroup(type, count, threads, ioRatio);
        }

        @Override
        public boolean supportsDomainSockets() {
            return transport.supportsDomainSockets();
        }

        @Override
        public boolean supportFileRegion() {
            return transport.supportFileRegion();
        }

        @Override
        public boolean isAvailable() {
            return transport.isAvailable();
        }

        @Override
        public Throwable unavailabilityCause() {
            return transport.unavailabilityCause();
        }

        @Override
        public SocketAddress convert(io.vertx.core.net.SocketAddress address) {
            return transport.convert(address);
        }

        @Override
        public io.vertx.core.net.SocketAddress convert(SocketAddress address) {
            return transport.convert(address);
        }

        @Override
        public DatagramChannel datagramChannel() {
            return transport.datagramChannel();
        }

        @Override
        public DatagramChannel datagramChannel(InternetProtocolFamily family) {
            return transport.datagramChannel(family);
        }

        @Override
        public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
            return transport.channelFactory(domainSocket);
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return transport.serverChannelFactory(domainSocket);
        }

        @Override
        public void configure(DatagramChannel channel, DatagramSocketOptions options) {
            transport.configure(channel, options);
        }

        @Override
        public void configure(
                ClientOptionsBase options,
                boolean domainSocket,
                io.netty.bootstrap.Bootstrap bootstrap) {
            transport.configure(options, domainSocket, bootstrap);
        }

        @Override
        public void configure(
                NetServerOptions options,
                boolean domainSocket,
                io.netty.bootstrap.ServerBootstrap bootstrap) {
            transport.configure(options, domainSocket, bootstrap);
        }
    }
}
