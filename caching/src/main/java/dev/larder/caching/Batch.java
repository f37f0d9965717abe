package dev.larder.caching;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes of one partition in the order in which they were accepted; never empty.
 *
 * @param fence the owner's fencing token: a sink refuses a batch whose token is lower than one it
 *     has seen for the partition
 */
public record Batch<V>(String cache, int partition, long fence, List<Write<V>> writes) {

    public Batch {
        writes = List.copyOf(writes);
        if (writes.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one write");
        }
    }

    public String firstId() {
        return writes.getFirst().id();
    }

    public String lastId() {
        return writes.getLast().id();
    }

    /**
     * Only the last write of each key, in order: for a sink to which a row's states in between do
     * not matter.
     */
    public static <V> List<Write<V>> latestPerKey(List<Write<V>> writes) {
        Map<String, Write<V>> latest = new LinkedHashMap<>();
        for (Write<V> write : writes) {
            latest.remove(write.key());
            latest.put(write.key(), write);
        }
        return List.copyOf(latest.values());
    }
}
