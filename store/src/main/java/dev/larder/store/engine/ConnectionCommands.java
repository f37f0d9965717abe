package dev.larder.store.engine;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.acl.User;
import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Commands on the connection itself: who speaks, in which protocol, to which database. */
public final class ConnectionCommands {
    /**
     * The version whose command set this store follows; clients read it to know what they may use.
     */
    public static final String REDIS_VERSION = "7.2.4";

    private static final Flag[] ALWAYS = {
        Flag.NOSCRIPT,
        Flag.LOADING,
        Flag.STALE,
        Flag.FAST,
        Flag.NO_AUTH,
        Flag.ALLOW_BUSY,
        Flag.CONNECTION
    };

    public static final Family ALL =
            family(
                    Category.CONNECTION,
                    command("PING", "[message]")
                            .is(Flag.FAST)
                            .about("Returns the server's liveliness response.")
                            .does(ConnectionCommands::ping),
                    command("ECHO", "message")
                            .is(Flag.LOADING, Flag.STALE, Flag.FAST)
                            .about("Returns the given string.")
                            .does(call -> Reply.bulk(call.args().bytes(1))),
                    command("SELECT", "index")
                            .is(Flag.LOADING, Flag.STALE, Flag.FAST)
                            .about("Changes the selected database.")
                            .does(ConnectionCommands::select),
                    command("AUTH", "[username] password")
                            .is(ALWAYS)
                            .about("Authenticates the connection.")
                            .does(ConnectionCommands::auth),
                    command("HELLO", "[protover [AUTH username password] [SETNAME clientname]]")
                            .is(ALWAYS)
                            .since("6.0.0")
                            .about("Handshakes with the server.")
                            .does(ConnectionCommands::hello),
                    command("QUIT", "[argument ...]")
                            .is(ALWAYS)
                            .about("Closes the connection.")
                            .does(ConnectionCommands::quit),
                    command("RESET", "")
                            .is(ALWAYS)
                            .since("6.2.0")
                            .about("Resets the connection.")
                            .does(ConnectionCommands::reset),
                    command("CLIENT", "<subcommand> [argument ...]")
                            .since("2.4.0")
                            .about("A container for client connection commands."),
                    client("ID", "", "Returns the unique client ID of the connection.")
                            .does(call -> Reply.integer(Client.of(call).id())),
                    client("GETNAME", "", "Returns the name of the connection.")
                            .does(ConnectionCommands::getname),
                    client("SETNAME", "connection-name", "Sets the connection name.")
                            .does(ConnectionCommands::setname),
                    client(
                                    "SETINFO",
                                    "<LIB-NAME libname | LIB-VER libver>",
                                    "Sets information specific to the client or connection.")
                            .does(ConnectionCommands::setinfo),
                    client("INFO", "", "Returns information about the connection.")
                            .does(call -> text(describe(Client.of(call), call.now()))),
                    client(
                                    "LIST",
                                    "[TYPE client-type] [ID client-id [client-id ...]]",
                                    "Lists open connections.")
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .does(ConnectionCommands::list),
                    client("KILL", "argument [argument ...]", "Terminates open connections.")
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .does(ConnectionCommands::kill),
                    client(
                                    "UNBLOCK",
                                    "client-id [TIMEOUT | ERROR]",
                                    "Unblocks a client blocked by a blocking command.")
                            .is(Flag.ADMIN, Flag.DANGEROUS)
                            .does(ConnectionCommands::unblock),
                    client(
                                    "REPLY",
                                    "<ON | OFF | SKIP>",
                                    "Instructs the server whether to reply to commands.")
                            .does(ConnectionCommands::reply),
                    client(
                                    "NO-EVICT",
                                    "<ON | OFF>",
                                    "Sets the client eviction mode of the connection.")
                            .is(Flag.ADMIN)
                            .does(ConnectionCommands::onOrOff),
                    client(
                                    "NO-TOUCH",
                                    "<ON | OFF>",
                                    "Controls whether commands affect the last use of keys.")
                            .does(ConnectionCommands::onOrOff));

    private ConnectionCommands() {}

