package dev.larder.store.script;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

/**
 * Functions of the base, string and math libraries, where the originals raise errors over frames of
 * Java, take memory or time without end, or write to what is protected.
 */
final class LuaBase {
    private static final long RAND48_FACTOR = 0x5DEECE66DL;
    private static final long RAND48_MASK = (1L << 48) - 1;
    private static final double RAND48_MAX = Integer.MAX_VALUE;

    private final PucLua lua;
    private final LuaStack stack;
    private final LuaReplies replies;
    private final Set<Long> protectedTables = new HashSet<>();
    private long random = 0x1234ABCD330EL;

    LuaBase(PucLua lua, LuaReplies replies) {
        this.lua = lua;
        this.stack = lua.stack();
        this.replies = replies;
    }

    void register(PucLua.Registry registry) {
        registry.register("protect", this::protect);
        registry.register(
                "readonly",
                _ -> {
                    throw LuaError.placed("Attempt to modify a readonly table");
                });
        registry.register("nonexistent", this::nonexistent);
        registry.register("pcall", this::pcall);
        registry.register("xpcall", this::xpcall);
        registry.register("rawset", this::rawset);
        registry.register("setmetatable", this::setmetatable);
        registry.register("loadstring", this::loadstring);
        registry.register("unpack", this::unpack);
        registry.register("collectgarbage", this::collectgarbage);
        registry.register("rep", this::rep);
        registry.register("random", this::random);
        registry.register("randomseed", this::randomseed);
        registry.register(
                "null",
                l -> {
                    Lua.pushNull(l);
                    return 1;
                });
    }

    /** Whether the table at {@code index} must not be written to. */
    boolean isProtected(long l, int index) {
        return protectedTables.contains(Lua.pointer(l, index));
    }

    private int pcall(long l) {
        int count = Lua.top(l);
        if (count == 0) {
            Lua.pushBoolean(l, false);
            stack.push(l, "attempt to call a boolean value");
            return 2;
        }
        boolean good = lua.protectedCall(l, count - 1, Lua.MULTIPLE_RESULTS, 0);
        if (!good) {
            if (lua.interrupted()) {
                throw LuaError.ON_TOP;
            }
            // As the real servers' own pcall: of an error of redis.call remains its text.
            if (Lua.type(l, -1) == Lua.TABLE) {
                replies.pushErrorKey(l);
                Lua.rawGet(l, -2);
                if (LuaStack.isString(l, -1)) {
                    Lua.replace(l, -2);
                } else {
                    Lua.pop(l, 1);
                }
            }
        }
        Lua.checkStack(l, 1);
        Lua.pushBoolean(l, good);
        Lua.insert(l, 1);
        return Lua.top(l);
    }

    /** The handler runs after the stack is unwound: inside, its own errors could not be raised. */
    private int xpcall(long l) {
        if (Lua.top(l) < 2) {
            throw LuaError.argument(2, "value expected");
        }
        Lua.top(l, 2);
        Lua.insert(l, 1);
        boolean good = lua.protectedCall(l, 0, Lua.MULTIPLE_RESULTS, 0);
        if (!good) {
            if (lua.interrupted()) {
                throw LuaError.ON_TOP;
            }
            Lua.pushValue(l, 1);
            Lua.insert(l, 2);
            if (!lua.protectedCall(l, 1, 1, 0) && lua.interrupted()) {
                throw LuaError.ON_TOP;
            }
        }
        Lua.pushBoolean(l, good);
        Lua.replace(l, 1);
        return Lua.top(l);
    }

    private int protect(long l) {
        protectedTables.add(Lua.pointer(l, 1));
        return 0;
    }

    private int nonexistent(long l) {
        String name =
                LuaStack.isString(l, 2) ? PucLua.describe(l, 2) : Lua.typeName(Lua.type(l, 2));
        throw LuaError.placed(
                "Script attempted to access nonexistent global variable '" + name + "'");
    }

    private int rawset(long l) {
        LuaStack.checkTable(l, 1);
        if (Lua.top(l) < 3) {
            throw LuaError.argument(Lua.top(l) + 1, "value expected");
        }
        checkWritable(l);
        if (Lua.type(l, 2) == Lua.NIL) {
            throw LuaError.placed("table index is nil");
        }
        if (Lua.type(l, 2) == Lua.NUMBER && Double.isNaN(Lua.toNumber(l, 2))) {
            throw LuaError.placed("table index is NaN");
        }
        Lua.top(l, 3);
        Lua.rawSet(l, 1);
        return 1;
    }

    private int setmetatable(long l) {
        LuaStack.checkTable(l, 1);
        int type = Lua.type(l, 2);
        if (type != Lua.NIL && type != Lua.TABLE) {
            throw LuaError.argument(2, "nil or table expected");
        }
        checkWritable(l);
        if (hasMetafield(l, "__metatable")) {
            throw LuaError.placed("cannot change a protected metatable");
        }
        Lua.top(l, 2);
        Lua.setMetatable(l, 1);
        return 1;
    }

