package dev.larder.store.replication;

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
import dev.larder.store.command.Timeout;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.persistence.Persistence;
import dev.larder.store.reply.Reply;
import java.util.List;

/** Who is whose replica, and waiting for replicas. */
public final class ReplicationCommands {
    private static final Flag[] BECOMES = {
        Flag.NO_ASYNC_LOADING, Flag.ADMIN, Flag.NOSCRIPT, Flag.STALE
    };
    public static final Family ALL =
            family(
                    Category.SERVER,
                    becomes("REPLICAOF").since("5.0.0"),
                    becomes("SLAVEOF"),
                    command("FAILOVER", "[TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]")
                            .is(Flag.ADMIN, Flag.NOSCRIPT, Flag.STALE)
                            .since("6.2.0")
                            .about("Makes a replica the master.")
                            .differs("Refused: no replica here can be handed the place.")
                            .does(ReplicationCommands::failover));

    public static final Family WAITS =
            family(
                    Category.KEYSPACE,
                    command("WAIT", "numreplicas timeout:integer")
                            .is(Flag.NOSCRIPT)
                            .since("3.0.0")
                            .about("Waits until replicas have this client's writes.")
                            .does(ReplicationCommands::waitForReplicas),
                    command("WAITAOF", "numlocal numreplicas timeout:integer")
                            .is(Flag.NOSCRIPT)
                            .since("7.2.0")
                            .about("Waits until this client's writes are on disk.")
                            .differs("Syncs at once where the real server waits for its next sync.")
                            .does(ReplicationCommands::waitForFiles));

    private ReplicationCommands() {}

    private static Command becomes(String name) {
        return command(name, "<host port | NO ONE>")
                .is(BECOMES)
                .about("Makes this a replica, or a master again.")
                .does(ReplicationCommands::replicaOf);
    }

    private static Replication replication(Call call) {
        return Replication.of(Engine.of(call));
    }

    static Reply replicaOf(Call call) {
        Replication replication = replication(call);
        if (call.args().is(1, "NO") && call.args().is(2, "ONE")) {
            replication.lead();
            return Reply.OK;
        }
        if (Client.of(call).isReplica()) {
            throw new CommandException("ERR Command is not valid when client is a replica.");
        }
        int port = (int) call.args().integer(2, 0, 65_535, "ERR Invalid master port");
        String host = call.args().text(1);
        MasterLink link = replication.link();
        if (link != null && link.host().equalsIgnoreCase(host) && link.port() == port) {
            return Reply.status("OK Already connected to specified master");
        }
        replication.follow(host, port);
        return Reply.OK;
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
        if (replication(call).isReplica()) {
            throw new CommandException("ERR FAILOVER is not valid when server is a replica.");
        }
        if (replication(call).replicas().isEmpty()) {
            throw new CommandException("ERR FAILOVER requires connected replicas.");
        }
        throw new CommandException("ERR FAILOVER is not supported by this store.");
    }

    private static void refuseOnReplica(Call call, String name) {
        if (replication(call).isReplica()) {
            throw new CommandException(
                    "ERR "
                            + name
                            + " cannot be used with replica instances. Please also note that since"
                            + " Redis 4.0 if a replica is configured to be writable (which is not"
                            + " the default) writes to replicas are just local and are not"
                            + " propagated.");
        }
    }

    /** Answers where enough replicas have it all, or where waiting is impossible; else waits. */
    private static Reply await(Call call, long wanted, long timeout, boolean onDisk) {
        Replication replication = replication(call);
        Client client = Client.of(call);
        long count = replication.reached(client, onDisk);
        Reply now = replication.reachedReply(count, onDisk);
        // The real servers keep what is waited for in 32 bits, so that 2^32 replicas are none.
        if (count >= wanted || count >= (int) wanted || client.inTransaction()) {
            return now;
        }
        replication.await(client, wanted, onDisk);
        return new Reply.Wait(new byte[0][], timeout, now, List.of());
    }

    static Reply waitForReplicas(Call call) {
        refuseOnReplica(call, "WAIT");
        long wanted = call.args().integer(1);
        long timeout = Timeout.millis(call, 2);
        return await(call, wanted, timeout, false);
    }

    static Reply waitForFiles(Call call) {
        long local = call.args().integer(1);
        if (local < 0 || local > 1) {
            throw new CommandException("ERR value is out of range, value must between 0 and 1");
        }
        long wanted =
                call.args()
                        .integer(
                                2,
                                0,
                                Long.MAX_VALUE,
                                "ERR value is out of range, must be positive");
        long timeout = Timeout.millis(call, 3);
        refuseOnReplica(call, "WAITAOF");
        Persistence persistence = Persistence.of(Engine.of(call));
        if (local == 1 && !persistence.isAppending()) {
            throw new CommandException(
                    "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
        }
        persistence.syncAppended();
        return await(call, wanted, timeout, true);
    }
}
