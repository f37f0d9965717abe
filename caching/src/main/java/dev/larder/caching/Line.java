package dev.larder.caching;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import io.vertx.redis.client.impl.CommandImpl;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One connection that is kept for good, on which the server also speaks unasked: answers and pushes
 * are heard in exactly the order in which the server sent them.
 *
 * <h2>Why this is not simply a {@link RedisConnection}</h2>
 *
 * That one (Vert.x 4.5.27) takes an awaited answer off its queue for <em>every</em> thing it reads,
 * a push as well: a push that comes while a command is on the way swallows that command's answer
 * and gives each later answer to the wrong command. Commands that it takes for pub/sub commands
 * wait for no answer at all, and what is read then goes to the handler untouched. So every command
 * of a line is declared as one of those, and the queue of awaited answers is kept here.
 *
 * <p>Such a connection also counts as tainted: when a line ends, its socket is closed and never
 * lent to anybody else, and the pool's recycling spares it, as it is never given back. It takes one
 * place of the client's {@code maxPoolSize}.
 *
 * <p>A line asks for a sign of life now and then; one that is not given in time ends it, so that a
 * half-open connection is found out.
 */
final class Line implements AutoCloseable {

    /** More answers than this outstanding means that nobody listens at the other end. */
    private static final int UNANSWERED_LIMIT = 4_096;

    private static final List<String> CONFIRMATIONS =
            List.of("subscribe", "ssubscribe", "unsubscribe", "sunsubscribe");
    private static final List<String> MESSAGES = List.of("message", "smessage");
    private static final Command PING = unawaited("ping");

    private final RedisConnection connection;
    private final Consumer<Response> pushes;
    private final Consumer<Throwable> lost;
    private final CountDownLatch over = new CountDownLatch(1);

    /** Guarded by this, as is the order of sending: the two must be the same. */
    private final Deque<Awaited> unanswered = new ArrayDeque<>();

    /** An answer to come; {@code confirms} is the pub/sub command it belongs to, or null. */
    private record Awaited(String confirms, String channel, CompletableFuture<Response> answer) {}

    private Line(RedisConnection connection, Consumer<Response> pushes, Consumer<Throwable> lost) {
        this.connection = connection;
        this.pushes = pushes;
        this.lost = lost;
    }

    /** A command as a line needs it; only for servers that are asked one by one, see Vert.x. */
    static Command unawaited(String name) {
        return new CommandImpl(name, -1, null, true, false);
    }

    /**
     * Takes a connection of the client's pool.
     *
     * @param patience longest wait for the connection
     * @param pushes hears what the server says unasked, on the event loop: must not block
     * @param lost hears once, from any thread, that the line has ended; must not block
     * @throws StoreAwayException when there is none in time
     */
    static Line open(
            Redis redis, Duration patience, Consumer<Response> pushes, Consumer<Throwable> lost) {
        Waiting.refuseEventLoop();
        CompletableFuture<RedisConnection> connecting =
                redis.connect().toCompletionStage().toCompletableFuture();
        CompletableFuture<Line> line =
                connecting.thenApply(connection -> new Line(connection, pushes, lost));
        try {
            return Waiting.forAnswer(line, patience).begin();
        } catch (StoreAwayException e) {
            connecting.thenAccept(RedisConnection::close);
            throw e;
        }
    }

    private Line begin() {
        connection.handler(this::heard);
        connection.endHandler(end -> end(new IllegalStateException("connection closed"), false));
        connection.exceptionHandler(failure -> end(failure, true));
        return this;
    }

    /**
     * Asks for a sign of life every {@code interval}, and waits {@code patience} for it.
     *
     * @param alive hears of each how many nanoseconds ago it was asked for: whatever the server had
     *     said by then has been heard
     */
    void watch(Duration interval, Duration patience, LongConsumer alive) {
        Thread.ofVirtual().name("line-watch").start(() -> watching(interval, patience, alive));
    }

