package dev.larder.caching;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Where the readers of this JVM wait to be woken by another one: one pub/sub connection per client,
 * however many wait for however many channels. Blocks its callers, which belong on virtual or
 * worker threads.
 *
 * <p>The way to wait without missing a wake: {@link #open}, which returns when the server has
 * confirmed that it listens; look whether there is anything to wait for; {@link Wait#await}; look
 * again. A message says only "look again": its content is not handed on.
 *
 * <p>The connection is made by the first wait and kept. When it is lost every waiter is woken, for
 * its message may have been lost too; whoever then waits on subscribes anew.
 */
final class Wakes {

    private static final Map<Redis, Wakes> ALL = new WeakHashMap<>();
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration SIGN_OF_LIFE_EVERY = Duration.ofSeconds(2);

    /** Weak, as the client is the key under which this lives. */
    private final WeakReference<Redis> redis;

    private final Object connecting = new Object();

    /** All below guarded by this. */
    private Line line;

    private final Map<String, Channel> channels = new HashMap<>();

    /** Null before the server has been asked; asked under {@code connecting}. */
    private volatile Boolean sharded;

    private Wakes(Redis redis) {
        this.redis = new WeakReference<>(redis);
    }

    /** The one of this client: caches over one client share it. */
    static Wakes of(Redis redis) {
        synchronized (ALL) {
            return ALL.computeIfAbsent(redis, Wakes::new);
        }
    }

    /** What waits at one channel, on one line. */
    private static final class Channel {
        final Line line;
        final Set<Wait> waits = new HashSet<>();
        CompletableFuture<Response> confirmed;

        Channel(Line line) {
            this.line = line;
        }
    }

    /**
     * Whether a wake is sent by {@code SPUBLISH} (the server knows sharded channels) or by {@code
     * PUBLISH}; who waits subscribes accordingly. Asked once.
     *
     * @throws StoreAwayException when it is not known yet and the server does not say
     */
    boolean sharded() {
        Boolean known = sharded;
        if (known != null) {
            return known;
        }
        synchronized (connecting) {
            if (sharded == null) {
                sharded = askWhetherSharded();
            }
            return sharded;
        }
    }

    /**
     * By what the server says of its commands. One that keeps this to itself gets plain channels,
     * which all servers have.
     */
    private boolean askWhetherSharded() {
        CompletableFuture<Response> asked =
                client().send(
                                Request.cmd(Command.COMMAND)
                                        .arg("INFO")
                                        .arg("ssubscribe")
                                        .arg("spublish"))
                        .toCompletionStage()
                        .toCompletableFuture();
        try {
            Response known = Waiting.forAnswer(asked, PATIENCE);
            return known != null
                    && known.size() == 2
                    && known.get(0) != null
                    && known.get(0).size() > 0
                    && known.get(1) != null
                    && known.get(1).size() > 0;
        } catch (StoreAwayException e) {
            if (e.getCause() instanceof Response) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Begins to listen; returns when the server has confirmed it. To be closed.
     *
     * @throws StoreAwayException when the server does not confirm within two seconds
     */
    Wait open(String channel) {
        Wait wait = new Wait(channel);
        try {
            wait.listen();
        } catch (StoreAwayException e) {
            wait.close();
            throw e;
        }
        return wait;
    }

    private Redis client() {
        Redis client = redis.get();
        if (client == null) {
            throw new IllegalStateException("the client of these waits is gone");
        }
        return client;
    }

    private Line line() {
        synchronized (connecting) {
            synchronized (this) {
                if (line != null && !line.isOver()) {
                    return line;
                }
            }
            Line[] mine = new Line[1];
            Line made = Line.open(client(), PATIENCE, this::heard, why -> lost(mine));
            synchronized (this) {
                mine[0] = made;
                line = made;
            }
            made.watch(SIGN_OF_LIFE_EVERY, PATIENCE, nanosAgo -> {});
            return made;
        }
    }

    private void heard(Response push) {
        if (push.size() < 2 || push.get(1) == null) {
            return;
        }
        // Unasked: the slot has moved to another node, and with it whoever publishes.
        boolean gone = push.get(0).toString().equals("sunsubscribe");
        String name = push.get(1).toString();
        synchronized (this) {
            Channel channel = gone ? channels.remove(name) : channels.get(name);
            if (channel != null) {
                channel.waits.forEach(Wait::wake);
            }
        }
    }

    private synchronized void lost(Line[] which) {
        // A line that is lost before it is known here has no channels either.
        channels.values()
                .removeIf(
                        channel -> {
                            if (channel.line != which[0]) {
                                return false;
                            }
                            channel.waits.forEach(Wait::wake);
                            return true;
                        });
    }

    /** One waiter at one channel; used by one thread. */
    final class Wait implements AutoCloseable {

        private final String name;
        private final Semaphore wakes = new Semaphore(0);

        /** Guarded by the outer instance. */
        private Channel joined;

        private Wait(String name) {
            this.name = name;
        }

        /**
         * Sleeps until there is a message (one that came since the last call counts), until the
         * connection is lost, or until the time is over. A waiter whose connection has been lost
         * subscribes anew and is told at once to look again.
         *
         * @return true: look again; false: the time is over
         * @throws StoreAwayException when it cannot subscribe anew, or is interrupted
         */
        boolean await(Duration time) {
            try {
                if (isListening()) {
                    boolean woken = wakes.tryAcquire(time.toNanos(), TimeUnit.NANOSECONDS);
                    wakes.drainPermits();
                    return woken;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreAwayException("interrupted while waiting for a wake", e);
            }
            listen();
            wakes.drainPermits();
            return true;
        }

        private boolean isListening() {
            synchronized (Wakes.this) {
                return joined != null && joined == channels.get(name)
                        || wakes.availablePermits() > 0;
            }
        }

        private void listen() {
            boolean shards = sharded();
            Line on = line();
            CompletableFuture<Response> confirmed;
            synchronized (Wakes.this) {
                Channel channel = channels.get(name);
                if (channel == null || channel.line != on) {
                    channel = new Channel(on);
                    channel.confirmed =
                            on.ask(shards ? Command.SSUBSCRIBE : Command.SUBSCRIBE, name);
                    channels.put(name, channel);
                }
                channel.waits.add(this);
                joined = channel;
                confirmed = channel.confirmed;
            }
            Waiting.forAnswer(confirmed, PATIENCE);
        }

        private void wake() {
            if (wakes.availablePermits() == 0) {
                wakes.release();
            }
        }

        /** Ends the wait; the last one at a channel ends the subscription. */
        @Override
        public void close() {
            synchronized (Wakes.this) {
                Channel channel = joined;
                joined = null;
                if (channel == null || !channel.waits.remove(this) || !channel.waits.isEmpty()) {
                    return;
                }
                if (channels.remove(name, channel)) {
                    channel.line.ask(
                            Boolean.TRUE.equals(sharded)
                                    ? Command.SUNSUBSCRIBE
                                    : Command.UNSUBSCRIBE,
                            name);
                }
            }
        }
    }

    /** Channels listened to now. */
    synchronized int listening() {
        return channels.size();
    }
}
