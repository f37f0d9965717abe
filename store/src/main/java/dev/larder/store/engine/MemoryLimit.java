package dev.larder.store.engine;

import dev.larder.store.StoreConfig;
import dev.larder.store.keyspace.Eviction;
import dev.larder.store.keyspace.Keyspace;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Keeps the store below {@code maxmemory}: before a command runs, keys are evicted by the chosen
 * policy until there is room. What cannot be done in a short time is gone on with between commands;
 * where nothing may go, commands that need memory are refused.
 */
public final class MemoryLimit {
    /** The server itself, empty: what a full collection leaves on the heap at start. */
    public static final long BASE_BYTES = 3L << 20;

    private static final long STEP_NANOS = 500_000;
    private static final int KEYS_BETWEEN_LOOKS = 16;

    /** Removes a key because memory is full, and says so to everybody concerned. */
    @FunctionalInterface
    interface Remover {
        void evict(Keyspace from, byte[] key);
    }

    private final StoreConfig config;
    private final Keyspace[] databases;
    private final Eviction eviction;
    private final Remover remover;
    private long limit;
    private boolean held;
    private boolean follows;
    private boolean exceeded;
    private long peak;
    private long besidesBytes;
    private long overSinceNanos;
    private long overNanos;

    MemoryLimit(StoreConfig config, Keyspace[] databases, RandomGenerator random, Remover remover) {
        this.config = config;
        this.databases = databases;
        this.eviction = new Eviction(databases, random);
        this.remover = remover;
        for (String name :
                List.of(
                        "maxmemory",
                        "maxmemory-policy",
                        "maxmemory-samples",
                        "lfu-log-factor",
                        "lfu-decay-time")) {
            config.onChange(name, _ -> read());
        }
        read();
    }

    private void read() {
        limit = config.memoryBytesMax();
        if (limit == 0) {
            notesOver(false);
        }
        Eviction.Policy policy = Eviction.Policy.of(config.text("maxmemory-policy"));
        eviction.choose(policy, config.memorySamples());
        for (Keyspace db : databases) {
            db.trackFrequency(
                    policy.tracksFrequency(), config.lfuLogFactor(), config.lfuDecayMinutes());
        }
        exceeded = false;
    }

    /** Bytes that the store takes: its data and the server itself. */
    public long usedBytes() {
        long used = BASE_BYTES + besidesBytes + dataBytes();
        peak = Math.max(peak, used);
        return used;
    }

    /** Adds to what is kept besides the data, as the sources of scripts; takes away if negative. */
    public void keepBesides(long bytes) {
        besidesBytes += bytes;
    }

    /** For how long the limit has been passed since it was first looked at, in nanoseconds. */
    public long overNanos() {
        return overNanos + overNowNanos();
    }

    /** For how long it has been passed now; 0 where it is not. */
    public long overNowNanos() {
        return overSinceNanos == 0 ? 0 : System.nanoTime() - overSinceNanos;
    }

    /** Forgets for how long the limit was passed before. */
    public void forgetOver() {
        overNanos = 0;
    }

    private void notesOver(boolean over) {
        if (over && overSinceNanos == 0) {
            overSinceNanos = System.nanoTime();
        } else if (!over && overSinceNanos != 0) {
            overNanos += System.nanoTime() - overSinceNanos;
            overSinceNanos = 0;
        }
    }

    /** The most that {@link #usedBytes} ever gave. */
    public long peakBytes() {
        return Math.max(peak, usedBytes());
    }

    /** Bytes of all keys and their values, with their tables. */
    public long dataBytes() {
        long bytes = 0;
        for (Keyspace db : databases) {
            bytes += db.memoryBytes();
        }
        return bytes;
    }

    /** While held nothing is evicted, as while clients are paused. */
    public void hold(boolean yes) {
        held = yes;
    }

    /** A replica leaves it to its master to keep within the limit. */
    public void follows(boolean yes) {
        follows = yes;
    }

    boolean isSet() {
        return limit != 0 && !follows;
    }

    /** Whether at the last look nothing more could be evicted though it should have been. */
    public boolean isExceeded() {
        return isSet() && exceeded;
    }

    /** Makes room where the limit is passed; true where that is impossible. */
    boolean cannotMakeRoom() {
        exceeded = false;
        boolean over = usedBytes() > limit && !held;
        if (over) {
            over = evict(System.nanoTime() + STEP_NANOS) || exceeded;
        }
        if (over != (overSinceNanos != 0)) {
            notesOver(over);
        }
        return exceeded;
    }

    /** Goes on making room; whether there is more to do. */
    boolean goOn(long budgetNanos) {
        if (!isSet() || held || usedBytes() <= limit) {
            return false;
        }
        return evict(System.nanoTime() + budgetNanos);
    }

    /** Evicts until there is room, nothing may go or the time is over; true for the last. */
    private boolean evict(long until) {
        for (int evicted = 0; usedBytes() > limit; evicted++) {
            if (evicted % KEYS_BETWEEN_LOOKS == KEYS_BETWEEN_LOOKS - 1
                    && System.nanoTime() >= until) {
                return true;
            }
            byte[] key = eviction.next();
            if (key == null) {
                exceeded = true;
                return false;
            }
            remover.evict(databases[eviction.database()], key);
        }
        return false;
    }
}
