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
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;
import java.util.ArrayList;
import java.util.List;

/** Values as bytes that any server understands: DUMP gives them, RESTORE takes them. */
public final class DumpCommands {
    private static final String RESTORE_SYNTAX =
            "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]";

    public static final Family ALL =
            family(
                    Category.KEYSPACE,
                    command("DUMP", "key")
                            .is(Flag.READONLY)
                            .since("2.6.0")
                            .cost(
                                    "O(1) to access the key and additional O(N*M) to serialize it,"
                                            + " where N is the number of objects composing the"
                                            + " value and M their average size.")
                            .about(
                                    "Returns a serialized representation of the value stored at a"
                                            + " key.")
                            .does(DumpCommands::dump),
                    command("RESTORE", RESTORE_SYNTAX)
                            .is(Flag.WRITE, Flag.DENYOOM, Flag.DANGEROUS)
                            .since("2.6.0")
                            .cost(
                                    "O(1) to create the new key and additional O(N*M) to"
                                            + " reconstruct the serialized value.")
                            .about("Creates a key from the serialized representation of a value.")
                            .does(DumpCommands::restore),
                    command("RESTORE-ASKING", RESTORE_SYNTAX)
                            .is(Flag.WRITE, Flag.DENYOOM, Flag.ASKING, Flag.DANGEROUS)
                            .since("3.0.0")
                            .cost(
                                    "O(1) to create the new key and additional O(N*M) to"
                                            + " reconstruct the serialized value.")
                            .about("An internal command for migrating keys in a cluster.")
                            .does(DumpCommands::restore));

    private DumpCommands() {}

    static Reply dump(Call call) {
        byte[] payload = dump(call, call.key(), RdbType.VERSION);
        return payload == null ? Reply.Nil.BULK : Reply.bulk(payload);
    }

    /** How many bytes the value of a key takes in a dump, its type and footer left out. */
    public static long serializedLength(Call call, Slice key) {
        byte[] payload = dump(call, key, RdbType.VERSION);
        return payload == null ? 0 : payload.length - 1 - Dump.FOOTER;
    }

    /** The payload of {@code key}; null where there is none. */
    static byte[] dump(Call call, Slice key, int version) {
        Keyspace db = call.db();
        Value value = db.findValue(key);
        Slice text = new Slice();
        if (value == null && !db.findText(key, text)) {
            return null;
        }
        return Dump.of(value, text, Persistence.of(Engine.of(call)).compression(), version);
    }

    /** What RESTORE was told besides key, time and payload. */
    private static final class Options {
        boolean replaces;
        boolean isAbsolute;
        long idleSeconds = -1;
        long frequency = -1;

        Options(Args args) {
            for (int i = 4; i < args.count(); i++) {
                boolean hasMore = i + 1 < args.count();
                if (args.is(i, "REPLACE")) {
                    replaces = true;
                } else if (args.is(i, "ABSTTL")) {
                    isAbsolute = true;
                } else if (args.is(i, "IDLETIME") && hasMore && frequency == -1) {
                    idleSeconds = args.integer(++i);
                    if (idleSeconds < 0) {
                        throw new CommandException("ERR Invalid IDLETIME value, must be >= 0");
                    }
                } else if (args.is(i, "FREQ") && hasMore && idleSeconds == -1) {
                    frequency = args.integer(++i);
                    if (frequency < 0 || frequency > 255) {
                        throw new CommandException(
                                "ERR Invalid FREQ value, must be >= 0 and <= 255");
                    }
                } else {
                    throw Errors.syntax();
                }
            }
        }
    }

    static Reply restore(Call call) {
        Args args = call.args();
        Slice key = call.key();
        Keyspace db = call.db();
        Options options = new Options(args);
        if (!options.replaces && db.exists(key)) {
            throw new CommandException("BUSYKEY Target key name already exists.");
        }
        long ttl = args.integer(2);
        if (ttl < 0) {
            throw new CommandException("ERR Invalid TTL value, must be >= 0");
        }
        Value value = value(call, args.bytes(3));
        long expireAt = ttl == 0 || options.isAbsolute ? ttl : call.now() + ttl;
        if (expireAt < 0) {
            throw new CommandException("ERR Invalid TTL value, must be >= 0");
        }
        boolean removed = options.replaces && db.remove(key);
        if (expireAt != 0 && expireAt <= call.now()) {
            if (removed) {
                call.journalAs("DEL", key);
                call.changed(key, "del", 1);
            }
            return Reply.OK;
        }
        if (value instanceof Text text) {
            Slice bytes = new Slice();
            text.view(bytes);
            db.putText(key, bytes, expireAt);
        } else {
            db.put(key, value, expireAt);
        }
        if (options.idleSeconds >= 0) {
            db.idleSeconds(key, options.idleSeconds);
        }
        if (options.frequency >= 0) {
            db.frequency(key, (int) options.frequency);
        }
        journal(call, key, expireAt, options);
        call.changed(key, "restore", 1);
        return Reply.OK;
    }

    private static Value value(Call call, byte[] payload) {
        if (!Dump.isWhole(payload, Engine.of(call).debug().checksChecksums())) {
            throw new CommandException("ERR DUMP payload version or checksum are wrong");
        }
        try {
            return Dump.read(payload, call.config());
        } catch (BadDataException e) {
            Persistence.LOG.warning(() -> "RESTORE was given bad data: " + e.getMessage());
            throw new CommandException("ERR Bad data format");
        }
    }

    private static void journal(Call call, Slice key, long expireAt, Options options) {
        if (options.isAbsolute || expireAt == 0) {
            return;
        }
        List<Object> words =
                new ArrayList<>(List.of("RESTORE", key, expireAt, call.arg(3), "ABSTTL"));
        if (options.replaces) {
            words.add("REPLACE");
        }
        if (options.idleSeconds >= 0) {
            words.addAll(List.of("IDLETIME", options.idleSeconds));
        }
        if (options.frequency >= 0) {
            words.addAll(List.of("FREQ", options.frequency));
        }
        call.journalAs(words.toArray());
    }
}
