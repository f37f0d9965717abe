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

/** What a server says that cannot be a replica yet, when it is to become one. */
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
                            .about("Makes a replica the master; there are none.")
                            .does(ReplicationCommands::failover));

    public static final Family WAITS =
            family(
                    Category.KEYSPACE,
                    command("WAIT", "numreplicas timeout:integer")
                            .is(Flag.NOSCRIPT)
                            .since("3.0.0")
                            .about("Waits until replicas have this client's writes.")
                            .differs("Nobody acknowledges: there is no replication yet.")
                            .does(ReplicationCommands::waitForReplicas),
                    command("WAITAOF", "numlocal numreplicas timeout:integer")
                            .is(Flag.NOSCRIPT)
                            .since("7.2.0")
                            .about("Waits until this client's writes are on disk.")
                            .differs("No append-only file is kept yet, and nobody acknowledges.")
                            .does(ReplicationCommands::waitForFiles));

    private ReplicationCommands() {}

    private static Command becomes(String name) {
        return command(name, "<host port | NO ONE>")
                .is(BECOMES)
                .about("Makes this a replica, or a master again.")
                .differs("NO ONE only: there is no replication yet.")
                .does(ReplicationCommands::replicaOf);
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
        long timeout = call.args().integer(3, "ERR timeout is not an integer or out of range");
        if (timeout < 0) {
            throw new CommandException(Errors.TIMEOUT_NEGATIVE);
        }
        if (local == 1) {
            throw new CommandException(
                    "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
        }
        Reply none = Reply.array(Reply.integer(0), Reply.integer(0));
        return wanted == 0 || Client.of(call).inTransaction()
                ? none
                : new Reply.Wait(new byte[0][], timeout, none, List.of());
    }
}
