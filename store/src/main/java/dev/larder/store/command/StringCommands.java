package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Text;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** Strings: bytes, and integers and floats written as text. */
public final class StringCommands {
    public static final Family ALL =
            family(
                    Category.STRING,
                    command(
                                    "SET",
                                    "key value [NX | XX | IFEQ comparison] [GET] [EX seconds | PX"
                                            + " milliseconds | EXAT unix-time-seconds | PXAT"
                                            + " unix-time-milliseconds | KEEPTTL]")
                            .is(WRITE, DENYOOM)
                            .about("Sets the string value of a key, ignoring its type.")
                            .does(StringCommands::set),
                    command("GET", "key")
                            .is(READONLY, FAST)
                            .about("Returns the string value of a key.")
                            .does(StringCommands::get),
                    command("GETSET", "key value")
                            .is(WRITE, DENYOOM, FAST)
                            .about("Returns the previous string value of a key after setting it.")
                            .does(StringCommands::getset),
                    command("SETNX", "key value")
                            .is(WRITE, DENYOOM, FAST)
                            .about("Sets the string value of a key only when it doesn't exist.")
                            .does(StringCommands::setnx),
                    command("SETEX", "key seconds value")
                            .is(WRITE, DENYOOM)
                            .since("2.0.0")
                            .about("Sets the string value and expiration time of a key.")
                            .does(call -> setWithExpiry(call, 1000, "setex")),
                    command("PSETEX", "key milliseconds value")
                            .is(WRITE, DENYOOM)
                            .since("2.6.0")
                            .about("Sets the string value and expiration in milliseconds of a key.")
                            .does(call -> setWithExpiry(call, 1, "psetex")),
                    command("GETDEL", "key")
                            .is(WRITE, FAST)
                            .since("6.2.0")
                            .about("Returns the string value of a key after deleting the key.")
                            .does(StringCommands::getdel),
                    command(
                                    "GETEX",
                                    "key [EX seconds | PX milliseconds | EXAT unix-time-seconds |"
                                            + " PXAT unix-time-milliseconds | PERSIST]")
                            .is(WRITE, FAST)
                            .since("6.2.0")
                            .about(
                                    "Returns the string value of a key after setting its expiration.")
                            .does(StringCommands::getex),
                    command("MGET", "key [key ...]")
                            .is(READONLY, FAST)
                            .cost("O(N) where N is the number of keys to retrieve.")
                            .about("Atomically returns the string values of one or more keys.")
                            .does(StringCommands::mget),
                    command("MSET", "key value [key value ...]")
                            .is(WRITE, DENYOOM)
                            .since("1.0.1")
                            .cost("O(N) where N is the number of keys to set.")
                            .about(
                                    "Atomically creates or modifies the string values of one or more keys.")
                            .does(StringCommands::mset),
                    command("MSETNX", "key value [key value ...]")
                            .is(WRITE, DENYOOM)
                            .since("1.0.1")
                            .cost("O(N) where N is the number of keys to set.")
                            .about(
                                    "Atomically sets string values only when none of the keys exist.")
                            .does(StringCommands::msetnx),
                    command(
                                    "MSETEX",
                                    "numkeys key value [key value ...] [NX | XX] [EX seconds | PX"
                                            + " milliseconds | EXAT unix-time-seconds | PXAT"
                                            + " unix-time-milliseconds | KEEPTTL]")
                            .is(WRITE, DENYOOM, Flag.MOVABLEKEYS)
                            .since("9.1.0")
                            .keysFoundBy(StringCommands::pairedKeys)
                            .cost("O(N) where N is the number of keys to set.")
                            .about(
                                    "Atomically sets strings and their expiration, if all or none of"
                                            + " them exist (Valkey 9.1).")
                            .does(StringCommands::msetex),
                    command("APPEND", "key value")
                            .is(WRITE, DENYOOM, FAST)
                            .since("2.0.0")
                            .about("Appends a string to the value of a key.")
                            .does(StringCommands::append),
                    command("STRLEN", "key")
                            .is(READONLY, FAST)
                            .since("2.2.0")
                            .about("Returns the length of a string value.")
                            .does(StringCommands::strlen),
                    command("GETRANGE", "key start end")
                            .is(READONLY)
                            .since("2.4.0")
                            .cost("O(N) where N is the length of the returned string.")
                            .about("Returns a substring of the string stored at a key.")
                            .does(StringCommands::getrange),
                    command("SUBSTR", "key start end")
                            .is(READONLY)
                            .cost("O(N) where N is the length of the returned string.")
                            .about("Returns a substring from a string value.")
                            .does(StringCommands::getrange),
                    command("SETRANGE", "key offset value")
                            .is(WRITE, DENYOOM)
                            .since("2.2.0")
                            .about("Overwrites a part of a string value with another by an offset.")
                            .does(StringCommands::setrange),
                    command("INCR", "key")
                            .is(WRITE, DENYOOM, FAST)
                            .about("Increments the integer value of a key by one.")
                            .does(call -> add(call, 1)),
                    command("DECR", "key")
                            .is(WRITE, DENYOOM, FAST)
                            .about("Decrements the integer value of a key by one.")
                            .does(call -> add(call, -1)),
                    command("INCRBY", "key increment")
                            .is(WRITE, DENYOOM, FAST)
                            .about("Increments the integer value of a key by a number.")
                            .does(call -> add(call, call.args().integer(2))),
                    command("DECRBY", "key decrement")
                            .is(WRITE, DENYOOM, FAST)
                            .about("Decrements a number from the integer value of a key.")
                            .does(StringCommands::decrby),
                    command("INCRBYFLOAT", "key increment:double")
                            .is(WRITE, DENYOOM, FAST)
                            .since("2.6.0")
                            .about("Increments the floating point value of a key by a number.")
                            .does(StringCommands::incrbyfloat));

