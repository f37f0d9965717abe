package dev.larder.store.engine;

import java.util.List;

/**
 * The libraries of functions, for who writes them to a file and reads them back. The part that
 * keeps them is added to the engine under this type.
 */
public interface Libraries {
    /** The source of every library, each with its first line. */
    List<byte[]> sources();

    /**
     * Loads a library, over one of the same name where there is one.
     *
     * @throws IllegalArgumentException where it cannot be loaded, with the reason
     */
    void load(byte[] source);

    void clear();
}
