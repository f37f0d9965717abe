package dev.larder.caching;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The only class that knows commands; {@link Keys} names what they touch. Blocks the caller, so it
 * belongs on virtual or worker threads and says so when it finds itself on an event loop.
 *
 * <h2>Why a slow reader cannot bury a newer value</h2>
 *
 * A reader that finds nothing takes the fence along. Every write moves the fence after it has
 * committed. {@code fill.lua} keeps a load only while the fence stands where the reader saw it, so
 * a value read before the commit is never kept after it. A fence is forgotten after {@code
 * fenceTtl}; {@link Cache} drops loads that took more than half of it. Tokens are random, so a
 * forgotten fence never comes back with an old face.
 *
 * <h2>Why one reader of all nodes loads</h2>
 *
 * {@code turn.lua} gives the lease of a key to one token. The others subscribe to the key's
 * channel, ask once more (the load may have ended meanwhile) and sleep until whoever ends the
 * lease, by a fill, a failure, a write or an invalidation, says so on the channel. A holder that
 * dies loses the lease by its TTL. The fence, not the lease, decides what is kept, so a holder that
 * comes back after its lease does no harm (Nishtala et al.: Scaling Memcache at Facebook, NSDI
 * 2013, section 3.2.1).
 *
 * <h2>Why flushing is complete</h2>
 *
 * A reader enters its id in the index before it loads. A flush that does not see the id came before
 * the load began; one that does see it moves the fence and the load is not kept.
 *
 * <h2>Why no value outlives its tag's invalidation</h2>
 *
 * A value's tags are known only once it is loaded. The reader notes the last mark before it loads,
 * enters the id under its tags, and then looks at the tags' marks: one that is newer than what it
 * noted means that the value may be old, and it is not kept. An invalidation marks first and reads
 * the ids under the tag afterwards. So either the reader sees the mark, or the invalidation sees
 * the id and moves its fence.
 */
final class StoreTier {

    static final int INDEXES = Keys.INDEXES;
    private static final int FLUSH_PAGE = 500;
    private static final int INDEX_LIMIT = 1_000_000;

    /** Commands that one call has under way. */
    private static final int PIPELINE = 128;

    private static final Script TURN = Script.named("turn.lua");
    private static final Script FILL = Script.named("fill.lua");
    private static final Script RELEASE = Script.named("release.lua");
    private static final Script WRITE = Script.named("write.lua");
    private static final Script INVALIDATE = Script.named("invalidate.lua");
    private static final Script UNINDEX = Script.named("unindex.lua");
    private static final Script MARK = Script.named("mark.lua");

    private final SharedConnection line;
    private final Wakes wakes;
    private final Keys keys;
    private final Duration timeout;
    private final Pause pause;
    private final Duration fenceTtl;
    private final Duration lease;
    private final boolean clustered;
    private final Clock clock;

    StoreTier(
            Redis redis,
            Keys keys,
            Duration timeout,
            Duration pauseWhenAway,
            Duration fenceTtl,
            Duration lease,
            boolean clustered,
            Clock clock) {
        this.line = SharedConnection.of(redis);
        this.wakes = Wakes.of(redis);
        this.keys = keys;
        this.timeout = timeout;
        this.pause = new Pause(pauseWhenAway);
        this.fenceTtl = fenceTtl;
        this.lease = lease;
        this.clustered = clustered;
        this.clock = clock;
    }

    /**
     * What lies at a key: {@code bytes} null when nothing does; -1 ms remain to what write-behind
     * has not brought to the database yet.
     */
    record Found(byte[] bytes, long remainingMillis) {}

    /**
     * What a reader may do.
     *
     * @param found an entry other than the one it saw, or null
     * @param yours whether it is to load
     * @param leaseMillis when neither: how long the lease of the reader that loads goes on
     * @param fence as it stands now, "" for none
     */
    record Turn(Found found, boolean yours, long leaseMillis, String fence) {}

    /**
     * Whether a read should ask. While the store is away one reader per pause finds out whether it
     * is back, the others go straight to the database.
     */
    boolean worthAsking() {
        return pause.worthAsking();
    }

    Found find(String id) {
        return found(ask(2, () -> line.batch(lookUp(id))));
    }

    /** In the order of the ids; one round trip, in a cluster one for each id, all at once. */
    List<Found> find(List<String> ids) {
        List<Found> found = new ArrayList<>(ids.size());
        for (int from = 0; from < ids.size(); from += PIPELINE / 2) {
            List<String> page = ids.subList(from, Math.min(ids.size(), from + PIPELINE / 2));
            if (clustered) {
                List<Future<List<Response>>> answers =
                        page.stream().map(id -> line.batch(lookUp(id))).toList();
                for (Future<List<Response>> answer : answers) {
                    found.add(found(ask(0, () -> answer)));
                }
            } else {
                List<Request> requests = new ArrayList<>(2 * page.size());
                page.forEach(id -> requests.addAll(lookUp(id)));
                List<Response> answers = ask(requests.size(), () -> line.batch(requests));
                for (int i = 0; i < page.size(); i++) {
                    found.add(found(answers.subList(2 * i, 2 * i + 2)));
                }
            }
        }
        return found;
    }

