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
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Hashes: fields with values under one key. */
public final class HashCommands {
    /** Up to one in so many fields are chosen one by one, more by a walk through all. */
    private static final int FEW = 4;

    public static final Family ALL =
            family(
                    Category.HASH,
                    command("HSET", "key field value [field value ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("2.0.0")
                            .cost("O(1) for each field/value pair added.")
                            .about("Creates or modifies the value of a field in a hash.")
                            .does(call -> Reply.integer(set(call))),
                    command("HMSET", "key field value [field value ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .since("2.0.0")
                            .cost("O(N) where N is the number of fields being set.")
                            .about("Sets the values of multiple fields.")
                            .does(
                                    call -> {
                                        set(call);
                                        return Reply.OK;
                                    }),
                    command("HSETNX", "key field value")
                            .is(WRITE, DENYOOM, FAST)
                            .since("2.0.0")
                            .about("Sets the value of a field only when it doesn't exist.")
                            .does(HashCommands::hsetnx),
                    command("HGET", "key field")
                            .is(READONLY, FAST)
                            .since("2.0.0")
                            .about("Returns the value of a field in a hash.")
                            .does(HashCommands::hget),
                    command("HMGET", "key field [field ...]")
                            .is(READONLY, FAST)
                            .since("2.0.0")
                            .cost("O(N) where N is the number of fields being requested.")
                            .about("Returns the values of all fields in a hash.")
                            .does(HashCommands::hmget),
                    command("HDEL", "key field [field ...]")
                            .is(WRITE, FAST)
                            .since("2.0.0")
                            .cost("O(N) where N is the number of fields to be removed.")
                            .about("Deletes one or more fields and their values from a hash.")
                            .does(HashCommands::hdel),
                    command("HLEN", "key")
                            .is(READONLY, FAST)
                            .since("2.0.0")
                            .about("Returns the number of fields in a hash.")
                            .does(HashCommands::hlen),
                    command("HSTRLEN", "key field")
                            .is(READONLY, FAST)
                            .since("3.2.0")
                            .about("Returns the length of the value of a field.")
                            .does(HashCommands::hstrlen),
                    command("HEXISTS", "key field")
                            .is(READONLY, FAST)
                            .since("2.0.0")
                            .about("Determines whether a field exists in a hash.")
                            .does(HashCommands::hexists),
                    command("HGETALL", "key")
                            .is(READONLY)
                            .since("2.0.0")
                            .cost("O(N) where N is the size of the hash.")
                            .about("Returns all fields and values in a hash.")
                            .does(call -> all(call, true, true)),
                    command("HKEYS", "key")
                            .is(READONLY)
                            .since("2.0.0")
                            .cost("O(N) where N is the size of the hash.")
                            .about("Returns all fields in a hash.")
                            .does(call -> all(call, true, false)),
                    command("HVALS", "key")
                            .is(READONLY)
                            .since("2.0.0")
                            .cost("O(N) where N is the size of the hash.")
                            .about("Returns all values in a hash.")
                            .does(call -> all(call, false, true)),
                    command("HINCRBY", "key field increment")
                            .is(WRITE, DENYOOM, FAST)
                            .since("2.0.0")
                            .about("Increments the integer value of a field in a hash by a number.")
                            .does(HashCommands::hincrby),
                    command("HINCRBYFLOAT", "key field increment:double")
                            .is(WRITE, DENYOOM, FAST)
                            .since("2.6.0")
                            .about("Increments the floating point value of a field by a number.")
                            .does(HashCommands::hincrbyfloat),
                    command("HRANDFIELD", "key [count [WITHVALUES]]")
                            .is(READONLY)
                            .since("6.2.0")
                            .cost("O(N) where N is the number of fields returned")
                            .about("Returns one or more random fields from a hash.")
                            .does(HashCommands::hrandfield),
                    command("HSCAN", "key cursor [MATCH pattern] [COUNT count] [NOVALUES]")
                            .is(READONLY)
                            .since("2.8.0")
                            .cost("O(1) for every call. O(N) for a complete iteration.")
                            .about("Iterates over fields and values of a hash.")
                            .does(HashCommands::hscan));

    private HashCommands() {}

    static HashValue find(Call call) {
        return call.db().find(call.key(), HashValue.class);
    }

    /**
     * Points {@code into} at the value of {@code field} and is true where it is there and not over
     * its time. One that is over its time is removed, and perhaps the hash with it.
     */
    static boolean look(Call call, HashValue hash, Slice field, Slice into) {
        if (!hash.get(field, into)) {
            return false;
        }
        if (hash.keepsDeadlines() && isDue(call, hash, field)) {
            call.db().expireField(call.key(), hash, field);
            return false;
        }
        return true;
    }

    private static boolean isDue(Call call, HashValue hash, Slice field) {
        long at = hash.deadline(field);
        return at != 0 && at <= call.now();
    }

    static HashValue findOrCreate(Call call) {
        HashValue hash = find(call);
        if (hash == null) {
            hash = new HashValue();
            call.db().put(call.key(), hash, 0);
        }
        return hash;
    }

    static boolean put(Call call, HashValue hash, Slice field, Slice value) {
        return hash.put(
                field,
                value,
                call.config().hashListpackEntriesMax(),
                call.config().hashListpackValueBytesMax());
    }

    private static int set(Call call) {
        if (call.count() % 2 != 0) {
            throw Errors.wrongNumberOfArguments(call.command().lowerName());
        }
        HashValue hash = findOrCreate(call);
        int added = 0;
        for (int i = 2; i < call.count(); i += 2) {
            if (hash.keepsDeadlines() && isDue(call, hash, call.arg(i))) {
                call.db().expireField(call.key(), hash, call.arg(i));
                hash = findOrCreate(call);
            }
            added += put(call, hash, call.arg(i), call.arg(i + 1)) ? 1 : 0;
        }
        call.changed(call.key(), "hset", (call.count() - 2) / 2);
        return added;
    }

    static Reply hsetnx(Call call) {
        HashValue hash = find(call);
        if (hash != null && look(call, hash, call.arg(2), call.scratch())) {
            return Reply.integer(0);
        }
        put(call, findOrCreate(call), call.arg(2), call.arg(3));
        call.changed(call.key(), "hset", 1);
        return Reply.integer(1);
    }

    static Reply hget(Call call) {
        HashValue hash = find(call);
        return hash != null && look(call, hash, call.arg(2), call.view())
                ? call.found()
                : Reply.Nil.BULK;
    }

    static Reply hmget(Call call) {
        HashValue hash = find(call);
        Reply.Tape tape = call.tape().array(call.count() - 2L);
        for (int i = 2; i < call.count(); i++) {
            if (hash != null && look(call, hash, call.arg(i), call.scratch())) {
                tape.bulk(call.scratch());
            } else {
                tape.nil();
            }
        }
        return tape;
    }

    static Reply hdel(Call call) {
        HashValue hash = find(call);
        if (hash == null) {
            return Reply.integer(0);
        }
        int removed = 0;
        for (int i = 2; i < call.count(); i++) {
            removed += hash.remove(call.arg(i)) ? 1 : 0;
        }
        call.changed(call.key(), "hdel", removed);
        if (hash.size() == 0) {
            call.removeEmptied(call.key());
        }
        return Reply.integer(removed);
    }

    static Reply hlen(Call call) {
        HashValue hash = find(call);
        return Reply.integer(hash == null ? 0 : hash.size());
    }

    static Reply hstrlen(Call call) {
        HashValue hash = find(call);
        boolean there = hash != null && look(call, hash, call.arg(2), call.scratch());
        return Reply.integer(there ? call.scratch().length() : 0);
    }

    static Reply hexists(Call call) {
        HashValue hash = find(call);
        boolean there = hash != null && hash.get(call.arg(2), call.scratch());
        return Reply.integer(there && !isDue(call, hash, call.arg(2)) ? 1 : 0);
    }

    private static Reply all(Call call, boolean fields, boolean values) {
        HashValue hash = find(call);
        int size = hash == null ? 0 : hash.liveSize(call.now());
        Reply.Tape tape = call.tape();
        if (fields && values) {
            tape.map(size);
        } else {
            tape.array(size);
        }
        if (hash != null) {
            hash.forEachLive(
                    call.now(),
                    (field, value) -> {
                        if (fields) {
                            tape.bulk(field);
                        }
                        if (values) {
                            tape.bulk(value);
                        }
                    });
        }
        return tape;
    }

    static Reply hincrby(Call call) {
        long step = call.args().integer(3);
        HashValue hash = find(call);
        long before = 0;
        if (hash != null && look(call, hash, call.arg(2), call.scratch())) {
            if (!Numerals.isLong(call.scratch())) {
                throw new CommandException("ERR hash value is not an integer");
            }
            before = Numerals.parseLong(call.scratch());
        }
        long sum = before + step;
        if (((before ^ sum) & (step ^ sum)) < 0) {
            throw new CommandException(Errors.OVERFLOW);
        }
        putKeepingDeadline(call, Slice.of(Long.toString(sum)));
        call.changed(call.key(), "hincrby", 1);
        return Reply.integer(sum);
    }

    /** Sets the field that word 2 names; returns its deadline, which stays as it is. */
    private static long putKeepingDeadline(Call call, Slice value) {
        HashValue hash = findOrCreate(call);
        long deadline = hash.deadline(call.arg(2));
        put(call, hash, call.arg(2), value);
        if (deadline != 0) {
            hash.deadline(call.arg(2), deadline);
        }
        return deadline;
    }

    static Reply hincrbyfloat(Call call) {
        BigDecimal step = LongDouble.parse(call.arg(3), "ERR value is NaN or Infinity");
        HashValue hash = find(call);
        BigDecimal before = BigDecimal.ZERO;
        if (hash != null && look(call, hash, call.arg(2), call.scratch())) {
            before =
                    LongDouble.parse(
                            call.scratch(),
                            Errors.NAN_OR_INFINITY,
                            "ERR hash value is not a float");
        }
        byte[] text =
                LongDouble.text(LongDouble.sum(before, step)).getBytes(StandardCharsets.US_ASCII);
        long deadline = putKeepingDeadline(call, new Slice(text));
        call.journalAs("HSET", call.key(), call.arg(2), text);
        if (deadline != 0) {
            call.journalAs("HPEXPIREAT", call.key(), deadline, "FIELDS", 1, call.arg(2));
        }
        call.changed(call.key(), "hincrbyfloat", 1);
        return Reply.bulk(text);
    }

    /** The hash without fields that are over their time; null where there is none left. */
    private static HashValue findLive(Call call) {
        HashValue hash = find(call);
        if (hash != null && hash.keepsDeadlines()) {
            call.db().expireFields(call.key(), hash);
        }
        return hash == null || hash.size() == 0 ? null : hash;
    }

    static Reply hrandfield(Call call) {
        HashValue hash;
        if (call.count() == 2) {
            hash = findLive(call);
            if (hash == null) {
                return Reply.Nil.BULK;
            }
            hash.random(call.random(), (field, _) -> call.view().point(field));
            return call.found();
        }
        long count = call.args().signedCount(2);
        boolean withValues = call.count() == 4 && call.args().is(3, "WITHVALUES");
        if (call.count() > 4 || call.count() == 4 && !withValues) {
            throw Errors.syntax();
        }
        if (withValues && (count < -(Long.MAX_VALUE / 2) || count > Long.MAX_VALUE / 2)) {
            throw new CommandException(Errors.VALUE_OUT_OF_RANGE);
        }
        hash = findLive(call);
        Reply.Tape tape = call.tape();
        if (hash == null || count == 0) {
            return tape.array(0);
        }
        boolean pairs = withValues && call.caller().protocol() == 3;
        HashValue.Visitor visitor =
                (field, value) -> {
                    if (pairs) {
                        tape.array(2);
                    }
                    tape.bulk(field);
                    if (withValues) {
                        tape.bulk(value);
                    }
                };
        long shown = count < 0 ? -count : Math.min(count, hash.size());
        if (shown > Args.CHOSEN_MAX && count < 0) {
            throw new CommandException(Errors.VALUE_OUT_OF_RANGE);
        }
        tape.array(withValues && !pairs ? shown * 2 : shown);
        if (count < 0) {
            for (long i = 0; i < shown; i++) {
                hash.random(call.random(), visitor);
            }
        } else {
            choose(hash, (int) shown, call.random(), visitor);
        }
        return tape;
    }

    /** Shows {@code count} different fields, of a hash that has as many. */
    private static void choose(
            HashValue hash, int count, RandomGenerator random, HashValue.Visitor visitor) {
        if (count == hash.size()) {
            hash.forEach(visitor);
            return;
        }
        if (count <= hash.size() / FEW) {
            Set<Slice> chosen = new HashSet<>();
            while (chosen.size() < count) {
                hash.random(
                        random,
                        (field, value) -> {
                            if (chosen.add(new Slice(field.toBytes()))) {
                                visitor.visit(field, value);
                            }
                        });
            }
            return;
        }
        // Each field is taken with the chance that just the wanted number is left for the rest.
        int[] left = {hash.size(), count};
        hash.forEach(
                (field, value) -> {
                    if (random.nextInt(left[0]--) < left[1]) {
                        left[1]--;
                        visitor.visit(field, value);
                    }
                });
    }

    static Reply hscan(Call call) {
        long cursor = KeyCommands.cursor(call.args(), 2);
        HashValue hash = find(call);
        Reply.Tape tape = call.tape().array(2);
        if (hash == null) {
            return tape.bulk("0").array(0);
        }
        ScanOptions options = ScanOptions.read(call.args(), 3, ScanOptions.Of.FIELDS);
        List<byte[]> found = new ArrayList<>();
        long next =
                hash.scanLive(
                        cursor,
                        options.count(),
                        call.now(),
                        (field, value) -> {
                            if (options.matches(field)) {
                                found.add(field.toBytes());
                                if (!options.noValues()) {
                                    found.add(value.toBytes());
                                }
                            }
                        });
        tape.bulk(Long.toUnsignedString(next)).array(found.size());
        found.forEach(tape::bulk);
        return tape;
    }
}
