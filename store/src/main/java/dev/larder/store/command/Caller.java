package dev.larder.store.command;

/** Who asks, as far as a command may know: the database it is in and the protocol it speaks. */
public abstract class Caller {
    private int database;
    private int protocol = 2;

    /** The index of the database that this caller has selected. */
    public final int database() {
        return database;
    }

    public final void database(int index) {
        database = index;
    }

    /** 2 or 3. */
    public final int protocol() {
        return protocol;
    }

    public final void protocol(int version) {
        protocol = version;
    }

    /**
     * Whether the caller may run these words and read every key besides, which SORT with BY or GET
     * asks, since its words do not name all keys it reads.
     */
    public abstract boolean mayReadEveryKey(Command command, Args args);
}