    /** What ended between being read and being asked for its TTL (-2) has none left. */
    static long remaining(long pttl) {
        return pttl == -2 ? 0 : pttl;
    }

    private List<Request> lookUp(String id) {
        String entry = keys.entry(id);
        return List.of(Request.cmd(Command.GET).arg(entry), Request.cmd(Command.PTTL).arg(entry));
    }

    private static Found found(List<Response> answers) {
        Response bytes = answers.get(0);
        return new Found(
                bytes == null ? null : bytes.toBytes(), remaining(answers.get(1).toLong()));
    }

    /**
     * The turn of a reader that found nothing ({@code seen} null) or wants to replace the entry
     * whose first line it saw.
     */
    Turn turn(String id, String token, byte[] seen) {
        return ask(1, () -> turning(id, token, seen));
    }

    /** The turns of many, in their order; sent together. */
    List<Turn> turns(List<String> ids, String token, Function<String, byte[]> seen) {
        return pipelined(ids, id -> turning(id, token, seen.apply(id)));
    }

    private Future<Turn> turning(String id, String token, byte[] seen) {
        return line.run(
                        TURN,
                        List.of(keys.entry(id), keys.fence(id), keys.lease(id)),
                        List.of(
                                bytes(token),
                                bytes(lease.toMillis()),
                                seen == null ? new byte[0] : seen))
                .map(
                        answer -> {
                            String what = answer.get(0).toString();
                            long millis = answer.get(2).toLong();
                            String fence = answer.get(3).toString();
                            return switch (what) {
                                case "found" ->
                                        new Turn(
                                                new Found(
                                                        answer.get(1).toBytes(), remaining(millis)),
                                                false,
                                                0,
                                                fence);
                                case "yours" -> new Turn(null, true, 0, fence);
                                case "wait" -> new Turn(null, false, Math.max(1, millis), fence);
                                default -> throw new IllegalStateException(what);
                            };
                        });
    }

    /** Listens for the end of another reader's lease; to be closed. */
    Wakes.Wait listen(String id) {
        try {
            return wakes.open(keys.wake(id));
        } catch (RuntimeException e) {
            throw new StoreAwayException("no word of other readers can be had", e);
        }
    }

    /**
     * Enters an id in the index, which forgets it {@code life} from now; also clears what is past.
     * The fraction makes each entry's score its own, so that {@code unindex.lua} knows a later one.
     */
    void announce(Collection<String> ids, Duration life) {
        List<Request> requests = new ArrayList<>(3 * ids.size());
        for (String id : ids) {
            enter(requests, keys.index(id), id, life);
        }
        send(requests);
    }

    /** The last mark given to a tag of this cache: taken before a load. */
    long lastMark() {
        Response last = ask(1, () -> line.send(Request.cmd(Command.GET).arg(keys.lastMark())));
        return last == null ? 0 : last.toLong();
    }

    /** Enters an id under its tags; false when one of them was marked since {@code lastMark}. */
    boolean tag(String id, Collection<String> tags, Duration life, long lastMark) {
        List<Request> requests = new ArrayList<>(3 * tags.size());
        Request marks = Request.cmd(Command.MGET);
        for (String tag : tags) {
            enter(requests, keys.taggedWith(tag), id, life);
            marks.arg(keys.mark(tag));
        }
        send(requests);
        for (Response mark : ask(1, () -> line.send(marks))) {
            if (mark != null && mark.toLong() > lastMark) {
                return false;
            }
        }
        return true;
    }

    private void enter(List<Request> into, String index, String id, Duration life) {
        long now = clock.millis();
        String due = now + life.toMillis() + "." + ThreadLocalRandom.current().nextInt(100, 1_000);
        into.add(Request.cmd(Command.ZADD).arg(index).arg(due).arg(id));
        into.add(Request.cmd(Command.ZREMRANGEBYSCORE).arg(index).arg("-inf").arg(now));
        into.add(Request.cmd(Command.PEXPIRE).arg(index).arg(2 * life.toMillis()));
    }

    private void send(List<Request> requests) {
        pipelined(requests, line::send);
    }

    /** Marks a tag; the ids that carry it, to be invalidated afterwards. */
    List<String> mark(String tag) {
        ask(
                1,
                () ->
                        line.run(
                                MARK,
                                List.of(keys.lastMark(), keys.mark(tag)),
                                List.of(bytes(fenceTtl.toMillis()))));
        return members(keys.taggedWith(tag));
    }

    /** What a load brought, to be kept if the fence still stands where the reader saw it. */
    record Fill(String fenceSeen, boolean guarded, long version, long keptMillis, byte[] entry) {}

    /** Keeps loads, in one go; for each whether it stays. Ends the leases of {@code token}. */
    List<Boolean> fill(List<String> ids, String token, Function<String, Fill> what) {
        return pipelined(
                ids,
                id -> {
                    Fill fill = what.apply(id);
                    return line.run(
                                    FILL,
                                    List.of(keys.entry(id), keys.fence(id), keys.lease(id)),
                                    List.of(
                                            bytes(fill.fenceSeen()),
                                            bytes(fill.guarded() ? "1" : "0"),
                                            bytes(fill.version()),
                                            bytes(fill.keptMillis()),
                                            fill.entry(),
                                            bytes(token),
                                            publish(),
                                            bytes(keys.wake(id))))
                            .map(kept -> kept.toLong() == 1);
                });
    }

