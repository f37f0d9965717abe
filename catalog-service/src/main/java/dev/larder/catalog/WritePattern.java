package dev.larder.catalog;

/** How a write uses the cache; spelled {@code write-through} outside. */
public enum WritePattern {
    /** The database commits, then the cache has the new value. */
    WRITE_THROUGH,
    /** The database commits, then the cache forgets the old value. */
    WRITE_AROUND,
    /** The store has the new value, in the cache and in a queue; the database follows. */
    WRITE_BEHIND;

    /** For query parameters. */
    public static WritePattern fromString(String spelled) {
        return ReadPattern.Spelling.of(WritePattern.class, spelled);
    }

    @Override
    public String toString() {
        return ReadPattern.Spelling.of(this);
    }
}
