package dev.larder.store.script;

import dev.larder.store.value.Utf8;

/**
 * An error that a function written in Java raises in the script. It never crosses a native frame:
 * the function's own stub catches it.
 */
final class LuaError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The error value is what lies on top of the stack; the text is unused. */
    static final LuaError ON_TOP = new LuaError("", Kind.ON_TOP);

    enum Kind {
        /** A string, with the place of the caller before it, as {@code luaL_error} does. */
        PLACED,
        /** What is wrong with an argument; the function's name and the place are added. */
        ARGUMENT,
        /** A string without a place, as the interpreter raises from within a C function. */
        PLAIN,
        /** A table with the field {@code err}, as the functions of {@code redis} raise. */
        TABLE,
        ON_TOP
    }

    final Kind kind;

    /** The number of the bad argument. */
    final int argument;

    private LuaError(String text, Kind kind) {
        this(text, kind, 0);
    }

    private LuaError(String text, Kind kind, int argument) {
        super(text, null, false, false);
        this.kind = kind;
        this.argument = argument;
    }

    static LuaError placed(String text) {
        return new LuaError(text, Kind.PLACED);
    }

    static LuaError plain(String text) {
        return new LuaError(text, Kind.PLAIN);
    }

    static LuaError table(String text) {
        return new LuaError(text, Kind.TABLE);
    }

    static LuaError argument(int index, String reason) {
        return new LuaError(reason, Kind.ARGUMENT, index);
    }

    byte[] bytes() {
        return Utf8.encode(getMessage());
    }
}
