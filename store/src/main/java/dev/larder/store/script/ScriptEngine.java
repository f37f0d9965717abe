package dev.larder.store.script;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Reply;
import java.util.List;

/**
 * Compiles and runs scripts, or the functions of libraries. One engine belongs to one thread (the
 * shard's event loop) and is not reentrant: a script cannot run a script.
 */
public interface ScriptEngine extends AutoCloseable {
    /** Compiles a script, or finds it among those already compiled. */
    Script compile(byte[] source) throws ScriptException;

    /** A script compiled earlier; null when there is none of that name. */
    Script find(String sha1);

    /**
     * Runs the code of a library, which registers its functions; only of an engine that was opened
     * for libraries.
     *
     * @param code the source; what lies before {@code from} is not compiled
     * @param limitNanos how long it may take; 0 for ever
     * @return the functions in the order of their registration
     */
    List<LibraryFunction> load(byte[] code, int from, long limitNanos) throws ScriptException;

    /** Forgets a function that was loaded. */
    void release(LibraryFunction function);

    /**
     * Runs a script or a function. The answer owns its bytes. An error that was not caught is a
     * {@link Reply.Failure} with the place where it happened.
     *
     * @param words from {@code first} on, first the keys: the script's KEYS, the function's first
     *     argument; the rest is the script's ARGV, the function's second argument
     * @param keys how many keys there are
     */
    Reply run(Routine routine, Args words, int first, int keys, ScriptHost host);

    /** Forgets all that is compiled; what was handed out before is invalid. */
    void flush();

    /** How many scripts are compiled. */
    int size();

    /** Bytes of the sources of all scripts, and of the table they stand in. */
    long sourceBytes();

    /** Bytes that the engine itself uses, without the sources and, where it is small, garbage. */
    long memoryBytes();

    @Override
    void close();
}
