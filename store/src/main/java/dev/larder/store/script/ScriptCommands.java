package dev.larder.store.script;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import java.util.Locale;

/** EVAL and its kin. What runs them is {@link Scripts}. */
public final class ScriptCommands {
    public static final Family ALL =
            family(
                    Category.SCRIPTING,
                    caller("EVAL", "script", "2.6.0")
                            .is(Flag.MAY_REPLICATE)
                            .about("Executes a server-side Lua script.")
                            .does(call -> eval(call, false)),
                    caller("EVALSHA", "sha1", "2.6.0")
                            .is(Flag.MAY_REPLICATE)
                            .about("Executes a server-side Lua script by SHA1 digest.")
                            .does(call -> evalsha(call, false)),
                    caller("EVAL_RO", "script", "7.0.0")
                            .is(Flag.READONLY)
                            .about("Executes a read-only server-side Lua script.")
                            .does(call -> eval(call, true)),
                    caller("EVALSHA_RO", "sha1", "7.0.0")
                            .is(Flag.READONLY)
                            .about("Executes a read-only server-side Lua script by SHA1 digest.")
                            .does(call -> evalsha(call, true)),
                    command("SCRIPT", "")
                            .since("2.6.0")
                            .cost("Depends on subcommand.")
                            .about("A container for Lua scripts management commands."),
                    sub("LOAD", "script", "2.6.0")
                            .is(Flag.STALE)
                            .cost("O(N) with N being the length in bytes of the script body.")
                            .about("Loads a server-side Lua script to the script cache.")
                            .does(ScriptCommands::load),
                    sub("EXISTS", "sha1 [sha1 ...]", "2.6.0")
                            .cost("O(N) with N being the number of scripts to check.")
                            .about(
                                    "Determines whether server-side Lua scripts exist in the script"
                                            + " cache.")
                            .does(ScriptCommands::exists),
                    sub("FLUSH", "[ASYNC | SYNC]", "2.6.0")
                            .cost("O(N) with N being the number of scripts in cache")
                            .about("Removes all server-side Lua scripts from the script cache.")
                            .does(ScriptCommands::flush),
                    sub("KILL", "", "2.6.0")
                            .is(Flag.ALLOW_BUSY)
                            .about("Terminates a server-side Lua script during execution.")
                            .does(ScriptCommands::kill),
                    sub("DEBUG", "<YES | SYNC | NO>", "3.2.0")
                            .about("Sets the debug mode of server-side Lua scripts.")
                            .does(ScriptCommands::debug),
                    command("SCRIPT|HELP", "")
                            .is(Flag.LOADING, Flag.STALE)
                            .since("5.0.0")
                            .about("Returns helpful text about the different subcommands.")
                            .does(ScriptCommands::help));

    private static final String[] HELP = {
        "SCRIPT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DEBUG (YES|SYNC|NO)",
        "    Set the debug mode for subsequent scripts executed.",
        "EXISTS <sha1> [<sha1> ...]",
        "    Return information about the existence of the scripts in the script cache.",
        "FLUSH [ASYNC|SYNC]",
        "    Flush the Lua scripts cache. Very dangerous on replicas.",
        "    When called without the optional mode argument, the behavior is determined by the",
        "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
        "    * ASYNC: Asynchronously flush the scripts cache.",
        "    * SYNC: Synchronously flush the scripts cache.",
        "KILL",
        "    Kill the currently executing Lua script.",
        "LOAD <script>",
        "    Load a script into the scripts cache without executing it.",
        "HELP",
        "    Print this help.",
    };

    /** The version that scripts are told. */
    static final String VERSION = "7.2.4";

    private ScriptCommands() {}

    /** A row of what runs something with keys and arguments: a script or a function. */
    static Command caller(String name, String what, String since) {
        return command(name, what + " numkeys [key [key ...]] [arg [arg ...]]")
                .is(
                        Flag.NOSCRIPT,
                        Flag.STALE,
                        Flag.SKIP_MONITOR,
                        Flag.NO_MANDATORY_KEYS,
                        Flag.MOVABLEKEYS)
                .since(since)
                .cost(
                        "Depends on the "
                                + (what.equals("function") ? what : "script")
                                + " that is executed.")
                .keysFoundBy(ScriptCommands::keyPositions);
    }

