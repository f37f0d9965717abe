package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.HashValue;
import dev.larder.store.value.ListValue;
import dev.larder.store.value.SetValue;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import dev.larder.store.value.Stream;
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;
import java.util.ArrayList;
import java.util.List;

/** Commands on keys of any type. */
public final class KeyCommands {
    public static final Family ALL =
            family(
                    Category.KEYSPACE,
                    command("DEL", "key [key ...]")
                            .is(WRITE)
                            .cost("O(N) where N is the number of keys that will be removed.")
                            .about("Deletes one or more keys.")
                            .does(KeyCommands::del),
                    command("UNLINK", "key [key ...]")
                            .is(WRITE, FAST)
                            .since("4.0.0")
                            .cost("O(1) for each key removed.")
                            .about("Asynchronously deletes one or more keys.")
                            .does(KeyCommands::unlink),
                    command("DELIFEQ", "key value")
                            .is(WRITE, FAST)
                            .since("9.0.0")
                            .about(
                                    "Deletes a key if its string value equals the given one (Valkey 9).")
                            .does(KeyCommands::delifeq),
                    command("EXISTS", "key [key ...]")
                            .is(READONLY, FAST)
                            .cost("O(N) where N is the number of keys to check.")
                            .about("Determines whether one or more keys exist.")
                            .does(KeyCommands::exists),
                    command("TOUCH", "key [key ...]")
                            .is(READONLY, FAST)
                            .since("3.2.1")
                            .cost("O(N) where N is the number of keys that will be touched.")
                            .about(
                                    "Returns the number of existing keys after updating their last use.")
                            .does(KeyCommands::touch),
                    command("TYPE", "key")
                            .is(READONLY, FAST)
                            .about("Determines the type of value stored at a key.")
                            .does(call -> Reply.status(call.db().type(call.key()))),
                    expire("EXPIRE", "seconds", "1.0.0", 1000, true),
                    expire("PEXPIRE", "milliseconds", "2.6.0", 1, true),
                    expire("EXPIREAT", "unix-time-seconds", "1.2.0", 1000, false),
                    expire("PEXPIREAT", "unix-time-milliseconds", "2.6.0", 1, false),
                    command("TTL", "key")
                            .is(READONLY, FAST)
                            .about("Returns the expiration time in seconds of a key.")
                            .does(call -> left(call, 1000)),
                    command("PTTL", "key")
                            .is(READONLY, FAST)
                            .since("2.6.0")
                            .about("Returns the expiration time in milliseconds of a key.")
                            .does(call -> left(call, 1)),
                    command("EXPIRETIME", "key")
                            .is(READONLY, FAST)
                            .since("7.0.0")
                            .about("Returns the expiration time of a key as a Unix timestamp.")
                            .does(call -> end(call, 1000)),
                    command("PEXPIRETIME", "key")
                            .is(READONLY, FAST)
                            .since("7.0.0")
                            .about(
                                    "Returns the expiration time of a key as a Unix milliseconds timestamp.")
                            .does(call -> end(call, 1)),
                    command("PERSIST", "key")
                            .is(WRITE, FAST)
                            .since("2.2.0")
                            .about("Removes the expiration time of a key.")
                            .does(KeyCommands::persist),
                    command("KEYS", "pattern")
                            .is(READONLY, Flag.DANGEROUS)
                            .cost("O(N) with N being the number of keys in the database")
                            .about("Returns all key names that match a pattern.")
                            .does(KeyCommands::keys),
                    command("SCAN", "cursor [MATCH pattern] [COUNT count] [TYPE type]")
                            .is(READONLY)
                            .since("2.8.0")
                            .cost("O(1) for every call. O(N) for a complete iteration.")
                            .about("Iterates over the key names in the database.")
                            .does(KeyCommands::scan),
                    command("RANDOMKEY", "")
                            .is(READONLY)
                            .about("Returns a random key name from the database.")
                            .does(KeyCommands::randomkey),
                    command("RENAME", "key newkey:key")
                            .is(WRITE)
                            .about("Renames a key and overwrites the destination.")
                            .does(call -> rename(call, true)),
                    command("RENAMENX", "key newkey:key")
                            .is(WRITE, FAST)
                            .about("Renames a key only when the target key name doesn't exist.")
                            .does(call -> rename(call, false)),
                    command("COPY", "source:key destination:key [DB destination-db] [REPLACE]")
                            .is(WRITE, DENYOOM)
                            .since("6.2.0")
                            .cost("O(N) for collections with N elements, O(1) for strings.")
                            .about("Copies the value of a key to a new key.")
                            .does(KeyCommands::copy),
                    command("MOVE", "key db")
                            .is(WRITE, FAST)
                            .about("Moves a key to another database.")
                            .does(KeyCommands::move),
                    command("OBJECT", "<subcommand> [argument ...]")
                            .since("2.2.3")
                            .about("A container for object introspection commands."),
                    command("OBJECT|ENCODING", "key")
                            .is(READONLY)
                            .since("2.2.3")
                            .about("Returns the internal encoding of an object.")
                            .does(KeyCommands::objectEncoding),
                    command("OBJECT|IDLETIME", "key")
                            .is(READONLY)
                            .since("2.2.3")
                            .about("Returns the time since the last access to an object.")
                            .does(KeyCommands::objectIdletime),
                    command("OBJECT|REFCOUNT", "key")
                            .is(READONLY)
                            .since("2.2.3")
                            .about("Returns the reference count of a value of a key.")
                            .does(KeyCommands::objectRefcount),
                    command("OBJECT|FREQ", "key")
                            .is(READONLY)
                            .since("4.0.0")
                            .about("Returns the logarithmic access frequency counter of a key.")
                            .does(KeyCommands::objectFreq),
                    command("OBJECT|HELP", "")
                            .is(Flag.LOADING, Flag.STALE)
                            .since("6.2.0")
                            .about("Returns helpful text about the different subcommands.")
                            .does(_ -> objectHelp()));

