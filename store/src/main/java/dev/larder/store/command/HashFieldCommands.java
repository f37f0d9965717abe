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
 * Fields of a hash that end by themselves, as in Valkey 9. Redis 7.4 and 8 have the same commands
 * under the same names; where the two differ (texts of refusals, events of a field that is given a
 * time in the past, options after the fields) this is Valkey.
 */
public final class HashFieldCommands {
    /** The latest moment a field may end at, in milliseconds since 1970. */
    private static final long DEADLINE_MAX = (1L << 46) - 1;

    private static final int NO_FIELD = -2;
    private static final int NO_DEADLINE = -1;
    private static final int REFUSED = 0;
    private static final int DONE = 1;
    private static final int DELETED = 2;

    private static final String FIELDS_DIFFER =
            "ERR numfields should be greater than 0 and match the provided number of fields";

    /** What {@link #number} answers where no word says FIELDS. */
    private static final int NO_FIELDS_WORD = -1;

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
                                            + " with the refusals and events of Valkey 9, not of"
                                            + " Redis.")
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
                                            + " expiry; options stand before FIELDS as in Valkey 9,"
                                            + " not in any order as in Redis.")
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
                                    "Sets hash fields together with their expiry; options stand"
                                            + " before FIELDS as in Valkey 9, as NX and XX are,"
                                            + " which are of the key.")
                            .does(HashFieldCommands::hsetex),
                    command("HGETDEL", "key FIELDS numfields field [field ...]")
                            .is(WRITE, FAST)
                            .since("8.0.0")
                            .cost("O(N) where N is the number of specified fields")
                            .about("Returns the values of hash fields and deletes them.")
                            .does(HashFieldCommands::hgetdel));

    private HashFieldCommands() {}

    /**
     * Reads FIELDS numfields, which stand at word 2 and 3; the fields are the words from 4 on.
     * {@code differ} is the refusal where there are not as many.
     */
    private static int fields(Call call, String differ) {
        if (!call.args().is(2, "FIELDS")) {
            throw Errors.syntax();
        }
        if (number(call, 2) != call.count() - 4) {
            throw new CommandException(differ);
        }
        return 4;
    }

    /** The number that follows FIELDS at word {@code i}, and is not 0. */
    private static long number(Call call, int i) {
        long number = call.args().integer(i + 1);
        if (number == 0) {
            throw new CommandException(FIELDS_DIFFER);
        }
        return number;
    }

    /** Where FIELDS stands, from word {@code from} on, with a word behind it. */
    private static int fieldsWord(Call call, int from) {
        for (int i = from; i < call.count() - 1; i++) {
            if (call.args().is(i, "FIELDS")) {
                return i;
            }
        }
        return NO_FIELDS_WORD;
    }

    private static boolean isLive(Call call, HashValue hash, Slice field) {
        if (!hash.get(field, call.scratch())) {
            return false;
        }
        long at = hash.deadline(field);
        return at == 0 || at > call.now();
    }

    private static Reply expire(Call call, long unitMillis, long from) {
        Args args = call.args();
        int word = fieldsWord(call, 3);
        if (word == NO_FIELDS_WORD) {
            throw new CommandException(FIELDS_DIFFER);
        }
        ExpiryCondition condition = ExpiryCondition.of(args, 3, word);
        int first = word + 2;
        if (number(call, word) != call.count() - first) {
            throw new CommandException(FIELDS_DIFFER);
        }
        long at = moment(call, args.integer(2), unitMillis, from);
        HashValue hash = HashCommands.find(call);
        Reply.Tape tape = call.tape().array(call.count() - first);
        List<byte[]> set = new ArrayList<>();
        List<byte[]> ended = new ArrayList<>();
        for (int i = first; i < call.count(); i++) {
            int result = hash == null ? NO_FIELD : expire(call, hash, call.arg(i), at, condition);
            tape.integer(result);
            if (result == DONE) {
                set.add(args.bytes(i));
            } else if (result == DELETED) {
                ended.add(args.bytes(i));
            }
        }
        if (hash != null) {
            expiryChanged(call, hash, at, set, ended);
        }
        return tape;
    }

    private static long moment(Call call, long amount, long unitMillis, long from) {
        if (amount < 0
                || amount > DEADLINE_MAX / unitMillis
                || amount * unitMillis > DEADLINE_MAX - from) {
            throw Errors.invalidExpireTime(call.command().lowerName());
        }
        return from + amount * unitMillis;
    }

    private static int expire(
            Call call, HashValue hash, Slice field, long at, ExpiryCondition condition) {
        if (!isLive(call, hash, field)) {
            return NO_FIELD;
        }
        if (!condition.isMet(hash.deadline(field), at)) {
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

    /** Says which fields were given a deadline and which ended by one in the past. */
    private static void expiryChanged(
            Call call, HashValue hash, long at, List<byte[]> set, List<byte[]> ended) {
        if (!set.isEmpty()) {
            call.journalAs(words(List.of("HPEXPIREAT", call.key(), at, "FIELDS", set.size()), set));
            call.changed(call.key(), "hexpire", set.size());
            call.db().noteFieldExpiry(call.key(), hash);
        }
        removed(call, hash, "hexpired", ended);
    }

    private static void removed(Call call, HashValue hash, String event, List<byte[]> fields) {
        if (!fields.isEmpty()) {
            call.journalAs(words(List.of("HDEL", call.key()), fields));
            call.changed(call.key(), event, fields.size());
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
        int first = fields(call, Errors.syntax().getMessage());
        HashValue hash = HashCommands.find(call);
        Reply.Tape tape = call.tape().array(call.count() - first);
        for (int i = first; i < call.count(); i++) {
            if (hash == null || !isLive(call, hash, call.arg(i))) {
                tape.integer(NO_FIELD);
                continue;
            }
            long at = hash.deadline(call.arg(i));
            tape.integer(at == 0 ? NO_DEADLINE : (at - from + unitMillis / 2) / unitMillis);
        }
        return tape;
    }

    static Reply hpersist(Call call) {
        int first = fields(call, FIELDS_DIFFER);
        HashValue hash = HashCommands.find(call);
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

    /** The words of HGETEX and HSETEX: options, then FIELDS and what belongs to it. */
    private static final class Options {
        private final Call call;
        private final String keepWord;
        private final int first;
        private final int count;
        private String expiryWord;
        private String keyCondition;
        private String condition;
        private long at;

        /** {@code width} words for each field. */
        Options(Call call, int width, String keepWord) {
            this.call = call;
            this.keepWord = keepWord;
            int fields = fieldsWord(call, 2);
            if (fields == NO_FIELDS_WORD) {
                throw new CommandException(FIELDS_DIFFER);
            }
            int expiry = options(fields, width == 2);
            long number = number(call, fields);
            first = fields + 2;
            if (number < 0 || number > call.count() || number * width != call.count() - first) {
                throw new CommandException(FIELDS_DIFFER);
            }
            count = (int) number;
            if (expiry > 0) {
                at =
                        moment(
                                call,
                                call.args().integer(expiry),
                                expiryWord.startsWith("EX") ? 1000 : 1,
                                expiryWord.endsWith("AT") ? 0 : call.now());
            }
        }

        /** Reads the words before {@code end}; returns which of them is a time, 0 for none. */
        private int options(int end, boolean conditional) {
            int expiry = 0;
            for (int i = 2; i < end; i++) {
                String word = call.args().text(i).toUpperCase(Locale.ROOT);
                switch (word) {
                    case "EX", "PX", "EXAT", "PXAT" -> {
                        expiryWord = same(expiryWord, word);
                        expiry = ++i;
                        if (i == end) {
                            throw Errors.syntax();
                        }
                    }
                    case "FNX", "FXX" -> condition = same(condition, word);
                    case "NX", "XX" -> keyCondition = same(keyCondition, word);
                    default -> {
                        if (!word.equals(keepWord)) {
                            throw Errors.syntax();
                        }
                        expiryWord = same(expiryWord, word);
                    }
                }
            }
            if (!conditional && (condition != null || keyCondition != null)) {
                throw Errors.syntax();
            }
            return expiry;
        }

        /** {@code word}, where no other of its kind was said before. */
        private static String same(String before, String word) {
            if (before != null && !before.equals(word)) {
                throw Errors.syntax();
            }
            return word;
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
        List<byte[]> ended = new ArrayList<>();
        for (int i = options.first; i < options.first + options.count; i++) {
            Slice field = call.arg(i);
            if (hash == null || !HashCommands.look(call, hash, field, call.scratch())) {
                tape.nil();
                continue;
            }
            tape.bulk(call.scratch());
            if (options.expires()) {
                boolean over = expire(call, hash, field, options.at);
                (over ? ended : set).add(field.toBytes());
            } else if (options.keeps() && hash.deadline(field) != 0) {
                hash.deadline(field, 0);
                persisted.add(field.toBytes());
            }
        }
        persisted(call, persisted);
        if (hash != null) {
            expiryChanged(call, hash, options.at, set, ended);
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

    /**
     * Fields that are set with a time that is over are as good as deleted. Who listens hears that
     * they came, got their time and ended, even where none was there before.
     */
    private static void setInThePast(Call call, Options options, int end) {
        HashValue hash = HashCommands.findOrCreate(call);
        List<byte[]> ended = new ArrayList<>();
        for (int i = options.first; i < end; i += 2) {
            if (hash.remove(call.arg(i))) {
                ended.add(call.args().bytes(i));
            }
        }
        call.event(call.key(), 'h', "hset");
        call.event(call.key(), 'h', "hexpire");
        if (ended.isEmpty()) {
            call.event(call.key(), 'h', "hexpired");
            if (hash.size() == 0) {
                call.removeEmptied(call.key());
            }
        } else {
            removed(call, hash, "hexpired", ended);
        }
    }

    static Reply hgetdel(Call call) {
        int first = fields(call, FIELDS_DIFFER);
        HashValue hash = HashCommands.find(call);
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
            removed(call, hash, "hdel", deleted);
        }
        return tape;
    }
}
