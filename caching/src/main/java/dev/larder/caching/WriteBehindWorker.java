package dev.larder.caching;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * Brings what {@link WriteBehind} accepted to its {@link Sink}, until closed. Virtual threads: one
 * that renews leases and balances, one for each partition held.
 *
 * <h2>Who owns a partition</h2>
 *
 * Each worker says every third of a lease that it is alive, renews what it holds, gives back what
 * is above its share (partitions / workers, rounded up) and takes what is free below it. A lease
 * that is not renewed in time is free; the next owner draws a higher fencing token. The token, not
 * the lease, keeps two owners apart: the former may be slow rather than dead.
 *
 * <h2>What a failure does</h2>
 *
 * A failure that passes (see {@link WriteBehind.Builder#passing}) repeats the batch after a pause,
 * for ever: the queue fills and writers are refused, nothing is lost. Any other splits the batch in
 * halves, first half first, down to the single write, which is tried {@code attempts} times and
 * then becomes a dead letter. Later writes of its key go on: each is a whole value, so the database
 * ends with the newest that it takes; holding them back would keep a good value out because of a
 * bad one. When there is no place for dead letters the partition stands still and tries on.
 */
public final class WriteBehindWorker<V> implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(WriteBehindWorker.class.getName());

    private final WriteBehind<V> behind;
    private final BehindStore store;
    private final Sink<V> sink;
    private final Settings settings;
    private final String id = UUID.randomUUID().toString();
    private final Map<Integer, Owned> owned = new ConcurrentHashMap<>();

    /** Tokens that the database has seen, where they were above the store's. */
    private final Map<Integer, Long> seen = new ConcurrentHashMap<>();

    private final IntConsumer wake = this::wake;
    private final Semaphore beat = new Semaphore(0);
    private final Thread keeper;
    private volatile boolean closing;

    record Settings(
            int batch,
            Duration linger,
            Duration idle,
            Duration lease,
            int attempts,
            Duration backoff,
            Duration longestBackoff,
            Predicate<Throwable> passing) {}

    WriteBehindWorker(WriteBehind<V> behind, BehindStore store, Sink<V> sink, Settings settings) {
        this.behind = behind;
        this.store = store;
        this.sink = sink;
        this.settings = settings;
        behind.onAccepted(wake);
        keeper = Thread.ofVirtual().name("write-behind " + behind.name()).start(this::keep);
    }

    /** Partitions that this worker holds now. */
    public List<Integer> partitions() {
        return owned.keySet().stream().sorted().toList();
    }

    /**
     * Finishes the batches under way, gives the partitions back and returns; what is still queued
     * stays for the next worker. A sink that does not return within a lease is interrupted.
     */
    @Override
    public void close() {
        closing = true;
        behind.forget(wake);
        beat.release();
        owned.values().forEach(Owned::stop);
        boolean interrupted = false;
        try {
            keeper.join(settings.lease());
            List<Owned> last = new ArrayList<>(owned.values());
            last.forEach(Owned::stop);
            long until = System.nanoTime() + settings.lease().toNanos();
            for (Owned each : last) {
                if (!each.thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())))) {
                    each.thread.interrupt();
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
            owned.values().forEach(each -> each.thread.interrupt());
        }
        try {
            store.present(id, Duration.ZERO);
        } catch (StoreAwayException e) {
            LOG.log(System.Logger.Level.DEBUG, "left without a word; counts until its time", e);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake(int partition) {
        Owned there = owned.get(partition);
        if (there != null) {
            there.wake();
        }
    }

    private void keep() {
        while (!closing) {
            try {
                owned.values().forEach(Owned::renew);
                balance();
            } catch (StoreAwayException e) {
                LOG.log(System.Logger.Level.DEBUG, "the store is away, leases may end", e);
            } catch (RuntimeException | Error e) {
                // An end of this thread would be the end of all writing, without a word.
                LOG.log(System.Logger.Level.WARNING, "leases of " + behind.name(), e);
            }
            try {
                beat.tryAcquire(settings.lease().toMillis() / 3 + 1, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void balance() {
        int all = behind.partitions();
        int workers = Math.max(1, store.present(id, settings.lease()));
        int share = (all + workers - 1) / workers;
        int above = owned.size() - share;
        for (Owned each : owned.values()) {
            if (above-- > 0) {
                each.stop();
            }
        }
        int offset = behind.random().nextInt(all);
        for (int i = 0; i < all && owned.size() < share && !closing; i++) {
            int partition = (offset + i) % all;
            if (owned.containsKey(partition)) {
                continue;
            }
            long asked = System.nanoTime();
            long token =
                    store.take(partition, id, settings.lease(), seen.getOrDefault(partition, 0L));
            if (token > 0) {
                behind.counters().takenOver.increment();
                Owned now = new Owned(partition, token, asked + settings.lease().toNanos());
                owned.put(partition, now);
                now.thread.start();
            }
        }
    }

    /** One partition while this worker holds it. */
    private final class Owned implements Runnable {

        private final int partition;
        private final long token;
        private final Semaphore work = new Semaphore(0);
        private final CountDownLatch stopped = new CountDownLatch(1);
        private final Thread thread;

        /** By this machine's clock, not later than by the store's. */
        private volatile long heldUntil;

        Owned(int partition, long token, long heldUntil) {
            this.partition = partition;
            this.token = token;
            this.heldUntil = heldUntil;
            thread =
                    Thread.ofVirtual()
                            .name("write-behind " + behind.name() + " p" + partition)
                            .unstarted(this);
        }

        void wake() {
            if (work.availablePermits() == 0) {
                work.release();
            }
        }

        void stop() {
            stopped.countDown();
            wake();
        }

        void renew() {
            long asked = System.nanoTime();
            if (store.renew(partition, id, settings.lease(), token)) {
                heldUntil = asked + settings.lease().toNanos();
            } else {
                stop();
            }
        }

        private boolean goesOn() {
            return stopped.getCount() > 0 && System.nanoTime() - heldUntil < 0;
        }

        private void pause(int tries) throws InterruptedException {
            long doubled = settings.backoff().toNanos() << Math.min(tries, 20);
            long longest = Math.min(settings.longestBackoff().toNanos(), doubled);
            stopped.await(
                    longest / 2 + behind.random().nextLong(longest / 2 + 1), TimeUnit.NANOSECONDS);
        }

        @Override
        public void run() {
            int failures = 0;
            try {
                behind.at(WriteBehind.Step.TAKEN);
                while (goesOn()) {
                    try {
                        List<BehindStore.Queued> queued = gather();
                        if (queued.isEmpty()) {
                            work.tryAcquire(settings.idle().toNanos(), TimeUnit.NANOSECONDS);
                        } else {
                            behind.at(WriteBehind.Step.READ);
                            work(queued);
                        }
                        failures = 0;
                    } catch (StoreAwayException e) {
                        // What the database has and the queue still lists comes again; the sink
                        // knows it.
                        pause(failures++);
                    }
                }
            } catch (LeaseLostException e) {
                seen.merge(partition, e.newest(), Math::max);
                LOG.log(System.Logger.Level.INFO, e.getMessage());
            } catch (InterruptedException e) {
                // Only close() interrupts, and this thread ends here.
                LOG.log(System.Logger.Level.DEBUG, "interrupted in partition {0}", partition);
            } catch (RuntimeException | Error e) {
                // Given back, and taken again at the next beat, here or elsewhere.
                LOG.log(
                        System.Logger.Level.WARNING,
                        "partition " + partition + " of " + behind.name() + " is given back",
                        e);
            } finally {
                giveBack();
            }
        }

        private void giveBack() {
            try {
                store.release(partition, id, token);
            } catch (StoreAwayException e) {
                LOG.log(System.Logger.Level.DEBUG, "not given back; ends by its time", e);
            } finally {
                owned.remove(partition, this);
            }
        }

        /** The oldest writes; when they are few, those of the next moment too. */
        private List<BehindStore.Queued> gather() throws InterruptedException {
            List<BehindStore.Queued> queued = store.read(partition, settings.batch());
            if (queued.isEmpty()
                    || queued.size() == settings.batch()
                    || settings.linger().isZero()) {
                return queued;
            }
            stopped.await(settings.linger().toNanos(), TimeUnit.NANOSECONDS);
            return store.read(partition, settings.batch());
        }

        /**
         * Stores what can be decoded up to the first that cannot, which is dead when its turn is.
         */
        private void work(List<BehindStore.Queued> queued) throws InterruptedException {
            List<Write<V>> writes = new ArrayList<>(queued.size());
            for (BehindStore.Queued each : queued) {
                try {
                    writes.add(behind.decoded(each));
                } catch (RuntimeException e) {
                    if (writes.isEmpty()) {
                        if (!bury(each.id(), each.key(), e, 1)) {
                            pause(settings.attempts());
                        }
                        return;
                    }
                    break;
                }
            }
            resolve(writes);
        }

        /** True when each of them is in the database or dead; false when this owner must go. */
        private boolean resolve(List<Write<V>> writes) throws InterruptedException {
            int refused = 0;
            for (int tries = 0; goesOn(); tries++) {
                Throwable failure = tried(writes);
                if (failure == null) {
                    behind.at(WriteBehind.Step.COMMITTED);
                    settle(writes);
                    behind.at(WriteBehind.Step.SETTLED);
                    return true;
                }
                behind.counters().retried.increment();
                LOG.log(System.Logger.Level.DEBUG, "tried again", failure);
                if (!settings.passing().test(failure)) {
                    if (writes.size() > 1) {
                        int half = writes.size() / 2;
                        return resolve(writes.subList(0, half))
                                && resolve(writes.subList(half, writes.size()));
                    }
                    Write<V> alone = writes.getFirst();
                    if (++refused >= settings.attempts()
                            && bury(alone.id(), alone.key(), failure, refused)) {
                        return true;
                    }
                }
                pause(tries);
            }
            return false;
        }

        /** What the sink threw, or null. */
        private Throwable tried(List<Write<V>> writes) throws InterruptedException {
            try {
                sink.store(new Batch<>(behind.name(), partition, token, writes));
                return null;
            } catch (LeaseLostException | InterruptedException e) {
                throw e;
            } catch (Exception | AssertionError | LinkageError e) {
                return e;
            }
        }

        private void settle(List<Write<V>> writes) {
            behind.counters().batches.increment();
            List<Write<V>> last = Batch.latestPerKey(writes);
            List<String> outdated = behind.enter(last);
            Map<String, String> lastPerKey = new LinkedHashMap<>();
            last.forEach(write -> lastPerKey.put(write.key(), write.id()));
            store.settle(partition, writes.stream().map(Write::id).toList(), lastPerKey);
            if (!outdated.isEmpty()) {
                behind.drop(outdated);
            }
            behind.counters().written.add(writes.size());
        }

        /** False when there is no place for it: nothing may be stored that came after it. */
        private boolean bury(String write, String key, Throwable failure, int attempts) {
            BehindStore.Burial burial =
                    store.bury(
                            partition,
                            token + " " + id,
                            write,
                            key,
                            WriteBehind.reason(failure),
                            attempts,
                            behind.deadCapacity());
            switch (burial) {
                case DONE -> {
                    behind.counters().dead.increment();
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "dead letter: write {0} of {1} in {2} after {3} attempts: {4}",
                            write,
                            key,
                            behind.name(),
                            attempts,
                            failure.getClass().getName());
                }
                case GONE -> LOG.log(System.Logger.Level.DEBUG, "{0} is not queued", write);
                case NOT_OWNER -> throw new LeaseLostException(behind.name(), partition, token);
                case NO_PLACE -> {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "partition {0} of {1} stands still: no place for a dead letter",
                            partition,
                            behind.name());
                    return false;
                }
            }
            return true;
        }
    }
}
