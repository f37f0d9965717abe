package dev.larder.caching;

/**
 * A write that {@link WriteBehind} has accepted: queued in the store, not yet in the database.
 *
 * @param id the write's place in its partition's stream, {@code ms-sequence}; grows per partition
 * @param depth writes waiting in the partition, this one included
 */
public record Receipt(String key, int partition, String id, long depth) {}
