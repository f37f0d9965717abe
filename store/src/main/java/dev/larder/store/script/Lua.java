package dev.larder.store.script;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * The C interface of PUC Lua 5.1, one method a function. Pointers are longs, as every platform with
 * a native library here has 64-bit addresses.
 *
 * <p>The library is unpacked from the class path into a private directory and shared by all engines
 * of the JVM. Functions that neither allocate, raise nor call back are bound as <em>critical</em>:
 * the call then costs a few nanoseconds, because the thread does not leave Java.
 *
 * <p>None of these may be called where it could raise an error of Lua: a longjmp over Java frames
 * is undefined. That is why {@code lua_error} is known only by its address, see {@link PucLua}.
 */
@SuppressWarnings("restricted")
final class Lua {
    static final int NIL = 0;
    static final int BOOLEAN = 1;
    static final int LIGHT_USERDATA = 2;
    static final int NUMBER = 3;
    static final int STRING = 4;
    static final int TABLE = 5;
    static final int FUNCTION = 6;
    static final int THREAD = 8;

    static final int REGISTRY_INDEX = -10000;
    static final int GLOBALS_INDEX = -10002;

    static final int MASK_RETURN = 2;
    static final int MASK_COUNT = 8;
    static final int GC_STOP = 0;
    static final int GC_RESTART = 1;
    static final int GC_COLLECT = 2;
    static final int GC_COUNT = 3;
    static final int GC_COUNT_BYTES = 4;
    static final int GC_STEP = 5;
    static final int MULTIPLE_RESULTS = -1;

    /** The pseudo-index of a C function's upvalue, from 1. */
    static int upvalue(int n) {
        return GLOBALS_INDEX - n;
    }

    /** All of memory, for reading what Lua lends out. */
    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final String[] TYPE_NAMES = {
        "nil", "boolean", "userdata", "number", "string", "table", "function", "userdata", "thread"
    };

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY;
    private static final Throwable WHY_NOT;

    static {
        SymbolLookup library = null;
        Throwable whyNot = null;
        try {
            library = SymbolLookup.libraryLookup(unpack(), Arena.global());
        } catch (IOException | RuntimeException | UnsatisfiedLinkError e) {
            whyNot = e;
        }
        LIBRARY = library;
        WHY_NOT = whyNot;
    }

    static final long LUA_ERROR = address("lua_error");

