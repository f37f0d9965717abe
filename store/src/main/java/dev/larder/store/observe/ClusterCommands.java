package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;

/**
 * CLUSTER and its kin, as a server answers them that runs without a cluster: each is known, with
 * its form, and refused.
 */
public final class ClusterCommands {
    private static final Command.Body REFUSED =
            _ -> {
                throw new CommandException("ERR This instance has cluster support disabled");
            };

    private static final String ALONE = "Refused, as by a server with cluster support disabled.";

    private static final Flag[] ASKS = {Flag.STALE};
    private static final Flag[] ADMIN = {Flag.ADMIN, Flag.STALE};
    private static final Flag[] CHANGES = {Flag.NO_ASYNC_LOADING, Flag.ADMIN, Flag.STALE};

    public static final Family ALL =
            family(
                    Category.CLUSTER,
                    command("CLUSTER", "<subcommand> [argument ...]")
                            .since("3.0.0")
                            .cost("Depends on subcommand.")
                            .about("A container for commands on a cluster."),
                    cluster("ADDSLOTS", "slot [slot ...]", "Takes slots over.", CHANGES),
                    cluster(
                                    "ADDSLOTSRANGE",
                                    "start-slot end-slot [start-slot end-slot ...]",
                                    "Takes ranges of slots over.",
                                    CHANGES)
                            .since("7.0.0"),
                    cluster("BUMPEPOCH", "", "Advances the epoch of the configuration.", CHANGES),
                    cluster(
                            "COUNT-FAILURE-REPORTS",
                            "node-id",
                            "Counts the reports that a node has failed.",
                            ADMIN),
                    cluster("COUNTKEYSINSLOT", "slot", "Counts the keys of a slot.", ASKS),
                    cluster("DELSLOTS", "slot [slot ...]", "Gives slots away.", CHANGES),
                    cluster(
                                    "DELSLOTSRANGE",
                                    "start-slot end-slot [start-slot end-slot ...]",
                                    "Gives ranges of slots away.",
                                    CHANGES)
                            .since("7.0.0"),
                    cluster(
                            "FAILOVER",
                            "[FORCE | TAKEOVER]",
                            "Makes a replica the master.",
                            CHANGES),
                    cluster("FLUSHSLOTS", "", "Gives all slots away.", CHANGES),
                    cluster("FORGET", "node-id", "Forgets a node.", CHANGES),
                    cluster("GETKEYSINSLOT", "slot count", "Lists keys of a slot.", ASKS),
                    cluster("HELP", "", "Tells what the subcommands do.", Flag.LOADING, Flag.STALE)
                            .since("5.0.0"),
                    cluster("INFO", "", "Tells how the cluster is.", ASKS),
                    cluster("KEYSLOT", "key:string", "Tells the slot of a key.", ASKS),
                    cluster("LINKS", "", "Lists the links to other nodes.", ASKS).since("7.0.0"),
                    cluster("MEET", "ip port [cluster-bus-port]", "Meets another node.", CHANGES),
                    cluster("MYID", "", "Tells the id of this node.", ASKS),
                    cluster("MYSHARDID", "", "Tells the id of the shard.", ASKS).since("7.2.0"),
                    cluster("NODES", "", "Lists the nodes.", ASKS),
                    cluster("REPLICAS", "node-id", "Lists the replicas of a node.", ADMIN)
                            .since("5.0.0"),
                    cluster("REPLICATE", "node-id", "Becomes a replica of a node.", CHANGES),
                    cluster("RESET", "[HARD | SOFT]", "Forgets the cluster.", ADMIN)
                            .is(Flag.NOSCRIPT),
                    cluster("SAVECONFIG", "", "Saves the configuration of nodes.", CHANGES),
                    cluster(
                            "SET-CONFIG-EPOCH",
                            "config-epoch",
                            "Sets the epoch of the configuration.",
                            CHANGES),
                    cluster(
                            "SETSLOT",
                            "slot <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>",
                            "Says where a slot goes.",
                            CHANGES),
                    cluster("SHARDS", "", "Lists the shards.", ASKS).since("7.0.0"),
                    cluster("SLAVES", "node-id", "Lists the replicas of a node.", ADMIN),
                    cluster("SLOTS", "", "Lists the slots with their nodes.", ASKS),
                    connection("ASKING", "Lets the next command into a slot that is coming.")
                            .is(Flag.FAST),
                    connection("READONLY", "Lets a client read from a replica.")
                            .is(Flag.LOADING, Flag.STALE, Flag.FAST),
                    connection("READWRITE", "Takes READONLY back.")
                            .is(Flag.LOADING, Flag.STALE, Flag.FAST));

    private ClusterCommands() {}

    private static Command cluster(String name, String syntax, String about, Flag... flags) {
        return command("CLUSTER|" + name, syntax)
                .is(flags)
                .since("3.0.0")
                .about(about)
                .differs(ALONE)
                .does(REFUSED);
    }

    private static Command connection(String name, String about) {
        return command(name, "").since("3.0.0").about(about).differs(ALONE).does(REFUSED);
    }
}
