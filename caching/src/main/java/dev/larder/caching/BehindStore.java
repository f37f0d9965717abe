package dev.larder.caching;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The keys and commands of write-behind.
 *
 * <pre>
 * key                      kind    what                                      forgotten after
 * name:{pN}:id             string  the entry, see {@link Keys}               never while dirty, then ttl
 * name:{pN}:id:fence       string  newest version, id of the last write      never while dirty, then fenceTtl
 * name:{pN}:behind         stream  writes that the database does not have    when it has them
 * name:{pN}:behind:dead    stream  writes that the database refused          when redriven or dropped
 * name:{pN}:behind:lease   string  fencing token, worker                     lease
 * name:{pN}:behind:token   string  last fencing token                        never
 * name:behind:workers      zset    workers by the time at which they count as gone
 * name:behind:partitions   string  number of partitions, for ever
 * </pre>
 *
 * All of a partition shares a slot, so that each step is one script. The stream is the list of what
 * is left to do: one reader at a time (the lease) reads it from its head, and what is done is
 * deleted. A consumer group would add a second list of the same (its pending entries) and a step at
 * which the two differ.
 */
final class BehindStore {

    private static final Script PUT = Script.named("behind-put.lua");
    private static final Script SETTLE = Script.named("behind-settle.lua");
    private static final Script DEAD = Script.named("behind-dead.lua");
    private static final Script LEASE = Script.named("behind-lease.lua");
    private static final Script RELEASE = Script.named("behind-release.lua");
    private static final Script PRESENT = Script.named("behind-present.lua");

    private final SharedConnection line;
    private final Wakes wakes;
    private final Keys keys;
    private final Duration timeout;
    private final Duration fenceTtl;

    BehindStore(Redis redis, Keys keys, Duration timeout, Duration fenceTtl) {
        this.line = SharedConnection.of(redis);
        this.wakes = Wakes.of(redis);
        this.keys = keys;
        this.timeout = timeout;
        this.fenceTtl = fenceTtl;
    }

    /** A queued write as the store has it; {@code payload} null when the key was removed. */
    record Queued(String id, String key, byte[] payload, long version) {}

    /** A dead letter as the store has it. */
    record Dead(String letter, Queued queued, String reason, int attempts) {}

    /** What became of a write: one of four, {@code id} only when accepted. */
    record Accepted(Verdict verdict, String id, long depth, String newest) {}

    enum Verdict {
        ACCEPTED,
        FULL,
        OLDER,
        NO_LETTER
    }

    /**
     * @param letter the dead letter that this write replaces, or null
     */
    Accepted put(String key, byte[] entry, long limit, String letter) {
        int partition = keys.partition(key);
        List<String> touched = new ArrayList<>(5);
        touched.add(keys.entry(key));
        touched.add(keys.fence(key));
        touched.add(keys.lease(key));
        touched.add(stream(partition));
        List<byte[]> args = new ArrayList<>(6);
        args.add(bytes(limit));
        args.add(entry);
        args.add(bytes(key));
        args.add(bytes(wakes.sharded() ? "SPUBLISH" : "PUBLISH"));
        args.add(bytes(keys.wake(key)));
        if (letter != null) {
            touched.add(dead(partition));
            args.add(bytes(letter));
        }
        Response answer = run(PUT, touched, args);
        return switch (answer.get(0).toInteger()) {
            case 1 ->
                    new Accepted(
                            Verdict.ACCEPTED, answer.get(1).toString(), answer.get(2).toLong(), "");
            case 0 -> new Accepted(Verdict.FULL, "", answer.get(1).toLong(), "");
            case -1 -> new Accepted(Verdict.OLDER, "", 0, answer.get(1).toString());
            case -2 -> new Accepted(Verdict.NO_LETTER, "", 0, "");
            default -> throw new IllegalStateException("behind-put.lua answered " + answer);
        };
    }

    /** The oldest writes of a partition. */
    List<Queued> read(int partition, int most) {
        List<Queued> writes = new ArrayList<>();
        for (Response row : range(stream(partition), most)) {
            writes.add(queued(row.get(0).toString(), fields(row.get(1))));
        }
        return writes;
    }

    /** Takes writes out of the queue that the database has. */
    void settle(int partition, List<String> ids, Map<String, String> lastPerKey) {
        List<String> touched = new ArrayList<>(1 + 2 * lastPerKey.size());
        List<byte[]> args = new ArrayList<>(1 + lastPerKey.size() + ids.size());
        touched.add(stream(partition));
        args.add(bytes(fenceTtl.toMillis()));
        lastPerKey.forEach(
                (key, id) -> {
                    touched.add(keys.entry(key));
                    touched.add(keys.fence(key));
                    args.add(bytes(id));
                });
        ids.forEach(id -> args.add(bytes(id)));
        run(SETTLE, touched, args);
    }

    /** What became of a write that was to be a dead letter. */
    enum Burial {
        DONE,
        GONE,
        NOT_OWNER,
        NO_PLACE
    }

