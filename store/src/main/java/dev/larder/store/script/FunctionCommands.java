package dev.larder.store.script;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.script.ScriptCommands.caller;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.command.Glob;
import dev.larder.store.command.Numerals;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** FCALL, and FUNCTION and its subcommands. What keeps the libraries is {@link Functions}. */
public final class FunctionCommands {
    public static final Family ALL =
            family(
                    Category.SCRIPTING,
                    caller("FCALL", "function", "7.0.0")
                            .is(Flag.MAY_REPLICATE)
                            .about("Invokes a function.")
                            .does(call -> fcall(call, false)),
                    caller("FCALL_RO", "function", "7.0.0")
                            .is(Flag.READONLY)
                            .about("Invokes a read-only function.")
                            .does(call -> fcall(call, true)),
                    command("FUNCTION", "")
                            .since("7.0.0")
                            .cost("Depends on subcommand.")
                            .about("A container for function commands."),
                    sub("LOAD", "[REPLACE] function-code")
                            .is(Flag.WRITE, Flag.DENYOOM)
                            .cost("O(1) (considering compilation time is redundant)")
                            .about("Creates a library.")
                            .does(FunctionCommands::load),
                    sub("DELETE", "library-name")
                            .is(Flag.WRITE)
                            .about("Deletes a library and its functions.")
                            .does(FunctionCommands::delete),
                    sub("FLUSH", "[ASYNC | SYNC]")
                            .is(Flag.WRITE)
                            .cost("O(N) where N is the number of functions deleted")
                            .about("Deletes all libraries and functions.")
                            .does(FunctionCommands::flush),
                    sub("LIST", "[LIBRARYNAME library-name-pattern] [WITHCODE]")
                            .cost("O(N) where N is the number of functions")
                            .about("Returns information about all libraries.")
                            .does(FunctionCommands::list),
                    sub("STATS", "")
                            .is(Flag.ALLOW_BUSY)
                            .about("Returns information about a function during execution.")
                            .does(FunctionCommands::stats),
                    sub("KILL", "")
                            .is(Flag.ALLOW_BUSY)
                            .about("Terminates a function during execution.")
                            .does(call -> ScriptCommands.kill(call, false)),
                    command("FUNCTION|HELP", "")
                            .is(Flag.LOADING, Flag.STALE)
                            .since("7.0.0")
                            .about("Returns helpful text about the different subcommands.")
                            .does(FunctionCommands::help));

    private static final String[] HELP = {
        "FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "LOAD [REPLACE] <FUNCTION CODE>",
        "    Create a new library with the given library name and code.",
        "DELETE <LIBRARY NAME>",
        "    Delete the given library.",
        "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
        "    Return general information on all the libraries:",
        "    * Library name",
        "    * The engine used to run the Library",
        "    * Library description",
        "    * Functions list",
        "    * Library code (if WITHCODE is given)",
        "    It also possible to get only function that matches a pattern using LIBRARYNAME"
                + " argument.",
        "STATS",
        "    Return information about the current function running:",
        "    * Function name",
        "    * Command used to run the function",
        "    * Duration in MS that the function is running",
        "    If no function is running, return nil",
        "    In addition, returns a list of available engines.",
        "KILL",
        "    Kill the current running function.",
        "FLUSH [ASYNC|SYNC]",
        "    Delete all the libraries.",
        "    When called without the optional mode argument, the behavior is determined by the",
        "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
        "    * ASYNC: Asynchronously flush the libraries.",
        "    * SYNC: Synchronously flush the libraries.",
        "DUMP",
        "    Return a serialized payload representing the current libraries, can be restored using"
                + " FUNCTION RESTORE command",
        "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
        "    Restore the libraries represented by the given payload, it is possible to give a"
                + " restore policy to",
        "    control how to handle existing libraries (default APPEND):",
        "    * FLUSH: delete all existing libraries.",
        "    * APPEND: appends the restored libraries to the existing libraries. On collision,"
                + " abort.",
        "    * REPLACE: appends the restored libraries to the existing libraries, On collision,"
                + " replace the old",
        "      libraries with the new libraries (notice that even on this option there is a chance"
                + " of failure",
        "      in case of functions name collision with another library).",
        "HELP",
        "    Print this help.",
    };

    private FunctionCommands() {}

    private static Command sub(String name, String syntax) {
        return command("FUNCTION|" + name, syntax).is(Flag.NOSCRIPT).since("7.0.0");
    }

