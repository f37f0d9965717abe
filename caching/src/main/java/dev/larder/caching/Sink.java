package dev.larder.caching;

/**
 * Where writes end: the database. {@link JdbcProgress} makes one that stores each write exactly
 * once.
 */
@FunctionalInterface
public interface Sink<V> {

    /**
     * Stores all writes of the batch in one transaction, or none, and returns after its commit. The
     * same writes come again when a worker dies or this throws, perhaps in other batches: it is the
     * sink that tells which it has, by partition and id (see {@link JdbcProgress}).
     *
     * @throws LeaseLostException when the batch's fencing token is older than one seen before
     * @throws Exception anything else: {@link WriteBehind.Builder#passing} decides whether that is
     *     the database's trouble (tried again for ever) or a write's (isolated, then dead)
     */
    void store(Batch<V> batch) throws Exception;
}
