package dev.larder.store.observe;

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
import dev.larder.store.engine.Client;
import dev.larder.store.reply.Reply;
import java.util.List;

/**
 * What there is to say about replication by a server that has no replicas and cannot be one yet: it
 * is a master, nobody acknowledges its writes, and who asks for more is told so.
 */
public final class ReplicationCommands {
    private static final Flag[] BECOMES = {
        Flag.NO_ASYNC_LOADING, Flag.ADMIN, Flag.NOSCRIPT, Flag.STALE
    };
    private static final Flag[] SYNCS = {
        Flag.NO_ASYNC_LOADING, Flag.ADMIN, Flag.NO_MULTI, Flag.NOSCRIPT
    };
    private static final String NO_REPLICAS = "ERR this store does not serve replicas yet";

    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("ROLE", "")
                            .is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST)
                            .since("2.8.12")
                            .about("Tells whether this is a master, and who its replicas are.")
                            .differs("Always a master: there is no replication yet.")
                            .does(
                                    _ ->
                                            Reply.array(
                                                    Reply.bulk("master"),
                                                    Reply.integer(0),
                                                    Reply.array())),
                    becomes("REPLICAOF").since("5.0.0"),
                    becomes("SLAVEOF"),
                    command("FAILOVER", "[TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]")
                            .is(Flag.ADMIN, Flag.NOSCRIPT, Flag.STALE)
                            .since("6.2.0")
                            .about("Makes a replica the master; there are none.")
                            .does(ReplicationCommands::failover),
                    command("PSYNC", "replicationid offset")
                            .arity(-3)
                            .is(SYNCS)
                            .since("2.8.0")
                            .about("Asks for all changes, as a replica does; refused.")
                            .does(ReplicationCommands::refuse),
                    command("SYNC", "")
                            .is(SYNCS)
                            .about("Asks for all changes, as a replica does; refused.")
                            .does(ReplicationCommands::refuse),
                    command("REPLCONF", "[argument ...]")
                            .is(
                                    Flag.ADMIN,
                                    Flag.NOSCRIPT,
                                    Flag.LOADING,
                                    Flag.STALE,
                                    Flag.ALLOW_BUSY)
                            .since("3.0.0")
                            .about("Tells about a replica; refused.")
                            .does(ReplicationCommands::refuse));

    public static final Family WAITS =
            family(
                    Category.KEYSPACE,
                    command("WAIT", "numreplicas timeout:integer")
                            .is(Flag.NOSCRIPT)
                            .since("3.0.0")
                            .about("Waits until replicas have this client's writes.")
                            .differs("Nobody acknowledges: there is no replication yet.")
                            .does(ReplicationCommands::waitForReplicas));

    private ReplicationCommands() {}

    private static Command becomes(String name) {
        return command(name, "<host port | NO ONE>")
                .is(BECOMES)
                .about("Makes this a replica, or a master again.")
                .differs("NO ONE only: there is no replication yet.")
                .does(ReplicationCommands::replicaOf);
    }

    private static Reply refuse(Call call) {
        throw new CommandException(NO_REPLICAS);
    }

    static Reply replicaOf(Call call) {
        if (call.args().is(1, "NO") && call.args().is(2, "ONE")) {
            return Reply.OK;
        }
        call.args().integer(2, 0, 65_535, "ERR Invalid master port");
        throw new CommandException("ERR this store cannot be a replica yet");
    }

    static Reply failover(Call call) {
        Args args = call.args();
        if (args.count() == 2 && args.is(1, "ABORT")) {
            throw new CommandException("ERR No failover in progress.");
        }
        for (int i = 1; i < args.count(); i++) {
            if (args.is(i, "TIMEOUT") && i + 1 < args.count()) {
                if (args.integer(++i) <= 0) {
                    throw new CommandException("ERR FAILOVER timeout must be greater than 0");
                }
            } else if (args.is(i, "TO") && i + 2 < args.count()) {
                args.integer(i + 2);
                i += 2;
            } else if (!args.is(i, "FORCE")) {
                throw Errors.syntax();
            }
        }
        throw new CommandException("ERR FAILOVER requires connected replicas.");
    }

    static Reply waitForReplicas(Call call) {
        long wanted = call.args().integer(1);
        long timeout = call.args().integer(2, "ERR timeout is not an integer or out of range");
        if (timeout < 0) {
            throw new CommandException(Errors.TIMEOUT_NEGATIVE);
        }
        if (wanted <= 0 || Client.of(call).inTransaction()) {
            return Reply.integer(0);
        }
        return new Reply.Wait(new byte[0][], timeout, Reply.integer(0), List.of());
    }
}
