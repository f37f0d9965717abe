package dev.larder.store.replication;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** What replicas ask of their master. */
public final class ReplicaCommands {
    private static final Flag[] SYNCS = {
        Flag.NO_ASYNC_LOADING, Flag.ADMIN, Flag.NO_MULTI, Flag.NOSCRIPT
    };

    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("ROLE", "")
                            .is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST)
                            .since("2.8.12")
                            .about(
                                    "Tells whether this is a master, and of its replicas or its master.")
                            .does(ReplicaCommands::role),
                    command("PSYNC", "replicationid offset:integer")
                            .arity(-3)
                            .is(SYNCS)
                            .since("2.8.0")
                            .about("Asks for all data and then all changes, as a replica does.")
                            .differs("Always a full copy: there is no backlog.")
                            .does(ReplicaCommands::psync),
                    command("SYNC", "")
                            .is(SYNCS)
                            .about("Asks for all data and then all changes, in the old form.")
                            .does(ReplicaCommands::sync),
                    command("REPLCONF", "[argument ...]")
                            .is(
                                    Flag.ADMIN,
                                    Flag.NOSCRIPT,
                                    Flag.LOADING,
                                    Flag.STALE,
                                    Flag.ALLOW_BUSY)
                            .since("3.0.0")
                            .about("Tells the master about a replica.")
                            .does(ReplicaCommands::replconf));

    private ReplicaCommands() {}

    private static Replication replication(Call call) {
        return Replication.of(Engine.of(call));
    }

    private static Reply role(Call call) {
        Replication replication = replication(call);
        if (replication.isReplica()) {
            MasterLink link = replication.link();
            return Reply.array(
                    Reply.bulk("slave"),
                    Reply.bulk(link.host()),
                    Reply.integer(link.port()),
                    Reply.bulk(link.state().word()),
                    Reply.integer(link.isUp() ? replication.offset() : -1));
        }
        List<Reply> replicas = new ArrayList<>();
        for (Replication.Replica replica : replication.replicas()) {
            replicas.add(
                    Reply.array(
                            Reply.bulk(Replication.host(replica)),
                            Reply.bulk(Integer.toString(replica.port())),
                            Reply.bulk(Long.toString(replica.acknowledged()))));
        }
        return Reply.array(
                Reply.bulk("master"), Reply.integer(replication.offset()), Reply.array(replicas));
    }

    private static Reply psync(Call call) {
        if (!call.args().is(2, "-1")) {
            call.args().integer(2);
        }
        replication(call).begin(Client.of(call), true);
        return Reply.None.NONE;
    }

    private static Reply sync(Call call) {
        replication(call).begin(Client.of(call), false);
        return Reply.None.NONE;
    }

    private static Reply replconf(Call call) {
        Args args = call.args();
        if (args.count() % 2 == 0) {
            throw Errors.syntax();
        }
        Client client = Client.of(call);
        for (int i = 1; i < args.count(); i += 2) {
            if (args.is(i, "ACK")) {
                boolean tellsDisk = args.count() > i + 3 && args.is(i + 2, "FACK");
                replication(call)
                        .acknowledged(
                                client, args.integer(i + 1), tellsDisk ? args.integer(i + 3) : 0);
                return Reply.None.NONE;
            }
            if (args.is(i, "LISTENING-PORT")) {
                replication(call)
                        .listensOn(
                                client,
                                (int) args.integer(i + 1, 0, 65_535, Errors.NOT_AN_INTEGER));
            } else if (args.is(i, "IP-ADDRESS")) {
                replication(call).announces(client, args.text(i + 1));
            } else if (args.is(i, "GETACK")) {
                return Reply.None.NONE;
            } else if (!args.is(i, "CAPA")
                    && !args.is(i, "VERSION")
                    && !args.is(i, "RDB-ONLY")
                    && !args.is(i, "RDB-FILTER-ONLY")) {
                throw new CommandException("ERR Unrecognized REPLCONF option: " + args.text(i));
            }
        }
        return Reply.OK;
    }
}
