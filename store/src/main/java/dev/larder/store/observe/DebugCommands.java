package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.command.Glob;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Debug;
import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.persistence.DumpCommands;
import dev.larder.store.replication.Replication;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Logger;
import javax.management.JMException;
import javax.management.ObjectName;

/** DEBUG: what test suites and the curious use. Nothing in it can end the server. */
public final class DebugCommands {
    private static final Logger LOG = Logger.getLogger(DebugCommands.class.getName());

    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("DEBUG", "<subcommand> [argument ...]")
                            .is(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE)
                            .cost("Depends on subcommand.")
                            .about("A container for debugging commands.")
                            .differs(
                                    "Words that end the process are refused, those about allocators are not there; allowed to local clients by default.")
                            .does(DebugCommands::debug));

    private static final int ANY = Integer.MAX_VALUE;

    private DebugCommands() {}

    static Reply debug(Call call) {
        if (!isAllowed(call, call.config().text("enable-debug-command"))) {
            throw new CommandException(
                    "ERR DEBUG command not allowed. If the enable-debug-command option is set to"
                            + " \"local\", you can run it from a local connection, otherwise you"
                            + " need to set this option in the configuration file, and then restart"
                            + " the server.");
        }
        return Engine.of(call).debug().run(call);
    }

    /** Whether an option that is {@code yes}, {@code no} or {@code local} lets this client. */
    static boolean isAllowed(Call call, String option) {
        return option.equals("yes") || option.equals("local") && isLocal(Client.of(call).address());
    }

    private static boolean isLocal(String address) {
        return address.startsWith("127.")
                || address.startsWith("[::1]")
                || address.startsWith("0:0:0:0:0:0:0:1")
                || address.startsWith("[0:0:0:0:0:0:0:1")
                || address.startsWith("local");
    }

    /** Adds the words that need no other part. */
    static void words(Engine engine) {
        Debug debug = engine.debug();
        debug.on(
                "CHANGE-REPL-ID",
                "Takes a new replication id.",
                2,
                2,
                call -> {
                    Replication.of(engine).newId();
                    return Reply.OK;
                });
        debug.on(
                "CONFIG-REWRITE-FORCE-ALL",
                "As CONFIG REWRITE, with the options that stand at their default.",
                2,
                2,
                DebugCommands::rewriteAll);
        debug.on("ERROR <string>", "Answers this error.", 3, 3, DebugCommands::error);
        debug.on("LOG <message>", "Writes a line to the log.", 3, 3, DebugCommands::log);
        debug.on(
                "HTSTATS <dbid> [full]",
                "Tells how full the table of a database is.",
                3,
                4,
                DebugCommands::tableOfDatabase);
        debug.on(
                "HTSTATS-KEY <key> [full]",
                "Tells the same of the table that a value is.",
                3,
                4,
                DebugCommands::tableOfKey);
        debug.on("JMAP", "Lists the classes on the heap.", 2, 2, _ -> heap());
        debug.on("OBJECT <key>", "Tells how a value is kept.", 3, 4, DebugCommands::object);
        debug.on(
                "SDSLEN <key>",
                "Tells the lengths of a key and its string.",
                3,
                3,
                DebugCommands::lengths);
        debug.on(
                "LISTPACK <key>",
                "Checks that a value is kept as a listpack.",
                3,
                3,
                call -> compact(call, "listpack", "Listpack"));
        debug.on(
                "QUICKLIST <key> [<0|1>]",
                "Checks that a value is kept as a quicklist.",
                3,
                4,
                call -> compact(call, "quicklist", "Quicklist"));
        debug.on(
                "POPULATE <count> [<prefix>] [<size>]",
                "Makes so many strings that are not there yet.",
                3,
                5,
                DebugCommands::populate);
        debug.on("PROTOCOL <type>", "Answers a value of a type.", 3, 3, DebugCommands::protocol);
        debug.on(
                "PAUSE-CRON <0|1>",
                "Stops the periodic work.",
                3,
                3,
                call -> {
                    debug.cronPaused(isOn(call));
                    return Reply.OK;
                });
        debug.on(
                "QUICKLIST-PACKED-THRESHOLD <size>",
                "Taken and without effect: no node of a list here is of one large element.",
                3,
                3,
                DebugCommands::packedThreshold);
        debug.on(
                "REPLYBUFFER <PEAK-RESET-TIME|RESIZING> <NEVER|RESET|time|0|1>",
                "Taken and without effect: reply buffers belong to no client here.",
                4,
                4,
                DebugCommands::replyBuffer);
        debug.on(
                "SET-ACTIVE-EXPIRE <0|1>",
                "Whether keys are removed at their time that nobody looks at.",
                3,
                3,
                call -> {
                    debug.activeExpire(isOn(call));
                    return Reply.OK;
                });
        debug.on(
                "SET-DISABLE-DENY-SCRIPTS <0|1>",
                "Whether scripts may call what they should not.",
                3,
                3,
                call -> {
                    debug.deniesScripts(!isOn(call));
                    return Reply.OK;
                });
        debug.on(
                "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
                "Whether checksums of dumps are not looked at.",
                3,
                3,
                call -> {
                    debug.checksChecksums(!isOn(call));
                    return Reply.OK;
                });
        debug.on("SLEEP <seconds>", "Stops the server for so long.", 3, 3, DebugCommands::sleep);
        debug.on(
                "STRINGMATCH-LEN <pattern> <string>",
                "Whether a pattern matches a string.",
                4,
                4,
                call -> Reply.integer(new Glob(call.arg(2)).matches(call.arg(3)) ? 1 : 0));
        debug.on(
                "STRUCTSIZE",
                "The sizes of what is kept for a key.",
                2,
                2,
                _ -> Reply.bulk("bits:64 entry:32 array:12 slot:8"));
        debug.on(
                "CLIENT-EVICTION",
                "Tells how much memory clients use, by class of size.",
                2,
                2,
                DebugCommands::clientEviction);
        for (String fatal :
                List.of(
                        "ASSERT",
                        "CRASH-AND-RECOVER [<milliseconds>]",
                        "LEAK <string>",
                        "OOM",
                        "PANIC",
                        "RESTART [<milliseconds>]",
                        "SEGFAULT")) {
            debug.on(
                    fatal,
                    "Refused: this server does not end itself.",
                    2,
                    ANY,
                    _ -> {
                        throw new CommandException(
                                "ERR DEBUG "
                                        + fatal
                                        + " is refused: this server does not end itself");
                    });
        }
    }

    /** As atoi reads it: anything that begins with a number other than 0 is on. */
    private static boolean isOn(Call call) {
        String digits = call.args().text(2).strip();
        return digits.matches("[+-]?0*[1-9].*");
    }

    private static Reply rewriteAll(Call call) {
        try {
            call.config().rewrite(true);
        } catch (IOException | IllegalStateException e) {
            throw new CommandException("ERR CONFIG-REWRITE-FORCE-ALL failed: " + e.getMessage());
        }
        return Reply.OK;
    }

    private static Reply error(Call call) {
        return new Reply.Failure(call.args().text(2).replace('\n', ' ').replace('\r', ' '));
    }

    private static Reply log(Call call) {
        String text = call.args().text(2);
        LOG.warning(() -> "DEBUG LOG: " + text);
        return Reply.OK;
    }

    private static Reply tableOfDatabase(Call call) {
        long index = call.args().integer(2);
        if (index < 0 || index >= call.host().databases()) {
            throw new CommandException("ERR Out of range database");
        }
        Keyspace db = call.host().database((int) index);
        return new Reply.Verbatim(
                "txt",
                ("[Dictionary HT]\n"
                                + table("main hash table", db.slots(), db.size())
                                + "[Expires HT]\n"
                                + table("main hash table", db.slots(), db.expiring()))
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static String table(String name, long slots, long elements) {
        if (elements == 0) {
            return "No stats available for empty dictionaries\n";
        }
        return String.format(
                Locale.ROOT,
                "Hash table 0 stats (%s):%n table size: %d%n number of elements: %d%n",
                name,
                slots,
                elements);
    }

    private static Reply tableOfKey(Call call) {
        String encoding = call.db().encoding(call.arg(2));
        if (encoding == null) {
            throw new CommandException(Errors.NO_SUCH_KEY);
        }
        if (!encoding.equals("hashtable") && !encoding.equals("skiplist")) {
            throw new CommandException(
                    "ERR The value stored at the specified key is not represented using an hash"
                            + " table");
        }
        long elements = elements(call.db(), call.arg(2));
        long slots = Math.max(4, Long.highestOneBit(Math.max(1, elements - 1)) << 1);
        return new Reply.Verbatim(
                "txt", table("main hash table", slots, elements).getBytes(StandardCharsets.UTF_8));
    }

    private static long elements(Keyspace db, Slice key) {
        return switch (db.findValue(key)) {
            case dev.larder.store.value.HashValue hash -> hash.size();
            case dev.larder.store.value.SetValue set -> set.size();
            case dev.larder.store.value.SortedSet sorted -> sorted.size();
            case dev.larder.store.value.ListValue list -> list.size();
            case dev.larder.store.value.Stream _, dev.larder.store.value.Text _ -> 1;
            case null -> 1;
        };
    }

    private static Reply heap() {
        try {
            Object text =
                    ManagementFactory.getPlatformMBeanServer()
                            .invoke(
                                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                    "gcClassHistogram",
                                    new Object[] {new String[0]},
                                    new String[] {String[].class.getName()});
            return new Reply.Verbatim("txt", text.toString().getBytes(StandardCharsets.UTF_8));
        } catch (JMException e) {
            throw new CommandException("ERR this JVM cannot list its heap: " + e.getMessage());
        }
    }

    private static Reply object(Call call) {
        Slice key = call.arg(2);
        String encoding = call.db().keptEncoding(key);
        if (encoding == null) {
            throw new CommandException(Errors.NO_SUCH_KEY);
        }
        // A key whose time is over would go by an ordinary look at it.
        boolean stale = call.db().keepsStale(key);
        long idle = stale ? 0 : call.db().idleSeconds(key);
        return Reply.status(
                "Value at:0x0 refcount:1 encoding:"
                        + encoding
                        + " serializedlength:"
                        + (stale ? 0 : DumpCommands.serializedLength(call, key))
                        + " lru:"
                        + (call.now() / 1000 - idle & 0xFFFFFF)
                        + " lru_seconds_idle:"
                        + idle);
    }

    private static Reply lengths(Call call) {
        Slice value = call.scratch();
        if (!call.db().exists(call.arg(2))) {
            throw new CommandException(Errors.NO_SUCH_KEY);
        }
        if (!call.db().type(call.arg(2)).equals("string")
                || call.db().encoding(call.arg(2)).equals("int")) {
            throw new CommandException("ERR Not an sds encoded string.");
        }
        call.db().findText(call.arg(2), value);
        int keyLength = call.arg(2).length();
        return Reply.status(
                String.format(
                        Locale.ROOT,
                        "key_sds_len:%d, key_sds_avail:0, key_zmalloc: %d, val_sds_len:%d,"
                                + " val_sds_avail:0, val_zmalloc: %d",
                        keyLength,
                        keyLength,
                        value.length(),
                        call.db().memoryBytes(call.arg(2))));
    }

    private static Reply compact(Call call, String encoding, String name) {
        String found = call.db().encoding(call.arg(2));
        if (found == null) {
            throw new CommandException(Errors.NO_SUCH_KEY);
        }
        if (!found.equals(encoding)) {
            throw new CommandException("ERR Not a " + encoding + " encoded object.");
        }
        return Reply.status(name + " structure printed on stdout");
    }

    private static Reply populate(Call call) {
        long count = call.args().integer(2, 0, Long.MAX_VALUE, NOT_POSITIVE);
        String prefix = call.count() > 3 ? call.args().text(3) : "key";
        long size =
                call.count() > 4 ? call.args().integer(4, 0, Integer.MAX_VALUE, NOT_POSITIVE) : 0;
        for (long i = 0; i < count; i++) {
            Slice key = Slice.of(prefix + ":" + i);
            if (!call.db().exists(key)) {
                byte[] value = ("value:" + i).getBytes(StandardCharsets.US_ASCII);
                byte[] sized = size == 0 ? value : java.util.Arrays.copyOf(value, (int) size);
                call.db().putText(key, new Slice(sized), 0);
                call.event(key, ' ', "populate");
            }
        }
        return Reply.OK;
    }

    private static final String NOT_POSITIVE = "ERR value is out of range, must be positive";

    private static Reply protocol(Call call) {
        boolean three = call.caller().protocol() == 3;
        return switch (call.args().text(2).toLowerCase(Locale.ROOT)) {
            case "string" -> Reply.bulk("Hello World");
            case "integer" -> Reply.integer(12345);
            case "double" -> new Reply.Num(3.141);
            case "bignum" -> new Reply.BigNumber("1234567999999999999999999999999999999");
            case "null" -> Reply.Nil.BULK;
            case "array" -> Reply.array(numbers());
            case "set" -> new Reply.Set(numbers());
            case "map" ->
                    Reply.map(
                            Reply.integer(0),
                            new Reply.Bool(false),
                            Reply.integer(1),
                            new Reply.Bool(true),
                            Reply.integer(2),
                            new Reply.Bool(false));
            case "attrib" -> {
                yield new Reply.Attributed(
                        List.of(
                                Reply.bulk("key-popularity"),
                                Reply.array(Reply.bulk("key:123"), Reply.integer(90))),
                        Reply.bulk("Some real reply following the attribute"));
            }
            case "push" -> {
                if (!three) {
                    throw new CommandException("ERR RESP2 is not supported by this command");
                }
                yield new Reply.Many(
                        List.of(
                                new Reply.Push(
                                        List.of(Reply.bulk("server-cpu-usage"), Reply.integer(42))),
                                Reply.bulk("Some real reply following the push reply")));
            }
            case "true" -> new Reply.Bool(true);
            case "false" -> new Reply.Bool(false);
            case "verbatim" ->
                    new Reply.Verbatim(
                            "txt",
                            "This is a verbatim\nstring".getBytes(StandardCharsets.US_ASCII));
            default ->
                    throw new CommandException(
                            "ERR Wrong protocol type name. Please use one of the following:"
                                    + " string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
        };
    }

    private static List<Reply> numbers() {
        return List.of(Reply.integer(0), Reply.integer(1), Reply.integer(2));
    }

    private static Reply packedThreshold(Call call) {
        if (!call.args().text(2).matches("(?i)\\d{1,18}([kmg]?b?)")) {
            throw new CommandException(
                    "ERR argument must be a memory value bigger than 1 and smaller than 4gb");
        }
        return Reply.OK;
    }

    private static Reply replyBuffer(Call call) {
        boolean peak = call.args().is(2, "PEAK-RESET-TIME");
        if (!peak && !call.args().is(2, "RESIZING")) {
            throw Errors.subcommandSyntax(call.args().text(1), "DEBUG");
        }
        Debug debug = Engine.of(call).debug();
        if (!peak) {
            debug.resizesReplyBuffers(call.args().integer(3) != 0);
        } else if (call.args().is(3, "NEVER")) {
            debug.replyPeakMillis(-1);
        } else if (call.args().is(3, "RESET")) {
            debug.replyPeakMillis(Debug.REPLY_PEAK_MILLIS);
        } else {
            debug.replyPeakMillis(call.args().integer(3));
        }
        return Reply.OK;
    }

    private static Reply sleep(Call call) {
        double seconds;
        try {
            seconds = Double.parseDouble(call.args().text(2));
        } catch (NumberFormatException _) {
            seconds = 0;
        }
        long until = System.nanoTime() + (long) (seconds * 1e9);
        for (long left; (left = until - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(left);
        }
        return Reply.OK;
    }

    private static Reply clientEviction(Call call) {
        if (call.config().integer("maxmemory-clients") == 0) {
            throw new CommandException("ERR maxmemory-clients is disabled.");
        }
        return new Reply.Verbatim("txt", new byte[0]);
    }
}