    private static final String[] OBJECT_HELP = {
        "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ENCODING <key>",
        "    Return the kind of internal representation used in order to store the value",
        "    associated with a <key>.",
        "FREQ <key>",
        "    Return the access frequency index of the <key>. The returned integer is",
        "    proportional to the logarithm of the recent access frequency of the key.",
        "IDLETIME <key>",
        "    Return the idle time of the <key>, that is the approximated number of",
        "    seconds elapsed since the last access to the key.",
        "REFCOUNT <key>",
        "    Return the number of references of the value associated with the specified",
        "    <key>.",
        "HELP",
        "    Print this help.",
    };

    private static Reply objectHelp() {
        List<Reply> lines = new ArrayList<>();
        for (String line : OBJECT_HELP) {
            lines.add(Reply.status(line));
        }
        return Reply.array(lines);
    }

    private static Reply objectFreq(Call call) {
        if (!call.db().exists(call.arg(2))) {
            return Reply.Nil.BULK;
        }
        if (!call.db().tracksFrequency()) {
            throw new CommandException(
                    "ERR An LFU maxmemory policy is not selected, access frequency not tracked."
                            + " Please note that when switching between policies at runtime LRU and"
                            + " LFU data will take some time to adjust.");
        }
        return Reply.integer(call.db().frequency(call.arg(2)));
    }

    private static final int SHARED_INTEGERS = 10_000;
    private static final int RANDOM_TRIES_MAX = 100;

    private KeyCommands() {}

    private static Command expire(
            String name, String unit, String since, long unitMillis, boolean relative) {
        return command(name, "key " + unit + " [NX | XX | GT | LT]")
                .is(WRITE, FAST)
                .since(since)
                .about("Sets the expiration time of a key in " + unit.replace('-', ' ') + ".")
                .does(call -> expire(call, unitMillis, relative));
    }

    /** From so many pieces on, the real servers free a value by the side of their one thread. */
    private static final int LARGE = 64;

    /** As DEL: what is let go is the collector's here, but INFO counts what was large. */
    static Reply unlink(Call call) {
        long large = 0;
        for (int i = 1; i < call.count(); i++) {
            Value value = call.db().findValue(call.arg(i));
            large += value != null && pieces(call, value) > LARGE ? 1 : 0;
        }
        Reply reply = del(call);
        if (large > 0) {
            call.host().freedLater(large);
        }
        return reply;
    }

    /** How many pieces of memory a real server would keep the value in. */
    private static long pieces(Call call, Value value) {
        long compact = value.encoding().equals("listpack") ? 0 : 1;
        return switch (value) {
            case Text _ -> 1;
            case ListValue list -> compact * list.size() / 128;
            case HashValue hash -> compact * hash.size();
            case SetValue set -> set.encoding().equals("intset") ? 1 : compact * set.size();
            case SortedSet sorted -> compact * sorted.size();
            case Stream stream -> stream.size() / Math.max(1, call.config().streamNodeEntriesMax());
        };
    }

    static Reply del(Call call) {
        int removed = 0;
        for (int i = 1; i < call.count(); i++) {
            if (call.db().remove(call.arg(i))) {
                removed++;
                call.changed(call.arg(i), "del", 1);
            }
        }
        return Reply.integer(removed);
    }

