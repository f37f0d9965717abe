package dev.larder.store.script;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Nesting;
import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;

/**
 * The script or function that an engine runs now; there is never more than one.
 *
 * <p>A script occupies the engine's only thread. One that has run for {@code busy-reply-threshold}
 * milliseconds is busy: from then on, every now and then, the engine has the other clients served
 * from within it, and refuses all that is not allowed beside it. So SCRIPT KILL is heard, which
 * ends what has written nothing. In an engine without connections nobody could send it; there a
 * script ends by itself after that time, or after {@value #WRITER_TIMES} times that where it has
 * written.
 */
public final class Execution {
    private static final Logger LOG = Logger.getLogger("dev.larder.store.script");

    private static final int WRITER_TIMES = 12;

    /** The others are served this often at most. */
    private static final long SERVING_NANOS = 1_000_000;

    private static final String KILLED = "ERR Script killed by user with SCRIPT KILL...";
    private static final String HALTED = "ERR Error running script: the server stops.";
    private static final String OUT_OF_TIME =
            "ERR Error running script: it ran longer than busy-reply-threshold allows.";

    private final Engine store;
    private final Nested nested;
    private volatile Routine running;
    private volatile boolean killed;

    private Execution(Engine store) {
        this.store = store;
        this.nested = new Nested(store);
    }

    /** What runs the scripts of {@code engine}; made when the first script comes. */
    public static Execution of(Engine engine) {
        Execution execution = engine.part(Execution.class);
        if (execution == null) {
            execution = new Execution(engine);
            engine.add(Execution.class, execution);
        }
        return execution;
    }

    /**
     * Ends the running script, from any thread; null when it will end, otherwise why it will not.
     *
     * @param script whether a script is to be ended, and not a function
     */
    public String kill(boolean script) {
        Routine routine = running;
        if (routine == null) {
            return "NOTBUSY No scripts in execution right now.";
        }
        if (nested.nesting.hasWritten()) {
            return "UNKILLABLE Sorry the script already executed write commands against the dataset."
                    + " You can either wait the script termination or kill the server in a hard way"
                    + " using the SHUTDOWN NOSAVE command.";
        }
        if (script != routine instanceof Script) {
            return busy(routine);
        }
        killed = true;
        return null;
    }

    /**
     * The function that runs: its name, the command that called it and for how many milliseconds it
     * has run; nil where none does.
     */
    Reply describe() {
        Routine routine = running;
        if (routine == null) {
            return Reply.Nil.BULK;
        }
        if (routine instanceof Script) {
            throw new CommandException(busy(routine));
        }
        List<Reply> words = new ArrayList<>();
        for (byte[] word : nested.words.words()) {
            words.add(Reply.bulk(word));
        }
        return Reply.map(
                Reply.bulk("name"),
                Reply.bulk(routine.name()),
                Reply.bulk("command"),
                Reply.array(words),
                Reply.bulk("duration_ms"),
                Reply.integer(nested.ranNanos() / 1_000_000));
    }

    private static String busy(Routine routine) {
        return routine instanceof Script
                ? "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN"
                        + " NOSAVE."
                : "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN"
                        + " NOSAVE.";
    }

    /**
     * Runs a script or a function on behalf of a command.
     *
     * @param first where among the command's words the keys begin, and behind them the arguments
     * @param keys how many keys there are
     */
    Reply run(
            Call call,
            ScriptEngine engine,
            Routine routine,
            int first,
            int keys,
            boolean readOnly) {
        if (running != null) {
            throw new CommandException("ERR a script cannot run a script");
        }
        return nested.run(call, engine, routine, first, keys, readOnly);
    }

    /** The host of what runs. */
    private final class Nested implements ScriptHost {
        private final Nesting nesting;

        /** The command that has called it; borrowed. */
        private Args words;

        private long startedNanos;
        private long limitNanos;

        /** When, from the beginning of the script, the others were served last; 0 for never. */
        private long servedAtNanos;

        Nested(Engine store) {
            this.nesting = new Nesting(store);
        }

