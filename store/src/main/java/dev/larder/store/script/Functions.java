package dev.larder.store.script;

import dev.larder.store.command.CommandException;
import dev.larder.store.engine.Engine;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The libraries of an engine and the functions they have registered. A library is whole or it is
 * not there: whatever fails leaves everything as it was.
 */
public final class Functions {
    static final String BAD_NAME =
            "Library names can only contain letters, numbers, or underscores(_) and must be at"
                    + " least one character long";

    /** How long the code of a library may take to register its functions. */
    private static final long LOAD_NANOS_MAX = 500_000_000;

    /** What a library or a function takes in the tables, about. */
    private static final long ENTRY_BYTES = 200;

    private final Map<String, Library> libraries = new LinkedHashMap<>();

    /** By name in lower case: FCALL does not mind the case. */
    private final Map<String, LibraryFunction> functions = new LinkedHashMap<>();

    private ScriptEngine engine;

    /** What becomes of the libraries that are there when others are restored. */
    enum Policy {
        FLUSH,
        APPEND,
        REPLACE
    }

    private final Engine store;

    private Functions(Engine store) {
        this.store = store;
    }

    /** The functions of {@code engine}; made when they are first spoken of. */
    public static Functions of(Engine engine) {
        Functions functions = engine.part(Functions.class);
        if (functions == null) {
            functions = new Functions(engine);
            engine.add(Functions.class, functions);
        }
        return functions;
    }

    ScriptEngine engine() {
        if (engine == null) {
            try {
                engine =
                        PucLua.openForLibraries(Scripts.MEMORY_LIMIT_BYTES, ScriptCommands.VERSION);
            } catch (ScriptException e) {
                throw new CommandException(e.getMessage());
            }
        }
        return engine;
    }

