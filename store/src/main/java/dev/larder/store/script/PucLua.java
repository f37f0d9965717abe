package dev.larder.store.script;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Numbers;
import dev.larder.store.reply.Reply;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Scripts by PUC Lua 5.1, the interpreter that the real servers use, called through {@code
 * java.lang.foreign}.
 *
 * <h2>Errors never jump over Java</h2>
 *
 * Lua raises errors by longjmp, which must not cross a Java frame. So a function written in Java
 * that wants to raise leaves the error value as its only result, points the state's <em>return
 * hook</em> at the native {@code lua_error} and returns. The interpreter calls the hook when the
 * Java frame is gone and before the function's call record is: the error is raised exactly where a
 * C function would have raised it, with the same position in its message. Whoever catches errors
 * must put the ordinary hook back; therefore {@code pcall} and {@code xpcall} are written in Java
 * ({@code coroutine.resume} need not be: a coroutine has a hook of its own and is dead after an
 * error), and {@code load} does not call its reader inside the parser.
 *
 * <h2>Bounds</h2>
 *
 * <ul>
 *   <li>Time: a count hook is always set. Its upcall asks the host; to end the script it points the
 *       hook at {@code lua_error}, and every {@code pcall} passes that on. Pattern matching, the
 *       one loop inside the C library that a script can make endless, is done in Java and asks too.
 *   <li>Memory: with a limit, an allocator in Java refuses what exceeds it while Lua code runs; it
 *       never refuses Java code, which could not stand the longjmp.
 *   <li>Depth: {@code unpack} and patterns are in Java; the rest has Lua's own limits.
 * </ul>
 *
 * <h2>The sandbox</h2>
 *
 * Scripts see an empty, protected table whose lookups end in the real globals; libraries are
 * protected the same way. The bare interpreter has no read-only tables as the real servers' copy
 * does, so {@code pairs} over a library shows nothing.
 */
public final class PucLua implements ScriptEngine {
    private static final Logger LOG = Logger.getLogger(PucLua.class.getName());

    private static final int HOOK_EVERY_INSTRUCTIONS = 10_000;
    private static final int STRING_BYTES_MAX = 512 << 20;

    /** What a script takes besides its source, about. */
    private static final int SCRIPT_ENTRY_BYTES = 200;

    private static final int WORDS_BYTES_KEPT_MAX = 1 << 20;

    /**
     * How often Java calls Lua that calls Java: an overflow of the stack at the entry from native
     * code would end the whole JVM, so this must fit into the smallest stack of a thread.
     */
    private static final int NESTING_MAX = 80;

    /** The field of an error of {@code redis.call} that says where it was counted. */
    private static final String COUNTED = "ignore_error_stats_update";

    private static final int REPLY_DEPTH_MAX = 250;

    /** Below this many, what scripts push aside in protected tables is swept. */
    private static final int RUNS_BETWEEN_SWEEPS = 1_000;

    /** What lies at the bottom of the stack for the whole life of the state. */
    private static final int HANDLER = 1;

    private static final int GLOBALS = 2;
    private static final int KEYS = 3;
    private static final int ARGV = 4;
    private static final int SWEEP = 5;
    private static final int LOADING = 6;
    private static final int BASE = 6;

    private static final int DEBUG_NAME = 8;
    private static final int DEBUG_NAME_WHAT = 16;
    private static final int DEBUG_WHAT = 24;
    private static final int DEBUG_SOURCE = 32;
    private static final int DEBUG_LINE = 40;

    private static final long RAND48_FACTOR = 0x5DEECE66DL;
    private static final long RAND48_MASK = (1L << 48) - 1;
    private static final double RAND48_MAX = Integer.MAX_VALUE;

    /**
     * A function that a script can call: takes its arguments from the stack, counts its results.
     */
    interface Function {
        int call(long state);
    }

    /** Takes the functions that a library brings. */
    @FunctionalInterface
    interface Registry {
        void register(String name, Function function);
    }

    private record Text(long address, int length) {
        void push(long state) {
            Lua.pushString(state, address, length);
        }
    }

    private final Arena arena = Arena.ofShared();
    private final LuaStack stack = new LuaStack();
    private final long memoryLimitBytes;
    private final String version;
    private final boolean libraries;
    private final long hook;
    private final long debug = arena.allocate(160).address();
    private final long debugWhat = arena.allocateFrom("Sl").address();
    private final long debugName = arena.allocateFrom("n").address();
    private final long scriptName = arena.allocateFrom("@user_script").address();
    private final long libraryName = arena.allocateFrom("@user_function").address();
    private final Text err = text("err");
    private final Text ok = text("ok");
    private final long state;
    private final LuaPatterns patterns = new LuaPatterns(this);
    private final long gmatchStep = functionStub(patterns::gmatchStep);
    private final Map<String, Script> scripts = new HashMap<>();
    private final Set<Long> protectedTables = new HashSet<>();
    private long sourceBytes;
    private int handles;
    private int runs;

    private final Args words = new Args();
    private int[] offsets = new int[16];
    private int[] lengths = new int[16];
    private byte[] bytes = new byte[1024];

    private long usedBytes;
    private boolean inLua;
    private int nesting;
    private int replyDepth;
    private boolean raising;
    private ScriptHost host;

    /** The functions of the library that is being loaded, by name; null at other times. */
    private Map<String, LibraryFunction> loading;

    private int protocol;
    private long random = 0x1234ABCD330EL;
    private String interruption;

    /** Where the interruption has met the script, {@code @user_script:1}; null where unknown. */
    private String interruptedAt;

    private boolean closed;

    /**
     * Opens an engine.
     *
     * @param memoryLimitBytes what all scripts of this engine may keep and use together; 0 has no
     *     limit and is about 0.4 µs a call faster
     * @param version what {@code redis.REDIS_VERSION} says, such as {@code 7.2.4}
     * @throws ScriptException where the native library cannot be loaded; the rest of the store
     *     works without it
     */
    public static PucLua open(long memoryLimitBytes, String version) throws ScriptException {
        checkLua();
        return new PucLua(memoryLimitBytes, version, false);
    }

