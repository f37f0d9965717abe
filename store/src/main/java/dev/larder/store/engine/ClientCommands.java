package dev.larder.store.engine;

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
import dev.larder.store.command.Help;
import dev.larder.store.command.Timeout;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The subcommands of CLIENT, but for those about tracking. */
public final class ClientCommands {
    /** What a connection takes besides its buffers: the objects that stand for it. */
    private static final long CLIENT_BYTES = 1024;

    public static final Family ALL =
            family(
                    Category.CONNECTION,
                    client("ID", "")
                            .since("5.0.0")
                            .about("Returns the unique client ID of the connection.")
                            .does(call -> Reply.integer(Client.of(call).id())),
                    client("GETNAME", "")
                            .since("2.6.9")
                            .about("Returns the name of the connection.")
                            .does(ClientCommands::getname),
                    client("SETNAME", "connection-name")
                            .since("2.6.9")
                            .about("Sets the connection name.")
                            .does(ClientCommands::setname),
                    client("SETINFO", "<LIB-NAME libname | LIB-VER libver>")
                            .since("7.2.0")
                            .about("Sets information specific to the client or connection.")
                            .does(ClientCommands::setinfo),
                    client("INFO", "")
                            .since("6.2.0")
                            .about("Returns information about the connection.")
                            .does(call -> text(describe(Client.of(call), call) + "\n")),
                    client(
                                    "LIST",
                                    "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id"
                                            + " [client-id ...]]")
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .since("2.4.0")
                            .cost("O(N) where N is the number of client connections")
                            .about("Lists open connections.")
                            .does(ClientCommands::list),
                    client("KILL", "<old-format | filter [filter ...]>")
                            .arity(-3)
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .since("2.4.0")
                            .cost("O(N) where N is the number of client connections")
                            .about("Terminates open connections.")
                            .does(ClientCommands::kill),
                    client("UNBLOCK", "client-id [TIMEOUT | ERROR]")
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .since("5.0.0")
                            .cost("O(log N) where N is the number of client connections")
                            .about("Unblocks a client blocked by a blocking command.")
                            .does(ClientCommands::unblock),
                    client("PAUSE", "timeout:integer [WRITE | ALL]")
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .since("3.0.0")
                            .about("Suspends commands processing.")
                            .does(ClientCommands::pause),
                    client("UNPAUSE", "")
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .since("6.2.0")
                            .cost("O(N) where N is the number of paused clients")
                            .about("Resumes processing commands from paused clients.")
                            .does(ClientCommands::unpause),
                    client("REPLY", "<ON | OFF | SKIP>")
                            .since("3.2.0")
                            .about("Instructs the server whether to reply to commands.")
                            .does(ClientCommands::reply),
                    client("NO-EVICT", "<ON | OFF>")
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .since("7.0.0")
                            .about("Sets the client eviction mode of the connection.")
                            .does(ClientCommands::noEvict),
                    client("NO-TOUCH", "<ON | OFF>")
                            .since("7.2.0")
                            .about("Controls whether commands affect the last use of keys.")
                            .does(ClientCommands::noTouch),
                    client("CAPA", "capability [capability ...]")
                            .since("8.0.0")
                            .about("Declares what the client is able to handle.")
                            .does(ClientCommands::capa),
                    command("CLIENT|HELP", "")
                            .is(Flag.LOADING, Flag.STALE)
                            .since("5.0.0")
                            .about("Returns helpful text about the different subcommands.")
                            .does(_ -> help()));

    private ClientCommands() {}

