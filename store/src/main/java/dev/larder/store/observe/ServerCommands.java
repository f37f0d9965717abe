package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.CommandTable;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.command.Glob;
import dev.larder.store.command.KeyAccess;
import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Commands on the server as a whole: its settings, its figures, its databases, its commands. */
public final class ServerCommands {
    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("DBSIZE", "")
                            .is(Flag.READONLY, Flag.FAST)
                            .about("Returns the number of keys in the database.")
                            .does(call -> Reply.integer(call.db().size())),
                    command("FLUSHDB", "[ASYNC | SYNC]")
                            .is(Flag.WRITE, Flag.DANGEROUS)
                            .cost("O(1): the old table is left to the collector")
                            .about("Removes all keys from the current database.")
                            .does(ServerCommands::flushdb),
                    command("FLUSHALL", "[ASYNC | SYNC]")
                            .is(Flag.WRITE, Flag.DANGEROUS)
                            .cost("O(1): the old tables are left to the collector")
                            .about("Removes all keys from all databases.")
                            .does(ServerCommands::flushall),
                    command("SWAPDB", "index1 index2")
                            .is(Flag.WRITE, Flag.FAST, Flag.DANGEROUS)
                            .since("4.0.0")
                            .about("Swaps two databases.")
                            .does(ServerCommands::swapdb),
                    command("TIME", "")
                            .is(Flag.LOADING, Flag.STALE, Flag.FAST)
                            .since("2.6.0")
                            .about("Returns the server time.")
                            .does(ServerCommands::time),
                    command("INFO", "[section [section ...]]")
                            .is(Flag.LOADING, Flag.STALE, Flag.DANGEROUS)
                            .about("Returns information and statistics about the server.")
                            .differs(
                                    "Fields of an allocator or of forked children say what a JVM can: its heap, and 0.")
                            .does(ServerCommands::info),
                    command("MODULE", "<subcommand> [argument ...]")
                            .since("4.0.0")
                            .cost("Depends on subcommand.")
                            .about("A container for module commands."),
                    command("MODULE|LIST", "")
                            .is(Flag.ADMIN, Flag.NOSCRIPT)
                            .since("4.0.0")
                            .cost("O(N) where N is the number of loaded modules.")
                            .about("Lists the modules; there are none.")
                            .does(_ -> Reply.array()),
                    module("LOAD", "path [arg [arg ...]]")
                            .since("4.0.0")
                            .shownAs("<path> [<arg> ...]"),
                    module(
                                    "LOADEX",
                                    "path [CONFIG name value [CONFIG name value ...]] [ARGS arg [arg ...]]")
                            .shownAs("<path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]"),
                    module("UNLOAD", "name").since("4.0.0").shownAs("<name>"),
                    command("COMMAND", "[argument ...]")
                            .is(Flag.LOADING, Flag.STALE)
                            .since("2.8.13")
                            .cost("O(N) where N is the total number of commands")
                            .about("Returns detailed information about all commands.")
                            .does(ServerCommands::commandAll),
                    about("COUNT", "", "Returns a count of commands.")
                            .does(call -> Reply.integer(Engine.of(call).table().all().size())),
                    about(
                                    "LIST",
                                    "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN"
                                            + " pattern>]",
                                    "Returns a list of command names.")
                            .since("7.0.0")
                            .shownAs("")
                            .does(ServerCommands::commandList),
                    about("INFO", "[command-name ...]", "Returns information about commands.")
                            .shownAs("[<command-name> ...]")
                            .does(ServerCommands::commandInfo),
                    about("DOCS", "[command-name ...]", "Returns documentation about commands.")
                            .shownAs("[<command-name> ...]")
                            .since("7.0.0")
                            .does(ServerCommands::commandDocs),
                    about("GETKEYS", "command [arg ...]", "Extracts the key names from a command.")
                            .shownAs("<full-command>")
                            .does(ServerCommands::commandGetkeys),
                    about(
                                    "GETKEYSANDFLAGS",
                                    "command [arg ...]",
                                    "Extracts the key names, and what is done with them.")
                            .shownAs("<full-command>")
                            .since("7.0.0")
                            .does(ServerCommands::commandGetkeysAndFlags));

    private ServerCommands() {}

    private static Command about(String name, String syntax, String about) {
        return command("COMMAND|" + name, syntax)
                .is(Flag.LOADING, Flag.STALE)
                .since("2.8.13")
                .about(about);
    }

    /** Modules are machine code for another server; none can be loaded here. */
    private static Command module(String name, String syntax) {
        return command("MODULE|" + name, syntax)
                .is(Flag.NO_ASYNC_LOADING, Flag.ADMIN, Flag.NOSCRIPT)
                .since("7.0.0")
                .about("Refused: modules are code for another server.")
                .differs("Refused, as where enable-module-command is no.")
                .does(
                        _ -> {
                            throw new CommandException(
                                    "ERR MODULE command not allowed. If the enable-module-command"
                                            + " option is set to \"local\", you can run it from a"
                                            + " local connection, otherwise you need to set this"
                                            + " option in the configuration file, and then restart"
                                            + " the server.");
                        });
    }

    private static void requireFlushMode(Call call) {
        if (call.count() > 2) {
            throw Errors.syntax();
        }
        if (call.count() == 2 && !call.args().is(1, "ASYNC") && !call.args().is(1, "SYNC")) {
            throw Errors.syntax();
        }
    }

    static Reply flushdb(Call call) {
        requireFlushMode(call);
        flush(call, call.db());
        return Reply.OK;
    }

    static Reply flushall(Call call) {
        requireFlushMode(call);
        for (int i = 0; i < call.host().databases(); i++) {
            flush(call, call.host().database(i));
        }
        Engine.of(call).flushedAll();
        return Reply.OK;
    }

    private static void flush(Call call, Keyspace db) {
        boolean later =
                call.args().is(1, "ASYNC")
                        || call.count() == 1 && call.config().isYes("lazyfree-lazy-user-flush");
        if (later) {
            call.host().freedLater(db.size());
        }
        call.replaces(db, null, Math.max(1, db.size()));
        db.clear();
    }

    static Reply swapdb(Call call) {
        long one = databaseNumber(call, 1, "ERR invalid first DB index");
        long other = databaseNumber(call, 2, "ERR invalid second DB index");
        Keyspace first = database(call, one);
        Keyspace second = database(call, other);
        if (first == second) {
            // For the journal it is a change, for who watches it is none.
            call.counted(1);
            return Reply.OK;
        }
        call.replaces(first, second, 1);
        call.replaces(second, first, 0);
        first.swapWith(second);
        return Reply.OK;
    }

    private static long databaseNumber(Call call, int index, String notANumber) {
        return call.args().integer(index, Integer.MIN_VALUE, Integer.MAX_VALUE, notANumber);
    }

    private static Keyspace database(Call call, long number) {
        if (number < 0 || number >= call.host().databases()) {
            throw new CommandException(Errors.DB_INDEX);
        }
        return call.host().database((int) number);
    }

    static Reply time(Call call) {
        Instant now = Instant.now();
        return Reply.array(
                Reply.bulk(Long.toString(now.getEpochSecond())),
                Reply.bulk(Integer.toString(now.getNano() / 1000)));
    }

    static Reply info(Call call) {
        List<String> sections = new ArrayList<>();
        for (int i = 1; i < call.count(); i++) {
            sections.add(call.args().text(i));
        }
        return new Reply.Verbatim(
                "txt",
                Engine.of(call)
                        .part(Info.class)
                        .text(sections)
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    static Reply commandAll(Call call) {
        if (call.count() > 1) {
            throw Errors.unknownSubcommand(call.args().text(1), "COMMAND");
        }
        List<Reply> rows = new ArrayList<>();
        for (Command command : Engine.of(call).table().all()) {
            rows.add(CommandDescription.info(command));
        }
        return Reply.array(rows);
    }

    static Reply commandInfo(Call call) {
        if (call.count() == 2) {
            List<Reply> rows = new ArrayList<>();
            Engine.of(call)
                    .table()
                    .all()
                    .forEach(command -> rows.add(CommandDescription.info(command)));
            return Reply.array(rows);
        }
        List<Reply> rows = new ArrayList<>();
        for (int i = 2; i < call.count(); i++) {
            Command command = Engine.of(call).table().find(call.args().text(i));
            rows.add(command == null ? Reply.Nil.BULK : CommandDescription.info(command));
        }
        return Reply.array(rows);
    }

    static Reply commandDocs(Call call) {
        List<Reply> docs = new ArrayList<>();
        if (call.count() == 2) {
            for (Command command : Engine.of(call).table().all()) {
                docs.add(Reply.bulk(command.lowerName()));
                docs.add(CommandDescription.docs(command));
            }
        }
        for (int i = 2; i < call.count(); i++) {
            Command command = Engine.of(call).table().find(call.args().text(i));
            if (command != null) {
                docs.add(Reply.bulk(command.lowerName()));
                docs.add(CommandDescription.docs(command));
            }
        }
        return new Reply.Map(docs);
    }

    static Reply commandList(Call call) {
        Args args = call.args();
        boolean filtered = args.count() == 5 && args.is(2, "FILTERBY");
        boolean known =
                filtered && (args.is(3, "MODULE") || args.is(3, "ACLCAT") || args.is(3, "PATTERN"));
        if (args.count() > 2 && !known) {
            throw Errors.syntax();
        }
        List<Reply> names = new ArrayList<>();
        for (Command command : Engine.of(call).table().allWithSubcommands()) {
            if (!filtered || isListed(command, args)) {
                names.add(Reply.bulk(command.lowerName()));
            }
        }
        return Reply.array(names);
    }

    /** Whether a command is of the category or the pattern asked for; none is of a module. */
    private static boolean isListed(Command command, Args args) {
        if (args.is(3, "MODULE")) {
            return false;
        }
        return args.is(3, "PATTERN")
                ? new Glob(args.slice(4)).matches(Slice.of(command.lowerName()), true)
                : CommandDescription.isOf(command, args.text(4));
    }

    static Reply commandGetkeys(Call call) {
        Asked asked = asked(call);
        List<Reply> keys = new ArrayList<>();
        for (int place : asked.places()) {
            keys.add(Reply.bulk(asked.args().bytes(place)));
        }
        return Reply.array(keys);
    }

    static Reply commandGetkeysAndFlags(Call call) {
        Asked asked = asked(call);
        KeyAccess.Pair access = asked.command().keyAccess(asked.args());
        List<Reply> keys = new ArrayList<>();
        for (int place : asked.places()) {
            KeyAccess each = keys.isEmpty() ? access.first() : access.others();
            keys.add(
                    Reply.array(
                            Reply.bulk(asked.args().bytes(place)),
                            new Reply.Set(each.flags().stream().map(Reply::status).toList())));
        }
        return Reply.array(keys);
    }

    /** The command that a call of GETKEYS asks about, its words, and where its keys are. */
    private record Asked(Command command, Args args, int[] places) {}

    private static Asked asked(Call call) {
        List<byte[]> words = call.args().words();
        Args inner = Args.of(words.subList(2, words.size()));
        CommandTable table = Engine.of(call).table();
        Command command = table.find(inner.slice(0));
        if (command != null && !command.subcommands().isEmpty() && inner.count() > 1) {
            Command sub = table.findSub(command, inner.slice(1));
            command = sub == null && command.body() == null ? null : sub == null ? command : sub;
        }
        if (command == null) {
            throw new CommandException("ERR Invalid command specified");
        }
        if (command.keySpecs().isEmpty()) {
            throw new CommandException("ERR The command has no key arguments");
        }
        if (!command.acceptsCount(inner.count())) {
            throw new CommandException("ERR Invalid number of arguments specified for command");
        }
        int[] places;
        try {
            places = command.keyPositions(inner);
        } catch (CommandException _) {
            throw new CommandException("ERR Invalid arguments specified for command");
        }
        if (places.length == 0 && !command.has(Flag.NO_MANDATORY_KEYS)) {
            throw new CommandException("ERR Invalid arguments specified for command");
        }
        return new Asked(command, inner, places);
    }
}
