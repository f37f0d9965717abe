package dev.larder.caching;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Write-behind: a write is acknowledged when the store has it, in the cache and in a durable queue;
 * a worker brings it to the database afterwards. Thread-safe; blocks the caller (virtual or worker
 * threads).
 *
 * <p>Promises, as long as the store keeps what it acknowledged (its append-only file with {@code
 * appendfsync always}; a failover or a lost disk may lose the queue's tail):
 *
 * <ul>
 *   <li>every acknowledged write reaches the database exactly once, or is a dead letter; never both
 *       (with {@link JdbcProgress});
 *   <li>writes of one key reach it in the order in which they were accepted;
 *   <li>until the database has it, readers of the cache see the last accepted write: it has no TTL
 *       and a load that began before it is not kept;
 *   <li>a write that is not acknowledged did nothing when the refusal says so ({@link
 *       QueueFullException}, {@link OlderWriteException}). After a {@link StoreAwayException} it is
 *       unknown whether it was accepted, as after any answer that got lost; if it was, it is
 *       written once.
 * </ul>
 *
 * <p>Made by {@link Cache#writeBehind}; a key belongs to one way of writing, this one or the
 * cache's own. Keys are spread over a fixed number of partitions by hash. A partition is one
 * stream, worked off in order by one worker at a time; a worker holds a lease with a fencing token
 * that grows with each owner, so one that was thought dead cannot write after its successor.
 */
public final class WriteBehind<V> {

    private static final int REASON_LIMIT = 500;

    private final Cache<V> cache;
    private final BehindStore store;
    private final long capacity;
    private final long deadCapacity;
    private final WriteBehindCounters counters = new WriteBehindCounters();
    private final AtomicBoolean agreed = new AtomicBoolean();
    private final WriteBehindWorker.Settings settings;
    private final List<IntConsumer> wakes = new CopyOnWriteArrayList<>();
    private final Consumer<Step> steps;

    private WriteBehind(Builder<V> from) {
        cache = from.cache;
        capacity = from.capacity;
        deadCapacity = from.deadCapacity;
        steps = from.steps;
        settings =
                new WriteBehindWorker.Settings(
                        from.batch,
                        from.linger,
                        from.idle,
                        from.lease,
                        from.attempts,
                        from.backoff,
                        from.longestBackoff,
                        from.passing);
        store = new BehindStore(cache.redis, cache.keys, cache.storeTimeout, cache.fenceTtl);
    }

    /** Where a process may be killed: the fault test does so at each. */
    enum Step {
        ACCEPTED,
        TAKEN,
        READ,
        COMMITTED,
        SETTLED
    }

    /**
     * Accepts a value for {@code key}; the cache has it at once, the database later.
     *
     * @throws QueueFullException nothing was done
     * @throws OlderWriteException a higher version was accepted before, nothing was done
     * @throws StoreAwayException not acknowledged
     */
    public Receipt put(String key, V value) {
        return accept(key, Objects.requireNonNull(value, "a value; remove() takes one away"), null);
    }

    /** Accepts that {@code key} is removed; the cache remembers the absence until it is so. */
    public Receipt remove(String key) {
        return accept(key, null, null);
    }

    /**
     * Begins to write to {@code sink} the partitions that fall to this worker: all of them while it
     * is alone, its share when there are more, here or in other processes.
     */
    public WriteBehindWorker<V> start(Sink<V> sink) {
        agree();
        return new WriteBehindWorker<>(this, store, sink, settings);
    }

    /** Writes that wait, and how long the oldest has waited. */
    public Backlog backlog() {
        long depth = 0;
        long oldest = Long.MAX_VALUE;
        for (int partition = 0; partition < partitions(); partition++) {
            depth += store.depth(partition);
            for (BehindStore.Queued first : store.read(partition, 1)) {
                oldest =
                        Math.min(
                                oldest, Long.parseLong(first.id(), 0, first.id().indexOf('-'), 10));
            }
        }
        long lag = oldest == Long.MAX_VALUE ? 0 : Math.max(0, cache.clock.millis() - oldest);
        return new Backlog(
                depth,
                Duration.ofMillis(lag),
                store.dead(IntStream.range(0, partitions()).boxed().toList()));
    }

    /**
     * What has not reached the database.
     *
     * @param depth writes that wait
     * @param lag age of the oldest of them by this machine's clock; zero when none waits
     * @param dead dead letters
     */
    public record Backlog(long depth, Duration lag, long dead) {}

    /** Dead letters, the oldest of each partition first; at most {@code most} of each. */
    public List<DeadLetter<V>> deadLetters(int most) {
        List<DeadLetter<V>> letters = new ArrayList<>();
        for (int partition = 0; partition < partitions(); partition++) {
            for (BehindStore.Dead dead : store.deadLetters(partition, most)) {
                letters.add(letter(partition, dead));
            }
        }
        return letters;
    }

    /**
     * Queues a dead letter's write anew, as a write of now: after all that were accepted before,
     * also of its key, and in the cache at once. So look first whether the key was written since.
     *
     * @throws IllegalArgumentException no such dead letter, or its value cannot be decoded
     * @throws QueueFullException it is still a dead letter, as it is after any other refusal
     */
    public Receipt redrive(DeadLetter<V> letter) {
        BehindStore.Dead dead = store.deadLetter(letter.partition(), letter.id());
        if (dead == null) {
            throw noLetter(letter);
        }
        // Decoded anew: whoever listed it may have been another release, which could not.
        DeadLetter<V> now = letter(letter.partition(), dead);
        if (!now.readable()) {
            throw new IllegalArgumentException(
                    "dead letter " + letter.id() + " cannot be decoded: drop it");
        }
        return accept(now.write().key(), now.write().value(), now);
    }

    /** Forgets a dead letter; false when it was gone. */
    public boolean drop(DeadLetter<V> letter) {
        return store.drop(letter.partition(), letter.id());
    }

    public WriteBehindCounters counters() {
        return counters;
    }

    public int partitions() {
        return cache.keys.partitions();
    }

    String name() {
        return cache.name();
    }

    RandomGenerator random() {
        return cache.random;
    }

    long deadCapacity() {
        return deadCapacity;
    }

    /**
     * Enters what the database has now into the cache's index and tags, see {@link Cache#enter}.
     */
    List<String> enter(List<Write<V>> stored) {
        return cache.enter(stored);
    }

    void drop(List<String> outdated) {
        cache.invalidateAfterCommit(outdated);
    }

    void at(Step step) {
        steps.accept(step);
    }

    void onAccepted(IntConsumer wake) {
        wakes.add(wake);
    }

    void forget(IntConsumer wake) {
        wakes.remove(wake);
    }

    /** Throws what the codec throws for a payload that it does not understand. */
    Write<V> decoded(BehindStore.Queued queued) {
        return new Write<>(
                queued.id(),
                queued.key(),
                queued.payload() == null ? null : cache.codec.decode(queued.payload()),
                queued.version());
    }

    static String reason(Throwable failure) {
        String text = failure.toString();
        return text.length() > REASON_LIMIT ? text.substring(0, REASON_LIMIT) : text;
    }

    private DeadLetter<V> letter(int partition, BehindStore.Dead dead) {
        Write<V> write;
        boolean readable = true;
        try {
            write = decoded(dead.queued());
        } catch (RuntimeException e) {
            readable = false;
            write =
                    new Write<>(
                            dead.queued().id(), dead.queued().key(), null, dead.queued().version());
        }
        Write<V> died = new Write<>(dead.letter(), write.key(), null, 0);
        return new DeadLetter<>(
                partition,
                dead.letter(),
                write,
                readable,
                dead.reason(),
                dead.attempts(),
                died.accepted());
    }

    private Receipt accept(String key, V value, DeadLetter<V> instead) {
        BehindStore.checked(key);
        agree();
        BehindStore.Accepted accepted;
        try {
            accepted =
                    store.put(
                            key,
                            cache.entry(value),
                            capacity,
                            instead == null ? null : instead.id());
        } catch (StoreAwayException e) {
            // Perhaps only the answer was lost.
            cache.accepted(key);
            throw e;
        }
        int partition = cache.keys.partition(key);
        return switch (accepted.verdict()) {
            case ACCEPTED -> {
                at(Step.ACCEPTED);
                cache.accepted(key);
                counters.accepted.increment();
                wakes.forEach(wake -> wake.accept(partition));
                yield new Receipt(key, partition, accepted.id(), accepted.depth());
            }
            case FULL -> {
                counters.full.increment();
                throw new QueueFullException(name(), partition, accepted.depth());
            }
            case OLDER ->
                    throw new OlderWriteException(key, cache.version(value), accepted.newest());
            case NO_LETTER -> throw noLetter(instead);
        };
    }

    private IllegalArgumentException noLetter(DeadLetter<V> letter) {
        return new IllegalArgumentException("no dead letter " + letter.id() + " any more");
    }

    /**
     * With another number of partitions a key's writes would lie in two of them, in no order; the
     * first user of the queue decides, whoever wants another number drains it and takes another
     * name.
     */
    private void agree() {
        if (!agreed.get()) {
            int others = store.agreedPartitions();
            if (others != partitions()) {
                throw new IllegalStateException(
                        name()
                                + " has "
                                + others
                                + " partitions in the store, not "
                                + partitions());
            }
            agreed.set(true);
        }
    }

    /** Every setting has a default that suits rows of a few KB in front of a small database. */
    public static final class Builder<V> {

        private static final int MOST_IN_A_BATCH = 1_000;
        private static final Set<String> PASSING_STATES =
                Set.of("08", "25", "40", "53", "55", "57", "58");

        private final Cache<V> cache;
        private long capacity = 10_000;
        private long deadCapacity = 1_000;
        private int batch = 100;
        private Duration linger = Duration.ofMillis(5);
        private Duration idle = Duration.ofMillis(100);
        private Duration lease = Duration.ofSeconds(10);
        private int attempts = 5;
        private Duration backoff = Duration.ofMillis(50);
        private Duration longestBackoff = Duration.ofSeconds(5);
        private Predicate<Throwable> passing = Builder::isPassing;
        private Consumer<Step> steps = step -> {};

        Builder(Cache<V> cache) {
            this.cache = cache;
        }

        /**
         * Writes that may wait, and dead letters that may lie, in each partition. 10,000, 1,000.
         */
        public Builder<V> capacity(int waiting, int dead) {
            this.capacity = within(waiting, Integer.MAX_VALUE, "writes");
            this.deadCapacity = within(dead, Integer.MAX_VALUE, "dead letters");
            return this;
        }

        /**
         * Writes in one transaction at most, 1 to 1,000, and how old the first may grow while
         * others are waited for. Default 100, 5 ms.
         */
        public Builder<V> batch(int most, Duration linger) {
            if (linger.isNegative()) {
                throw new IllegalArgumentException("linger is not negative: " + linger);
            }
            this.batch = within(most, MOST_IN_A_BATCH, "writes in a batch");
            this.linger = linger;
            return this;
        }

        /**
         * How often a worker looks for writes accepted by other processes; those of its own wake
         * it. Default 100 ms.
         */
        public Builder<V> idle(Duration idle) {
            this.idle = positive(idle);
            return this;
        }

        /**
         * After how long a worker that does not renew counts as gone: its process died, or stood
         * still, or could not reach the store for so long. A slow sink alone loses nothing. Default
         * 10 s.
         */
        public Builder<V> lease(Duration lease) {
            this.lease = positive(lease);
            return this;
        }

        /**
         * How often one write alone is tried before it is dead, and the pauses between tries, which
         * double and are jittered. Default 5, 50 ms to 5 s.
         */
        public Builder<V> retries(int attempts, Duration first, Duration longest) {
            this.attempts = within(attempts, 1_000, "attempts");
            this.backoff = positive(first);
            this.longestBackoff = positive(longest);
            return this;
        }

        /**
         * Which failures of the sink are the database's and pass: the batch is tried again as it is
         * and never dies. By default lost connections, timeouts, deadlocks, a server that shuts
         * down or is full, told by the exception's type or SQLSTATE class (08, 25, 40, 53, 55, 57,
         * 58) anywhere in its causes.
         */
        public Builder<V> passing(Predicate<Throwable> passing) {
            this.passing = Objects.requireNonNull(passing);
            return this;
        }

        /** Only for the test that kills a process at each step. */
        Builder<V> steps(Consumer<Step> steps) {
            this.steps = steps;
            return this;
        }

        public WriteBehind<V> build() {
            return new WriteBehind<>(this);
        }

        private static boolean isPassing(Throwable failure) {
            int depth = 0;
            for (Throwable each = failure; each != null && depth++ < 16; each = each.getCause()) {
                if (each instanceof SQLTransientException
                        || each instanceof SQLRecoverableException
                        || each instanceof TimeoutException
                        || each instanceof IOException
                        || each instanceof SQLException sql
                                && sql.getSQLState() != null
                                && sql.getSQLState().length() == 5
                                && PASSING_STATES.contains(sql.getSQLState().substring(0, 2))) {
                    return true;
                }
            }
            return false;
        }

        private static int within(int number, int most, String what) {
            if (number < 1 || number > most) {
                throw new IllegalArgumentException(what + ": 1 to " + most + ", not " + number);
            }
            return number;
        }

        private static Duration positive(Duration duration) {
            if (duration.toMillis() < 1) {
                throw new IllegalArgumentException("at least 1 ms, not " + duration);
            }
            return duration;
        }
    }
}
