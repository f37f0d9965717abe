package dev.larder.store.script;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
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
    static final int STRING_BYTES_MAX = 512 << 20;

    /** An interpreter that holds less is swept before it tells how much that is. */
    private static final long COLLECTED_BYTES_MAX = 4 << 20;

    /** What a script takes besides its source, about. */
    private static final int SCRIPT_ENTRY_BYTES = 200;

    /**
     * How often Java calls Lua that calls Java: an overflow of the stack at the entry from native
     * code would end the whole JVM, so this must fit into the smallest stack of a thread.
     */
    private static final int NESTING_MAX = 80;

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

    record Text(long address, int length) {
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
    private final LuaReplies replies = new LuaReplies(this);
    private final LuaBase base = new LuaBase(this, replies);
    private final LuaRedis redis = new LuaRedis(this, replies);
    private final LuaRegistration registration = new LuaRegistration(this);
    private final long state;
    private final LuaPatterns patterns = new LuaPatterns(this);
    private final long gmatchStep = functionStub(patterns::gmatchStep);
    private final Map<String, Script> scripts = new HashMap<>();
    private long sourceBytes;
    private int handles;
    private int runs;

    private long usedBytes;
    private boolean inLua;
    private int nesting;
    private boolean raising;
    private ScriptHost host;
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

    Text text(String text) {
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

    boolean interrupted() {
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
                    replies.pushError(state, e.getMessage());
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
    boolean protectedCall(long state, int arguments, int results, int handler) {
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

    /** Whom the running script may ask; that of a library knows no commands. */
    ScriptHost host() {
        return host;
    }

    /** Whether a library is being loaded, which may not speak to the store. */
    boolean isLoading() {
        return registration.isOpen();
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
        base.register(this::register);
        redis.register(this::register);
        register("register_function", registration::registerFunction);
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
        Script script = new Script(sha1, source.clone(), declared, flags, keep(state));
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
    int keep(long l) {
        Lua.rawSet(l, Lua.REGISTRY_INDEX, ++handles);
        return handles;
    }

    @Override
    public List<LibraryFunction> load(byte[] code, int from, long limitNanos)
            throws ScriptException {
        if (!libraries || host != null) {
            throw new IllegalStateException("no library can be loaded now");
        }
        long l = state;
        registration.begin();
        interruption = null;
        host = new LuaRegistration.LoadingHost(limitNanos);
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
                                        ? replies.field(l, "err")
                                        : "ERR " + describe(l, -1);
                throw new ScriptException("ERR Error registering functions: " + oneLine(message));
            }
            return List.copyOf(registration.functions());
        } finally {
            if (!good) {
                registration.functions().forEach(this::release);
            }
            registration.end();
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

    /**
     * Compiles; the function or the message is on top afterwards. The collector stands still
     * meanwhile: the parser of 5.1 has objects that only the C stack knows.
     */
    boolean load(long l, byte[] source, int from, int count, long name) {
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
    public Reply run(Routine routine, Args words, int first, int keys, ScriptHost host) {
        if (this.host != null) {
            throw new IllegalStateException("a script is running");
        }
        long l = state;
        this.host = host;
        replies.protocol(2);
        interruption = null;
        interruptedAt = null;
        try {
            boolean good;
            if (libraries) {
                Lua.rawGet(l, Lua.REGISTRY_INDEX, routine.handle());
                pushList(l, words, first, first + keys);
                pushList(l, words, first + keys, words.count());
                good = protectedCall(l, 2, 1, HANDLER);
            } else {
                setGlobal(l, KEYS, words, first, first + keys);
                setGlobal(l, ARGV, words, first + keys, words.count());
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
            return good ? replies.toReply(l) : replies.failure(l, routine);
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
            redis.trim();
        }
    }

    /** Empties what {@code table.insert} can write past the protection of the libraries. */
    private void sweep(long l) {
        Lua.pushValue(l, SWEEP);
        protectedCall(l, 0, 0, 0);
        Lua.top(l, BASE);
    }

    private void setGlobal(long l, int name, Args words, int from, int to) {
        Lua.pushValue(l, name);
        pushList(l, words, from, to);
        Lua.rawSet(l, GLOBALS);
    }

    private void pushList(long l, Args words, int from, int to) {
        Lua.newTable(l, to - from, 0);
        for (int i = from; i < to; i++) {
            Slice word = words.slice(i);
            stack.push(l, word.array(), word.offset(), word.length());
            Lua.rawSet(l, -2, i - from + 1);
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
        long bytes = heldBytes();
        if (host == null && bytes < COLLECTED_BYTES_MAX) {
            Lua.gc(state, Lua.GC_COLLECT, 0);
            bytes = heldBytes();
        }
        return bytes;
    }

    /** Bytes that the interpreter holds, garbage included. */
    long heldBytes() {
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

    // ---- errors

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
        } else if (base.isProtected(l, 1)) {
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

    static String describe(long l, int index) {
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

    static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }

    /** The name by which a script is known: lower-case hexadecimal SHA-1. */
    static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-1", e);
        }
    }
}
