package dev.larder.store.engine;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;

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
                            .about("A container for client connection commands."));

    private ConnectionCommands() {}

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
        call.caller().database(call.args().database(1, call.host().databases()));
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
        client.kept(false);
        client.replyMode(Client.ReplyMode.ON);
        engine.acl().begin(client);
        return Reply.status("RESET");
    }

    static String validName(String name, String what) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < '!' || name.charAt(i) > '~') {
                throw new CommandException(
                        "ERR " + what + " cannot contain spaces, newlines or special characters.");
            }
        }
        return name;
    }
}