    /** Opens an engine for libraries and their functions. */
    public static PucLua openForLibraries(long memoryLimitBytes, String version)
            throws ScriptException {
        checkLua();
        return new PucLua(memoryLimitBytes, version, true);
    }

    private static void checkLua() throws ScriptException {
        if (Lua.whyNot() != null) {
            throw new ScriptException(
                    "ERR scripts are not available here: " + Lua.whyNot().getMessage());
        }
    }

    private PucLua(long memoryLimitBytes, String version, boolean libraries) {
        this.libraries = libraries;
        this.memoryLimitBytes = memoryLimitBytes;
        this.version = version;
        this.hook = stub("hook", MethodType.methodType(void.class, long.class, long.class), null);
        if (memoryLimitBytes > 0) {
            long allocator =
                    stub(
                            "allocate",
                            MethodType.methodType(
                                    long.class, long.class, long.class, long.class, long.class),
                            JAVA_LONG);
            this.state = Lua.newState(allocator);
        } else {
            this.state = Lua.newState();
        }
        if (state == 0) {
            throw new OutOfMemoryError("no memory for a state of Lua");
        }
        prepare();
    }

    private Text text(String text) {
        byte[] from = text.getBytes(StandardCharsets.US_ASCII);
        return new Text(arena.allocateFrom(text).address(), from.length);
    }

    private long stub(String method, MethodType type, MemoryLayout result) {
        try {
            MethodHandle target =
                    MethodHandles.lookup().findVirtual(PucLua.class, method, type).bindTo(this);
            MemoryLayout[] arguments = new MemoryLayout[type.parameterCount()];
            Arrays.fill(arguments, JAVA_LONG);
            return Lua.stub(target, arena, result, arguments);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    // ---- upcalls: nothing may be thrown out of these

    /** Called for {@code lua_Alloc}. */
    private long allocate(long data, long pointer, long oldSize, long newSize) {
        if (newSize == 0) {
            usedBytes -= oldSize;
            Lua.free(pointer);
            return 0;
        }
        if (inLua && newSize > oldSize && usedBytes + newSize - oldSize > memoryLimitBytes) {
            return 0;
        }
        long result = Lua.realloc(pointer, newSize);
        if (result != 0) {
            usedBytes += newSize - oldSize;
        }
        return result;
    }

    /** Called for {@code lua_Hook}, every so many instructions. */
    private void hook(long state, long event) {
        if (interrupted(state, 0)) {
            Lua.setHook(state, Lua.LUA_ERROR, Lua.MASK_COUNT, 1);
        }
    }

    /** The same, and where it was, from {@code level} up; only the first interruption counts. */
    private boolean interrupted(long l, int level) {
        boolean before = interruption != null;
        if (!interrupted()) {
            return false;
        }
        if (!before && Lua.getStack(l, level, debug)) {
            Lua.getInfo(l, debugWhat, debug);
            interruptedAt =
                    string(DEBUG_SOURCE)
                            + ":"
                            + Lua.MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, debug + DEBUG_LINE);
        }
        return true;
    }

    private boolean interrupted() {
        if (interruption == null && host != null) {
            try {
                interruption = host.interruption();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.SEVERE, "asking whether a script may go on", e);
                interruption = "ERR internal error, see the log of the server";
            }
        }
        return interruption != null;
    }

