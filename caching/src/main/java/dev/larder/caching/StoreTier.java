package dev.larder.caching;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The only class that knows keys and commands. Blocks the caller, so it belongs on virtual or
 * worker threads and says so when it finds itself on an event loop.
 *
 * <pre>
 * key                    kind    what                                            forgotten after
 * name:{id}              string  L1 (v|n) ttlMillis version LF payload           ttl, less jitter
 * name:{id}:fence        string  newest version, token of the last write         fenceTtl
 * name:index:{0..15}     zset    ids by the time (ms) at which they are gone      indexTtl
 * </pre>
 *
 * An entry and its fence share a slot; every script names its keys; an index is one of {@value
 * #INDEXES} so that no slot takes all of it.
 *
 * <h2>Why a slow reader cannot bury a newer value</h2>
 *
 * A reader that finds nothing takes the fence along. Every write moves the fence after it has
 * committed. {@code fill.lua} keeps a load only while the fence stands where the reader saw it, so
 * a value read before the commit is never kept after it. A fence is forgotten after {@code
 * fenceTtl}; {@link Cache} drops loads that took more than half of it. Tokens are random, so a
 * forgotten fence never comes back with an old face.
 *
 * <h2>Why flushing is complete</h2>
 *
 * A reader enters its id in the index before it loads. A flush that does not see the id came before
 * the load began; one that does see it moves the fence and the load is not kept.
 */
final class StoreTier {

    static final int INDEXES = 16;
    private static final int FLUSH_PAGE = 500;
    private static final int INDEX_LIMIT = 1_000_000;
    private static final int KEY_LIMIT = 200;

    private static final Script FILL = Script.named("fill.lua");
    private static final Script WRITE = Script.named("write.lua");
    private static final Script INVALIDATE = Script.named("invalidate.lua");
    private static final Script UNINDEX = Script.named("unindex.lua");

    private final Redis redis;
    private final String name;
    private final Duration timeout;
    private final Duration pauseWhenAway;
    private final Duration fenceTtl;
    private final Clock clock;

    /** Reads leave the store alone until then (nanoTime); 0 while it answers. */
    private final AtomicLong awayUntil = new AtomicLong();

    StoreTier(
            Redis redis,
            String name,
            Duration timeout,
            Duration pauseWhenAway,
            Duration fenceTtl,
            Clock clock) {
        this.redis = redis;
        this.name = name;
        this.timeout = timeout;
        this.pauseWhenAway = pauseWhenAway;
        this.fenceTtl = fenceTtl;
        this.clock = clock;
    }

    /**
     * What lies at a key: {@code bytes} null when nothing does; the fence is "" when none stands.
     */
    record Found(byte[] bytes, long remainingMillis, String fence) {}

    /**
     * Whether a read should ask. While the store is away one reader per pause finds out whether it
     * is back, the others go straight to the database.
     */
    boolean worthAsking() {
        long until = awayUntil.get();
        if (until == 0) {
            return true;
        }
        long now = System.nanoTime();
        return now - until >= 0
                && awayUntil.compareAndSet(until, nonZero(now + pauseWhenAway.toNanos()));
    }

    Found find(String id) {
        String entry = entry(id);
        List<Response> answers =
                ask(
                        redis.batch(
                                List.of(
                                        Request.cmd(Command.GET).arg(entry),
                                        Request.cmd(Command.PTTL).arg(entry),
                                        Request.cmd(Command.GET).arg(fence(id)))));
        Response bytes = answers.get(0);
        Response fence = answers.get(2);
        return new Found(
                bytes == null ? null : bytes.toBytes(),
                Math.max(0, answers.get(1).toLong()),
                fence == null ? "" : fence.toString());
    }

    /**
     * Enters an id in the index, which forgets it {@code ttl} from now; also clears what is past.
     * The fraction makes each entry's score its own, so that {@code unindex.lua} knows a later one.
     */
    void announce(String id, Duration ttl) {
        long now = clock.millis();
        String due = now + ttl.toMillis() + "." + ThreadLocalRandom.current().nextInt(100, 1_000);
        String index = index(id);
        ask(
                redis.batch(
                        List.of(
                                Request.cmd(Command.ZADD).arg(index).arg(due).arg(id),
                                Request.cmd(Command.ZREMRANGEBYSCORE)
                                        .arg(index)
                                        .arg("-inf")
                                        .arg(now),
                                Request.cmd(Command.PEXPIRE).arg(index).arg(2 * ttl.toMillis()))));
    }

    boolean fill(
            String id, String fenceSeen, boolean guarded, long version, Duration ttl, byte[] e) {
        return run(
                        FILL,
                        id,
                        List.of(
                                bytes(fenceSeen),
                                bytes(guarded ? "1" : "0"),
                                bytes(version),
                                bytes(ttl.toMillis()),
                                e))
                == 1;
    }

    boolean write(String id, String token, long version, Duration ttl, byte[] e) {
        return run(
                        WRITE,
                        id,
                        List.of(
                                bytes(token),
                                bytes(fenceTtl.toMillis()),
                                bytes(version),
                                bytes(ttl.toMillis()),
                                e))
                == 1;
    }

    boolean invalidate(String id, String token) {
        return run(INVALIDATE, id, List.of(bytes(token), bytes(fenceTtl.toMillis()))) == 1;
    }

    /** Every id of one index, read a page at a time. */
    List<String> indexed(int index) {
        List<String> ids = new ArrayList<>();
        int offset = 0;
        Response page;
        do {
            page =
                    ask(
                            redis.send(
                                    Request.cmd(Command.ZRANGE)
                                            .arg(indexKey(index))
                                            .arg(offset)
                                            .arg(offset + FLUSH_PAGE - 1)));
            page.forEach(id -> ids.add(id.toString()));
            offset += FLUSH_PAGE;
        } while (page.size() == FLUSH_PAGE && offset < INDEX_LIMIT);
        return ids;
    }

    long entries() {
        long now = clock.millis();
        List<Future<Response>> counts = new ArrayList<>(INDEXES);
        for (int i = 0; i < INDEXES; i++) {
            counts.add(
                    redis.send(
                            Request.cmd(Command.ZCOUNT)
                                    .arg(indexKey(i))
                                    .arg("(" + now)
                                    .arg("+inf")));
        }
        long sum = 0;
        for (Future<Response> count : counts) {
            sum += ask(count).toLong();
        }
        return sum;
    }

    /** When the id is due in the index, as the store spells it, or "" when it is not there. */
    String due(String id) {
        Response score = ask(redis.send(Request.cmd(Command.ZSCORE).arg(index(id)).arg(id)));
        return score == null ? "" : score.toString();
    }

    /** Takes an id out of the index unless a reader has entered it again since {@code due}. */
    void unindex(String id, String due) {
        if (!due.isEmpty()) {
            run(UNINDEX, List.of(index(id)), List.of(bytes(id), bytes(due)));
        }
    }

    private long run(Script script, String id, List<byte[]> args) {
        return run(script, List.of(entry(id), fence(id)), args);
    }

    private long run(Script script, List<String> keys, List<byte[]> args) {
        try {
            return ask(redis.send(request(Command.EVALSHA, script.sha(), keys, args))).toLong();
        } catch (StoreAwayException e) {
            if (!isNoScript(e.getCause())) {
                throw e;
            }
            return ask(redis.send(request(Command.EVAL, script.text(), keys, args))).toLong();
        }
    }

    private static Request request(
            Command command, String script, List<String> keys, List<byte[]> args) {
        Request request = Request.cmd(command).arg(script).arg(keys.size());
        keys.forEach(request::arg);
        args.forEach(request::arg);
        return request;
    }

    /** The error code is the first word of a RESP error and part of the protocol. */
    private static boolean isNoScript(Throwable refusal) {
        return refusal.getMessage() != null && refusal.getMessage().startsWith("NOSCRIPT");
    }

    private <T> T ask(Future<T> answer) {
        if (Context.isOnEventLoopThread()) {
            throw new IllegalStateException(
                    "a cache blocks: call it on a virtual or worker thread");
        }
        try {
            T result =
                    answer.toCompletionStage()
                            .toCompletableFuture()
                            .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            if (awayUntil.get() != 0) {
                awayUntil.set(0);
            }
            return result;
        } catch (ExecutionException e) {
            if (!isNoScript(e.getCause())) {
                away();
            }
            throw new StoreAwayException("the store refused or is away", e.getCause());
        } catch (TimeoutException e) {
            away();
            throw new StoreAwayException("the store took over " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreAwayException("interrupted while the store was asked", e);
        }
    }

    private void away() {
        awayUntil.set(nonZero(System.nanoTime() + pauseWhenAway.toNanos()));
    }

    private static long nonZero(long nanos) {
        return nanos == 0 ? 1 : nanos;
    }

    /** Braces would move the hash tag, and with it the entry away from its fence. */
    static String checked(String id) {
        if (id.isEmpty()
                || id.length() > KEY_LIMIT
                || id.indexOf('{') >= 0
                || id.indexOf('}') >= 0) {
            throw new IllegalArgumentException(
                    "a cache key has 1 to " + KEY_LIMIT + " characters and no braces: " + id);
        }
        return id;
    }

    private String entry(String id) {
        return name + ":{" + id + "}";
    }

    private String fence(String id) {
        return name + ":{" + id + "}:fence";
    }

    private String index(String id) {
        return indexKey(Math.floorMod(id.hashCode(), INDEXES));
    }

    private String indexKey(int index) {
        return name + ":index:{" + index + "}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }

    /**
     * A Lua file of this package and its SHA-1, by which the server knows it after the first run.
     */
    private record Script(String text, String sha) {

        static Script named(String file) {
            try (InputStream in = StoreTier.class.getResourceAsStream(file)) {
                byte[] text = in.readAllBytes();
                String sha =
                        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text));
                return new Script(new String(text, StandardCharsets.UTF_8), sha);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-1", e);
            }
        }
    }
}
