package dev.larder.store.engine;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Command;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;

/**
 * Sees what passes by the engine, from {@link Engine#watch} to {@link Engine#unwatch}: MONITOR,
 * CLIENT TRACKING, CLIENT PAUSE. While there is none, a command pays one look at an empty array.
 */
public interface Onlooker {
    /**
     * Whether an admitted request has to wait. Who says so keeps its words, and runs it later by
     * {@link Engine#later}.
     */
    default boolean holds(Client client, Command command, Args args) {
        return false;
    }

    /** A body is about to run, be it asked for directly, in a transaction or by a script. */
    default void before(Call call, Client client) {}

    /** The same body has run; its words are still there. */
    default void after(Call call, Client client, Reply reply) {}

    /** A key has changed. The slice is borrowed. */
    default void touched(int database, Slice key) {}

    /** A key has gone by itself, its time being over. */
    default void expired(int database, Slice key) {
        touched(database, key);
    }

    /** A whole database has been emptied or exchanged. */
    default void touchedAll(int database) {}

    /** All requests that came together have run; their replies are about to be sent. */
    default void batchEnded() {}
}
