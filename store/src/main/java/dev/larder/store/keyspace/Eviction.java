package dev.larder.store.keyspace;

import dev.larder.store.value.Slice;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Chooses the key that is to go when memory is full, by one of the eight policies of {@code
 * maxmemory-policy}. Least use is found as on the real servers: some entries are drawn by chance,
 * the worst of all that were drawn lately are kept in a small pool, and the worst of the pool goes.
 */
public final class Eviction {
    /** What goes first, and whether only keys that expire may go. */
    public enum Policy {
        NOEVICTION(By.NOTHING, false),
        ALLKEYS_LRU(By.IDLE, false),
        ALLKEYS_LFU(By.FREQUENCY, false),
        ALLKEYS_RANDOM(By.CHANCE, false),
        VOLATILE_LRU(By.IDLE, true),
        VOLATILE_LFU(By.FREQUENCY, true),
        VOLATILE_RANDOM(By.CHANCE, true),
        VOLATILE_TTL(By.EXPIRY, true);

        private enum By {
            NOTHING,
            IDLE,
            FREQUENCY,
            CHANCE,
            EXPIRY
        }

        private final By by;
        private final boolean onlyExpiring;

        Policy(By by, boolean onlyExpiring) {
            this.by = by;
            this.onlyExpiring = onlyExpiring;
        }

        /** By its name in the configuration, such as {@code allkeys-lru}. */
        public static Policy of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
        }

        public boolean tracksFrequency() {
            return by == By.FREQUENCY;
        }
    }

    private static final int POOL = 16;

    /** A key that may go; the higher its score, the sooner. */
    private record Candidate(long score, int database, byte[] key) {}

    private final Keyspace[] databases;
    private final RandomGenerator random;
    private final Candidate[] pool = new Candidate[POOL];
    private int pooled;
    private int nextDatabase;
    private Policy policy = Policy.NOEVICTION;
    private int samples = 5;

    public Eviction(Keyspace[] databases, RandomGenerator random) {
        this.databases = databases;
        this.random = random;
    }

    /** Scores of another policy mean nothing under this one, so the pool is emptied. */
    public void choose(Policy chosen, int samplesADatabase) {
        policy = chosen;
        samples = samplesADatabase;
        Arrays.fill(pool, null);
        pooled = 0;
    }

    /** The database that the key found by {@link #next} is in. */
    public int database() {
        return nextDatabase;
    }

    /** The key that is to go next, or null where none may. */
    public byte[] next() {
        return switch (policy.by) {
            case NOTHING -> null;
            case CHANCE -> anyKey();
            case IDLE, FREQUENCY, EXPIRY -> worst();
        };
    }

    private byte[] anyKey() {
        for (int i = 0; i < databases.length; i++) {
            nextDatabase = (nextDatabase + 1) % databases.length;
            Object entry = databases[nextDatabase].draw(random, policy.onlyExpiring);
            if (entry != null) {
                return Keyspace.keyOf(entry);
            }
        }
        return null;
    }

    private byte[] worst() {
        while (true) {
            boolean any = false;
            for (Keyspace db : databases) {
                any |= fill(db);
            }
            if (!any) {
                return null;
            }
            while (pooled > 0) {
                Candidate worst = pool[--pooled];
                pool[pooled] = null;
                Keyspace db = databases[worst.database()];
                if (db.mayBeEvicted(new Slice(worst.key()), policy.onlyExpiring)) {
                    nextDatabase = worst.database();
                    return worst.key();
                }
            }
        }
    }

    /** Draws some entries of a database into the pool; false where it has none to draw. */
    private boolean fill(Keyspace db) {
        boolean any = false;
        for (int i = 0; i < samples; i++) {
            Object entry = db.draw(random, policy.onlyExpiring);
            if (entry == null) {
                return any;
            }
            any = true;
            offer(
                    switch (policy.by) {
                        case FREQUENCY -> 255 - db.frequencyOf(entry);
                        case EXPIRY -> Long.MAX_VALUE - Keyspace.expireAtOf(entry);
                        case IDLE, CHANCE, NOTHING -> db.idleSecondsOf(entry);
                    },
                    db.index(),
                    entry);
        }
        return any;
    }

    /** Keeps the pool in ascending order of scores, the best for keeping falling out. */
    private void offer(long score, int database, Object entry) {
        if (pooled == POOL && score <= pool[0].score()) {
            return;
        }
        byte[] key = Keyspace.keyOf(entry);
        for (int i = 0; i < pooled; i++) {
            if (pool[i].database() == database && Arrays.equals(pool[i].key(), key)) {
                return;
            }
        }
        int at = 0;
        while (at < pooled && pool[at].score() < score) {
            at++;
        }
        if (pooled == POOL) {
            System.arraycopy(pool, 1, pool, 0, at - 1);
            at--;
        } else {
            System.arraycopy(pool, at, pool, at + 1, pooled - at);
            pooled++;
        }
        pool[at] = new Candidate(score, database, key);
    }
}
