package dev.larder.store.engine;

import dev.larder.store.command.CommandException;
import java.util.List;

/**
 * The libraries of functions, for who writes them to a file and reads them back. The part that
 * keeps them is added to the engine under this type.
 */
public interface Libraries {
    /** What becomes of the libraries that are there when others are restored. */
    enum Policy {
        FLUSH,
        APPEND,
        REPLACE
    }

    /** The source of every library, each with its first line. */
    List<byte[]> sources();

    /**
     * Loads a library.
     *
     * @param replaces whether one of the same name may be there, and goes then
     * @throws CommandException where it cannot be loaded, with the reason
     */
    void load(byte[] source, boolean replaces);

    /**
     * Loads several libraries, or none of them where one fails.
     *
     * @throws CommandException where one cannot be loaded, with the reason
     */
    void restore(List<byte[]> sources, Policy policy);

    void clear();
}