    /** Called for {@code lua_CFunction}; {@code function} is bound. */
    private int invoke(Function function, long state) {
        inLua = false;
        try {
            int results = function.call(state);
            if (memoryLimitBytes > 0 && usedBytes > memoryLimitBytes) {
                Lua.top(state, 0);
                stack.push(state, "not enough memory");
                return raise(state);
            }
            return results;
        } catch (LuaError e) {
            switch (e.kind) {
                case PLACED -> {
                    Lua.top(state, 0);
                    Lua.pushWhere(state, 1);
                    stack.push(state, e.bytes());
                    Lua.concat(state, 2);
                }
                case PLAIN -> {
                    Lua.top(state, 0);
                    stack.push(state, e.bytes());
                }
                case ARGUMENT -> {
                    String message = argumentMessage(state, e);
                    Lua.top(state, 0);
                    Lua.pushWhere(state, 1);
                    stack.push(state, message);
                    Lua.concat(state, 2);
                }
                case TABLE -> {
                    Lua.top(state, 0);
                    pushError(state, e.getMessage());
                }
                case ON_TOP -> {}
            }
            return raise(state);
        } catch (StackOverflowError e) {
            Lua.top(state, 0);
            stack.push(state, "stack overflow");
            return raise(state);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.SEVERE, "in a function of a script", e);
            Lua.top(state, 0);
            stack.push(state, "internal error, see the log of the server");
            return raise(state);
        } finally {
            inLua = true;
        }
    }

    /** As {@code luaL_argerror}: under the name by which the script called the function. */
    private String argumentMessage(long state, LuaError e) {
        String name = "?";
        int index = e.argument;
        if (Lua.getStack(state, 0, debug)) {
            Lua.getInfo(state, debugName, debug);
            name = string(DEBUG_NAME);
            if (name.isEmpty()) {
                name = "?";
            }
            if (string(DEBUG_NAME_WHAT).equals("method") && --index == 0) {
                return "calling '" + name + "' on bad self (" + e.getMessage() + ")";
            }
        }
        return "bad argument #" + index + " to '" + name + "' (" + e.getMessage() + ")";
    }

    /** Makes the value on top an error as soon as the calling stub has returned its result. */
    private int raise(long state) {
        raising = true;
        Lua.setHook(state, Lua.LUA_ERROR, Lua.MASK_RETURN, 0);
        return 1;
    }

    private void setOrdinaryHook(long state) {
        raising = false;
        Lua.setHook(state, hook, Lua.MASK_COUNT, HOOK_EVERY_INSTRUCTIONS);
    }

    /** A protected call out of Java; true when it went well. */
    private boolean protectedCall(long state, int arguments, int results, int handler) {
        if (nesting == NESTING_MAX) {
            throw LuaError.placed("stack overflow (too many nested protected calls)");
        }
        nesting++;
        inLua = true;
        int status = Lua.protectedCall(state, arguments, results, handler);
        inLua = false;
        nesting--;
        if (status == 0) {
            return true;
        }
        if (raising) {
            setOrdinaryHook(state);
        }
        return false;
    }

    /** Calls a function of the script from one in Java; its error goes on as ours. */
    void call(long state, int arguments, int results) {
        if (!protectedCall(state, arguments, results, 0)) {
            throw LuaError.ON_TOP;
        }
        inLua = false;
    }

    /** Ends a long loop in Java when the script is to end. */
    void poll() {
        if (interrupted(state, 1)) {
            throw LuaError.placed("interrupted");
        }
    }

    LuaStack stack() {
        return stack;
    }

    /** The room that a string of {@code length} bytes may take. */
    void checkRoom(long length) {
        if (length > STRING_BYTES_MAX) {
            throw LuaError.placed("resulting string too large");
        }
        if (memoryLimitBytes > 0 && usedBytes + length > memoryLimitBytes) {
            throw LuaError.placed("not enough memory");
        }
    }

    // ---- setting up

    private void prepare() {
        long l = state;
        for (String library : List.of("base", "table", "string", "math")) {
            Lua.pushFunction(l, Lua.function("luaopen_" + library), 0);
            stack.push(l, library.equals("base") ? "" : library);
            if (Lua.protectedCall(l, 1, 0, 0) != 0) {
                throw new IllegalStateException(LuaStack.text(l, -1));
            }
        }
        Lua.top(l, 0);
        pushFunction(l, this::onError);
        byte[] code = Sandbox.CODE.getBytes(StandardCharsets.US_ASCII);
        long copy = stack.buffer(code.length);
        Lua.copy(code, 0, copy, code.length);
        long name = arena.allocateFrom("=sandbox").address();
        if (Lua.load(l, copy, code.length, name) != 0) {
            throw new IllegalStateException(LuaStack.text(l, -1));
        }
        Lua.newTable(l, 0, 64);
        register("protect", this::protect);
        register(
                "readonly",
                _ -> {
                    throw LuaError.placed("Attempt to modify a readonly table");
                });
        register("nonexistent", this::nonexistent);
        register("pcall", this::pcall);
        register("xpcall", this::xpcall);
        register("rawset", this::rawset);
        register("setmetatable", this::setmetatable);
        register("loadstring", this::loadstring);
        register("unpack", this::unpack);
        register("collectgarbage", this::collectgarbage);
        register("rep", this::rep);
        register("random", this::random);
        register("randomseed", this::randomseed);
        register("register_function", this::registerFunction);
        register("call", s -> command(s, false));
        register("try", s -> command(s, true));
        register("error_reply", this::errorReply);
        register("status_reply", this::statusReply);
        register("sha1hex", this::sha1hex);
        register("log", this::log);
        register("setresp", this::setresp);
        register("acl_check_cmd", this::aclCheck);
        register("set_repl", this::setRepl);
        register(
                "breakpoint",
                s -> {
                    Lua.pushBoolean(s, false);
                    return 1;
                });
        register("debug", _ -> 0);
        register(
                "replicate_commands",
                s -> {
                    Lua.pushBoolean(s, true);
                    return 1;
                });
        register(
                "null",
                s -> {
                    Lua.pushNull(s);
                    return 1;
                });
        patterns.register(this::register);
        new LuaJson(this).register(this::register);
        new LuaMsgpack(this).register(this::register);
        new LuaStruct(this).register(this::register);
        LuaBits.register(this::register, stack);
        stack.push(l, version);
        Lua.pushNumber(l, versionNumber(version));
        if (Lua.protectedCall(l, 3, 5, 0) != 0) {
            throw new IllegalStateException(LuaStack.text(l, -1));
        }
        stack.push(l, "larder.index");
        Lua.insert(l, -2);
        Lua.rawSet(l, Lua.REGISTRY_INDEX);
        // environment, globals, sweep, loading → the layout of the constants above
        Lua.pushValue(l, 2);
        Lua.replace(l, Lua.GLOBALS_INDEX);
        Lua.remove(l, 2);
        stack.push(l, "KEYS");
        Lua.insert(l, KEYS);
        stack.push(l, "ARGV");
        Lua.insert(l, ARGV);
        Lua.gc(l, Lua.GC_COLLECT, 0);
        setOrdinaryHook(l);
    }

    private static double versionNumber(String version) {
        int number = 0;
        for (String part : version.split("\\.")) {
            number = number << 8 | Integer.parseInt(part);
        }
        return number;
    }

    private long functionStub(Function function) {
        try {
            MethodHandle target =
                    MethodHandles.lookup()
                            .findVirtual(
                                    PucLua.class,
                                    "invoke",
                                    MethodType.methodType(int.class, Function.class, long.class));
            return Lua.stub(
                    MethodHandles.insertArguments(target, 0, this, function),
                    arena,
                    JAVA_INT,
                    JAVA_LONG);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private void pushFunction(long l, Function function) {
        Lua.pushFunction(l, functionStub(function), 0);
    }

    /** Makes the three values on top an iterator of {@code string.gmatch}. */
    void pushGmatchStep(long l) {
        Lua.pushFunction(l, gmatchStep, 3);
    }

    /** Pushes a function that reads {@code table[key]} as the script would. */
    void pushIndexFunction(long l) {
        Lua.pushValue(l, Lua.REGISTRY_INDEX);
        stack.push(l, "larder.index");
        Lua.rawGet(l, -2);
        Lua.remove(l, -2);
    }

    private void register(String name, Function function) {
        stack.push(state, name);
        pushFunction(state, function);
        Lua.rawSet(state, -3);
    }

    // ---- the engine

    @Override
    public Script compile(byte[] source) throws ScriptException {
        String sha1 = sha1(source);
        Script known = scripts.get(sha1);
        if (known != null) {
            return known;
        }
        Set<ScriptFlag> flags = Set.of();
        int from = 0;
        boolean declared = Shebang.isIn(source);
        if (declared) {
            Shebang shebang = Shebang.of(source);
            if (shebang == null) {
                throw new ScriptException("ERR Invalid script shebang");
            }
            flags = Script.flags(shebang.words());
            from = shebang.end();
        }
        String why = compile(source, from, scriptName);
        if (why != null) {
            throw new ScriptException("ERR Error compiling script (new function): " + oneLine(why));
        }
        Script script = new Script(sha1, source.clone(), declared, flags, keep());
        scripts.put(sha1, script);
        sourceBytes += source.length + SCRIPT_ENTRY_BYTES;
        return script;
    }

    /** Compiles a source from {@code from} on; the function is on top, or the reason returned. */
    private String compile(byte[] source, int from, long name) {
        if (from < source.length && source[from] == 27) {
            return Lua.string(name).substring(1) + ":1: unexpected symbol near '<27>'";
        }
        if (load(state, source, from, source.length - from, name)) {
            return null;
        }
        String why = LuaStack.text(state, -1);
        Lua.top(state, BASE);
        return why;
    }

    /** Keeps the function on top; returns its handle. */
    private int keep() {
        Lua.rawSet(state, Lua.REGISTRY_INDEX, ++handles);
        return handles;
    }

    @Override
    public List<LibraryFunction> load(byte[] code, int from, long limitNanos)
            throws ScriptException {
        if (!libraries || host != null) {
            throw new IllegalStateException("no library can be loaded now");
        }
        long l = state;
        loading = new LinkedHashMap<>();
        interruption = null;
        host = new LoadingHost(limitNanos);
        boolean good = false;
        try {
            showLoadingGlobals(true);
            String why = compile(code, from, libraryName);
            if (why != null) {
                throw new ScriptException("ERR Error compiling function: " + oneLine(why));
            }
            good = protectedCall(l, 0, 0, 0);
            if (interruption != null || !good) {
                good = false;
                String message =
                        interruption != null
                                ? interruption
                                : Lua.type(l, -1) == Lua.TABLE
                                        ? field(l, "err")
                                        : "ERR " + describe(l, -1);
                throw new ScriptException("ERR Error registering functions: " + oneLine(message));
            }
            return List.copyOf(loading.values());
        } finally {
            if (!good) {
                loading.values().forEach(this::release);
            }
            loading = null;
            host = null;
            if (raising || interruption != null) {
                interruption = null;
                setOrdinaryHook(l);
            }
            Lua.top(l, BASE);
            showLoadingGlobals(false);
        }
    }

    @Override
    public void release(LibraryFunction function) {
        forget(function.handle());
    }

    private void forget(int handle) {
        Lua.pushNil(state);
        Lua.rawSet(state, Lua.REGISTRY_INDEX, handle);
    }

    private void showLoadingGlobals(boolean yes) {
        Lua.pushValue(state, LOADING);
        Lua.pushBoolean(state, yes);
        protectedCall(state, 1, 0, 0);
        Lua.top(state, BASE);
    }

    /** {@code redis.register_function} in both its forms. */
    private int registerFunction(long l) {
        if (loading == null) {
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
            switch (take(l).toLowerCase(Locale.ROOT)) {
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
        return take(l);
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
                            ? ScriptFlag.of(take(l).toLowerCase(Locale.ROOT))
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
        if (loading.containsKey(name)) {
            throw LuaError.table("ERR Function already exists in the library");
        }
        Lua.pushValue(l, 2);
        Lua.rawSet(l, Lua.REGISTRY_INDEX, ++handles);
        loading.put(name, new LibraryFunction(name, description, flags, handles));
    }

    /**
     * Compiles; the function or the message is on top afterwards. The collector stands still
     * meanwhile: the parser of 5.1 has objects that only the C stack knows.
     */
    private boolean load(long l, byte[] source, int from, int count, long name) {
        long copy = stack.buffer(count);
        Lua.copy(source, from, copy, count);
        Lua.gc(l, Lua.GC_STOP, 0);
        boolean wasInLua = inLua;
        inLua = true;
        int status = Lua.load(l, copy, count, name);
        inLua = wasInLua;
        Lua.gc(l, Lua.GC_RESTART, 0);
        return status == 0;
    }

    @Override
    public Script find(String sha1) {
        return scripts.get(sha1);
    }

    @Override
    public Reply run(Routine routine, List<byte[]> keys, List<byte[]> arguments, ScriptHost host) {
        if (this.host != null) {
            throw new IllegalStateException("a script is running");
        }
        long l = state;
        this.host = host;
        protocol = 2;
        interruption = null;
        interruptedAt = null;
        try {
            boolean good;
            if (libraries) {
                Lua.rawGet(l, Lua.REGISTRY_INDEX, routine.handle());
                pushList(l, keys);
                pushList(l, arguments);
                good = protectedCall(l, 2, 1, HANDLER);
            } else {
                setGlobal(l, KEYS, keys);
                setGlobal(l, ARGV, arguments);
                Lua.rawGet(l, Lua.REGISTRY_INDEX, routine.handle());
                good = protectedCall(l, 0, 1, HANDLER);
            }
            if (interruption != null) {
                return new Reply.Failure(
                        interruption
                                + " script: "
                                + routine.name()
                                + (interruptedAt == null ? "" : ", on " + interruptedAt + "."));
            }
            return good ? toReply(l) : failure(l, routine);
        } finally {
            this.host = null;
            if (raising || interruption != null) {
                setOrdinaryHook(l);
            }
            Lua.top(l, BASE);
            if (memoryLimitBytes > 0 && usedBytes > memoryLimitBytes / 2) {
                Lua.gc(l, Lua.GC_COLLECT, 0);
            }
            if (++runs % RUNS_BETWEEN_SWEEPS == 0) {
                sweep(l);
            }
            if (bytes.length > WORDS_BYTES_KEPT_MAX) {
                bytes = new byte[1024];
            }
        }
    }

    /** Empties what {@code table.insert} can write past the protection of the libraries. */
    private void sweep(long l) {
        Lua.pushValue(l, SWEEP);
        protectedCall(l, 0, 0, 0);
        Lua.top(l, BASE);
    }

    private void setGlobal(long l, int name, List<byte[]> items) {
        Lua.pushValue(l, name);
        pushList(l, items);
        Lua.rawSet(l, GLOBALS);
    }

    private void pushList(long l, List<byte[]> items) {
        Lua.newTable(l, items.size(), 0);
        for (int i = 0; i < items.size(); i++) {
            stack.push(l, items.get(i));
            Lua.rawSet(l, -2, i + 1);
        }
    }

    @Override
    public void flush() {
        scripts.values().forEach(script -> forget(script.handle()));
        scripts.clear();
        sourceBytes = 0;
        long l = state;
        sweep(l);
        Lua.gc(l, Lua.GC_COLLECT, 0);
    }

    @Override
    public int size() {
        return scripts.size();
    }

    @Override
    public long sourceBytes() {
        return sourceBytes;
    }

    @Override
    public long memoryBytes() {
        return Lua.gc(state, Lua.GC_COUNT, 0) * 1024L + Lua.gc(state, Lua.GC_COUNT_BYTES, 0);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Lua.close(state);
            stack.close();
            arena.close();
        }
    }

    // ---- what a script may call: errors

    /** The handler of the outermost call: makes every error a table that says where it was. */
    private int onError(long l) {
        if (interruption != null) {
            return 1;
        }
        Lua.top(l, 1);
        if (Lua.type(l, 1) != Lua.TABLE) {
            String message = "ERR " + describe(l, 1);
            Lua.newTable(l, 0, 3);
            stack.setField(l, "err", message);
        } else if (protectedTables.contains(Lua.pointer(l, 1))) {
            return 1;
        }
        if (Lua.getStack(l, 1, debug)) {
            Lua.getInfo(l, debugWhat, debug);
            // What is C on the real servers is the sandbox here.
            for (int level = 2;
                    (string(DEBUG_WHAT).equals("C") && level == 2
                                    || string(DEBUG_SOURCE).equals("=sandbox"))
                            && Lua.getStack(l, level, debug);
                    level++) {
                Lua.getInfo(l, debugWhat, debug);
            }
            stack.setField(l, "source", string(DEBUG_SOURCE));
            stack.push(l, "line");
            Lua.pushNumber(l, Lua.MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, debug + DEBUG_LINE));
            Lua.rawSet(l, -3);
        }
        return 1;
    }

    private String string(int field) {
        long address = Lua.MEMORY.get(ValueLayout.JAVA_LONG_UNALIGNED, debug + field);
        return address == 0 ? "" : Lua.MEMORY.getString(address);
    }

    private static String describe(long l, int index) {
        return switch (Lua.type(l, index)) {
            case Lua.STRING, Lua.NUMBER -> {
                Lua.pushValue(l, index);
                String text = LuaStack.text(l, -1);
                Lua.pop(l, 1);
                yield text;
            }
            case Lua.BOOLEAN -> Lua.toBoolean(l, index) ? "true" : "false";
            case Lua.NIL -> "nil";
            default ->
                    Lua.typeName(Lua.type(l, index))
                            + ": 0x"
                            + Long.toHexString(Lua.pointer(l, index));
        };
    }

    private Reply failure(long l, Routine routine) {
        if (Lua.type(l, -1) != Lua.TABLE) {
            String why = LuaStack.isString(l, -1) ? LuaStack.text(l, -1) : "execution failure";
            return new Reply.Failure(
                    "ERR Error running script "
                            + routine.name()
                            + ", "
                            + oneLine(why.length() > 100 ? why.substring(0, 100) : why));
        }
        String message = field(l, "err");
        String source = field(l, "source");
        String line = field(l, "line");
        String where =
                source == null || line == null
                        ? ""
                        : " script: " + routine.name() + ", on " + source + ":" + line + ".";
        noteCounted(l);
        return new Reply.Failure(oneLine(message == null ? "ERR unknown error" : message) + where);
    }

    /** Tells the host of an error on top that has been counted before. */
    private void noteCounted(long l) {
        stack.push(l, COUNTED);
        Lua.rawGet(l, -2);
        if (Lua.toBoolean(l, -1)) {
            host.alreadyCounted();
        }
        Lua.pop(l, 1);
    }

    /** A field of the table on top, when it is a string or a number. */
    private String field(long l, String name) {
        stack.push(l, name);
        Lua.rawGet(l, -2);
        String value = LuaStack.isString(l, -1) ? LuaStack.text(l, -1) : null;
        Lua.pop(l, 1);
        return value;
    }

    private static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }

    private void pushError(long l, String message) {
        Lua.newTable(l, 0, 1);
        err.push(l);
        stack.push(l, message);
        Lua.rawSet(l, -3);
    }

    private int pcall(long l) {
        int count = Lua.top(l);
        if (count == 0) {
            Lua.pushBoolean(l, false);
            stack.push(l, "attempt to call a boolean value");
            return 2;
        }
        boolean good = protectedCall(l, count - 1, Lua.MULTIPLE_RESULTS, 0);
        if (!good) {
            if (interrupted()) {
                throw LuaError.ON_TOP;
            }
            // As the real servers' own pcall: of an error of redis.call remains its text.
            if (Lua.type(l, -1) == Lua.TABLE) {
                err.push(l);
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
        boolean good = protectedCall(l, 0, Lua.MULTIPLE_RESULTS, 0);
        if (!good) {
            if (interrupted()) {
                throw LuaError.ON_TOP;
            }
            Lua.pushValue(l, 1);
            Lua.insert(l, 2);
            if (!protectedCall(l, 1, 1, 0) && interrupted()) {
                throw LuaError.ON_TOP;
            }
        }
        Lua.pushBoolean(l, good);
        Lua.replace(l, 1);
        return Lua.top(l);
    }

    // ---- what a script may call: the base library, where the original is unsafe here

    private int protect(long l) {
        protectedTables.add(Lua.pointer(l, 1));
        return 0;
    }

    private int nonexistent(long l) {
        String name = LuaStack.isString(l, 2) ? describe(l, 2) : Lua.typeName(Lua.type(l, 2));
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
            good = load(l, source, 0, source.length, copy.address());
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
            case "count" -> Lua.pushNumber(l, memoryBytes() / 1024.0);
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
        if (length != 0 && times > STRING_BYTES_MAX / length) {
            throw LuaError.placed("resulting string too large");
        }
        long total = length * times;
        checkRoom(total);
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
        if (loading != null) {
            throw LuaError.placed(what + " can only be called inside a script invocation");
        }
    }

    private int randomseed(long l) {
        checkPlacedRunning("math.randomseed");
        random = (LuaStack.checkInteger(l, 1) & 0xFFFFFFFFL) << 16 | 0x330E;
        return 0;
    }

    // ---- what a script may call: redis

    private int command(long l, boolean tried) {
        checkRunning("redis.call/pcall");
        int count = Lua.top(l);
        if (count == 0) {
            return refused(
                    l, tried, "ERR Please specify at least one argument for this redis lib call");
        }
        if (!takeWords(l, count)) {
            return refused(
                    l, tried, "ERR Lua redis lib command arguments must be strings or integers");
        }
        Reply reply = host.call(words);
        Lua.top(l, 0);
        if (reply instanceof Reply.Failure failure) {
            pushError(l, failure.text());
            // It has been counted where it happened; answering it is no second error.
            stack.push(l, COUNTED);
            Lua.pushBoolean(l, true);
            Lua.rawSet(l, -3);
            if (!tried) {
                throw LuaError.ON_TOP;
            }
            return 1;
        }
        push(l, reply);
        return 1;
    }

    /** Refuses what would speak to the store while a library is loaded. */
    private void checkRunning(String what) {
        if (loading != null) {
            throw LuaError.table("ERR " + what + " can only be called inside a script invocation");
        }
    }

    private int refused(long l, boolean tried, String text) {
        if (!tried) {
            throw LuaError.table(text);
        }
        pushError(l, text);
        return 1;
    }

    /** Points the words at the arguments of the current call; false when one is no word. */
    private boolean takeWords(long l, int count) {
        if (offsets.length < count) {
            offsets = new int[count * 2];
            lengths = new int[count * 2];
        }
        int used = 0;
        for (int i = 1; i <= count; i++) {
            int type = Lua.type(l, i);
            int length;
            if (type == Lua.STRING) {
                length = (int) Lua.length(l, i);
                makeRoom(used, length);
                Lua.copy(Lua.address(l, i), bytes, used, length);
            } else if (type == Lua.NUMBER) {
                byte[] digits =
                        LuaStack.format(Lua.toNumber(l, i), 17).getBytes(StandardCharsets.US_ASCII);
                length = digits.length;
                makeRoom(used, length);
                System.arraycopy(digits, 0, bytes, used, length);
            } else {
                return false;
            }
            offsets[i - 1] = used;
            lengths[i - 1] = length;
            used += length;
        }
        words.point(bytes, offsets, lengths, count);
        return true;
    }

    private void makeRoom(int used, int more) {
        if (bytes.length - used < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(used, more)));
        }
    }

    private int errorReply(long l) {
        if (Lua.top(l) != 1 || Lua.type(l, 1) != Lua.STRING) {
            pushError(l, "ERR wrong number or type of arguments");
            return 1;
        }
        String text = LuaStack.text(l, 1);
        if (text.startsWith("-")) {
            text = text.substring(1);
        }
        int space = text.indexOf(' ');
        String message = space < 0 ? "ERR " + text : text;
        pushError(l, message.stripTrailing().isEmpty() ? message : trimEnd(message));
        return 1;
    }

    private static String trimEnd(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\r' || text.charAt(end - 1) == '\n')) {
            end--;
        }
        return text.substring(0, end);
    }

    private int statusReply(long l) {
        if (Lua.top(l) != 1 || Lua.type(l, 1) != Lua.STRING) {
            pushError(l, "ERR wrong number or type of arguments");
            return 1;
        }
        Lua.newTable(l, 0, 1);
        ok.push(l);
        Lua.pushValue(l, 1);
        Lua.rawSet(l, -3);
        return 1;
    }

    private int sha1hex(long l) {
        if (Lua.top(l) != 1) {
            throw LuaError.table("ERR wrong number of arguments");
        }
        byte[] of = LuaStack.isString(l, 1) ? LuaStack.bytes(l, 1) : new byte[0];
        stack.push(l, sha1(of));
        return 1;
    }

    /** The name by which a script is known: lower-case hexadecimal SHA-1. */
    static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-1", e);
        }
    }

    private int log(long l) {
        int count = Lua.top(l);
        if (count < 2) {
            throw LuaError.table("ERR redis.log() requires two arguments or more.");
        }
        if (!Lua.isNumber(l, 1)) {
            throw LuaError.table("ERR First argument must be a number (log level).");
        }
        int level = (int) Lua.toNumber(l, 1);
        if (level < 0 || level > 3) {
            throw LuaError.table("ERR Invalid debug level.");
        }
        StringBuilder message = new StringBuilder();
        for (int i = 2; i <= count; i++) {
            if (LuaStack.isString(l, i)) {
                message.append(i == 2 ? "" : " ").append(LuaStack.text(l, i));
            }
        }
        host.log(level, message.toString().getBytes(StandardCharsets.UTF_8));
        return 0;
    }

    private int setresp(long l) {
        checkRunning("redis.setresp");
        if (Lua.top(l) != 1) {
            throw LuaError.table("ERR redis.setresp() requires one argument.");
        }
        long wanted = LuaStack.checkInteger(l, 1);
        if (wanted != 2 && wanted != 3) {
            throw LuaError.table("ERR RESP version must be 2 or 3.");
        }
        protocol = (int) wanted;
        host.protocol(protocol);
        return 0;
    }

    private int aclCheck(long l) {
        checkRunning("redis.acl_check_cmd");
        int count = Lua.top(l);
        if (count == 0) {
            throw LuaError.table(
                    "ERR Please specify at least one argument for this redis lib call");
        }
        if (!takeWords(l, count)) {
            throw LuaError.table(
                    "ERR redis.acl_check_cmd() requires strings or integers arguments");
        }
        Reply reply = host.mayRun(words);
        if (reply instanceof Reply.Failure) {
            throw LuaError.table("ERR Invalid command passed to redis.acl_check_cmd()");
        }
        Lua.pushBoolean(l, reply instanceof Reply.Bool allowed && allowed.value());
        return 1;
    }

    private int setRepl(long l) {
        checkRunning("redis.set_repl");
        if (Lua.top(l) != 1) {
            throw LuaError.table("ERR redis.set_repl() requires two arguments.");
        }
        long flags = (long) Lua.toNumber(l, 1);
        if ((flags & ~3L) != 0) {
            throw LuaError.table(
                    "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or"
                            + " REPL_NONE.");
        }
        host.replicated(flags != 0);
        return 0;
    }

    // ---- replies, to the script and from it

    private void push(long l, Reply reply) {
        switch (reply) {
            case Reply.Bulk bulk -> stack.push(l, bulk.bytes());
            case Reply.View view ->
                    stack.push(
                            l, view.slice().array(), view.slice().offset(), view.slice().length());
            case Reply.Int integer -> Lua.pushNumber(l, integer.value());
            case Reply.Status status -> {
                Lua.newTable(l, 0, 1);
                ok.push(l);
                stack.push(l, status.text());
                Lua.rawSet(l, -3);
            }
            case Reply.Failure failure -> pushError(l, failure.text());
            case Reply.Nil _, Reply.None _ -> pushAbsent(l);
            case Reply.Num number -> {
                if (protocol == 3) {
                    Lua.newTable(l, 0, 1);
                    stack.push(l, "double");
                    Lua.pushNumber(l, number.value());
                    Lua.rawSet(l, -3);
                } else {
                    stack.push(l, Numbers.format(number.value()));
                }
            }
            case Reply.Bool truth -> {
                if (protocol == 3) {
                    Lua.pushBoolean(l, truth.value());
                } else {
                    Lua.pushNumber(l, truth.value() ? 1 : 0);
                }
            }
            case Reply.BigNumber big -> {
                if (protocol == 3) {
                    Lua.newTable(l, 0, 1);
                    stack.setField(l, "big_number", big.digits());
                } else {
                    stack.push(l, big.digits());
                }
            }
            case Reply.Verbatim verbatim -> {
                if (protocol == 3) {
                    Lua.newTable(l, 0, 1);
                    stack.push(l, "verbatim_string");
                    Lua.newTable(l, 0, 2);
                    stack.push(l, "string");
                    stack.push(l, verbatim.bytes());
                    Lua.rawSet(l, -3);
                    stack.setField(l, "format", verbatim.format());
                    Lua.rawSet(l, -3);
                } else {
                    stack.push(l, verbatim.bytes());
                }
            }
            case Reply.Array array -> pushItems(l, array.items());
            case Reply.Push push -> pushItems(l, push.items());
            case Reply.Many many -> pushItems(l, many.replies());
            case Reply.Attributed with -> push(l, with.reply());
            case Reply.Map map -> {
                if (protocol == 3) {
                    openTable(l, "map", 0, map.keysAndValues().size() / 2);
                    for (int i = 0; i + 1 < map.keysAndValues().size(); i += 2) {
                        push(l, map.keysAndValues().get(i));
                        push(l, map.keysAndValues().get(i + 1));
                        Lua.rawSet(l, -3);
                    }
                    Lua.rawSet(l, -3);
                } else {
                    pushItems(l, map.keysAndValues());
                }
            }
            case Reply.Set set -> {
                if (protocol == 3) {
                    openTable(l, "set", 0, set.items().size());
                    for (Reply item : set.items()) {
                        push(l, item);
                        Lua.pushBoolean(l, true);
                        Lua.rawSet(l, -3);
                    }
                    Lua.rawSet(l, -3);
                } else {
                    pushItems(l, set.items());
                }
            }
            case Reply.Wait wait -> push(l, wait.instead());
            case Reply.Tape tape -> new TapeReader(l, tape).push();
        }
    }

    private void pushAbsent(long l) {
        if (protocol == 3) {
            Lua.pushNil(l);
        } else {
            Lua.pushBoolean(l, false);
        }
    }

    private void openTable(long l, String name, int items, int fields) {
        checkDepth(l);
        Lua.newTable(l, 0, 1);
        stack.push(l, name);
        Lua.newTable(l, items, fields);
    }

    private static void checkDepth(long l) {
        if (!Lua.checkStack(l, 8)) {
            throw LuaError.placed("reached lua stack limit");
        }
    }

    private void pushItems(long l, List<Reply> items) {
        checkDepth(l);
        Lua.newTable(l, items.size(), 0);
        for (int i = 0; i < items.size(); i++) {
            push(l, items.get(i));
            Lua.rawSet(l, -2, i + 1);
        }
    }

    /** Walks a tape without making a tree of it. */
    private final class TapeReader {
        private final long l;
        private final Reply.Tape tape;
        private int token;
        private int at;

        TapeReader(long l, Reply.Tape tape) {
            this.l = l;
            this.tape = tape;
        }

        void push() {
            int kind = tape.kind(token);
            long number = tape.number(token++);
            switch (kind) {
                case Reply.Tape.BULK -> pushBytes((int) number);
                case Reply.Tape.STATUS -> {
                    Lua.newTable(l, 0, 1);
                    ok.push(l);
                    pushBytes((int) number);
                    Lua.rawSet(l, -3);
                }
                case Reply.Tape.INT -> Lua.pushNumber(l, number);
                case Reply.Tape.NUM ->
                        PucLua.this.push(l, new Reply.Num(Double.longBitsToDouble(number)));
                case Reply.Tape.NIL, Reply.Tape.NIL_ARRAY -> pushAbsent(l);
                case Reply.Tape.ARRAY -> items(number);
                case Reply.Tape.MAP -> {
                    if (protocol == 3) {
                        fields("map", number, true);
                    } else {
                        items(number * 2);
                    }
                }
                case Reply.Tape.SET -> {
                    if (protocol == 3) {
                        fields("set", number, false);
                    } else {
                        items(number);
                    }
                }
                default -> throw new IllegalStateException("tape token " + kind);
            }
        }

        private void pushBytes(int count) {
            stack.push(l, tape.bytes(), at, count);
            at += count;
        }

        private void items(long count) {
            checkDepth(l);
            Lua.newTable(l, (int) count, 0);
            for (int i = 1; i <= count; i++) {
                push();
                Lua.rawSet(l, -2, i);
            }
        }

        private void fields(String name, long count, boolean valued) {
            openTable(l, name, 0, (int) count);
            for (int i = 0; i < count; i++) {
                push();
                if (valued) {
                    push();
                } else {
                    Lua.pushBoolean(l, true);
                }
                Lua.rawSet(l, -3);
            }
            Lua.rawSet(l, -3);
        }
    }

    /** What lies on top of the stack, as a reply; takes it away. */
    private Reply toReply(long l) {
        Reply reply =
                switch (Lua.type(l, -1)) {
                    case Lua.STRING -> new Reply.Bulk(LuaStack.bytes(l, -1));
                    case Lua.NUMBER -> Reply.integer(toInteger(Lua.toNumber(l, -1)));
                    case Lua.BOOLEAN -> {
                        boolean value = Lua.toBoolean(l, -1);
                        yield protocol == 3
                                ? new Reply.Bool(value)
                                : value ? Reply.integer(1) : Reply.Nil.BULK;
                    }
                    case Lua.TABLE -> tableToReply(l);
                    default -> Reply.Nil.BULK;
                };
        Lua.pop(l, 1);
        return reply;
    }

    /** As x86 converts: what is out of range becomes the smallest number. */
    private static long toInteger(double value) {
        return value >= -0x1p63 && value < 0x1p63 ? (long) value : Long.MIN_VALUE;
    }

    private Reply tableToReply(long l) {
        if (replyDepth == REPLY_DEPTH_MAX || !Lua.checkStack(l, 8)) {
            return new Reply.Failure("ERR reached lua stack limit");
        }
        replyDepth++;
        try {
            return openTableToReply(l);
        } finally {
            replyDepth--;
        }
    }

    private Reply openTableToReply(long l) {
        if (fieldIs(l, "err", Lua.STRING)) {
            Lua.insert(l, -2);
            noteCounted(l);
            Lua.insert(l, -2);
            return new Reply.Failure(oneLine(take(l)));
        }
        if (fieldIs(l, "ok", Lua.STRING)) {
            return new Reply.Status(oneLine(take(l)));
        }
        if (fieldIs(l, "double", Lua.NUMBER)) {
            double value = Lua.toNumber(l, -1);
            Lua.pop(l, 1);
            return new Reply.Num(value);
        }
        if (fieldIs(l, "map", Lua.TABLE)) {
            return new Reply.Map(entries(l, true));
        }
        if (fieldIs(l, "set", Lua.TABLE)) {
            return new Reply.Set(entries(l, false));
        }
        if (fieldIs(l, "big_number", Lua.STRING)) {
            return new Reply.BigNumber(oneLine(take(l)));
        }
        if (fieldIs(l, "verbatim_string", Lua.TABLE)) {
            String format = field(l, "format");
            stack.push(l, "string");
            Lua.rawGet(l, -2);
            byte[] of = LuaStack.isString(l, -1) ? LuaStack.bytes(l, -1) : null;
            Lua.pop(l, 2);
            if (format != null && of != null) {
                return new Reply.Verbatim((format + "   ").substring(0, 3), of);
            }
        }
        List<Reply> items = new ArrayList<>();
        for (int i = 1; ; i++) {
            Lua.rawGet(l, -1, i);
            if (Lua.type(l, -1) == Lua.NIL) {
                Lua.pop(l, 1);
                return new Reply.Array(items);
            }
            items.add(toReply(l));
        }
    }

    /** Whether a field of the table on top has a type; then its value is on top. */
    private boolean fieldIs(long l, String name, int type) {
        stack.push(l, name);
        Lua.rawGet(l, -2);
        if (Lua.type(l, -1) == type) {
            return true;
        }
        Lua.pop(l, 1);
        return false;
    }

    private static String take(long l) {
        String text = LuaStack.text(l, -1);
        Lua.pop(l, 1);
        return text;
    }

    /** The keys (and values) of the table on top, which is taken away. */
    private List<Reply> entries(long l, boolean valued) {
        List<Reply> entries = new ArrayList<>();
        Lua.pushNil(l);
        while (Lua.next(l, -2)) {
            Lua.pushValue(l, -2);
            entries.add(toReply(l));
            if (valued) {
                entries.add(toReply(l));
            } else {
                Lua.pop(l, 1);
            }
        }
        Lua.pop(l, 1);
        return entries;
    }

    /** The host while a library is loaded: no command, no more time than allowed. */
    private static final class LoadingHost implements ScriptHost {
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
