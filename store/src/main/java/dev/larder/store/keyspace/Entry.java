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

    Entry(byte[] key, Value value, long expireAt, int access) {
        this.key = key;
        this.value = value;
        this.expireAt = expireAt;
        this.access = access;
    }
}
