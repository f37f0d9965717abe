package dev.larder.store.script;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Reply;

/** What a running script may ask of the store. Called on the thread that runs the script. */
public interface ScriptHost {
    /**
     * {@code redis.call} and {@code redis.pcall}. The words are borrowed until this returns. A
     * refused command is answered by {@link Reply.Failure}, never by an exception. The reply may be
     * a flyweight: it is read at once.
     */
    Reply call(Args words);

    /** {@code redis.log}; {@code level} is 0 (debug) to 3 (warning). */
    void log(int level, byte[] message);

    /**
     * {@code redis.acl_check_cmd}: whether the user may run it; the reply is an error where there
     * is no such command.
     */
    Reply mayRun(Args words);

    /**
     * Called by {@code redis.setresp}: 2 or 3, the protocol whose types the script wants to see.
     */
    void protocol(int version);

    /** Called by {@code redis.set_repl}: whether others are told of what is written from now on. */
    void replicated(boolean yes);

    /** An error of the answer is one of a command that {@link #call} has answered. */
    void alreadyCounted();

    /**
     * Asked every few thousand instructions: null to go on, or the error (its code first) with
     * which the script ends at once, because of SCRIPT KILL or of a limit.
     */
    String interruption();
}
