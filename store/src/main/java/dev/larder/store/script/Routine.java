package dev.larder.store.script;

import java.util.Set;

/** What can be run: a script or a function of a library. */
public sealed interface Routine permits Script, LibraryFunction {
    /** The name under which errors speak of it. */
    String name();

    /** What it promises. */
    Set<ScriptFlag> flags();

    /**
     * Whether it promises anything: a script without a first line {@code #!lua} is judged command
     * by command, as before Redis 7.
     */
    boolean isDeclared();

    /** How its engine knows it. */
    int handle();

    default boolean has(ScriptFlag flag) {
        return flags().contains(flag);
    }
}
