package dev.larder.store.persistence;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** MIGRATE: keys move to another server, by RESTORE there and removal here. */
public final class MigrateCommands {
    private static final int KEYS_WORD_MIN = 6;
    private static final long TIMEOUT_MILLIS = 1000;

    public static final Family ALL =
            family(
                    Category.KEYSPACE,
                    command(
                                    "MIGRATE",
                                    "host port key destination-db timeout [COPY] [REPLACE]"
                                            + " [AUTH password | AUTH2 username password]"
                                            + " [KEYS keys [keys ...]]")
                            .is(Flag.WRITE, Flag.DANGEROUS, Flag.MOVABLEKEYS)
                            .since("2.6.0")
                            .cost(
                                    "This command actually executes a DUMP+DEL in the source"
                                            + " instance, and a RESTORE in the target instance."
                                            + " Also an O(N) data transfer between the two"
                                            + " instances is performed.")
                            .about("Atomically transfers a key from one instance to another.")
                            .keys(3, 3, 1)
                            .keysFoundBy(MigrateCommands::keyPositions)
                            .arity(-6)
                            .does(MigrateCommands::migrate));

    private MigrateCommands() {}

    private static int[] keyPositions(Args args) {
        if (args.slice(3).isEmpty()) {
            for (int i = KEYS_WORD_MIN; i < args.count(); i++) {
                if (args.is(i, "KEYS")) {
                    int[] places = new int[args.count() - i - 1];
                    for (int k = 0; k < places.length; k++) {
                        places[k] = i + 1 + k;
                    }
                    return places;
                }
            }
        }
        return new int[] {3};
    }

    /** What was asked for. */
    private static final class Move {
        final String host;
        final int port;
        final long database;
        final int timeoutMillis;
        boolean copies;
        boolean replaces;
        List<Object> login;
        int[] keys = {3};

        Move(Args args) {
            for (int i = KEYS_WORD_MIN; i < args.count(); i++) {
                int more = args.count() - 1 - i;
                if (args.is(i, "COPY")) {
                    copies = true;
                } else if (args.is(i, "REPLACE")) {
                    replaces = true;
                } else if (args.is(i, "AUTH") && more >= 1) {
                    login = List.of("AUTH", args.bytes(i + 1));
                    i++;
                } else if (args.is(i, "AUTH2") && more >= 2) {
                    login = List.of("AUTH", args.bytes(i + 1), args.bytes(i + 2));
                    i += 2;
                } else if (args.is(i, "KEYS")) {
                    if (!args.slice(3).isEmpty()) {
                        throw new CommandException(
                                "ERR When using MIGRATE KEYS option, the key argument must be set"
                                        + " to the empty string");
                    }
                    keys = keyPositions(args);
                    break;
                } else {
                    throw Errors.syntax();
                }
            }
            long timeout = args.integer(5);
            database = args.integer(4);
            timeoutMillis =
                    (int) Math.min(timeout <= 0 ? TIMEOUT_MILLIS : timeout, Integer.MAX_VALUE);
            host = args.text(1);
            port = port(args.text(2));
        }

        private static int port(String text) {
            try {
                int port = Integer.parseInt(text);
                return port >= 0 && port <= 0xFFFF ? port : 0;
            } catch (NumberFormatException _) {
                return 0;
            }
        }
    }

    static Reply migrate(Call call) {
        Move move = new Move(call.args());
        List<Slice> keys = new ArrayList<>();
        for (int place : move.keys) {
            if (call.db().exists(call.arg(place))) {
                keys.add(new Slice(call.args().bytes(place)));
            }
        }
        if (keys.isEmpty()) {
            return Reply.status("NOKEY");
        }
        Migration migration = Persistence.of(Engine.of(call)).migration();
        try {
            return attempt(call, migration, move, keys);
        } catch (SocketTimeoutException e) {
            migration.close(move.host, move.port);
            throw failed(e);
        } catch (IOException _) {
            // A connection that was kept may have been closed there meanwhile: once more.
            migration.close(move.host, move.port);
        }
        try {
            return attempt(call, migration, move, keys);
        } catch (IOException e) {
            migration.close(move.host, move.port);
            throw failed(e);
        }
    }