    private static final FunctionDescriptor L_TO_INT = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    private static final FunctionDescriptor LI_TO_INT =
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final FunctionDescriptor LI = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT);
    private static final FunctionDescriptor LII =
            FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT, JAVA_INT);

    private static final MethodHandle NEW_STATE =
            bind("luaL_newstate", FunctionDescriptor.of(JAVA_LONG));
    private static final MethodHandle NEW_STATE_WITH =
            bind("lua_newstate", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle CLOSE =
            bind("lua_close", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle GET_TOP = quick("lua_gettop", L_TO_INT);
    private static final MethodHandle SET_TOP = quick("lua_settop", LI);
    private static final MethodHandle PUSH_VALUE = quick("lua_pushvalue", LI);
    private static final MethodHandle REMOVE = quick("lua_remove", LI);
    private static final MethodHandle INSERT = quick("lua_insert", LI);
    private static final MethodHandle REPLACE = quick("lua_replace", LI);
    private static final MethodHandle CHECK_STACK = bind("lua_checkstack", LI_TO_INT);
    private static final MethodHandle TYPE = quick("lua_type", LI_TO_INT);
    private static final MethodHandle TO_BOOLEAN = quick("lua_toboolean", LI_TO_INT);
    private static final MethodHandle IS_NUMBER = quick("lua_isnumber", LI_TO_INT);
    private static final MethodHandle TO_NUMBER =
            quick("lua_tonumber", FunctionDescriptor.of(JAVA_DOUBLE, JAVA_LONG, JAVA_INT));
    private static final FunctionDescriptor LI_TO_LONG =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle TO_STRING =
            bind("lua_tolstring", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
    private static final MethodHandle TO_STRING_QUICK =
            quick(
                    "lua_tolstring",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
    private static final MethodHandle LENGTH = quick("lua_objlen", LI_TO_LONG);
    private static final MethodHandle TO_POINTER = quick("lua_topointer", LI_TO_LONG);
    private static final MethodHandle PUSH_NIL =
            quick("lua_pushnil", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle PUSH_BOOLEAN = quick("lua_pushboolean", LI);
    private static final MethodHandle PUSH_NUMBER =
            quick("lua_pushnumber", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_DOUBLE));
    private static final MethodHandle PUSH_STRING =
            bind("lua_pushlstring", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PUSH_CLOSURE =
            bind("lua_pushcclosure", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle PUSH_LIGHT_USERDATA =
            quick("lua_pushlightuserdata", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG));
    private static final MethodHandle NEW_TABLE = bind("lua_createtable", LII);
    private static final MethodHandle RAW_GET = quick("lua_rawget", LI);
    private static final MethodHandle RAW_GET_I = quick("lua_rawgeti", LII);
    private static final MethodHandle RAW_SET = bind("lua_rawset", LI);
    private static final MethodHandle RAW_SET_I = bind("lua_rawseti", LII);
    private static final MethodHandle NEXT = quick("lua_next", LI_TO_INT);
    private static final MethodHandle SET_METATABLE = bind("lua_setmetatable", LI_TO_INT);
    private static final MethodHandle GET_METATABLE = quick("lua_getmetatable", LI_TO_INT);
    private static final MethodHandle PROTECTED_CALL =
            bind(
                    "lua_pcall",
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle LOAD =
            bind(
                    "luaL_loadbuffer",
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle SET_HOOK =
            quick(
                    "lua_sethook",
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
    private static final MethodHandle GET_STACK =
            quick("lua_getstack", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));
    private static final MethodHandle GET_INFO =
            bind("lua_getinfo", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle WHERE = bind("luaL_where", LI);
    private static final MethodHandle CONCAT = bind("lua_concat", LI);
    private static final MethodHandle GC =
            bind("lua_gc", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));
    private static final MethodHandle REALLOC =
            system("realloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FREE = system("free", FunctionDescriptor.ofVoid(JAVA_LONG));

    private Lua() {}

    /** Null when the native library is loaded, otherwise the reason why it is not. */
    static Throwable whyNot() {
        return WHY_NOT;
    }

    private static Path unpack() throws IOException {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        boolean arm = arch.equals("aarch64") || arch.equals("arm64");
        if (!arm && !arch.equals("amd64") && !arch.equals("x86_64")) {
            throw new IOException("no native Lua for the processor " + arch);
        }
        String cpu = arm ? "arm64" : "64";
        String name;
        if (os.contains("linux")) {
            name = "liblua51" + cpu + ".so";
        } else if (os.contains("mac")) {
            name = "liblua51" + cpu + ".dylib";
        } else if (os.contains("windows")) {
            name = "lua51" + cpu + ".dll";
        } else {
            throw new IOException("no native Lua for the system " + os);
        }
        try (InputStream in = Lua.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IOException(name + " is not on the class path");
            }
            Path directory = Files.createTempDirectory("larder-lua-");
            Path file = directory.resolve(name);
            directory.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            return file;
        }
    }

    private static long address(String name) {
        return LIBRARY == null ? 0 : LIBRARY.findOrThrow(name).address();
    }

    /** The text at an address, which a zero byte ends. */
    static String string(long address) {
        return MEMORY.getString(address);
    }

    /** The address of a function such as {@code luaopen_base}. */
    static long function(String name) {
        return address(name);
    }

    private static MethodHandle bind(String name, FunctionDescriptor descriptor) {
        return LIBRARY == null
                ? null
                : LINKER.downcallHandle(LIBRARY.findOrThrow(name), descriptor);
    }

    private static MethodHandle quick(String name, FunctionDescriptor descriptor) {
        return LIBRARY == null
                ? null
                : LINKER.downcallHandle(
                        LIBRARY.findOrThrow(name), descriptor, Linker.Option.critical(false));
    }

    private static MethodHandle system(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
    }

    static long stub(
            MethodHandle target, Arena arena, MemoryLayout result, MemoryLayout... arguments) {
        FunctionDescriptor descriptor =
                result == null
                        ? FunctionDescriptor.ofVoid(arguments)
                        : FunctionDescriptor.of(result, arguments);
        return LINKER.upcallStub(target, descriptor, arena).address();
    }

    private static AssertionError impossible(Throwable t) {
        return new AssertionError("a native call of Lua threw", t);
    }

    static long newState() {
        try {
            return (long) NEW_STATE.invokeExact();
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static long newState(long allocator) {
        try {
            return (long) NEW_STATE_WITH.invokeExact(allocator, 0L);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void close(long state) {
        try {
            CLOSE.invokeExact(state);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int top(long state) {
        try {
            return (int) GET_TOP.invokeExact(state);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void top(long state, int index) {
        try {
            SET_TOP.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void pop(long state, int count) {
        top(state, -count - 1);
    }

    static void pushValue(long state, int index) {
        try {
            PUSH_VALUE.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void remove(long state, int index) {
        try {
            REMOVE.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void insert(long state, int index) {
        try {
            INSERT.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void replace(long state, int index) {
        try {
            REPLACE.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static boolean checkStack(long state, int more) {
        try {
            return (int) CHECK_STACK.invokeExact(state, more) != 0;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** The type at {@code index}; -1 where there is nothing. */
    static int type(long state, int index) {
        try {
            return (int) TYPE.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static String typeName(int type) {
        return type < 0 ? "no value" : TYPE_NAMES[type];
    }

    static boolean toBoolean(long state, int index) {
        try {
            return (int) TO_BOOLEAN.invokeExact(state, index) != 0;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Whether it is a number or a string that reads as one. */
    static boolean isNumber(long state, int index) {
        try {
            return (int) IS_NUMBER.invokeExact(state, index) != 0;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static double toNumber(long state, int index) {
        try {
            return (double) TO_NUMBER.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Where the bytes of the string (or number, which it turns into a string) are. */
    static long toString(long state, int index) {
        try {
            return (long) TO_STRING.invokeExact(state, index, 0L);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Where the bytes are of what is known to be a string. */
    static long address(long state, int index) {
        try {
            return (long) TO_STRING_QUICK.invokeExact(state, index, 0L);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** The length of what is known to be a string or a table. */
    static long length(long state, int index) {
        try {
            return (long) LENGTH.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static long pointer(long state, int index) {
        try {
            return (long) TO_POINTER.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void pushNil(long state) {
        try {
            PUSH_NIL.invokeExact(state);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void pushBoolean(long state, boolean value) {
        try {
            PUSH_BOOLEAN.invokeExact(state, value ? 1 : 0);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void pushNumber(long state, double value) {
        try {
            PUSH_NUMBER.invokeExact(state, value);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void pushString(long state, long address, long length) {
        try {
            PUSH_STRING.invokeExact(state, address, length);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void pushFunction(long state, long address, int upvalues) {
        try {
            PUSH_CLOSURE.invokeExact(state, address, upvalues);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void pushNull(long state) {
        try {
            PUSH_LIGHT_USERDATA.invokeExact(state, 0L);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void newTable(long state, int items, int fields) {
        try {
            NEW_TABLE.invokeExact(state, items, fields);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void rawGet(long state, int table) {
        try {
            RAW_GET.invokeExact(state, table);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void rawGet(long state, int table, int item) {
        try {
            RAW_GET_I.invokeExact(state, table, item);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void rawSet(long state, int table) {
        try {
            RAW_SET.invokeExact(state, table);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void rawSet(long state, int table, int item) {
        try {
            RAW_SET_I.invokeExact(state, table, item);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static boolean next(long state, int table) {
        try {
            return (int) NEXT.invokeExact(state, table) != 0;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void setMetatable(long state, int index) {
        try {
            int _ = (int) SET_METATABLE.invokeExact(state, index);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Pushes the metatable, if there is one. */
    static boolean getMetatable(long state, int index) {
        try {
            return (int) GET_METATABLE.invokeExact(state, index) != 0;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int protectedCall(long state, int arguments, int results, int handler) {
        try {
            return (int) PROTECTED_CALL.invokeExact(state, arguments, results, handler);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int load(long state, long code, long length, long name) {
        try {
            return (int) LOAD.invokeExact(state, code, length, name);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void setHook(long state, long hook, int mask, int count) {
        try {
            int _ = (int) SET_HOOK.invokeExact(state, hook, mask, count);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static boolean getStack(long state, int level, long debug) {
        try {
            return (int) GET_STACK.invokeExact(state, level, debug) != 0;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void getInfo(long state, long what, long debug) {
        try {
            int _ = (int) GET_INFO.invokeExact(state, what, debug);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void pushWhere(long state, int level) {
        try {
            WHERE.invokeExact(state, level);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void concat(long state, int count) {
        try {
            CONCAT.invokeExact(state, count);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int gc(long state, int what, int data) {
        try {
            return (int) GC.invokeExact(state, what, data);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static long realloc(long address, long size) {
        try {
            return (long) REALLOC.invokeExact(address, size);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static void free(long address) {
        try {
            FREE.invokeExact(address);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int byteAt(long address) {
        return MEMORY.get(JAVA_BYTE, address) & 0xFF;
    }

    static void copy(byte[] from, int offset, long to, int count) {
        MemorySegment.copy(from, offset, MEMORY, JAVA_BYTE, to, count);
    }

    static void copy(long from, byte[] to, int offset, int count) {
        MemorySegment.copy(MEMORY, JAVA_BYTE, from, to, offset, count);
    }
}