    /** Letters, digits and underscores, at least one. */
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.chars()
                        .allMatch(
                                c ->
                                        c >= 'a' && c <= 'z'
                                                || c >= 'A' && c <= 'Z'
                                                || c >= '0' && c <= '9'
                                                || c == '_');
    }

    public Collection<Library> libraries() {
        return libraries.values();
    }

    /** How many functions there are. */
    public int size() {
        return functions.size();
    }

    /** The function of this name in any case; null where there is none. */
    LibraryFunction find(String name) {
        return functions.get(name.toLowerCase(Locale.ROOT));
    }

    /**
     * Loads a library.
     *
     * @return its name
     * @throws CommandException where it cannot be loaded
     */
    String load(byte[] code, boolean replace) {
        String name = name(code);
        Library old = libraries.get(name);
        if (old != null && !replace) {
            throw new CommandException("ERR Library '" + name + "' already exists");
        }
        Library library = compile(name, code, LOAD_NANOS_MAX);
        refuseTaken(List.of(library), old == null ? List.of() : List.of(old));
        if (old != null) {
            remove(old);
        }
        add(library);
        return name;
    }

    /**
     * Loads several libraries, or none of them where one fails.
     *
     * @param codes their sources
     */
    void restore(List<byte[]> codes, Policy policy) {
        Map<String, Library> loaded = new LinkedHashMap<>();
        boolean joined = false;
        try {
            for (byte[] code : codes) {
                String name = name(code);
                if (loaded.containsKey(name)) {
                    throw new CommandException("ERR Library '" + name + "' already exists");
                }
                Library library = compile(name, code, 0);
                loaded.put(name, library);
                refuseDuplicates(loaded.values());
            }
            List<Library> leaving =
                    libraries.values().stream()
                            .filter(
                                    library ->
                                            policy == Policy.FLUSH
                                                    || loaded.containsKey(library.name()))
                            .toList();
            if (policy == Policy.APPEND && !leaving.isEmpty()) {
                throw new CommandException(
                        "ERR Library " + leaving.getFirst().name() + " already exists");
            }
            refuseTaken(loaded.values(), leaving);
            leaving.forEach(this::remove);
            loaded.values().forEach(this::add);
            joined = true;
        } finally {
            if (!joined) {
                loaded.values().forEach(this::release);
            }
        }
    }

    private static void refuseDuplicates(Collection<Library> libraries) {
        Map<String, Library> owners = new LinkedHashMap<>();
        for (Library library : libraries) {
            for (LibraryFunction function : library.functions()) {
                Library owner = owners.put(function.name().toLowerCase(Locale.ROOT), library);
                if (owner != null && owner != library) {
                    throw taken(function);
                }
            }
        }
    }

    /** Refuses libraries with a function whose name one has that stays; they are given back. */
    private void refuseTaken(Collection<Library> coming, Collection<Library> leaving) {
        for (Library library : coming) {
            for (LibraryFunction function : library.functions()) {
                LibraryFunction there = find(function.name());
                if (there != null
                        && leaving.stream().noneMatch(old -> old.functions().contains(there))) {
                    coming.forEach(this::release);
                    throw taken(function);
                }
            }
        }
    }

    private static CommandException taken(LibraryFunction function) {
        return new CommandException("ERR Function " + function.name() + " already exists");
    }

    /** The name in the first line of a library. */
    private static String name(byte[] code) {
        if (!Shebang.isIn(code)) {
            throw new CommandException("ERR Missing library metadata");
        }
        Shebang line = Shebang.of(code);
        if (line == null || line.words().length == 0) {
            throw new CommandException("ERR Invalid library metadata");
        }
        String name = null;
        for (int i = 1; i < line.words().length; i++) {
            String word = line.words()[i];
            if (!word.regionMatches(true, 0, "name=", 0, 5)) {
                throw new CommandException("ERR Invalid metadata value given: " + word);
            }
            if (name != null) {
                throw new CommandException(
                        "ERR Invalid metadata value, name argument was given multiple times");
            }
            name = word.substring(5);
        }
        if (name == null) {
            throw new CommandException("ERR Library name was not given");
        }
        if (!isName(name)) {
            throw new CommandException("ERR " + BAD_NAME);
        }
        String language = line.words()[0].substring(2);
        if (!language.equalsIgnoreCase("lua")) {
            throw new CommandException("ERR Engine '" + language + "' not found");
        }
        return name;
    }

    private Library compile(String name, byte[] code, long limitNanos) {
        List<LibraryFunction> registered;
        try {
            registered = engine().load(code, Shebang.of(code).end(), limitNanos);
        } catch (ScriptException e) {
            throw new CommandException(e.getMessage());
        }
        if (registered.isEmpty()) {
            throw new CommandException("ERR No functions registered");
        }
        return new Library(name, code.clone(), registered);
    }

    private void add(Library library) {
        libraries.put(library.name(), library);
        store.memory().keepBesides(bytes(library));
        library.functions()
                .forEach(f -> functions.putIfAbsent(f.name().toLowerCase(Locale.ROOT), f));
    }

    private void remove(Library library) {
        libraries.remove(library.name());
        store.memory().keepBesides(-bytes(library));
        library.functions().forEach(f -> functions.remove(f.name().toLowerCase(Locale.ROOT), f));
        release(library);
    }

    private void release(Library library) {
        library.functions().forEach(engine()::release);
    }

    /** Removes a library; whether it was there. */
    boolean delete(String name) {
        Library library = libraries.get(name);
        if (library == null) {
            return false;
        }
        remove(library);
        return true;
    }

    /** Removes all libraries, and with them whatever they had laid down in the interpreter. */
    void flush() {
        store.memory().keepBesides(-overheadBytes());
        libraries.clear();
        functions.clear();
        close();
    }

    /** What the interpreter itself uses, for INFO. */
    public long memoryBytes() {
        return engine == null ? 0 : engine.memoryBytes();
    }

    /** What the libraries take besides: their sources, and the names and places of functions. */
    public long overheadBytes() {
        long bytes = 0;
        for (Library library : libraries.values()) {
            bytes += bytes(library);
        }
        return bytes;
    }

    private static long bytes(Library library) {
        return ENTRY_BYTES * (1L + library.functions().size()) + library.code().length;
    }

    /** Gives back the interpreter. */
    private void close() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    /** The name as errors and clients see it: bytes beyond ASCII are no part of any. */
    static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
