package dev.larder.bench;

/**
 * What a load is made of. Connections come in groups of one or more; an operation writes to some
 * connections of its group and is over when all replies it is owed have come, on whichever.
 */
interface Traffic {

    /** Connections in a group. */
    default int lanes() {
        return 1;
    }

    /** Writes what a connection says once before it is measured; answers how many replies come. */
    default int greet(int group, int lane, Words into) {
        return 0;
    }

    /** Writes one operation and answers how many replies it is owed. */
    int ask(int group, Words[] lanes);
}
