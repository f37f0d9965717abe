package dev.larder.store.engine;

/** Who refuses commands of ordinary clients by the state of replication. */
@FunctionalInterface
public interface Gate {
    /**
     * The error, or null for none.
     *
     * @param writes whether the command writes, or one of the transaction that it ends
     * @param needsFreshData whether it may not be answered from data that may be stale
     */
    String refusal(boolean writes, boolean needsFreshData);
}
