package dev.larder.caching;

/** The partition has as many writes waiting as it may: nothing was done, try again later. */
public final class QueueFullException extends RuntimeException {

    private final int partition;
    private final long depth;

    QueueFullException(String name, int partition, long depth) {
        super("partition " + partition + " of " + name + " has " + depth + " writes waiting");
        this.partition = partition;
        this.depth = depth;
    }

    public int partition() {
        return partition;
    }

    public long depth() {
        return depth;
    }
}