    static Reply delifeq(Call call) {
        if (!call.db().findText(call.key(), call.view()) || !call.view().equals(call.arg(2))) {
            return Reply.integer(0);
        }
        call.db().remove(call.key());
        call.journalAs("DEL", call.key());
        call.changed(call.db(), call.key(), 'g', "del", 1);
        return Reply.integer(1);
    }

    static Reply exists(Call call) {
        int found = 0;
        for (int i = 1; i < call.count(); i++) {
            found += call.db().exists(call.arg(i)) ? 1 : 0;
        }
        return Reply.integer(found);
    }

    static Reply touch(Call call) {
        int found = 0;
        for (int i = 1; i < call.count(); i++) {
            found += call.db().touch(call.arg(i)) ? 1 : 0;
        }
        return Reply.integer(found);
    }

    private static Reply expire(Call call, long unitMillis, boolean relative) {
        Args args = call.args();
        ExpiryCondition condition = ExpiryCondition.of(args, 3, args.count());
        long amount = args.integer(2);
        long base = relative ? call.wallNow() : 0;
        if (amount > (Long.MAX_VALUE - base) / unitMillis || amount < Long.MIN_VALUE / unitMillis) {
            throw Errors.invalidExpireTime(call.command().lowerName());
        }
        long at = base + amount * unitMillis;
        Slice key = call.key();
        long before = call.db().expireAt(key);
        if (before == Keyspace.ABSENT
                || !condition.isMet(before == Keyspace.NEVER ? 0 : before, at)) {
            return Reply.integer(0);
        }

        if (at <= call.now()) {
            call.db().remove(key);
            call.journalAs(call.config().expiryDeletion(), key);
            call.changed(key, "del", 1);
        } else {
            call.db().expireAt(key, at);
            call.journalAs("PEXPIREAT", key, at);
            call.changed(key, "expire", 1);
        }
        return Reply.integer(1);
    }

    private static Reply left(Call call, long unitMillis) {
        long at = call.db().expireAt(call.key());
        if (at < 0) {
            return Reply.integer(at);
        }
        long left = Math.max(0, at - call.now());
        return Reply.integer(unitMillis == 1 ? left : (left + 500) / 1000);
    }

    private static Reply end(Call call, long unitMillis) {
        long at = call.db().expireAt(call.key());
        return Reply.integer(at < 0 || unitMillis == 1 ? at : Long.divideUnsigned(at + 500, 1000));
    }

    static Reply persist(Call call) {
        if (call.db().expireAt(call.key()) < 0) {
            return Reply.integer(0);
        }
        call.db().expireAt(call.key(), 0);
        call.changed(call.key(), "persist", 1);
        return Reply.integer(1);
    }

    static Reply keys(Call call) {
        Glob glob = new Glob(call.arg(1));
        Reply.Tape tape = call.tape();
        int mark = tape.openArray();
        long[] count = {0};
        call.db()
                .forEachKey(
                        key -> {
                            if (glob.matches(key)) {
                                tape.bulk(key);
                                count[0]++;
                            }
                        });
        return tape.close(mark, count[0]);
    }

    /** What one step of SCAN has come by: keys, and those whose time is over, which it removes. */
    private static final class Gathered implements Keyspace.KeyVisitor {
        final List<byte[]> keys = new ArrayList<>();
        final List<byte[]> overdue = new ArrayList<>();
        private final ScanOptions options;

        Gathered(ScanOptions options) {
            this.options = options;
        }

        @Override
        public void visit(Slice key) {
            if (options.matches(key)) {
                keys.add(key.toBytes());
            }
        }

        @Override
        public void overdue(Slice key, String type) {
            if (options.matches(key) && (options.type() == null || options.type().equals(type))) {
                overdue.add(key.toBytes());
            }
        }
    }

    static Reply scan(Call call) {
        Args args = call.args();
        long cursor = cursor(args, 1);
        ScanOptions options = ScanOptions.read(args, 2, ScanOptions.Of.KEYS);
        Keyspace db = call.db();
        Gathered gathered = new Gathered(options);
        long next = db.scan(cursor, options.count(), gathered);
        Slice slice = new Slice();
        for (byte[] key : gathered.overdue) {
            db.exists(slice.point(key, 0, key.length));
        }
        Reply.Tape tape = call.tape().array(2).bulk(Long.toUnsignedString(next));
        int mark = tape.openArray();
        int shown = 0;
        for (byte[] key : gathered.keys) {
            slice.point(key, 0, key.length);
            if (options.type() == null || db.type(slice).equals(options.type())) {
                tape.bulk(slice);
                shown++;
            }
        }
        return tape.close(mark, shown);
    }