    private static dev.larder.store.command.Command client(
            String name, String syntax, String about) {
        return command("CLIENT|" + name, syntax)
                .is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE)
                .since("2.4.0")
                .about(about);
    }

    static Reply ping(Call call) {
        if (call.count() > 2) {
            throw Errors.wrongNumberOfArguments("ping");
        }
        Client client = Client.of(call);
        if (client.protocol() == 2 && client.subscriptions() > 0) {
            return Reply.array(
                    Reply.bulk("pong"),
                    Reply.bulk(call.count() == 2 ? call.args().bytes(1) : new byte[0]));
        }
        return call.count() == 2 ? Reply.bulk(call.args().bytes(1)) : Reply.PONG;
    }

    static Reply select(Call call) {
        long index = call.args().integer(1);
        if (index < 0 || index >= call.host().databases()) {
            throw new CommandException(Errors.DB_INDEX);
        }
        call.caller().database((int) index);
        return Reply.OK;
    }

    static Reply auth(Call call) {
        if (call.count() > 3) {
            throw Errors.syntax();
        }
        if (call.count() == 2 && Engine.of(call).acl().defaultUser().needsNoPassword()) {
            throw new CommandException(
                    "ERR AUTH <password> called without any password configured for the default"
                            + " user. Are you sure your configuration is correct?");
        }
        String user = call.count() == 3 ? call.args().text(1) : "default";
        authenticate(call, user, call.arg(call.count() - 1));
        return Reply.OK;
    }

    private static void authenticate(Call call, String user, Slice password) {
        if (!Engine.of(call).acl().authenticate(Client.of(call), user, password, call.arg(0))) {
            throw new CommandException(Errors.WRONG_PASS);
        }
    }

    static Reply hello(Call call) {
        Args args = call.args();
        Client client = Client.of(call);
        int protocol = client.protocol();
        if (args.count() > 1) {
            protocol =
                    (int)
                            args.integer(
                                    1,
                                    Integer.MIN_VALUE,
                                    Integer.MAX_VALUE,
                                    "ERR Protocol version is not an integer or out of range");
            if (protocol < 2 || protocol > 3) {
                throw new CommandException("NOPROTO unsupported protocol version");
            }
        }
        String name = null;
        int credentials = 0;
        for (int i = 2; i < args.count(); i++) {
            if (args.is(i, "AUTH") && i + 2 < args.count()) {
                credentials = i + 1;
                i += 2;
            } else if (args.is(i, "SETNAME") && i + 1 < args.count()) {
                name = validName(args.text(++i), "Client names");
            } else {
                throw new CommandException(
                        "ERR Syntax error in HELLO option '" + args.text(i) + "'");
            }
        }
        if (credentials > 0) {
            authenticate(call, args.text(credentials), args.slice(credentials + 1));
        }
        if (!client.isAuthenticated() && Engine.of(call).acl().asksForPassword()) {
            throw new CommandException(
                    "NOAUTH HELLO must be called with the client already authenticated, otherwise"
                            + " the HELLO <proto> AUTH <user> <pass> option can be used to"
                            + " authenticate the client and select the RESP protocol version at the"
                            + " same time");
        }
        if (name != null) {
            client.name(name);
        }
        client.protocol(protocol);
        return Reply.map(
                Reply.bulk("server"),
                Reply.bulk("redis"),
                Reply.bulk("version"),
                Reply.bulk(REDIS_VERSION),
                Reply.bulk("proto"),
                Reply.integer(protocol),
                Reply.bulk("id"),
                Reply.integer(client.id()),
                Reply.bulk("mode"),
                Reply.bulk("standalone"),
                Reply.bulk("role"),
                Reply.bulk("master"),
                Reply.bulk("modules"),
                Reply.array());
    }

    static Reply quit(Call call) {
        Client.of(call).closeAfterReply();
        return Reply.OK;
    }

    static Reply reset(Call call) {
        Client client = Client.of(call);
        Engine engine = Engine.of(call);
        engine.transactions().end(client);
        engine.unsubscribeAll(client);
        client.database(0);
        client.protocol(2);
        client.name("");
        client.replyMode(Client.ReplyMode.ON);
        engine.acl().begin(client);
        return Reply.status("RESET");
    }

    static Reply getname(Call call) {
        String name = Client.of(call).name();
        return name.isEmpty() ? Reply.Nil.BULK : Reply.bulk(name);
    }

    static Reply setname(Call call) {
        Client.of(call).name(validName(call.args().text(2), "Client names"));
        return Reply.OK;
    }

    private static String validName(String name, String what) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < '!' || name.charAt(i) > '~') {
                throw new CommandException(
                        "ERR " + what + " cannot contain spaces, newlines or special characters.");
            }
        }
        return name;
    }

    static Reply setinfo(Call call) {
        String what = call.args().text(2);
        String value = call.args().text(3);
        Client client = Client.of(call);
        switch (what.toLowerCase(Locale.ROOT)) {
            case "lib-name" -> client.libraryName(validName(value, "lib-name"));
            case "lib-ver" -> client.libraryVersion(validName(value, "lib-ver"));
            default -> throw new CommandException("ERR Unrecognized option '" + what + "'");
        }
        return Reply.OK;
    }

    private static Reply text(String lines) {
        return new Reply.Verbatim("txt", lines.getBytes(StandardCharsets.UTF_8));
    }

    /** One line about a client, as CLIENT LIST prints it. */
    static String describe(Client client, long now) {
        String flags = client.subscriptions() > 0 ? "P" : "";
        flags += client.inTransaction() ? "x" : "";
        flags += client.isWaiting() ? "b" : "";
        return "id="
                + client.id()
                + " addr="
                + client.address()
                + " laddr="
                + client.localAddress()
                + " fd=-1 name="
                + client.name()
                + " age="
                + (now - client.createdAt()) / 1000
                + " idle="
                + (now - client.lastCommandAt()) / 1000
                + " flags="
                + (flags.isEmpty() ? "N" : flags)
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
                + " watch="
                + client.watchedKeys()
                + " qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0"
                + " tot-mem=0 events=r cmd="
                + client.lastCommand().toLowerCase(Locale.ROOT)
                + " user="
                + client.user().name()
                + " redir=-1 resp="
                + client.protocol()
                + " lib-name="
                + client.libraryName()
                + " lib-ver="
                + client.libraryVersion()
                + "\n";
    }

    static Reply list(Call call) {
        Args args = call.args();
        String type = null;
        List<Long> ids = null;
        for (int i = 2; i < args.count(); i++) {
            if (args.is(i, "TYPE") && i + 1 < args.count()) {
                type = clientType(args.text(++i));
            } else if (args.is(i, "ID") && i + 1 < args.count()) {
                ids = new ArrayList<>();
                while (++i < args.count()) {
                    ids.add(args.integer(i, "ERR Invalid client ID"));
                }
            } else {
                throw Errors.syntax();
            }
        }
        StringBuilder lines = new StringBuilder();
        for (Client client : Engine.of(call).clients().values()) {
            if ((type == null || type.equals(typeOf(client)))
                    && (ids == null || ids.contains(client.id()))) {
                lines.append(describe(client, call.now()));
            }
        }
        return text(lines.toString());
    }

    private static String clientType(String word) {
        String type = word.toLowerCase(Locale.ROOT);
        return switch (type) {
            case "normal", "pubsub", "master", "replica" -> type;
            case "slave" -> "replica";
            default -> throw new CommandException("ERR Unknown client type '" + word + "'");
        };
    }

    private static String typeOf(Client client) {
        return client.subscriptions() > 0 ? "pubsub" : "normal";
    }

    static Reply kill(Call call) {
        Args args = call.args();
        Client self = Client.of(call);
        if (args.count() == 3) {
            for (Client client : List.copyOf(Engine.of(call).clients().values())) {
                if (client.address().equals(args.text(2))) {
                    close(client, self);
                    return Reply.OK;
                }
            }
            throw new CommandException("ERR No such client");
        }
        if (args.count() % 2 != 0) {
            throw Errors.syntax();
        }
        long id = 0;
        String address = null;
        String localAddress = null;
        String type = null;
        User user = null;
        boolean skipMe = true;
        for (int i = 2; i < args.count(); i += 2) {
            String value = args.text(i + 1);
            switch (args.text(i).toUpperCase(Locale.ROOT)) {
                case "ID" ->
                        id =
                                args.integer(
                                        i + 1,
                                        1,
                                        Long.MAX_VALUE,
                                        "ERR client-id should be greater than 0");
                case "ADDR" -> address = value;
                case "LADDR" -> localAddress = value;
                case "TYPE" -> type = clientType(value);
                case "USER" -> {
                    user = Engine.of(call).acl().find(value);
                    if (user == null) {
                        throw new CommandException("ERR No such user '" + value + "'");
                    }
                }
                case "SKIPME" -> {
                    if (!value.equalsIgnoreCase("yes") && !value.equalsIgnoreCase("no")) {
                        throw Errors.syntax();
                    }
                    skipMe = value.equalsIgnoreCase("yes");
                }
                default -> throw Errors.syntax();
            }
        }
        int killed = 0;
        for (Client client : List.copyOf(Engine.of(call).clients().values())) {
            if ((id == 0 || client.id() == id)
                    && (address == null || client.address().equals(address))
                    && (localAddress == null || client.localAddress().equals(localAddress))
                    && (type == null || typeOf(client).equals(type))
                    && (user == null || client.user() == user)
                    && !(skipMe && client == self)) {
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
        boolean error = call.args().is(3, "ERROR");
        if (call.count() == 4 && !error && !call.args().is(3, "TIMEOUT")) {
            throw new CommandException("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        }
        Engine engine = Engine.of(call);
        Client client = engine.clients().get(call.args().integer(2));
        return Reply.integer(client != null && engine.unblock(client, error) ? 1 : 0);
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

    static Reply onOrOff(Call call) {
        if (!call.args().is(2, "ON") && !call.args().is(2, "OFF")) {
            throw Errors.syntax();
        }
        return Reply.OK;
    }
}
