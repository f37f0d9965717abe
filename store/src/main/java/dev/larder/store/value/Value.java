package dev.larder.store.value;

/**
 * What a key holds, when it is more than a small string. A value knows its elements and nothing of
 * keys, clocks, clients or protocols.
 */
public sealed interface Value permits Text, ListValue, HashValue, SetValue, SortedSet, Stream {

    /** The name of its present form, as OBJECT ENCODING prints it. */
    String encoding();

    /** About how many bytes of heap it takes, reckoned from its layout. */
    long memoryBytes();

    /** Gives back room that it has taken to grow into, where that is cheap. */
    default void compact() {}

    /** An equal value that shares nothing with this one. */
    Value copy();

    /** The heap size of a byte array of {@code length}, with compact object headers. */
    static long arrayBytes(long length) {
        return 12 + length + 7 & ~7L;
    }
}
