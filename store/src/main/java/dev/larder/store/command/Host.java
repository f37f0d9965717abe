package dev.larder.store.command;

import dev.larder.store.StoreConfig;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.value.Slice;
import java.util.random.RandomGenerator;

/** What the engine lends to a running command. */
public interface Host {
    Keyspace database(int index);

    int databases();

    Clock clock();

    RandomGenerator random();

    StoreConfig config();

    /** Whether the journal has a listener. */
    boolean isJournalled();

    /**
     * A key has changed: whoever watches it, waits for it, or listens for its events is told.
     *
     * @param eventClass the letter of {@code notify-keyspace-events}; a blank for no event
     */
    void touched(Keyspace where, Slice key, char eventClass, String event);

    /** Who waits for a key is to look at it again, though it has not changed. */
    void awaited(Keyspace where, Slice key);

    /** Something has happened to a key that only listeners for its events are told. */
    void happened(Keyspace where, Slice key, char eventClass, String event);

    /**
     * All keys of {@code before} are about to be replaced by those of {@code after}; by none where
     * that is null.
     */
    void replaced(Keyspace before, Keyspace after);

    /** Objects were let go that are large enough for the real servers to free them by the side. */
    void freedLater(long objects);
}