    /** Ends the lease of a load that failed. Whatever goes wrong, the lease ends by itself. */
    void release(String id, String token) {
        line.run(
                RELEASE,
                List.of(keys.lease(id)),
                List.of(bytes(token), publish(), bytes(keys.wake(id))));
    }

    boolean write(String id, String token, long version, long keptMillis, byte[] entry) {
        return ask(
                                1,
                                () ->
                                        line.run(
                                                WRITE,
                                                List.of(
                                                        keys.entry(id),
                                                        keys.fence(id),
                                                        keys.lease(id)),
                                                List.of(
                                                        bytes(token),
                                                        bytes(fenceTtl.toMillis()),
                                                        bytes(version),
                                                        bytes(keptMillis),
                                                        entry,
                                                        publish(),
                                                        bytes(keys.wake(id)))))
                        .toLong()
                == 1;
    }

    /** Drops entries, only those older than {@code version} when one is given; for each if so. */
    List<Boolean> invalidate(List<String> ids, String token, Long version) {
        return pipelined(
                ids,
                id ->
                        line.run(
                                        INVALIDATE,
                                        List.of(keys.entry(id), keys.fence(id), keys.lease(id)),
                                        List.of(
                                                bytes(token),
                                                bytes(fenceTtl.toMillis()),
                                                version == null ? new byte[0] : bytes(version),
                                                publish(),
                                                bytes(keys.wake(id))))
                                .map(dropped -> dropped.toLong() == 1));
    }

    /** Gives an entry a new life of so many ms; nobody waits for it. */
    void prolong(String id, long millis) {
        Request expire = Request.cmd(Command.PEXPIRE).arg(keys.entry(id)).arg(millis);
        if (keys.partitions() > 0) {
            // What write-behind accepted meanwhile must not end before the database has it.
            expire.arg("XX");
        }
        line.send(expire);
    }

    /** Every id of one index, read a page at a time. */
    List<String> indexed(int index) {
        return members(keys.index(index));
    }

    private List<String> members(String index) {
        List<String> ids = new ArrayList<>();
        int page;
        do {
            int offset = ids.size();
            Request range =
                    Request.cmd(Command.ZRANGE).arg(index).arg(offset).arg(offset + FLUSH_PAGE - 1);
            Response found = ask(1, () -> line.send(range));
            found.forEach(id -> ids.add(id.toString()));
            page = found.size();
        } while (page == FLUSH_PAGE && ids.size() < INDEX_LIMIT);
        return ids;
    }

    long entries() {
        long now = clock.millis();
        List<Integer> all = new ArrayList<>(INDEXES);
        for (int i = 0; i < INDEXES; i++) {
            all.add(i);
        }
        return pipelined(
                        all,
                        i ->
                                line.send(
                                                Request.cmd(Command.ZCOUNT)
                                                        .arg(keys.index(i))
                                                        .arg("(" + now)
                                                        .arg("+inf"))
                                        .map(Response::toLong))
                .stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** When each id is due in the index, as the store spells it, or "" when it is not there. */
    List<String> due(List<String> ids) {
        return pipelined(
                ids,
                id ->
                        line.send(Request.cmd(Command.ZSCORE).arg(keys.index(id)).arg(id))
                                .map(score -> score == null ? "" : score.toString()));
    }

    /** Takes ids out of the index unless a reader has entered them again since {@code due}. */
    void unindex(List<String> ids, List<String> due) {
        List<Integer> there = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            if (!due.get(i).isEmpty()) {
                there.add(i);
            }
        }
        pipelined(
                there,
                i ->
                        line.run(
                                UNINDEX,
                                List.of(keys.index(ids.get(i))),
                                List.of(bytes(ids.get(i)), bytes(due.get(i)))));
    }

    private byte[] publish() {
        return bytes(wakes.sharded() ? "SPUBLISH" : "PUBLISH");
    }

    private interface Errand<A, R> {
        Future<R> run(A with);
    }

    /** A command for each, sent without waiting for the one before; answers in their order. */
    private <A, R> List<R> pipelined(List<A> all, Errand<A, R> errand) {
        List<R> answers = new ArrayList<>(all.size());
        for (int from = 0; from < all.size(); from += PIPELINE) {
            List<A> page = all.subList(from, Math.min(all.size(), from + PIPELINE));
            answers.addAll(
                    ask(
                            page.size(),
                            () -> {
                                List<Future<R>> sent = new ArrayList<>(page.size());
                                for (A one : page) {
                                    sent.add(errand.run(one));
                                }
                                return Future.join(sent).map(done -> done.<R>list());
                            }));
        }
        return answers;
    }

    private <T> T ask(int commands, Supplier<Future<T>> errand) {
        T answer = line.ask(commands, timeout, pause::failed, errand);
        pause.answered();
        return answer;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }
}
