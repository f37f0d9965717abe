package dev.larder.store.script;

import dev.larder.store.command.CommandException;
import dev.larder.store.engine.Engine;
import dev.larder.store.value.Slice;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The scripts that EVAL and SCRIPT LOAD have brought to an engine, by their SHA-1. */
public final class Scripts {
    private static final Logger LOG = Logger.getLogger("dev.larder.store.script");

    /** What all scripts of an engine may use together, and all its functions. */
    static final long MEMORY_LIMIT_BYTES = 256L << 20;

    /** Digits of a SHA-1. */
    static final int NAME_LENGTH = 40;

    private static final int RECENT = 256;

    /** Scripts called lately, each at the place of its name as clients write it. */
    private final Script[] recent = new Script[RECENT];

    private final Slice[] recentNames = new Slice[RECENT];
    private ScriptEngine engine;

    private final Engine store;

    private Scripts(Engine store) {
        this.store = store;
    }

    /** The scripts of {@code engine}; made when the first script comes. */
    public static Scripts of(Engine engine) {
        Scripts scripts = engine.part(Scripts.class);
        if (scripts == null) {
            scripts = new Scripts(engine);
            engine.add(Scripts.class, scripts);
        }
        return scripts;
    }

    /** The interpreter, opened when first needed: opening one takes some milliseconds. */
    ScriptEngine engine() {
        if (engine == null) {
            try {
                engine = PucLua.open(MEMORY_LIMIT_BYTES, ScriptCommands.VERSION);
            } catch (ScriptException e) {
                throw new CommandException(e.getMessage());
            }
        }
        return engine;
    }

    Script find(String sha1) {
        return engine == null ? null : engine.find(sha1);
    }

    /** The script of this name in any case; null where there is none. */
    Script find(Slice sha1) {
        if (sha1.length() != NAME_LENGTH || engine == null) {
            return null;
        }
        int place = sha1.at(0) * 31 + sha1.at(1) * 7 + sha1.at(2) & RECENT - 1;
        if (sha1.equals(recentNames[place])) {
            return recent[place];
        }
        Script script = engine.find(sha1.toString().toLowerCase(Locale.ROOT));
        if (script != null) {
            recent[place] = script;
            recentNames[place] = new Slice(sha1.toBytes());
        }
        return script;
    }

    /** Keeps a script, which counts as used memory from then on. */
    Script compile(byte[] source) throws ScriptException {
        ScriptEngine interpreter = engine();
        long before = interpreter.sourceBytes();
        try {
            return interpreter.compile(source);
        } finally {
            store.memory().keepBesides(interpreter.sourceBytes() - before);
        }
    }

    void flush() {
        Arrays.fill(recent, null);
        Arrays.fill(recentNames, null);
        if (engine != null) {
            store.memory().keepBesides(-engine.sourceBytes());
            engine.flush();
        }
    }

    /** How many scripts are compiled, for INFO. */
    public int size() {
        return engine == null ? 0 : engine.size();
    }

    /** What the interpreter itself uses, for INFO. */
    public long memoryBytes() {
        return engine == null ? 0 : engine.memoryBytes();
    }

    /** What the scripts take besides: their sources and their names. */
    public long overheadBytes() {
        return engine == null ? 0 : engine.sourceBytes();
    }

    /** Gives back the interpreter. */
    public void close() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    /** What {@code redis.log} says. */
    static void logged(int level, byte[] message) {
        Level as =
                switch (level) {
                    case 0 -> Level.FINE;
                    case 1 -> Level.CONFIG;
                    case 2 -> Level.INFO;
                    default -> Level.WARNING;
                };
        LOG.log(as, () -> new String(message, StandardCharsets.UTF_8));
    }
}