    private boolean hasMetafield(long l, String name) {
        if (!Lua.getMetatable(l, 1)) {
            return false;
        }
        stack.push(l, name);
        Lua.rawGet(l, -2);
        return Lua.type(l, -1) != Lua.NIL;
    }

    private void checkWritable(long l) {
        if (protectedTables.contains(Lua.pointer(l, 1))) {
            throw LuaError.plain("Attempt to modify a readonly table");
        }
    }

    private int loadstring(long l) {
        LuaStack.checkString(l, 1);
        byte[] source = LuaStack.bytes(l, 1);
        byte[] name = source;
        if (Lua.type(l, 2) > Lua.NIL) {
            LuaStack.checkString(l, 2);
            name = LuaStack.bytes(l, 2);
        }
        if (source.length > 0 && source[0] == 27) {
            Lua.pushNil(l);
            stack.push(l, "binary chunks are not loaded");
            return 2;
        }
        boolean good;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment copy = call.allocate(name.length + 1L);
            Lua.copy(name, 0, copy.address(), name.length);
            good = lua.load(l, source, 0, source.length, copy.address());
        }
        if (good) {
            return 1;
        }
        Lua.pushNil(l);
        Lua.insert(l, -2);
        return 2;
    }

    private int unpack(long l) {
        LuaStack.checkTable(l, 1);
        long from = LuaStack.integer(l, 2, 1);
        long to = Lua.type(l, 3) <= Lua.NIL ? Lua.length(l, 1) : LuaStack.checkInteger(l, 3);
        if (from > to) {
            return 0;
        }
        if (to - from < 0
                || to - from >= 8000
                || from < Integer.MIN_VALUE
                || to > Integer.MAX_VALUE
                || !Lua.checkStack(l, (int) (to - from + 1))) {
            throw LuaError.placed("too many results to unpack");
        }
        for (long i = from; i <= to; i++) {
            Lua.rawGet(l, 1, (int) i);
        }
        return (int) (to - from + 1);
    }

    private int collectgarbage(long l) {
        String what = "collect";
        if (Lua.type(l, 1) > Lua.NIL) {
            LuaStack.checkString(l, 1);
            what = LuaStack.text(l, 1);
        }
        switch (what) {
            case "collect" -> Lua.pushNumber(l, Lua.gc(l, Lua.GC_COLLECT, 0));
            case "step" ->
                    Lua.pushBoolean(
                            l, Lua.gc(l, Lua.GC_STEP, (int) LuaStack.integer(l, 2, 0)) == 1);
            case "count" -> Lua.pushNumber(l, lua.heldBytes() / 1024.0);
            // A script does not tune the collector of the scripts after it.
            case "stop", "restart", "setpause", "setstepmul" -> Lua.pushNumber(l, 0);
            default -> throw LuaError.argument(1, "invalid option '" + what + "'");
        }
        return 1;
    }

    private int rep(long l) {
        LuaStack.checkString(l, 1);
        long times = Math.max(0, LuaStack.checkInteger(l, 2));
        long length = Lua.length(l, 1);
        if (length != 0 && times > PucLua.STRING_BYTES_MAX / length) {
            throw LuaError.placed("resulting string too large");
        }
        long total = length * times;
        lua.checkRoom(total);
        if (total == 0) {
            stack.push(l, "");
            return 1;
        }
        long from = Lua.address(l, 1);
        long to = stack.buffer(total);
        MemorySegment.copy(Lua.MEMORY, from, Lua.MEMORY, to, length);
        for (long done = length; done < total; ) {
            long more = Math.min(done, total - done);
            MemorySegment.copy(Lua.MEMORY, to, Lua.MEMORY, to + done, more);
            done += more;
        }
        Lua.pushString(l, to, total);
        return 1;
    }

    /** The generator of the real servers, an own rand48 that starts alike in every process. */
    private int random(long l) {
        checkPlacedRunning("math.random");
        random = random * RAND48_FACTOR + 0xB & RAND48_MASK;
        double r = (random >>> 17) % Integer.MAX_VALUE / RAND48_MAX;
        switch (Lua.top(l)) {
            case 0 -> Lua.pushNumber(l, r);
            case 1 -> {
                long upper = LuaStack.checkInteger(l, 1);
                if (upper < 1) {
                    throw LuaError.argument(1, "interval is empty");
                }
                Lua.pushNumber(l, Math.floor(r * upper) + 1);
            }
            case 2 -> {
                long lower = LuaStack.checkInteger(l, 1);
                long upper = LuaStack.checkInteger(l, 2);
                if (lower > upper) {
                    throw LuaError.argument(2, "interval is empty");
                }
                Lua.pushNumber(l, Math.floor(r * (upper - lower + 1)) + lower);
            }
            default -> throw LuaError.placed("wrong number of arguments");
        }
        return 1;
    }

    private void checkPlacedRunning(String what) {
        if (lua.isLoading()) {
            throw LuaError.placed(what + " can only be called inside a script invocation");
        }
    }

    private int randomseed(long l) {
        checkPlacedRunning("math.randomseed");
        random = (LuaStack.checkInteger(l, 1) & 0xFFFFFFFFL) << 16 | 0x330E;
        return 0;
    }
}
