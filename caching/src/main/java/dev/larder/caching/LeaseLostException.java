package dev.larder.caching;

/**
 * Another worker owns the partition now. A {@link Sink} throws it, after rolling back, for a batch
 * whose fencing token is older than one it has seen.
 */
public final class LeaseLostException extends RuntimeException {

    private final long newest;

    /**
     * @param newest the highest fencing token seen
     */
    public LeaseLostException(String cache, int partition, long newest) {
        super("partition " + partition + " of " + cache + " was taken over with token " + newest);
        this.newest = newest;
    }

    public long newest() {
        return newest;
    }
}
