package dev.larder.store.script;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The scripts of one engine: those compiled, and the one that runs.
 *
 * <p>A script occupies the engine's only thread, so no other client is heard meanwhile. What the
 * real servers leave to a client's SCRIPT KILL happens here by itself: a script that has run for
 * {@code busy-reply-threshold} milliseconds and written nothing is ended. One that has written is
 * let go on, as it would be there, but no longer than {@value #WRITER_TIMES} times that. {@link
 * #kill} may be called from any thread.
 */
public final class Scripts {
    private static final Logger LOG = Logger.getLogger("dev.larder.store.script");

    /** What all scripts of an engine may use together. */
    private static final long MEMORY_LIMIT_BYTES = 256L << 20;

    private static final int WRITER_TIMES = 12;

    private static final String KILLED = "ERR Script killed by user with SCRIPT KILL.";
    private static final String OUT_OF_TIME =
            "ERR Error running script: it ran longer than busy-reply-threshold allows.";

    private final Engine store;
    private final Nested nested;
    private ScriptEngine engine;
    private volatile boolean running;
    private volatile boolean wrote;
    private volatile boolean killed;

    private Scripts(Engine store) {
        this.store = store;
        this.nested = new Nested(store);
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
                engine = PucLua.open(MEMORY_LIMIT_BYTES, "7.2.4");
            } catch (ScriptException e) {
                throw new CommandException(e.getMessage());
            }
        }
        return engine;
    }

    Script find(String sha1) {
        return engine == null ? null : engine.find(sha1);
    }

    void flush() {
        if (engine != null) {
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

    /** Gives back the interpreter. */
    public void close() {
        if (engine != null) {
            engine.close();
            engine = null;
        }
    }

    /**
     * Ends the running script, from any thread; null when it will end, otherwise why it will not.
     */
    public String kill() {
        if (!running) {
            return "NOTBUSY No scripts in execution right now.";
        }
        if (wrote) {
            return "UNKILLABLE Sorry the script already executed write commands against the dataset."
                    + " You can either wait the script termination or kill the server in a hard way"
                    + " using the SHUTDOWN NOSAVE command.";
        }
        killed = true;
        return null;
    }

    Reply run(
            Call call, Script script, List<byte[]> keys, List<byte[]> arguments, boolean readOnly) {
        if (running) {
            throw new CommandException("ERR a script cannot run a script");
        }
        return nested.run(call, script, keys, arguments, readOnly);
    }

    /** The host of the script that runs; there is never more than one. */
    private final class Nested implements ScriptHost {
        private final Call call;
        private Client client;
        private boolean readOnly;
        private long startedNanos;
        private long limitNanos;

        Nested(Engine store) {
            this.call = new Call(store);
        }

        Reply run(
                Call outer,
                Script script,
                List<byte[]> keys,
                List<byte[]> arguments,
                boolean readOnlyCommand) {
            client = Client.of(outer);
            readOnly = readOnlyCommand || script.flags().noWrites();
            startedNanos = System.nanoTime();
            limitNanos = outer.config().integer("busy-reply-threshold") * 1_000_000;
            int database = client.database();
            int protocol = client.protocol();
            killed = false;
            wrote = false;
            running = true;
            try {
                // A script sees the types of RESP2 until it asks for others.
                client.protocol(2);
                // The effects of a script are journalled one by one, as its commands happen.
                return engine().run(script, keys, arguments, this);
            } finally {
                running = false;
                client.protocol(protocol);
                client.database(database);
                client = null;
            }
        }

        @Override
        public Reply call(Args words) {
            Reply reply = store.runNested(call, client, words, readOnly);
            // A refused command leaves in the call what the one before it had changed.
            if (!(reply instanceof Reply.Failure) && call.changes() > 0) {
                wrote = true;
            }
            return reply;
        }

        @Override
        public void log(int level, byte[] message) {
            Level as =
                    switch (level) {
                        case 0 -> Level.FINE;
                        case 1 -> Level.CONFIG;
                        case 2 -> Level.INFO;
                        default -> Level.WARNING;
                    };
            LOG.log(as, () -> new String(message, StandardCharsets.UTF_8));
        }

        @Override
        public Reply mayRun(Args words) {
            Command command = store.table().find(words.slice(0));
            return command == null || !command.acceptsCount(words.count())
                    ? new Reply.Failure("ERR no such command")
                    : new Reply.Bool(true);
        }

        @Override
        public void protocol(int version) {
            client.protocol(version);
        }

        @Override
        public String interruption() {
            if (killed) {
                return KILLED;
            }
            long ran = System.nanoTime() - startedNanos;
            if (limitNanos > 0 && ran > limitNanos && (!wrote || ran / WRITER_TIMES > limitNanos)) {
                LOG.warning("a script ran too long and was ended");
                return OUT_OF_TIME;
            }
            return null;
        }
    }
}
