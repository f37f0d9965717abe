package dev.larder.store.script;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Reply;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code redis.register_function}, which a library calls while it is loaded. */
final class LuaRegistration {
    private final PucLua lua;

    /** The functions of the library that is being loaded, by name; null at other times. */
    private Map<String, LibraryFunction> loaded;

    LuaRegistration(PucLua lua) {
        this.lua = lua;
    }

    /** A library is about to be loaded. */
    void begin() {
        loaded = new LinkedHashMap<>();
    }

    /** It has been loaded, or has failed to. */
    void end() {
        loaded = null;
    }

    boolean isOpen() {
        return loaded != null;
    }

    /** What has been registered, in its order. */
    Collection<LibraryFunction> functions() {
        return loaded.values();
    }

    /** {@code redis.register_function} in both its forms. */
    int registerFunction(long l) {
        if (loaded == null) {
            throw LuaError.table(
                    "ERR redis.register_function can only be called on FUNCTION LOAD command");
        }
        int count = Lua.top(l);
        if (count < 1 || count > 2) {
            throw LuaError.table("ERR wrong number of arguments to redis.register_function");
        }
        if (count == 1) {
            registerNamed(l);
        } else {
            if (!LuaStack.isString(l, 1)) {
                throw LuaError.table(
                        "ERR first argument to redis.register_function must be a string");
            }
            if (Lua.type(l, 2) != Lua.FUNCTION) {
                throw LuaError.table(
                        "ERR second argument to redis.register_function must be a function");
            }
            registerFunction(l, LuaStack.text(l, 1), null, Set.of());
        }
        return 0;
    }

    private void registerNamed(long l) {
        if (Lua.type(l, 1) != Lua.TABLE) {
            throw LuaError.table(
                    "ERR calling redis.register_function with a single argument is only applicable"
                            + " to Lua table (representing named arguments).");
        }
        String name = null;
        String description = null;
        Set<ScriptFlag> flags = Set.of();
        boolean called = false;
        Lua.top(l, 1);
        Lua.pushNil(l); // Place 2 is that of the callback.
        Lua.pushNil(l);
        while (Lua.next(l, 1)) {
            if (!LuaStack.isString(l, -2)) {
                throw LuaError.table(
                        "ERR named argument key given to redis.register_function is not a string");
            }
            // A copy, for a number that is made a string would confuse the walk.
            Lua.pushValue(l, -2);
            switch (LuaStack.take(l).toLowerCase(Locale.ROOT)) {
                case "function_name" -> name = namedText(l, "function_name");
                case "description" -> description = namedText(l, "description");
                case "callback" -> {
                    if (Lua.type(l, -1) != Lua.FUNCTION) {
                        throw LuaError.table(
                                "ERR callback argument given to redis.register_function must be a"
                                        + " function");
                    }
                    called = true;
                    Lua.pushValue(l, -1);
                    Lua.replace(l, 2);
                }
                case "flags" -> flags = namedFlags(l);
                default ->
                        throw LuaError.table(
                                "ERR unknown argument given to redis.register_function");
            }
            Lua.pop(l, 1);
        }
        if (name == null) {
            throw LuaError.table("ERR redis.register_function must get a function name argument");
        }
        if (!called) {
            throw LuaError.table("ERR redis.register_function must get a callback argument");
        }
        registerFunction(l, name, description, flags);
    }

    private static String namedText(long l, String argument) {
        if (!LuaStack.isString(l, -1)) {
            throw LuaError.table(
                    "ERR "
                            + argument
                            + " argument given to redis.register_function must be a string");
        }
        Lua.pushValue(l, -1);
        return LuaStack.take(l);
    }

    /** The flags in the table on top. */
    private static Set<ScriptFlag> namedFlags(long l) {
        if (Lua.type(l, -1) != Lua.TABLE) {
            throw LuaError.table(
                    "ERR flags argument to redis.register_function must be a table representing"
                            + " function flags");
        }
        Set<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);
        for (int i = 1; ; i++) {
            Lua.rawGet(l, -1, i);
            if (Lua.type(l, -1) == Lua.NIL) {
                Lua.pop(l, 1);
                return flags;
            }
            ScriptFlag flag =
                    LuaStack.isString(l, -1)
                            ? ScriptFlag.of(LuaStack.take(l).toLowerCase(Locale.ROOT))
                            : null;
            if (flag == null) {
                throw LuaError.table("ERR unknown flag given");
            }
            flags.add(flag);
        }
    }

    /** Registers the function at place 2. */
    private void registerFunction(long l, String name, String description, Set<ScriptFlag> flags) {
        if (!Functions.isName(name)) {
            throw LuaError.table("ERR " + Functions.BAD_NAME);
        }
        if (loaded.containsKey(name)) {
            throw LuaError.table("ERR Function already exists in the library");
        }
        Lua.pushValue(l, 2);
        int handle = lua.keep(l);
        loaded.put(name, new LibraryFunction(name, description, flags, handle));
    }

    /** The host while a library is loaded: no command, no more time than allowed. */
    static final class LoadingHost implements ScriptHost {
        private static final String NO_STORE =
                "ERR redis.call/pcall can only be called inside a script invocation";

        private final long limitNanos;
        private final long began = System.nanoTime();

        LoadingHost(long limitNanos) {
            this.limitNanos = limitNanos;
        }

        @Override
        public Reply call(Args words) {
            return new Reply.Failure(NO_STORE);
        }

        @Override
        public void log(int level, byte[] message) {
            Scripts.logged(level, message);
        }

        @Override
        public Reply mayRun(Args words) {
            return new Reply.Failure(NO_STORE);
        }

        @Override
        public void protocol(int version) {}

        @Override
        public void replicated(boolean yes) {}

        @Override
        public void alreadyCounted() {}

        @Override
        public String interruption() {
            return limitNanos > 0 && System.nanoTime() - began > limitNanos
                    ? "ERR FUNCTION LOAD timeout"
                    : null;
        }
    }
}
