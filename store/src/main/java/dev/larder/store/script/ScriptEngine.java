package dev.larder.store.script;

import dev.larder.store.reply.Reply;
import java.util.List;

/**
 * Compiles and runs scripts. One engine belongs to one thread (the shard's event loop) and is not
 * reentrant: a script cannot run a script.
 */
public interface ScriptEngine extends AutoCloseable {
    /** Compiles a script, or finds it among those already compiled. */
    Script compile(byte[] source) throws ScriptException;

    /** A script compiled earlier; null when there is none of that name. */
    Script find(String sha1);

    /**
     * Runs a script. The answer owns its bytes. An error that the script did not catch is a {@link
     * Reply.Failure} with the place where it happened.
     *
     * @param keys the script's KEYS
     * @param arguments its ARGV
     */
    Reply run(Script script, List<byte[]> keys, List<byte[]> arguments, ScriptHost host);

    /** Forgets all compiled scripts; those handed out before are invalid. */
    void flush();

    /** How many scripts are compiled. */
    int size();

    /** Bytes that the engine itself uses, without the sources. */
    long memoryBytes();

    @Override
    void close();
}