    /** A cursor: what {@code strtoul} takes for one; a minus wraps around, no text at all is 0. */
    public static long cursor(Args args, int index) {
        String text = args.text(index);
        String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (text.isEmpty()) {
            return 0;
        }
        if (digits.isEmpty() || digits.charAt(0) < '0' || digits.charAt(0) > '9') {
            throw new CommandException(Errors.INVALID_CURSOR);
        }
        try {
            long cursor = Long.parseUnsignedLong(digits);
            return text.startsWith("-") ? -cursor : cursor;
        } catch (NumberFormatException _) {
            throw new CommandException(Errors.INVALID_CURSOR);
        }
    }

    static Reply randomkey(Call call) {
        Keyspace db = call.db();
        byte[] key = db.randomKey(call.random());
        Slice slice = new Slice();
        // One whose time is over goes at the look at it, unless this store may not remove it.
        int tries = RANDOM_TRIES_MAX;
        while (key != null
                && !db.exists(slice.point(key, 0, key.length))
                && (!db.keeps(slice) || tries-- > 0)) {
            key = db.randomKey(call.random());
        }
        return key == null ? Reply.Nil.BULK : Reply.bulk(key);
    }

    private static Reply rename(Call call, boolean replaces) {
        Slice from = call.arg(1);
        Slice to = call.arg(2);
        Keyspace db = call.db();
        if (!db.exists(from)) {
            throw new CommandException(Errors.NO_SUCH_KEY);
        }
        if (from.equals(to)) {
            return replaces ? Reply.OK : Reply.integer(0);
        }
        if (!replaces && db.exists(to)) {
            return Reply.integer(0);
        }
        db.rename(from, to);
        call.journalAs("RENAME", from, to);
        call.changed(from, "rename_from", 1);
        call.event(to, 'g', "rename_to");
        return replaces ? Reply.OK : Reply.integer(1);
    }

    static Reply copy(Call call) {
        Args args = call.args();
        int target = call.caller().database();
        boolean replace = false;
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "REPLACE")) {
                replace = true;
            } else if (args.is(i, "DB") && i + 1 < args.count()) {
                target = args.database(++i, call.host().databases());
            } else {
                throw Errors.syntax();
            }
        }
        Slice from = call.arg(1);
        Slice to = call.arg(2);
        Keyspace there = call.host().database(target);
        if (there == call.db() && from.equals(to)) {
            throw new CommandException(Errors.SAME_OBJECT);
        }
        if (!call.db().exists(from) || !replace && there.exists(to)) {
            return Reply.integer(0);
        }
        call.db().copyTo(there, from, to);
        call.changed(there, to, 'g', "copy_to", 1);
        return Reply.integer(1);
    }

    static Reply move(Call call) {
        int target = call.args().database(2, call.host().databases());
        if (target == call.caller().database()) {
            throw new CommandException(Errors.SAME_OBJECT);
        }
        Keyspace there = call.host().database(target);
        Slice key = call.key();
        if (!call.db().exists(key) || there.exists(key)) {
            return Reply.integer(0);
        }
        call.db().moveTo(there, key);
        call.changed(key, "move_from", 1);
        call.changed(there, key, 'g', "move_to", 0);
        call.host().touched(there, key, 'g', "move_to");
        return Reply.integer(1);
    }

    static Reply objectEncoding(Call call) {
        String encoding = call.db().encoding(call.arg(2));
        return encoding == null ? Reply.Nil.BULK : Reply.bulk(encoding);
    }

    static Reply objectIdletime(Call call) {
        if (!call.db().exists(call.arg(2))) {
            return Reply.Nil.BULK;
        }
        if (call.db().tracksFrequency()) {
            throw new CommandException(
                    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note"
                            + " that when switching between policies at runtime LRU and LFU data"
                            + " will take some time to adjust.");
        }
        return Reply.integer(call.db().idleSeconds(call.arg(2)));
    }

    /** Small integers are shared in the real servers, which show it by the largest count. */
    static Reply objectRefcount(Call call) {
        Slice key = call.arg(2);
        if (!call.db().exists(key)) {
            return Reply.Nil.BULK;
        }
        boolean shared =
                call.db().isInteger(key)
                        && call.db().located() >= 0
                        && call.db().located() < SHARED_INTEGERS;
        return Reply.integer(shared ? Integer.MAX_VALUE : 1);
    }
}
