package dev.larder.store.keyspace;

import dev.larder.store.value.Value;

/** A key whose value is an object of its own; strings are {@link Inline} mostly. */
final class Entry {
    final byte[] key;
    Value value;

    /** Milliseconds since 1970; 0 is never. */
    long expireAt;

    /** When it was used last, 24 bits (LRU clock or LFU counter). */
    int access;

    /**
     * What the keyspace has counted for this entry, in units of eight bytes; {@link #GONE} once it
     * has left the table.
     */
    int counted;

    static final int GONE = -1;

    /** This object itself, with compact object headers. */
    private static final int SELF_BYTES = 32;

    Entry(byte[] key, Value value, long expireAt, int access) {
        this.key = key;
        this.value = value;
        this.expireAt = expireAt;
        this.access = access;
    }

    /** The heap that the entry takes with its key and its value, in units of eight bytes. */
    int weight() {
        long bytes = SELF_BYTES + Value.arrayBytes(key.length) + value.memoryBytes();
        return (int) Math.min(bytes >>> 3, Integer.MAX_VALUE);
    }
}
