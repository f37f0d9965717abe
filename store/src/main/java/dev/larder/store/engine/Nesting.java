package dev.larder.store.engine;

import dev.larder.store.command.Call;

/**
 * The commands that run inside of another one, a script: for whom they run, which are refused, and
 * what they have done. One object serves all scripts of an engine, for no two run at once.
 */
public final class Nesting {
    final Call call;
    Client client;
    boolean readOnly;
    boolean mayExceedMemory;
    boolean journalled;
    boolean wrote;

    public Nesting(Engine engine) {
        this.call = new Call(engine, true);
    }

    /**
     * A script begins.
     *
     * @param readOnly whether commands that write are refused
     * @param mayExceedMemory whether commands that take memory run where there is too little
     */
    public void begin(Client client, boolean readOnly, boolean mayExceedMemory) {
        this.client = client;
        this.readOnly = readOnly;
        this.mayExceedMemory = mayExceedMemory;
        this.journalled = true;
        this.wrote = false;
    }

    public void end() {
        client = null;
    }

    public Client client() {
        return client;
    }

    /** Whether the journal hears of what is changed from now on; it does from the beginning. */
    public void journalled(boolean yes) {
        journalled = yes;
    }

    /** Whether a command that writes was run, be it that it failed. */
    public boolean hasWritten() {
        return wrote;
    }
}