    private static CommandException failed(IOException why) {
        Persistence.LOG.fine(() -> "MIGRATE: " + why);
        return new CommandException("IOERR error or timeout reading from target instance");
    }

    /**
     * Sends all keys and reads what came of each; throws where nothing was answered at all, so that
     * nothing has been removed here.
     */
    private static Reply attempt(Call call, Migration migration, Move move, List<Slice> keys)
            throws IOException {
        Migration.Link link;
        try {
            link = migration.link(move.host, move.port, move.timeoutMillis);
        } catch (IOException | IllegalArgumentException _) {
            throw new CommandException("IOERR error or timeout connecting to the client");
        }
        Migration.Request request = new Migration.Request();
        if (move.login != null) {
            request.add(move.login);
        }
        boolean selects = link.database != move.database;
        if (selects) {
            request.add(List.of("SELECT", move.database));
        }
        for (Slice key : keys) {
            request.add(restore(call, key, move.replaces));
        }
        link.send(request);
        String refusal = move.login == null ? null : refusal(link.line());
        if (selects) {
            String second = refusal(link.line());
            refusal = refusal == null ? second : refusal;
        }
        List<Slice> moved = new ArrayList<>();
        IOException broken = null;
        for (int i = 0; i < keys.size() && broken == null; i++) {
            try {
                String error = refusal(link.line());
                if (error == null && refusal == null) {
                    moved.add(keys.get(i));
                } else if (refusal == null) {
                    // The first error is told; keys that are restored all the same still move.
                    link.database = -1;
                    return conclude(call, link, move, keys, i + 1, moved, error);
                }
            } catch (IOException e) {
                if (i == 0 && refusal == null) {
                    throw e;
                }
                broken = e;
            }
        }
        if (refusal != null) {
            link.database = -1;
            throw told(refusal);
        }
        remove(call, move, moved);
        if (broken != null) {
            migration.close(move.host, move.port);
            throw failed(broken);
        }
        link.database = move.database;
        return Reply.OK;
    }

    /** Reads the rest of the answers after one of them was an error. */
    private static Reply conclude(
            Call call,
            Migration.Link link,
            Move move,
            List<Slice> keys,
            int next,
            List<Slice> moved,
            String error)
            throws IOException {
        for (int i = next; i < keys.size(); i++) {
            if (refusal(link.line()) == null) {
                moved.add(keys.get(i));
            }
        }
        remove(call, move, moved);
        return new Reply.Failure(told(error).getMessage());
    }

    private static CommandException told(String error) {
        return new CommandException("ERR Target instance replied with error: " + error);
    }

    /** The error that a line is, or null. */
    private static String refusal(String line) {
        return line.startsWith("-") ? line.substring(1) : null;
    }

    private static List<Object> restore(Call call, Slice key, boolean replaces) {
        Keyspace db = call.db();
        long expireAt = db.expireAt(key);
        long ttl = expireAt == Keyspace.NEVER ? 0 : Math.max(1, expireAt - call.now());
        List<Object> words = new ArrayList<>();
        words.add("RESTORE");
        words.add(key.toBytes());
        words.add(ttl);
        words.add(DumpCommands.dump(call, key, RdbType.VERSION));
        if (replaces) {
            words.add("REPLACE");
        }
        return words;
    }

    private static void remove(Call call, Move move, List<Slice> moved) {
        if (move.copies || moved.isEmpty()) {
            return;
        }
        List<Object> words = new ArrayList<>();
        words.add("DEL");
        for (Slice key : moved) {
            if (call.db().remove(key)) {
                call.changed(key, "del", 1);
            }
            words.add(key);
        }
        call.journalAs(words.toArray());
    }
}