    private void watching(Duration interval, Duration patience, LongConsumer alive) {
        try {
            do {
                long asked = System.nanoTime();
                Waiting.forAnswer(ask(PING), patience);
                alive.accept(System.nanoTime() - asked);
            } while (!over.await(interval.toNanos(), TimeUnit.NANOSECONDS));
        } catch (RuntimeException | Error | InterruptedException e) {
            // Whatever it is: a line that nobody watches would count as alive for ever.
            end(e, true);
        }
    }

    boolean isOver() {
        return over.getCount() == 0;
    }

    /**
     * Sends a command. The answer comes on the event loop: only ever wait for it. Its failure is
     * the server's error or the end of the line. Not to be called on an event loop, where sending
     * would overtake what other threads have handed over.
     */
    CompletableFuture<Response> ask(Command command, String... args) {
        if (Context.isOnEventLoopThread()) {
            throw new IllegalStateException("a line is not used on an event loop");
        }
        Request request = Request.cmd(command);
        for (String arg : args) {
            request.arg(arg);
        }
        String name = command.toString();
        boolean confirmed = CONFIRMATIONS.contains(name);
        CompletableFuture<Response> answer = new CompletableFuture<>();
        Future<Response> sent;
        synchronized (this) {
            if (isOver() || unanswered.size() >= UNANSWERED_LIMIT) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException(
                                isOver() ? "connection closed" : "too many unanswered"));
            }
            unanswered.add(
                    new Awaited(confirmed ? name : null, confirmed ? args[0] : null, answer));
            sent = connection.send(request);
        }
        // Outside, as a failure that is there already is told at once, and ends the line.
        sent.onFailure(failure -> end(failure, true));
        return answer;
    }

    /** Runs on the event loop, for one thing read after the other. */
    private void heard(Response said) {
        Awaited awaited = null;
        boolean pushed = isPush(said);
        synchronized (this) {
            Awaited first = unanswered.peek();
            if (!pushed || first != null && confirms(said, first)) {
                awaited = unanswered.poll();
            }
        }
        if (awaited == null && pushed) {
            pushes.accept(said);
        } else if (awaited == null) {
            end(new IllegalStateException("an answer that nobody asked for: " + said), true);
        } else if (said instanceof Throwable error) {
            awaited.answer().completeExceptionally(error);
        } else {
            awaited.answer().complete(said);
        }
    }

    /** RESP2 has no pushes of its own: there they are arrays, told by their first word. */
    private static boolean isPush(Response said) {
        if (said == null) {
            return false;
        }
        if (said.type() == ResponseType.PUSH) {
            return true;
        }
        if (said.type() != ResponseType.MULTI
                || said.isMap()
                || said.size() != 3
                || said.get(0) == null
                || said.get(0).type() != ResponseType.BULK) {
            return false;
        }
        String kind = said.get(0).toString();
        return MESSAGES.contains(kind) || CONFIRMATIONS.contains(kind);
    }

    private static boolean confirms(Response said, Awaited awaited) {
        return awaited.confirms() != null
                && said.size() == 3
                && said.get(0).toString().equals(awaited.confirms())
                && said.get(1) != null
                && said.get(1).toString().equals(awaited.channel());
    }

    private void end(Throwable why, boolean hangUp) {
        List<Awaited> forlorn;
        synchronized (this) {
            if (isOver()) {
                return;
            }
            over.countDown();
            forlorn = new ArrayList<>(unanswered);
            unanswered.clear();
        }
        // First whoever relies on being told, so that nothing is believed for a moment longer.
        lost.accept(why);
        for (Awaited awaited : forlorn) {
            awaited.answer().completeExceptionally(why);
        }
        if (hangUp) {
            connection.handler(late -> {}).endHandler(null).exceptionHandler(null);
            connection.close();
        }
    }

    /** Ends the line as its owner wishes; {@code lost} hears of it like of any other end. */
    @Override
    public void close() {
        end(new IllegalStateException("connection closed"), true);
    }
}