    private static Functions functions(Call call) {
        return Functions.of(Engine.of(call));
    }

    private static Reply fcall(Call call, boolean readOnly) {
        Functions functions = functions(call);
        LibraryFunction function = functions.find(Functions.text(call.args().bytes(1)));
        if (function == null) {
            throw new CommandException("ERR Function not found");
        }
        Slice word = call.arg(2);
        if (!Numerals.isLong(word)) {
            throw new CommandException("ERR Bad number of keys provided");
        }
        int keys = ScriptCommands.keyCount(call, Numerals.parseLong(word));
        return ScriptCommands.run(call, functions.engine(), function, keys, readOnly);
    }

    private static Reply load(Call call) {
        boolean replace = false;
        for (int i = 2; i < call.count() - 1; i++) {
            if (!call.args().is(i, "REPLACE")) {
                throw new CommandException("ERR Unknown option given: " + call.args().text(i));
            }
            replace = true;
        }
        String name = functions(call).load(call.args().bytes(call.count() - 1), replace);
        call.counted(1);
        return Reply.bulk(name);
    }

    private static Reply delete(Call call) {
        if (!functions(call).delete(Functions.text(call.args().bytes(2)))) {
            throw new CommandException("ERR Library not found");
        }
        call.counted(1);
        return Reply.OK;
    }

    private static Reply flush(Call call) {
        if (call.count() > 3) {
            throw ScriptCommands.unknownOrWrong(call);
        }
        if (call.count() == 3 && !call.args().is(2, "SYNC") && !call.args().is(2, "ASYNC")) {
            throw new CommandException("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
        }
        functions(call).flush();
        call.counted(1);
        return Reply.OK;
    }

    private static Reply list(Call call) {
        boolean withCode = false;
        Slice pattern = null;
        for (int i = 2; i < call.count(); i++) {
            if (!withCode && call.args().is(i, "WITHCODE")) {
                withCode = true;
            } else if (pattern == null && call.args().is(i, "LIBRARYNAME")) {
                if (++i == call.count()) {
                    throw new CommandException("ERR library name argument was not given");
                }
                pattern = new Slice(call.args().bytes(i));
            } else {
                throw new CommandException("ERR Unknown argument " + call.args().text(i));
            }
        }
        List<Reply> found = new ArrayList<>();
        for (Library library : functions(call).libraries()) {
            byte[] name = library.name().getBytes(StandardCharsets.US_ASCII);
            if (pattern == null || new Glob(pattern).matches(new Slice(name), true)) {
                found.add(describe(library, withCode));
            }
        }
        return Reply.array(found);
    }

    private static Reply describe(Library library, boolean withCode) {
        List<Reply> functions = new ArrayList<>();
        for (LibraryFunction function : library.functions()) {
            List<Reply> flags = new ArrayList<>();
            for (ScriptFlag flag : ScriptFlag.values()) {
                if (function.has(flag)) {
                    flags.add(Reply.status(flag.word()));
                }
            }
            functions.add(
                    Reply.map(
                            Reply.bulk("name"),
                            Reply.bulk(function.name()),
                            Reply.bulk("description"),
                            function.description() == null
                                    ? Reply.Nil.BULK
                                    : Reply.bulk(function.description()),
                            Reply.bulk("flags"),
                            new Reply.Set(flags)));
        }
        List<Reply> fields = new ArrayList<>();
        fields.add(Reply.bulk("library_name"));
        fields.add(Reply.bulk(library.name()));
        fields.add(Reply.bulk("engine"));
        fields.add(Reply.bulk("LUA"));
        fields.add(Reply.bulk("functions"));
        fields.add(Reply.array(functions));
        if (withCode) {
            fields.add(Reply.bulk("library_code"));
            fields.add(Reply.bulk(library.code()));
        }
        return new Reply.Map(fields);
    }

    private static Reply stats(Call call) {
        Functions functions = functions(call);
        return Reply.map(
                Reply.bulk("running_script"),
                Execution.of(Engine.of(call)).describe(),
                Reply.bulk("engines"),
                Reply.map(
                        Reply.bulk("LUA"),
                        Reply.map(
                                Reply.bulk("libraries_count"),
                                Reply.integer(functions.libraries().size()),
                                Reply.bulk("functions_count"),
                                Reply.integer(functions.size()))));
    }

    private static Reply help(Call call) {
        return ScriptCommands.help(call, HELP);
    }
}
