package dev.larder.caching;

import java.time.Duration;

/** Hears what a cache does, on the calling thread: count and return, never block. */
public interface CacheListener {

    /** One thing that happened to one key. */
    enum Event {
        /** This JVM had the value, or the remembered absence. */
        HOT_HIT,
        /** The store had the value. */
        HIT,
        /** The store remembered that there is none. */
        NEGATIVE_HIT,
        /** The store had nothing. */
        MISS,
        /** A reader waited for another reader's load instead of asking the database again. */
        JOINED,
        /** A reader waited for the load of another node. */
        LEASE_WAIT,
        /** A value past its TTL was served, beside one of the hits. */
        STALE,
        /** A value was loaded anew in the background, before or after its TTL had ended. */
        REFRESH,
        /** A load failed; a reader with a stale value at hand served that. */
        LOAD_FAILED,
        /** A reader did not wait for a load any longer. */
        LOAD_TIMEOUT,
        /** A loaded value was kept. */
        FILL,
        /** A loaded value was not kept because somebody wrote meanwhile: a race that was won. */
        FILL_REFUSED,
        /** A committed value was kept. */
        WRITE,
        /** A committed value was not kept because a newer one was there. */
        WRITE_REFUSED,
        /** An entry was dropped on demand. */
        INVALIDATE,
        /** An entry could not be read (another version wrote it) and counts as a miss. */
        UNREADABLE,
        /**
         * The store did not answer; the database was asked, or a write went unseen by the store.
         */
        STORE_AWAY,
        /** No place in front of the database came free in time. */
        DATABASE_BUSY
    }

    void happened(Event event);

    /** The loader came back, with or without a value, after {@code took}. */
    void databaseRead(Duration took);
}