        long ranNanos() {
            return System.nanoTime() - startedNanos;
        }

        Reply run(
                Call outer,
                ScriptEngine engine,
                Routine routine,
                int first,
                int keys,
                boolean readOnlyCommand) {
            Client client = Client.of(outer);
            String refusal = refusal(client, routine, readOnlyCommand);
            if (refusal != null) {
                throw new CommandException(refusal);
            }
            nesting.begin(
                    client,
                    readOnlyCommand || routine.has(ScriptFlag.NO_WRITES),
                    routine.has(ScriptFlag.ALLOW_OOM));
            startedNanos = System.nanoTime();
            limitNanos = outer.config().busyReplyMillis() * 1_000_000;
            words = outer.args();
            int database = client.database();
            int protocol = client.protocol();
            servedAtNanos = 0;
            killed = false;
            running = routine;
            try {
                // A script sees the types of RESP2 until it asks for others.
                client.protocol(2);
                // The effects of a script are journalled one by one, as its commands happen.
                return engine.run(routine, words, first, keys, this);
            } finally {
                running = null;
                client.protocol(protocol);
                client.database(database);
                nesting.end();
            }
        }

        /**
         * What is declared makes the command that runs it one that writes, takes memory or needs
         * fresh data, and it is refused as such a one; without a declaration only the commands in
         * it are.
         */
        private String refusal(Client client, Routine routine, boolean readOnlyCommand) {
            boolean writes = routine.isDeclared() && !routine.has(ScriptFlag.NO_WRITES);
            if (writes && !routine.has(ScriptFlag.ALLOW_OOM) && store.memory().isExceeded()) {
                return client.inTransaction()
                        ? "OOM allow-oom flag is not set on the script, can not run it when used"
                                + " memory > 'maxmemory'"
                        : Errors.OUT_OF_MEMORY;
            }
            String refusal =
                    store.scriptRefusal(client, writes, !routine.has(ScriptFlag.ALLOW_STALE));
            if (refusal == null && writes && readOnlyCommand) {
                return "ERR Can not execute a script with write flag using *_ro command.";
            }
            return refusal;
        }

        @Override
        public Reply call(Args words) {
            return store.runNested(nesting, words);
        }

        @Override
        public void log(int level, byte[] message) {
            Scripts.logged(level, message);
        }

        @Override
        public Reply mayRun(Args words) {
            Boolean may = store.mayRun(nesting.client(), words);
            return may == null ? new Reply.Failure("ERR no such command") : new Reply.Bool(may);
        }

        @Override
        public void protocol(int version) {
            nesting.client().protocol(version);
        }

        @Override
        public void replicated(boolean yes) {
            nesting.journalled(yes);
        }

        @Override
        public void alreadyCounted() {
            store.statistics().alreadyCounted();
        }

        @Override
        public String interruption() {
            if (killed) {
                return KILLED;
            }
            if (store.isHalted()) {
                return HALTED;
            }
            long ran = ranNanos();
            if (limitNanos <= 0 || ran < limitNanos || ran < servedAtNanos + SERVING_NANOS) {
                return null;
            }
            Client client = nesting.client();
            if (!store.serveBeside(client, busy(running))) {
                return unattended(ran);
            }
            if (servedAtNanos == 0) {
                LOG.warning(
                        () ->
                                "Slow script detected: still in execution after "
                                        + ran / 1_000_000
                                        + " milliseconds. You can try killing the script using the "
                                        + (running instanceof Script ? "SCRIPT" : "FUNCTION")
                                        + " KILL command. Script name is: "
                                        + running.name()
                                        + ".");
            }
            servedAtNanos = ranNanos();
            return killed ? KILLED : store.isHalted() ? HALTED : null;
        }

        /** Where nobody can send SCRIPT KILL, a script ends by itself. */
        private String unattended(long ran) {
            if (nesting.hasWritten() && ran / WRITER_TIMES <= limitNanos) {
                return null;
            }
            LOG.warning("a script ran too long and was ended");
            return OUT_OF_TIME;
        }
    }
}
