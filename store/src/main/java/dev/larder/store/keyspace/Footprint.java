package dev.larder.store.keyspace;

import dev.larder.store.value.Value;
import java.util.Arrays;

/**
 * What a keyspace takes of the heap, in bytes, kept up to date as it changes: reckoned from the
 * layout of objects with compact headers and compressed references, and held against the real heap
 * by a test.
 *
 * <p>A value may change in its owner's hands after it was found, so the entries that a writing
 * command has found are remembered and weighed anew when it has ended.
 */
final class Footprint {
    private static final int KEPT_MAX = 1024;

    private long bytes;
    private Entry[] found = new Entry[8];
    private int foundCount;

    /** What the running command has put into the table last. */
    private Entry newest;

    long bytes() {
        return bytes;
    }

    /** Counts what is no entry: segments and the directory. */
    void table(long more) {
        bytes += more;
    }

    void added(Object entry) {
        if (entry instanceof byte[] inline) {
            bytes += Value.arrayBytes(inline.length);
        } else {
            Entry boxed = (Entry) entry;
            boxed.counted = boxed.weight();
            bytes += 8L * boxed.counted;
            mayChange(boxed);
            newest = boxed;
        }
    }

    void removed(Object entry) {
        if (entry instanceof byte[] inline) {
            bytes -= Value.arrayBytes(inline.length);
        } else {
            Entry boxed = (Entry) entry;
            bytes -= 8L * boxed.counted;
            boxed.counted = Entry.GONE;
        }
    }

    /** Remembers an entry whose value the running command may change. */
    void mayChange(Entry entry) {
        if (foundCount == 0 || found[foundCount - 1] != entry) {
            if (foundCount == found.length) {
                found = Arrays.copyOf(found, foundCount * 2);
            }
            found[foundCount++] = entry;
        }
    }

    /** Weighs anew what the command that has ended has found. */
    void settle() {
        for (int i = 0; i < foundCount; i++) {
            Entry entry = found[i];
            found[i] = null;
            if (entry.counted != Entry.GONE) {
                if (entry == newest) {
                    // Most small values are written by one command and hardly changed again.
                    entry.value.compact();
                }
                int weight = entry.weight();
                bytes += 8L * (weight - entry.counted);
                entry.counted = weight;
            }
        }
        foundCount = 0;
        newest = null;
        if (found.length > KEPT_MAX) {
            found = new Entry[8];
        }
    }

    boolean isSettled() {
        return foundCount == 0;
    }
}