    /** The longest array that every JVM can make. */
    private static final long ARRAY_MAX = Integer.MAX_VALUE - 64L;

    private StringCommands() {}

    static Reply get(Call call) {
        return call.db().findText(call.key(), call.view()) ? call.found() : Reply.Nil.BULK;
    }

    static Reply set(Call call) {
        if (call.count() == 3) {
            call.db().putText(call.key(), call.arg(2), 0);
            call.changed(call.key(), "set", 1);
            return Reply.OK;
        }
        return setWithOptions(call);
    }

    private static Reply setWithOptions(Call call) {
        Args args = call.args();
        boolean nx = false;
        boolean xx = false;
        boolean get = false;
        int comparison = 0;
        ExpiryOption expiry = new ExpiryOption("set", true, false);
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "NX") && !xx && comparison == 0) {
                nx = true;
            } else if (args.is(i, "XX") && !nx && comparison == 0) {
                xx = true;
            } else if (args.is(i, "IFEQ") && !nx && !xx && i + 1 < args.count()) {
                comparison = ++i;
            } else if (args.is(i, "GET")) {
                get = true;
            } else {
                i = expiry.read(args, i);
            }
        }
        expiry.resolve(call);
        Slice key = call.key();
        Keyspace db = call.db();
        Reply before = get || comparison != 0 ? read(call, key) : Reply.Nil.BULK;
        long oldExpiry = nx || xx || expiry.keeps() ? db.expireAt(key) : Keyspace.ABSENT;
        boolean there = nx || xx || expiry.keeps() ? oldExpiry != Keyspace.ABSENT : false;
        boolean held =
                nx && there
                        || xx && !there
                        || comparison != 0 && !sameText(before, call.arg(comparison));
        if (held) {
            return get ? before : Reply.Nil.BULK;
        }

        long expireAt = expiry.keeps() && oldExpiry > 0 ? oldExpiry : expiry.at();
        if (expireAt != 0 && expireAt <= call.now()) {
            // The key would be over at once: the same as deleting it.
            if (db.remove(key)) {
                call.journalAs(call.config().expiryDeletion(), key);
                call.changed(db, key, 'g', "del", 1);
            }
            return get ? before : Reply.OK;
        }
        db.putText(key, call.arg(2), expireAt);
        if (expireAt != 0) {
            call.journalAs("SET", key, call.arg(2), expiry.kept(args), expireAt);
        } else if (expiry.keeps()) {
            call.journalAs("SET", key, call.arg(2), "KEEPTTL");
        } else {
            call.journalAs("SET", key, call.arg(2));
        }
        told(call, key, expiry);
        return get ? before : Reply.OK;
    }

    /** The string under the key in a reply of its own, for answering after the key has changed. */
    private static Reply read(Call call, Slice key) {
        return call.db().findText(key, call.view())
                ? Reply.bulk(call.view().toBytes())
                : Reply.Nil.BULK;
    }

    private static boolean sameText(Reply reply, Slice text) {
        return reply instanceof Reply.Bulk bulk && text.sameAs(bulk.bytes());
    }

    static Reply getset(Call call) {
        Reply before = read(call, call.key());
        call.db().putText(call.key(), call.arg(2), 0);
        call.journalAs("SET", call.key(), call.arg(2));
        call.changed(call.key(), "set", 1);
        return before;
    }

    static Reply setnx(Call call) {
        if (call.db().exists(call.key())) {
            return Reply.integer(0);
        }
        call.db().putText(call.key(), call.arg(2), 0);
        call.changed(call.key(), "set", 1);
        return Reply.integer(1);
    }

    private static Reply setWithExpiry(Call call, long unitMillis, String command) {
        long expireAt = ExpiryOption.fromNow(call, call.args().integer(2), unitMillis, command);
        call.db().putText(call.key(), call.arg(3), expireAt);
        call.journalAs("SET", call.key(), call.arg(3), "PXAT", expireAt);
        call.changed(call.key(), "set", 1);
        call.event(call.key(), 'g', "expire");
        return Reply.OK;
    }

    static Reply getdel(Call call) {
        Reply before = read(call, call.key());
        if (before instanceof Reply.Bulk) {
            call.db().remove(call.key());
            call.journalAs("DEL", call.key());
            call.changed(call.db(), call.key(), 'g', "del", 1);
        }
        return before;
    }

    static Reply getex(Call call) {
        ExpiryOption expiry = new ExpiryOption("getex", false, true);
        for (int i = 2; i < call.count(); i++) {
            i = expiry.read(call.args(), i);
        }
        Slice key = call.key();
        Reply value = read(call, key);
        if (!(value instanceof Reply.Bulk)) {
            return value;
        }
        expiry.resolve(call);
        if (expiry.at() != 0 && expiry.at() <= call.now()) {
            call.db().remove(key);
            call.journalAs(call.config().expiryDeletion(), key);
            call.changed(call.db(), key, 'g', "del", 1);
        } else if (expiry.at() != 0) {
            call.db().expireAt(key, expiry.at());
            call.journalAs("PEXPIREAT", key, expiry.at());
            call.changed(call.db(), key, 'g', "expire", 1);
        } else if (expiry.persists() && call.db().expireAt(key) > 0) {
            call.db().expireAt(key, 0);
            call.journalAs("PERSIST", key);
            call.changed(call.db(), key, 'g', "persist", 1);
        }
        return value;
    }

    static Reply mget(Call call) {
        Reply.Tape tape = call.tape().array(call.count() - 1L);
        for (int i = 1; i < call.count(); i++) {
            // A key of another type is absent to MGET.
            if (isText(call, i) && call.db().findText(call.arg(i), call.view())) {
                tape.bulk(call.view());
            } else {
                tape.nil();
            }
        }
        return tape;
    }

    private static boolean isText(Call call, int index) {
        var value = call.db().findValue(call.arg(index));
        return value == null || value instanceof Text;
    }

    static Reply mset(Call call) {
        requirePairs(call);
        for (int i = 1; i < call.count(); i += 2) {
            call.db().putText(call.arg(i), call.arg(i + 1), 0);
            call.changed(call.arg(i), "set", 1);
        }
        return Reply.OK;
    }

    private static void requirePairs(Call call) {
        if (call.count() % 2 == 0) {
            throw Errors.wrongNumberOfArguments(call.command().lowerName());
        }
    }

    static Reply msetnx(Call call) {
        requirePairs(call);
        for (int i = 1; i < call.count(); i += 2) {
            if (call.db().exists(call.arg(i))) {
                return Reply.integer(0);
            }
        }
        mset(call);
        return Reply.integer(1);
    }

    private static int[] pairedKeys(Args args) {
        int[] keys = new int[pairs(args)];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = 2 + 2 * i;
        }
        return keys;
    }

    /** How many keys with their values follow the count of them. */
    private static int pairs(Args args) {
        long pairs =
                args.integer(1, 1, Integer.MAX_VALUE, "ERR invalid numkeys value or out of range");
        if (pairs > (args.count() - 2) / 2) {
            throw Errors.syntax();
        }
        return (int) pairs;
    }

    static Reply msetex(Call call) {
        Args args = call.args();
        int end = 2 + 2 * pairs(args);
        boolean nx = false;
        boolean xx = false;
        ExpiryOption expiry = new ExpiryOption("msetex", true, false);
        for (int i = end; i < args.count(); i++) {
            if (args.is(i, "NX") && !xx) {
                nx = true;
            } else if (args.is(i, "XX") && !nx) {
                xx = true;
            } else {
                i = expiry.read(args, i);
            }
        }
        expiry.resolve(call);
        Keyspace db = call.db();
        for (int i = 2; i < end && (nx || xx); i += 2) {
            if (db.exists(args.slice(i)) == nx) {
                return Reply.integer(0);
            }
        }

        // A time that is over already is kept too: whoever looks for the key finds it ended.
        for (int i = 2; i < end; i += 2) {
            Slice key = args.slice(i);
            long at = expiry.keeps() ? Math.max(0, db.expireAt(key)) : expiry.at();
            db.putText(key, args.slice(i + 1), at);
            told(call, key, expiry);
        }
        call.journalAs(expiry.inWords(args));
        return Reply.integer(1);
    }

    /** Sets a key that ends at {@code at}, 0 for never. */
    private static void told(Call call, Slice key, ExpiryOption expiry) {
        call.changed(key, "set", 1);
        if (expiry.at() != 0) {
            call.event(key, 'g', "expire");
        }
    }

    static Reply append(Call call) {
        Slice more = call.arg(2);
        Text text = call.db().findMutableText(call.key());
        if (text == null) {
            call.db().putText(call.key(), more, 0);
            call.changed(call.key(), "append", 1);
            return Reply.integer(more.length());
        }
        requireLength(call, (long) text.length() + more.length());
        text.append(more);
        call.changed(call.key(), "append", 1);
        return Reply.integer(text.length());
    }

    /** How long a string may become: what the settings allow, as far as an array can hold it. */
    static long lengthMax(Call call) {
        return Math.min(call.config().protoBulkBytesMax(), ARRAY_MAX);
    }

    private static void requireLength(Call call, long length) {
        if (length > lengthMax(call)) {
            throw new CommandException(Errors.STRING_TOO_LONG);
        }
    }

    static Reply strlen(Call call) {
        return Reply.integer(
                call.db().findText(call.key(), call.view()) ? call.view().length() : 0);
    }

    static Reply getrange(Call call) {
        long start = call.args().integer(2);
        long end = call.args().integer(3);
        Slice text = call.view();
        if (!call.db().findText(call.key(), text)) {
            text.point(new byte[0], 0, 0);
            return call.found();
        }
        int length = text.length();
        if (start < 0 && end < 0 && start > end) {
            start = 1;
            end = 0;
        }
        start = start < 0 ? Math.max(0, length + start) : start;
        end = end < 0 ? Math.max(0, length + end) : Math.min(end, length - 1L);
        int count = length == 0 || start > end ? 0 : (int) (end - start + 1);
        text.point(text.array(), text.offset() + (count == 0 ? 0 : (int) start), count);
        return call.found();
    }

    static Reply setrange(Call call) {
        long offset = call.args().integer(2);
        if (offset < 0) {
            throw new CommandException(Errors.OFFSET);
        }
        Slice part = call.arg(3);
        boolean there = call.db().findText(call.key(), call.view());
        if (part.isEmpty()) {
            return Reply.integer(there ? call.view().length() : 0);
        }
        requireLength(call, Math.min(offset, Integer.MAX_VALUE) + part.length());

        if (!there) {
            call.db().putText(call.key(), new Slice(), 0);
        }
        Text text = call.db().findMutableText(call.key());
        text.setRange((int) offset, part);
        call.changed(call.key(), "setrange", 1);
        return Reply.integer(text.length());
    }

    private static Reply add(Call call, long step) {
        Keyspace db = call.db();
        Slice key = call.key();
        if (db.isInteger(key)) {
            long sum = sum(db.located(), step);
            db.locatedBecomes(sum);
            call.changed(key, "incrby", 1);
            return Reply.integer(sum);
        }
        long before = 0;
        long expireAt = 0;
        if (db.findText(key, call.view())) {
            if (!Numerals.isLong(call.view())) {
                throw Errors.notAnInteger();
            }
            before = Numerals.parseLong(call.view());
            expireAt = Math.max(0, db.expireAt(key));
        }
        long sum = sum(before, step);
        db.putText(key, Slice.of(Long.toString(sum)), expireAt);
        call.changed(key, "incrby", 1);
        return Reply.integer(sum);
    }

    private static long sum(long before, long step) {
        long sum = before + step;
        if (((before ^ sum) & (step ^ sum)) < 0) {
            throw new CommandException(Errors.OVERFLOW);
        }
        return sum;
    }

    static Reply decrby(Call call) {
        long step = call.args().integer(2);
        if (step == Long.MIN_VALUE) {
            throw new CommandException("ERR decrement would overflow");
        }
        return add(call, -step);
    }

    static Reply incrbyfloat(Call call) {
        Slice key = call.key();
        BigDecimal before = BigDecimal.ZERO;
        long expireAt = 0;
        boolean there = call.db().findText(key, call.view());
        if (there) {
            before = LongDouble.parse(call.view(), null);
            expireAt = Math.max(0, call.db().expireAt(key));
        }
        // What is no number at all is refused first.
        BigDecimal step = LongDouble.parse(call.arg(2));
        if (before == null) {
            throw new CommandException(Errors.NAN_OR_INFINITY);
        }
        BigDecimal sum = LongDouble.sum(before, step);
        byte[] text = LongDouble.text(sum).getBytes(StandardCharsets.US_ASCII);
        call.db().putLiteral(key, new Slice(text), expireAt);
        call.journalAs("SET", key, text, "KEEPTTL");
        call.changed(key, "incrbyfloat", 1);
        return Reply.bulk(text);
    }
}
