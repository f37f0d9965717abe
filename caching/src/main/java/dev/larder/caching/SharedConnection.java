package dev.larder.caching;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One connection that all caches on one client share. The commands of many callers follow each
 * other on it without waiting, which costs a fraction of borrowing a connection from the pool for
 * each, and keeps the pool for others. Takes one place of the client's pool.
 */
final class SharedConnection {

    private static final Map<Redis, SharedConnection> SHARED =
            Collections.synchronizedMap(new WeakHashMap<>());

    /** Commands under way at a time; the client refuses more than 2,048 on a connection. */
    private static final int UNDER_WAY = 1_024;

    private final WeakReference<Redis> redis;
    private final Semaphore underWay = new Semaphore(UNDER_WAY);
    private Future<RedisConnection> connection;

    /** When (nanoTime) the connection was asked for, and when it last answered. */
    private long openedAt;

    private volatile long heardAt = System.nanoTime();

    private SharedConnection(Redis redis) {
        // The map's key must not be held by its value.
        this.redis = new WeakReference<>(redis);
    }

    static SharedConnection of(Redis redis) {
        return SHARED.computeIfAbsent(redis, SharedConnection::new);
    }

    Future<Response> send(Request request) {
        return on(connection -> connection.send(request));
    }

    Future<List<Response>> batch(List<Request> requests) {
        return on(connection -> connection.batch(requests));
    }

    /**
     * Waits for what is asked here, once there is room for so many commands more.
     *
     * @param failed told before the exception when the store refused or did not answer in time, and
     *     not when it was never asked
     * @throws StoreAwayException when there is no answer within the timeout
     * @throws IllegalStateException on an event loop, which must not wait
     */
    <T> T ask(int commands, Duration timeout, Runnable failed, Supplier<Future<T>> errand) {
        Waiting.refuseEventLoop();
        long askedAt = System.nanoTime();
        try {
            if (!underWay.tryAcquire(commands, timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new StoreAwayException("too much is asked of the store at once", null);
            }
        } catch (InterruptedException e) {
            throw Waiting.interrupted(e);
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - askedAt);
        try {
            return Waiting.forAnswer(
                    errand.get().toCompletionStage().toCompletableFuture(), timeout.minus(waited));
        } catch (StoreAwayException e) {
            if (!(e.getCause() instanceof InterruptedException)) {
                failed.run();
            }
            if (e.getCause() instanceof TimeoutException) {
                suspect(askedAt);
            }
            throw e;
        } finally {
            underWay.release(commands);
        }
    }

    /** Sends by EVALSHA; by EVAL when the server does not know the script yet. */
    Future<Response> run(Script script, List<String> keys, List<byte[]> args) {
        return send(request(Command.EVALSHA, script.sha(), keys, args))
                .recover(
                        refusal ->
                                Script.isUnknown(refusal)
                                        ? send(request(Command.EVAL, script.text(), keys, args))
                                        : Future.failedFuture(refusal));
    }

    /**
     * What was asked at a moment (nanoTime) has not been answered in time. When nothing else has
     * been since then either, the connection may be half open, and the next one is new; a store
     * that only took long for one answer costs the others nothing.
     */
    private synchronized void suspect(long askedAt) {
        Future<RedisConnection> old = connection;
        if (old == null || openedAt - askedAt > 0 || heardAt - askedAt > 0) {
            return;
        }
        connection = null;
        // Also one that is still being opened: it would keep its place of the pool for ever.
        old.onSuccess(
                open -> {
                    // A pool lends a closed connection again unless it was used for pub/sub.
                    open.send(Request.cmd(Command.UNSUBSCRIBE).arg("larder:none"));
                    open.close();
                });
    }

    private <T> Future<T> on(Function<RedisConnection, Future<T>> errand) {
        Future<RedisConnection> open = connected();
        Future<T> answer = open.succeeded() ? errand.apply(open.result()) : open.compose(errand);
        return answer.onSuccess(any -> heardAt = System.nanoTime());
    }

    private synchronized Future<RedisConnection> connected() {
        if (connection != null && !connection.failed()) {
            return connection;
        }
        Redis client = redis.get();
        if (client == null) {
            return Future.failedFuture("the Redis client is gone");
        }
        Future<RedisConnection> opening = client.connect();
        connection = opening;
        openedAt = System.nanoTime();
        opening.onSuccess(
                open -> {
                    open.endHandler(nothing -> lost(opening));
                    open.exceptionHandler(why -> lost(opening));
                });
        return opening;
    }

    private synchronized void lost(Future<RedisConnection> ended) {
        if (connection == ended) {
            connection = null;
        }
    }

    private static Request request(
            Command command, String script, List<String> keys, List<byte[]> args) {
        Request request = Request.cmd(command).arg(script).arg(keys.size());
        keys.forEach(request::arg);
        args.forEach(request::arg);
        return request;
    }
}
