package dev.larder.store.engine;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.acl.AclLog;
import dev.larder.store.acl.Denial;
import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * MULTI, EXEC, DISCARD, WATCH, UNWATCH. Commands are queued with their words; EXEC runs them one
 * after another, and sends each reply before the next command may move the bytes it shows.
 */
public final class Transactions {
    public static final Family ALL =
            family(
                    Category.TRANSACTION,
                    command("MULTI", "")
                            .is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST, Flag.ALLOW_BUSY)
                            .since("1.2.0")
                            .about("Starts a transaction.")
                            .does(Transactions::multi),
                    command("EXEC", "")
                            .is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.SKIP_SLOWLOG)
                            .since("1.2.0")
                            .cost("Depends on commands in the transaction")
                            .about("Executes all commands in a transaction.")
                            .does(Transactions::exec),
                    command("DISCARD", "")
                            .is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST, Flag.ALLOW_BUSY)
                            .since("2.0.0")
                            .cost("O(N), when N is the number of queued commands")
                            .about("Discards a transaction.")
                            .does(Transactions::discard),
                    command("WATCH", "key [key ...]")
                            .is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST, Flag.ALLOW_BUSY)
                            .since("2.2.0")
                            .cost("O(1) for every key.")
                            .about(
                                    "Monitors changes to keys to determine the execution of a transaction.")
                            .does(Transactions::watch),
                    command("UNWATCH", "")
                            .is(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST, Flag.ALLOW_BUSY)
                            .since("2.2.0")
                            .about("Forgets about watched keys of a transaction.")
                            .does(Transactions::unwatch));

    private record Place(int database, Slice key) {}

    private final Engine engine;
    private boolean executing;
    private final Call call;
    private final Map<Place, Map<Client, Client.Watched>> watchers = new HashMap<>();

    Transactions(Engine engine) {
        this.engine = engine;
        this.call = new Call(engine);
    }

    /** Commands that MULTI does not queue. */
    static boolean runsAtOnce(Command command) {
        return switch (command.name()) {
            case "MULTI", "EXEC", "DISCARD", "WATCH", "QUIT", "RESET" -> true;
            default -> false;
        };
    }

    /**
     * Whether a command may not run while memory is full: one that may need more itself, an EXEC of
     * such, and all that would be queued.
     */
    boolean needsMemory(Client client, Command command) {
        if (!client.inTransaction()) {
            return command.has(Flag.DENYOOM);
        }
        if (!runsAtOnce(command)) {
            return true;
        }
        return command.name().equals("EXEC")
                && client.queue.stream().anyMatch(queued -> queued.command().has(Flag.DENYOOM));
    }

    void queue(Client client, Command command, Args args) {
        client.queue.add(new Client.Queued(command, args.copy()));
        client.queueBytes += args.byteCount();
    }

    static Reply multi(Call call) {
        Client client = Client.of(call);
        if (client.inTransaction()) {
            throw new CommandException("ERR MULTI calls can not be nested");
        }
        client.queue = new ArrayList<>();
        client.queueBytes = 0;
        client.queueRefused = false;
        return Reply.OK;
    }

    static Reply discard(Call call) {
        Client client = Client.of(call);
        if (!client.inTransaction()) {
            throw new CommandException("ERR DISCARD without MULTI");
        }
        Engine.of(call).transactions().end(client);
        return Reply.OK;
    }

    static Reply watch(Call call) {
        Client client = Client.of(call);
        if (client.inTransaction()) {
            throw new CommandException("ERR WATCH inside MULTI is not allowed");
        }
        Transactions transactions = Engine.of(call).transactions();
        for (int i = 1; i < call.count(); i++) {
            transactions.watch(client, new Slice(call.args().bytes(i)));
        }
        return Reply.OK;
    }

    private void watch(Client client, Slice key) {
        int database = client.database();
        Map<Client, Client.Watched> there =
                watchers.computeIfAbsent(new Place(database, key), _ -> new LinkedHashMap<>());
        if (!there.containsKey(client)) {
            Client.Watched watched =
                    new Client.Watched(database, key, engine.database(database).keepsStale(key));
            there.put(client, watched);
            client.watching.add(watched);
        }
    }

    static Reply unwatch(Call call) {
        Engine.of(call).transactions().unwatch(Client.of(call));
        return Reply.OK;
    }

    void unwatch(Client client) {
        for (Client.Watched watched : client.watching) {
            Place place = new Place(watched.database, watched.key);
            Map<Client, Client.Watched> there = watchers.get(place);
            if (there != null && there.remove(client) != null && there.isEmpty()) {
                watchers.remove(place);
            }
        }
        client.watching.clear();
        client.watchedChanged = false;
    }

    void touched(int database, Slice key) {
        if (watchers.isEmpty()) {
            return;
        }
        Map<Client, Client.Watched> there = watchers.get(new Place(database, key));
        if (there == null) {
            return;
        }
        there.forEach(
                (client, watched) -> {
                    if (!watched.stale) {
                        client.watchedChanged = true;
                    } else if (!engine.database(database).keeps(key)) {
                        watched.stale = false;
                    }
                });
    }

    /**
     * All keys of {@code before} are about to be replaced by those of {@code after}, or by none
     * where that is null. A key that is in neither has not changed, nor has one that was not there
     * or had no time left and is replaced by one that has none left.
     */
    void replaced(Keyspace before, Keyspace after) {
        watchers.forEach(
                (place, there) -> {
                    if (place.database() == before.index()) {
                        there.forEach(
                                (client, watched) -> replaced(client, watched, before, after));
                    }
                });
    }

    private static void replaced(
            Client client, Client.Watched watched, Keyspace before, Keyspace after) {
        boolean was = before.keeps(watched.key);
        boolean comes = after != null && after.keeps(watched.key);
        boolean comesStale = comes && after.keepsStale(watched.key);
        if (!was && !comes || watched.stale && comesStale) {
            return;
        }
        if (watched.stale && !comes) {
            watched.stale = false;
        } else if (!was && comesStale) {
            watched.stale = true;
        } else {
            client.watchedChanged = true;
        }
    }

    /** Ends a transaction without running it, and forgets what was watched. */
    public void end(Client client) {
        client.queue = null;
        client.queueRefused = false;
        unwatch(client);
    }

    static Reply exec(Call call) {
        Client client = Client.of(call);
        if (!client.inTransaction()) {
            throw new CommandException("ERR EXEC without MULTI");
        }
        Engine engine = Engine.of(call);
        Transactions transactions = engine.transactions();
        // A watched key that has run out of time meanwhile has changed, though nobody looked at it.
        for (Client.Watched watched : client.watching) {
            if (!watched.stale && engine.database(watched.database).keepsStale(watched.key)) {
                client.watchedChanged = true;
            }
        }
        List<Client.Queued> queue = client.queue;
        boolean refused = client.queueRefused;
        boolean changed = client.watchedChanged;
        transactions.end(client);
        if (refused) {
            throw new CommandException(Errors.EXEC_ABORT);
        }
        if (changed) {
            return Reply.Nil.ARRAY;
        }
        return transactions.runAll(client, queue);
    }

    /** The refusal of a command that was allowed when it was queued and is not any more. */
    private Reply denied(Client client, Client.Queued queued) {
        Denial denial =
                engine.acl().check(client, queued.command(), queued.args(), AclLog.Context.MULTI);
        return denial == null
                ? null
                : new Reply.Failure(
                        "NOPERM ACLs rules changed between the moment the transaction was"
                                + " accumulated and the EXEC call. This command is no longer"
                                + " allowed for the following reason: "
                                + denial.reason().atExec());
    }

    /** Whether the commands of a transaction are running. */
    public boolean isExecuting() {
        return executing;
    }

    private Reply runAll(Client client, List<Client.Queued> queue) {
        if (client.isAnswered()) {
            client.openArray(queue.size());
        }
        executing = true;
        for (Client.Queued queued : queue) {
            Reply reply = client.user().isUnlimited() ? null : denied(client, queued);
            if (reply == null) {
                reply = engine.run(call, queued.command(), queued.args(), client);
            }
            if (reply instanceof Reply.Wait wait) {
                reply = wait.refused();
            }
            // CLIENT REPLY may be one of the commands; messages it holds back never.
            if (client.isAnswered() || reply instanceof Reply.Many || reply instanceof Reply.Push) {
                client.send(reply);
            }
        }
        executing = false;
        return Reply.None.NONE;
    }
}
