package dev.larder.store.persistence;

import dev.larder.store.value.Slice;

/**
 * Elements of one compact encoding in a row: a listpack, ziplist, zipmap or intset. Made only of
 * bytes whose every element was checked before.
 */
interface Elements {
    /** How many there are. */
    int count();

    /** Whether there is one more. */
    boolean hasNext();

    /** The next element, borrowed until the one after. */
    Slice next();
}
