package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.reply.Reply;
import dev.larder.store.value.HashValue;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Fields of a hash that end by themselves, as in Redis 7.4 and 8. Valkey 9 has the same commands
 * under the same names; where the two differ (texts of refusals, the place of FIELDS) this is
 * Redis.
 */
public final class HashFieldCommands {
    /** The latest moment a field may end at, in milliseconds since 1970. */
    private static final long DEADLINE_MAX = (1L << 46) - 1;

    private static final int NO_FIELD = -2;
    private static final int NO_DEADLINE = -1;
    private static final int REFUSED = 0;
    private static final int DONE = 1;
    private static final int DELETED = 2;

    private static final String FIELDS_MISSING =
            "ERR Mandatory argument FIELDS is missing or not at the right position";
    private static final String FIELDS_NOT_POSITIVE =
            "ERR Number of fields must be a positive integer";
    private static final String FIELDS_DIFFER =
            "ERR The `numfields` parameter must match the number of arguments";

    public static final Family ALL =
            family(
                    Category.HASH,
                    command(
                                    "HEXPIRE",
                                    "key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about(
                                    "Sets expiry for hash fields using relative time in seconds,"
                                            + " with the refusals of Redis, not of Valkey 9.")
                            .does(call -> expire(call, 1000, call.now())),
                    command(
                                    "HPEXPIRE",
                                    "key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Sets expiry for hash fields in relative milliseconds.")
                            .does(call -> expire(call, 1, call.now())),
                    command(
                                    "HEXPIREAT",
                                    "key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Sets expiry for hash fields by a Unix time in seconds.")
                            .does(call -> expire(call, 1000, 0)),
                    command(
                                    "HPEXPIREAT",
                                    "key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Sets expiry for hash fields by a Unix time in milliseconds.")
                            .does(call -> expire(call, 1, 0)),
                    command("HTTL", "key FIELDS numfields field [field ...]")
                            .is(READONLY, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Returns the seconds that hash fields have left.")
                            .does(call -> deadlines(call, 1000, call.now())),
                    command("HPTTL", "key FIELDS numfields field [field ...]")
                            .is(READONLY, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Returns the milliseconds that hash fields have left.")
                            .does(call -> deadlines(call, 1, call.now())),
                    command("HEXPIRETIME", "key FIELDS numfields field [field ...]")
                            .is(READONLY, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Returns the Unix time in seconds when hash fields end.")
                            .does(call -> deadlines(call, 1000, 0)),
                    command("HPEXPIRETIME", "key FIELDS numfields field [field ...]")
                            .is(READONLY, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Returns the Unix time in milliseconds when hash fields end.")
                            .does(call -> deadlines(call, 1, 0)),
                    command("HPERSIST", "key FIELDS numfields field [field ...]")
                            .is(WRITE, FAST)
                            .since("7.4.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Removes the expiry of hash fields.")
                            .does(HashFieldCommands::hpersist),
                    command(
                                    "HGETEX",
                                    "key [EX seconds | PX milliseconds | EXAT unix-time-seconds |"
                                            + " PXAT unix-time-milliseconds | PERSIST]"
                                            + " FIELDS numfields field [field ...]")
                            .is(WRITE, FAST)
                            .since("8.0.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about(
                                    "Returns the values of hash fields, and sets or removes their"
                                            + " expiry; options may stand in any order as in Redis,"
                                            + " not as in Valkey 9.")
                            .does(HashFieldCommands::hgetex),
                    command(
                                    "HSETEX",
                                    "key [NX | XX] [FNX | FXX] [EX seconds | PX milliseconds |"
                                            + " EXAT unix-time-seconds | PXAT unix-time-milliseconds |"
                                            + " KEEPTTL] FIELDS numfields field value [field value ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("8.0.0")
                            .cost("O(N) where N is the number of fields being set.")
                            .about(
                                    "Sets hash fields together with their expiry; options may stand"
                                            + " in any order as in Redis; NX and XX are Valkey's,"
                                            + " of the key.")
                            .does(HashFieldCommands::hsetex),
                    command("HGETDEL", "key FIELDS numfields field [field ...]")
                            .is(WRITE, FAST)
                            .since("8.0.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Returns the values of hash fields and deletes them.")
                            .does(HashFieldCommands::hgetdel));

    private HashFieldCommands() {}

    /** Reads FIELDS numfields at word {@code i}; the fields are the words from i + 2 to the end. */
    private static int fields(Call call, int i, String notPositive) {
        Args args = call.args();
        if (!args.is(i, "FIELDS")) {
            throw new CommandException(FIELDS_MISSING);
        }
        if (i + 1 >= call.count()) {
            throw Errors.wrongNumberOfArguments(call.command().lowerName());
        }
        long count = args.integer(i + 1, 1, Long.MAX_VALUE, notPositive);
        if (count != call.count() - i - 2) {
            throw new CommandException(FIELDS_DIFFER);
        }
        return i + 2;
    }

    private static boolean isLive(Call call, HashValue hash, Slice field) {
        if (!hash.get(field, call.scratch())) {
            return false;
        }
        long at = hash.deadline(field);
        return at == 0 || at > call.now();
    }

    private static Reply expire(Call call, long unitMillis, long from) {
        HashValue hash = HashCommands.find(call);
        Args args = call.args();
        long amount = args.integer(2);
        if (amount < 0) {
            throw new CommandException("ERR invalid expire time, must be >= 0");
        }
        long at = moment(call, amount, unitMillis, from);
        String condition = args.text(3).toUpperCase(Locale.ROOT);
        boolean conditional =
                switch (condition) {
                    case "NX", "XX", "GT", "LT" -> true;
                    default -> false;
                };
        int first =
                fields(
                        call,
                        conditional ? 4 : 3,
                        "ERR Parameter `numFields` should be greater than 0");
        Reply.Tape tape = call.tape().array(call.count() - first);
        List<byte[]> set = new ArrayList<>();
        List<byte[]> deleted = new ArrayList<>();
        for (int i = first; i < call.count(); i++) {
            int result = hash == null ? NO_FIELD : expire(call, hash, call.arg(i), at, condition);
            tape.integer(result);
            if (result == DONE) {
                set.add(args.bytes(i));
            } else if (result == DELETED) {
                deleted.add(args.bytes(i));
            }
        }
        if (hash != null) {
            expiryChanged(call, hash, at, set, deleted);
        }
        return tape;
    }

    private static long moment(Call call, long amount, long unitMillis, long from) {
        if (amount > DEADLINE_MAX / unitMillis || amount * unitMillis > DEADLINE_MAX - from) {
            throw Errors.invalidExpireTime(call.command().lowerName());
        }
        return from + amount * unitMillis;
    }

    private static int expire(Call call, HashValue hash, Slice field, long at, String condition) {
        if (!isLive(call, hash, field)) {
            return NO_FIELD;
        }
        long before = hash.deadline(field);
        boolean met =
                switch (condition) {
                    case "NX" -> before == 0;
                    case "XX" -> before != 0;
                    case "GT" -> before != 0 && at > before;
                    case "LT" -> before == 0 || at < before;
                    default -> true;
                };
        if (!met) {
            return REFUSED;
        }
        return expire(call, hash, field, at) ? DELETED : DONE;
    }

    /** Gives a field a deadline; true where that is over already and the field is deleted. */
    private static boolean expire(Call call, HashValue hash, Slice field, long at) {
        if (at <= call.now()) {
            hash.remove(field);
            return true;
        }
        hash.deadline(field, at);
        return false;
    }

    /** Says which fields were given a deadline and which were deleted by one in the past. */
    private static void expiryChanged(
            Call call, HashValue hash, long at, List<byte[]> set, List<byte[]> deleted) {
        if (!set.isEmpty()) {
            call.journalAs(words(List.of("HPEXPIREAT", call.key(), at, "FIELDS", set.size()), set));
            call.changed(call.key(), "hexpire", set.size());
            call.db().noteFieldExpiry(call.key(), hash);
        }
        deleted(call, hash, deleted);
    }

    private static void deleted(Call call, HashValue hash, List<byte[]> deleted) {
        if (!deleted.isEmpty()) {
            call.journalAs(words(List.of("HDEL", call.key()), deleted));
            call.changed(call.key(), "hdel", deleted.size());
            if (hash.size() == 0) {
                call.removeEmptied(call.key());
            }
        }
    }

    private static Object[] words(List<?> head, List<byte[]> tail) {
        List<Object> words = new ArrayList<>(head);
        words.addAll(tail);
        return words.toArray();
    }

    private static Reply deadlines(Call call, long unitMillis, long from) {
        HashValue hash = HashCommands.find(call);
        int first = fields(call, 2, FIELDS_NOT_POSITIVE);
        Reply.Tape tape = call.tape().array(call.count() - first);
        for (int i = first; i < call.count(); i++) {
            if (hash == null || !isLive(call, hash, call.arg(i))) {
                tape.integer(NO_FIELD);
                continue;
            }
            long at = hash.deadline(call.arg(i));
            tape.integer(at == 0 ? NO_DEADLINE : (at - from + unitMillis - 1) / unitMillis);
        }
        return tape;
    }

    static Reply hpersist(Call call) {
        HashValue hash = HashCommands.find(call);
        int first = fields(call, 2, FIELDS_NOT_POSITIVE);
        Reply.Tape tape = call.tape().array(call.count() - first);
        List<byte[]> persisted = new ArrayList<>();
        for (int i = first; i < call.count(); i++) {
            if (hash == null || !isLive(call, hash, call.arg(i))) {
                tape.integer(NO_FIELD);
            } else if (hash.deadline(call.arg(i)) == 0) {
                tape.integer(NO_DEADLINE);
            } else {
                hash.deadline(call.arg(i), 0);
                persisted.add(call.args().bytes(i));
                tape.integer(DONE);
            }
        }
        persisted(call, persisted);
        return tape;
    }

    private static void persisted(Call call, List<byte[]> fields) {
        if (!fields.isEmpty()) {
            call.journalAs(words(List.of("HPERSIST", call.key(), "FIELDS", fields.size()), fields));
            call.changed(call.key(), "hpersist", fields.size());
        }
    }

    /** The words of HGETEX and HSETEX, whose options and fields may come in any order. */
    private static final class Options {
        private final Call call;
        private final String keepWord;
        private String expiryWord;
        private String keyCondition;
        private String condition;
        private long at;
        private int first = -1;
        private int count;

        /** {@code width} words for each field. */
        Options(Call call, int width, String keepWord) {
            this.call = call;
            this.keepWord = keepWord;
            Args args = call.args();
            for (int i = 2; i < call.count(); i++) {
                String word = args.text(i).toUpperCase(Locale.ROOT);
                switch (word) {
                    case "FIELDS" -> i = fields(i, width);
                    case "EX", "PX", "EXAT", "PXAT" -> i = expiry(word, i);
                    default -> {
                        if (word.equals(keepWord)) {
                            only(word);
                        } else if (width == 2 && (word.equals("FNX") || word.equals("FXX"))) {
                            if (condition != null) {
                                throw new CommandException(
                                        "ERR Only one of FXX or FNX arguments can be specified");
                            }
                            condition = word;
                        } else if (width == 2 && (word.equals("NX") || word.equals("XX"))) {
                            if (keyCondition != null) {
                                throw Errors.syntax();
                            }
                            keyCondition = word;
                        } else {
                            throw new CommandException(
                                    "ERR unknown argument: " + Errors.clip(args.text(i)));
                        }
                    }
                }
            }
            if (first < 0) {
                throw new CommandException("ERR missing FIELDS argument");
            }
        }

        private int fields(int i, int width) {
            if (first >= 0) {
                throw new CommandException("ERR multiple FIELDS argument");
            }
            if (i + 1 + width >= call.count()) {
                throw Errors.wrongNumberOfArguments(call.command().lowerName());
            }
            long number =
                    call.args()
                            .integer(i + 1, 1, Integer.MAX_VALUE, "ERR invalid number of fields");
            if (number > (call.count() - i - 2) / width) {
                throw Errors.wrongNumberOfArguments(call.command().lowerName());
            }
            first = i + 2;
            count = (int) number;
            return first + count * width - 1;
        }

        private int expiry(String word, int i) {
            only(word);
            if (i + 1 >= call.count()) {
                throw new CommandException("ERR missing expire time");
            }
            long amount = call.args().integer(i + 1);
            if (amount < 0) {
                throw Errors.invalidExpireTime(call.command().lowerName());
            }
            at =
                    moment(
                            call,
                            amount,
                            word.startsWith("EX") ? 1000 : 1,
                            word.endsWith("AT") ? 0 : call.now());
            return i + 1;
        }

        private void only(String word) {
            if (expiryWord != null) {
                throw new CommandException(
                        "ERR Only one of EX, PX, EXAT, PXAT or "
                                + keepWord
                                + " arguments can be specified");
            }
            expiryWord = word;
        }

        boolean keeps() {
            return keepWord.equals(expiryWord);
        }

        boolean expires() {
            return expiryWord != null && !keeps();
        }
    }

    static Reply hgetex(Call call) {
        Options options = new Options(call, 1, "PERSIST");
        HashValue hash = HashCommands.find(call);
        Reply.Tape tape = call.tape().array(options.count);
        List<byte[]> persisted = new ArrayList<>();
        List<byte[]> set = new ArrayList<>();
        List<byte[]> deleted = new ArrayList<>();
        for (int i = options.first; i < options.first + options.count; i++) {
            Slice field = call.arg(i);
            if (hash == null || !HashCommands.look(call, hash, field, call.scratch())) {
                tape.nil();
                continue;
            }
            tape.bulk(call.scratch());
            if (options.expires()) {
                boolean over = expire(call, hash, field, options.at);
                (over ? deleted : set).add(field.toBytes());
            } else if (options.keeps() && hash.deadline(field) != 0) {
                hash.deadline(field, 0);
                persisted.add(field.toBytes());
            }
        }
        persisted(call, persisted);
        if (hash != null) {
            expiryChanged(call, hash, options.at, set, deleted);
        }
        return tape;
    }

    static Reply hsetex(Call call) {
        Options options = new Options(call, 2, "KEEPTTL");
        HashValue hash = HashCommands.find(call);
        int end = options.first + 2 * options.count;
        if (options.keyCondition != null && options.keyCondition.equals("XX") != (hash != null)) {
            return Reply.integer(0);
        }
        if (options.condition != null) {
            boolean wanted = options.condition.equals("FXX");
            for (int i = options.first; i < end; i += 2) {
                boolean there =
                        hash != null && HashCommands.look(call, hash, call.arg(i), call.scratch());
                if (there != wanted) {
                    return Reply.integer(0);
                }
            }
        }
        if (options.expires() && options.at <= call.now()) {
            setInThePast(call, options, end);
            return Reply.integer(1);
        }
        hash = HashCommands.findOrCreate(call);
        List<Object> effect = new ArrayList<>(List.of("HSETEX", call.key()));
        if (options.keeps()) {
            effect.add("KEEPTTL");
        } else if (options.expires()) {
            effect.addAll(List.of("PXAT", options.at));
        }
        effect.addAll(List.of("FIELDS", options.count));
        for (int i = options.first; i < end; i += 2) {
            Slice field = call.arg(i);
            long deadline = options.keeps() ? hash.deadline(field) : options.at;
            HashCommands.put(call, hash, field, call.arg(i + 1));
            if (deadline != 0) {
                hash.deadline(field, deadline);
            }
            effect.add(field);
            effect.add(call.arg(i + 1));
        }
        call.journalAs(effect.toArray());
        call.changed(call.key(), "hset", options.count);
        if (options.expires()) {
            call.event(call.key(), 'h', "hexpire");
            call.db().noteFieldExpiry(call.key(), hash);
        }
        return Reply.integer(1);
    }

    /** Fields that are set with a time that is over are as good as deleted. */
    private static void setInThePast(Call call, Options options, int end) {
        HashValue hash = HashCommands.find(call);
        if (hash == null) {
            return;
        }
        List<byte[]> deleted = new ArrayList<>();
        for (int i = options.first; i < end; i += 2) {
            if (hash.remove(call.arg(i))) {
                deleted.add(call.args().bytes(i));
            }
        }
        deleted(call, hash, deleted);
    }

    static Reply hgetdel(Call call) {
        HashValue hash = HashCommands.find(call);
        int first = fields(call, 2, FIELDS_NOT_POSITIVE);
        Reply.Tape tape = call.tape().array(call.count() - first);
        List<byte[]> deleted = new ArrayList<>();
        for (int i = first; i < call.count(); i++) {
            if (hash == null || !HashCommands.look(call, hash, call.arg(i), call.scratch())) {
                tape.nil();
                continue;
            }
            tape.bulk(call.scratch());
            hash.remove(call.arg(i));
            deleted.add(call.args().bytes(i));
        }
        if (hash != null) {
            deleted(call, hash, deleted);
        }
        return tape;
    }
}