    private static Command sub(String name, String syntax, String since) {
        return command("SCRIPT|" + name, syntax).is(Flag.NOSCRIPT).since(since);
    }

    private static int[] keyPositions(Args args) {
        long count = args.integer(2);
        if (count < 0 || count > args.count() - 3) {
            throw new CommandException("ERR Invalid number of keys");
        }
        int[] positions = new int[(int) count];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = 3 + i;
        }
        return positions;
    }

    private static Reply eval(Call call, boolean readOnly) {
        int keys = keyCount(call, call.args().integer(2));
        Scripts scripts = Scripts.of(Engine.of(call));
        Script script;
        try {
            script = scripts.compile(call.args().bytes(1));
        } catch (ScriptException e) {
            throw new CommandException(e.getMessage());
        }
        return run(call, scripts.engine(), script, keys, readOnly);
    }

    private static Reply evalsha(Call call, boolean readOnly) {
        // What is no digest at all is refused before the number of keys is looked at.
        boolean isDigest = call.arg(1).length() == Scripts.NAME_LENGTH;
        int keys = isDigest ? keyCount(call, call.args().integer(2)) : 0;
        Scripts scripts = Scripts.of(Engine.of(call));
        Script script = scripts.find(call.arg(1));
        if (script == null) {
            throw new CommandException("NOSCRIPT No matching script. Please use EVAL.");
        }
        return run(call, scripts.engine(), script, keys, readOnly);
    }

    /** A known subcommand with more words than it takes. */
    static CommandException unknownOrWrong(Call call) {
        return new CommandException(
                "ERR unknown subcommand or wrong number of arguments for '"
                        + Errors.clip(call.args().text(1))
                        + "'. Try "
                        + call.args().text(0).toUpperCase(Locale.ROOT)
                        + " HELP.");
    }

    /** Checks how many of the words are keys. */
    static int keyCount(Call call, long count) {
        if (count > call.count() - 3) {
            throw new CommandException("ERR Number of keys can't be greater than number of args");
        }
        if (count < 0) {
            throw new CommandException("ERR Number of keys can't be negative");
        }
        return (int) count;
    }

    static Reply run(
            Call call, ScriptEngine engine, Routine routine, int keyCount, boolean readOnly) {
        return Execution.of(Engine.of(call)).run(call, engine, routine, 3, keyCount, readOnly);
    }

    private static Reply load(Call call) {
        try {
            return Reply.bulk(Scripts.of(Engine.of(call)).compile(call.args().bytes(2)).name());
        } catch (ScriptException e) {
            throw new CommandException(e.getMessage());
        }
    }

    private static Reply exists(Call call) {
        Scripts scripts = Scripts.of(Engine.of(call));
        Reply.Tape tape = call.tape().array(call.count() - 2);
        for (int i = 2; i < call.count(); i++) {
            boolean known = scripts.find(call.arg(i)) != null;
            tape.integer(known ? 1 : 0);
        }
        return tape;
    }

    private static Reply flush(Call call) {
        if (call.count() > 3
                || call.count() == 3 && !call.args().is(2, "SYNC") && !call.args().is(2, "ASYNC")) {
            throw new CommandException("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
        }
        Scripts.of(Engine.of(call)).flush();
        return Reply.OK;
    }

    private static Reply kill(Call call) {
        return kill(call, true);
    }

    /** Ends what runs: a script, or a function. */
    static Reply kill(Call call, boolean script) {
        String refusal = Execution.of(Engine.of(call)).kill(script);
        if (refusal != null) {
            throw new CommandException(refusal);
        }
        return Reply.OK;
    }

    private static Reply debug(Call call) {
        if (call.args().is(2, "NO")) {
            return Reply.OK;
        }
        if (call.args().is(2, "YES") || call.args().is(2, "SYNC")) {
            throw new CommandException("ERR SCRIPT DEBUG is not supported");
        }
        throw new CommandException("ERR Use SCRIPT DEBUG YES/SYNC/NO");
    }

    /** The lines of a HELP. */
    static Reply help(Call call, String[] lines) {
        Reply.Tape tape = call.tape().array(lines.length);
        for (String line : lines) {
            tape.status(line);
        }
        return tape;
    }

    private static Reply help(Call call) {
        return help(call, HELP);
    }
}