    /** The beginning of a row of CLIENT, with the flags that all of them have. */
    public static Command client(String name, String syntax) {
        return command("CLIENT|" + name, syntax).is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE);
    }

    static Reply getname(Call call) {
        String name = Client.of(call).name();
        return name.isEmpty() ? Reply.Nil.BULK : Reply.bulk(name);
    }

    static Reply setname(Call call) {
        Client.of(call).name(ConnectionCommands.validName(call.args().text(2), "Client names"));
        return Reply.OK;
    }

    static Reply setinfo(Call call) {
        String what = call.args().text(2);
        String value = call.args().text(3);
        Client client = Client.of(call);
        switch (what.toLowerCase(Locale.ROOT)) {
            case "lib-name" -> client.libraryName(ConnectionCommands.validName(value, "lib-name"));
            case "lib-ver" -> client.libraryVersion(ConnectionCommands.validName(value, "lib-ver"));
            default -> throw new CommandException("ERR Unrecognized option '" + what + "'");
        }
        return Reply.OK;
    }

    private static Reply text(String lines) {
        return new Reply.Verbatim("txt", lines.getBytes(StandardCharsets.UTF_8));
    }

    /** The letters of {@code flags=}; {@code N} where there is nothing to say. */
    static String flags(Client client) {
        StringBuilder flags = new StringBuilder();
        if (client.isReplica()) {
            flags.append('S');
        }
        if (client.isMaster()) {
            flags.append('M');
        }
        if (client.isMonitor()) {
            flags.append('O');
        }
        if (client.subscriptions() > 0) {
            flags.append('P');
        }
        if (client.inTransaction()) {
            flags.append('x');
        }
        if (client.isWaiting()) {
            flags.append('b');
        }
        flags.append(client.trackingFlags());
        if (client.isWatchBroken()) {
            flags.append('d');
        }
        if (client.isEnding()) {
            flags.append('c');
        }
        if (client.isClosing()) {
            flags.append('A');
        }
        if (client.isKept()) {
            flags.append('e');
        }
        if (client.isUntouching()) {
            flags.append('T');
        }
        return flags.isEmpty() ? "N" : flags.toString();
    }

    /** What all buffers and objects of a connection take, in bytes. */
    public static long memoryBytes(Client client) {
        return CLIENT_BYTES + client.buffers().total() + client.queuedBytes();
    }

    private static String describe(Client client, Call call) {
        return describe(client, call.now(), client == call.caller() ? call : null);
    }

    /**
     * One line about a client, without its end, as CLIENT LIST prints it; {@code running} is the
     * command it runs just now, or null.
     */
    static String describe(Client client, long now, Call running) {
        Client.Buffers buffers = client.buffers();
        long words = running == null ? 0 : running.args().byteCount();
        String command = running == null ? client.lastCommand() : running.command().name();
        long idle = running == null ? now - client.lastCommandAt() : 0;
        return "id="
                + client.id()
                + " addr="
                + client.address()
                + " laddr="
                + client.localAddress()
                + " fd="
                + client.fileDescriptor()
                + " name="
                + client.name()
                + " age="
                + (now - client.createdAt()) / 1000
                + " idle="
                + idle / 1000
                + " flags="
                + flags(client)
                + " db="
                + client.database()
                + " sub="
                + client.channels().size()
                + " psub="
                + client.patterns().size()
                + " ssub="
                + client.shardChannels().size()
                + " multi="
                + client.queuedCommands()
                + " qbuf="
                + buffers.query()
                + " qbuf-free="
                + buffers.queryFree()
                + " argv-mem="
                + words
                + " multi-mem="
                + client.queuedBytes()
                + " rbs="
                + buffers.replyBuffer()
                + " rbp="
                + buffers.replyBufferPeak()
                + " obl="
                + buffers.replyBuffered()
                + " oll="
                + buffers.replies()
                + " omem="
                + buffers.replyBytes()
                + " tot-mem="
                + (memoryBytes(client) + words)
                + " events="
                + (buffers.replies() > 0 ? "rw" : "r")
                + " cmd="
                + (command.equals("NULL") ? command : command.toLowerCase(Locale.ROOT))
                + " user="
                + (client.isMaster() ? "(superuser)" : client.user().name())
                + " redir="
                + client.redirect()
                + " resp="
                + client.protocol()
                + " lib-name="
                + client.libraryName()
                + " lib-ver="
                + client.libraryVersion();
    }

    static Reply list(Call call) {
        Args args = call.args();
        Engine engine = Engine.of(call);
        StringBuilder lines = new StringBuilder();
        if (args.count() > 3 && args.is(2, "ID") && areNumbers(args, 3)) {
            // In the order asked for, and as often.
            for (int i = 3; i < args.count(); i++) {
                Client client = engine.clients().get(args.integer(i, "ERR Invalid client ID"));
                if (client != null) {
                    lines.append(describe(client, call)).append('\n');
                }
            }
            return text(lines.toString());
        }
        ClientFilter filter = ClientFilter.parse(engine, args, 2, false);
        for (Client client : engine.clients().values()) {
            if (filter.matches(client, Client.of(call))) {
                lines.append(describe(client, call)).append('\n');
            }
        }
        return text(lines.toString());
    }

    /**
     * Whether a plain list of ids follows: it refuses what is no number in its own words, unless a
     * further option begins there.
     */
    private static boolean areNumbers(Args args, int from) {
        for (int i = from + 1; i < args.count(); i++) {
            if (Character.isLetter(args.text(i).isEmpty() ? ' ' : args.text(i).charAt(0))
                    && i + 1 < args.count()) {
                return false;
            }
        }
        return true;
    }

    static Reply kill(Call call) {
        Args args = call.args();
        Client self = Client.of(call);
        Engine engine = Engine.of(call);
        if (args.count() == 3) {
            for (Client client : List.copyOf(engine.clients().values())) {
                if (client.address().equals(args.text(2))) {
                    close(client, self);
                    return Reply.OK;
                }
            }
            throw new CommandException("ERR No such client");
        }
        ClientFilter filter = ClientFilter.parse(engine, args, 2, true);
        int killed = 0;
        for (Client client : List.copyOf(engine.clients().values())) {
            if (!client.isClosing() && filter.matches(client, self)) {
                close(client, self);
                killed++;
            }
        }
        return Reply.integer(killed);
    }

    private static void close(Client client, Client self) {
        if (client == self) {
            client.closeAfterReply();
        } else {
            client.closeNow();
        }
    }

    static Reply unblock(Call call) {
        requireWordsAtMost(call, 4);
        boolean error = call.args().is(3, "ERROR");
        if (call.count() == 4 && !error && !call.args().is(3, "TIMEOUT")) {
            throw new CommandException("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        }
        Engine engine = Engine.of(call);
        Client client = engine.clients().get(call.args().integer(2));
        return Reply.integer(client != null && engine.unblock(client, error) ? 1 : 0);
    }

    private static void requireWordsAtMost(Call call, int most) {
        if (call.count() > most) {
            throw Errors.subcommandSyntax(call.args().text(1), "CLIENT");
        }
    }

    static Reply pause(Call call) {
        requireWordsAtMost(call, 4);
        boolean writes = call.args().is(3, "WRITE");
        if (call.count() == 4 && !writes && !call.args().is(3, "ALL")) {
            throw new CommandException("ERR CLIENT PAUSE mode must be WRITE or ALL");
        }
        long millis = Timeout.millis(call, 2);
        Pause.of(call).begin(call.now() + millis, !writes);
        return Reply.OK;
    }

    static Reply unpause(Call call) {
        Pause.of(call).end();
        return Reply.OK;
    }

    static Reply reply(Call call) {
        Client client = Client.of(call);
        switch (call.args().text(2).toUpperCase(Locale.ROOT)) {
            case "ON" -> client.replyMode(Client.ReplyMode.ON);
            case "OFF" -> {
                client.replyMode(Client.ReplyMode.OFF);
                return Reply.None.NONE;
            }
            case "SKIP" -> {
                if (client.replyMode() == Client.ReplyMode.ON) {
                    client.replyMode(Client.ReplyMode.SKIP_NEXT);
                }
                return Reply.None.NONE;
            }
            default -> throw Errors.syntax();
        }
        return Reply.OK;
    }

    /** Valkey's: a client that can be redirected says so; capabilities not known are ignored. */
    static Reply capa(Call call) {
        for (int i = 2; i < call.count(); i++) {
            if (call.args().is(i, "REDIRECT")) {
                Client.of(call).redirectable();
            }
        }
        return Reply.OK;
    }

    static Reply noEvict(Call call) {
        Client.of(call).kept(isOn(call));
        return Reply.OK;
    }

    static Reply noTouch(Call call) {
        NoTouch.of(call).set(Client.of(call), isOn(call));
        return Reply.OK;
    }

    private static boolean isOn(Call call) {
        if (!call.args().is(2, "ON") && !call.args().is(2, "OFF")) {
            throw Errors.syntax();
        }
        return call.args().is(2, "ON");
    }

    private static Reply help() {
        return Help.of(
                "CLIENT",
                "CACHING (YES|NO)",
                "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
                "GETREDIR",
                "    Return the client ID we are redirecting to when tracking is enabled.",
                "GETNAME",
                "    Return the name of the current connection.",
                "ID",
                "    Return the ID of the current connection.",
                "INFO",
                "    Return information about the current client connection.",
                "KILL <ip:port>",
                "    Kill connection made from <ip:port>.",
                "KILL <option> <value> [<option> <value> [...]]",
                "    Kill connections. Options are:",
                "    * ADDR (<ip:port>|<unixsocket>:0)",
                "      Kill connections made from the specified address",
                "    * LADDR (<ip:port>|<unixsocket>:0)",
                "      Kill connections made to specified local address",
                "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
                "      Kill connections by type.",
                "    * USER <username>",
                "      Kill connections authenticated by <username>.",
                "    * SKIPME (YES|NO)",
                "      Skip killing current connection (default: yes).",
                "    * ID <client-id>",
                "      Kill connections by client id.",
                "    * MAXAGE <maxage>",
                "      Kill connections older than the specified age.",
                "LIST [options ...]",
                "    Return information about client connections. Options:",
                "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
                "      Return clients of specified type.",
                "UNPAUSE",
                "    Stop the current client pause, resuming traffic.",
                "PAUSE <timeout> [WRITE|ALL]",
                "    Suspend all, or just write, clients for <timeout> milliseconds.",
                "REPLY (ON|OFF|SKIP)",
                "    Control the replies sent to the current connection.",
                "SETNAME <name>",
                "    Assign the name <name> to the current connection.",
                "SETINFO <option> <value>",
                "    Set client meta attr. Options are:",
                "    * LIB-NAME: the client lib name.",
                "    * LIB-VER: the client lib version.",
                "UNBLOCK <clientid> [TIMEOUT|ERROR]",
                "    Unblock the specified blocked client.",
                "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
                "         [OPTIN] [OPTOUT] [NOLOOP]",
                "    Control server assisted client side caching.",
                "TRACKINGINFO",
                "    Report tracking status for the current connection.",
                "NO-EVICT (ON|OFF)",
                "    Protect current client connection from eviction.",
                "NO-TOUCH (ON|OFF)",
                "    Will not touch LRU/LFU stats when this mode is on.");
    }
}