    Burial bury(
            int partition,
            String owner,
            String write,
            String key,
            String reason,
            int attempts,
            long limit) {
        int answer =
                run(
                                DEAD,
                                List.of(
                                        lease(partition),
                                        stream(partition),
                                        dead(partition),
                                        keys.entry(key),
                                        keys.fence(key)),
                                List.of(
                                        bytes(owner),
                                        bytes(write),
                                        bytes(limit),
                                        bytes(reason),
                                        bytes(attempts),
                                        bytes(fenceTtl.toMillis())))
                        .toInteger();
        return switch (answer) {
            case 1 -> Burial.DONE;
            case 0 -> Burial.GONE;
            case -1 -> Burial.NOT_OWNER;
            case -2 -> Burial.NO_PLACE;
            default -> throw new IllegalStateException("behind-dead.lua answered " + answer);
        };
    }

    List<Dead> deadLetters(int partition, int most) {
        List<Dead> letters = new ArrayList<>();
        for (Response row : range(dead(partition), most)) {
            Map<String, Response> fields = fields(row.get(1));
            letters.add(
                    new Dead(
                            row.get(0).toString(),
                            queued(fields.get("id").toString(), fields),
                            fields.get("reason").toString(),
                            fields.get("attempts").toInteger()));
        }
        return letters;
    }

    /** One dead letter, or null. */
    Dead deadLetter(int partition, String letter) {
        Response found =
                send(Request.cmd(Command.XRANGE).arg(dead(partition)).arg(letter).arg(letter));
        if (found.size() == 0) {
            return null;
        }
        Map<String, Response> fields = fields(found.get(0).get(1));
        return new Dead(
                letter,
                queued(fields.get("id").toString(), fields),
                fields.get("reason").toString(),
                fields.get("attempts").toInteger());
    }

    boolean drop(int partition, String letter) {
        return send(Request.cmd(Command.XDEL).arg(dead(partition)).arg(letter)).toLong() == 1;
    }

    long depth(int partition) {
        return send(Request.cmd(Command.XLEN).arg(stream(partition))).toLong();
    }

    long dead(List<Integer> all) {
        long sum = 0;
        for (int partition : all) {
            sum += send(Request.cmd(Command.XLEN).arg(dead(partition))).toLong();
        }
        return sum;
    }

    /** The fencing token, or 0 when another holds the partition. */
    long take(int partition, String worker, Duration lease, long above) {
        return lease(partition, worker, lease, 0, above);
    }

    boolean renew(int partition, String worker, Duration lease, long token) {
        return lease(partition, worker, lease, token, 0) == token;
    }

    private long lease(int partition, String worker, Duration lease, long held, long above) {
        return Long.parseLong(
                run(
                                LEASE,
                                List.of(lease(partition), stream(partition) + ":token"),
                                List.of(
                                        bytes(worker),
                                        bytes(lease.toMillis()),
                                        bytes(held),
                                        bytes(above)))
                        .toString());
    }

    void release(int partition, String worker, long token) {
        run(RELEASE, List.of(lease(partition)), List.of(bytes(token + " " + worker)));
    }

    /** Workers alive, this one included; with a zero duration it leaves. */
    int present(String worker, Duration counts) {
        return run(
                        PRESENT,
                        List.of(keys.name() + ":behind:workers"),
                        List.of(bytes(worker), bytes(counts.toMillis())))
                .toInteger();
    }

    /** The number of partitions that this queue began with, which is the caller's if it is new. */
    int agreedPartitions() {
        String key = keys.name() + ":behind:partitions";
        send(Request.cmd(Command.SETNX).arg(key).arg(keys.partitions()));
        return send(Request.cmd(Command.GET).arg(key)).toInteger();
    }

    private Response range(String stream, int most) {
        return send(
                Request.cmd(Command.XRANGE).arg(stream).arg("-").arg("+").arg("COUNT").arg(most));
    }

    private static Queued queued(String id, Map<String, Response> fields) {
        boolean removed = fields.get("kind").toString().equals("n");
        return new Queued(
                id,
                fields.get("key").toString(),
                removed ? null : fields.get("payload").toBytes(),
                fields.get("version").toLong());
    }

    private static Map<String, Response> fields(Response pairs) {
        Map<String, Response> fields = new LinkedHashMap<>();
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            fields.put(pairs.get(i).toString(), pairs.get(i + 1));
        }
        return fields;
    }

    private Response run(Script script, List<String> all, List<byte[]> args) {
        return ask(() -> line.run(script, all, args));
    }

    private Response send(Request request) {
        return ask(() -> line.send(request));
    }

    private Response ask(Supplier<Future<Response>> errand) {
        return line.ask(1, timeout, () -> {}, errand);
    }

    /**
     * Beside what every cache refuses, keys that would fall on one of the queue's own or on the
     * fence of another: unlike elsewhere the braces do not keep them apart.
     */
    static String checked(String key) {
        Keys.checked(key);
        if (key.equals("behind")
                || key.startsWith("behind:")
                || key.endsWith(":fence")
                || key.endsWith(":lease")
                || key.endsWith(":wake")) {
            throw new IllegalArgumentException(
                    "a key behind a queue does not begin with behind and does not end with :fence,"
                            + " :lease or :wake: "
                            + key);
        }
        return key;
    }

    private String stream(int partition) {
        return keys.name() + ":{p" + partition + "}:behind";
    }

    private String dead(int partition) {
        return stream(partition) + ":dead";
    }

    private String lease(int partition) {
        return stream(partition) + ":lease";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }
}
