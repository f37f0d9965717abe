package dev.larder.laboratory;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * When each version of each row of a lane was committed, against which is measured what the lane
 * serves.
 *
 * <p>A version counts as committed when the database has acknowledged it. Of a key the last {@value
 * #KEPT} are remembered, and a commit whose acknowledgement was lost is not known, so what is
 * measured is the least that is true: never more than the real staleness.
 */
final class Truth {

    static final int KEPT = 32;

    private final AtomicReferenceArray<Commits> commits;

    /**
     * @param keys the highest key
     */
    Truth(int keys) {
        commits = new AtomicReferenceArray<>(keys + 1);
    }

    /** The last commits of one key, by version. */
    private static final class Commits {
        private final long[] versions = new long[KEPT];
        private final long[] nanos = new long[KEPT];

        synchronized void add(long version, long at) {
            int place = (int) (version % KEPT);
            if (versions[place] < version) {
                versions[place] = version;
                nanos[place] = at;
            }
        }

        /** How long ago, at a moment, the first commit known after {@code version} was; or 0. */
        synchronized long since(long version, long moment) {
            long longest = 0;
            for (int i = 0; i < KEPT; i++) {
                if (versions[i] > version) {
                    longest = Math.max(longest, moment - nanos[i]);
                }
            }
            return longest;
        }
    }

    void committed(int key, long version, long nanoTime) {
        Commits known = commits.get(key);
        if (known == null) {
            Commits fresh = new Commits();
            known = commits.compareAndSet(key, null, fresh) ? fresh : commits.get(key);
        }
        known.add(version, nanoTime);
    }

    /**
     * For how many nanoseconds {@code version} had been replaced when a read began; 0 when it was
     * the committed one, or became untrue only while the read was on its way.
     */
    long stalenessNanos(int key, long version, long readBegan) {
        Commits known = commits.get(key);
        return known == null ? 0 : known.since(version, readBegan);
    }
}
