package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.reply.Reply;
import dev.larder.store.value.SetValue;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Sets: members without order. */
public final class SetCommands {
    /** Up to one in so many members are chosen one by one, more by a walk through all. */
    private static final int FEW = 4;

    /** The three ways to combine sets. */
    private enum Operation {
        UNION,
        INTERSECTION,
        DIFFERENCE
    }

    public static final Family ALL =
            family(
                    Category.SET,
                    command("SADD", "key member [member ...]")
                            .is(WRITE, DENYOOM, FAST)
                            .cost("O(1) for each element added.")
                            .about("Adds one or more members to a set.")
                            .does(SetCommands::sadd),
                    command("SREM", "key member [member ...]")
                            .is(WRITE, FAST)
                            .cost("O(N) where N is the number of members to be removed.")
                            .about("Removes one or more members from a set.")
                            .does(SetCommands::srem),
                    command("SCARD", "key")
                            .is(READONLY, FAST)
                            .about("Returns the number of members in a set.")
                            .does(SetCommands::scard),
                    command("SISMEMBER", "key member")
                            .is(READONLY, FAST)
                            .about("Determines whether a member belongs to a set.")
                            .does(SetCommands::sismember),
                    command("SMISMEMBER", "key member [member ...]")
                            .is(READONLY, FAST)
                            .since("6.2.0")
                            .cost("O(N) where N is the number of elements being checked.")
                            .about("Determines whether multiple members belong to a set.")
                            .does(SetCommands::smismember),
                    command("SMEMBERS", "key")
                            .is(READONLY)
                            .cost("O(N) where N is the set cardinality.")
                            .about("Returns all members of a set.")
                            .does(SetCommands::smembers),
                    command("SMOVE", "source:key destination:key member")
                            .is(WRITE, FAST)
                            .about("Moves a member from one set to another.")
                            .does(SetCommands::smove),
                    command("SPOP", "key [count]")
                            .is(WRITE, FAST)
                            .cost("O(N) where N is the count.")
                            .about("Returns random members from a set after removing them.")
                            .does(SetCommands::spop),
                    command("SRANDMEMBER", "key [count]")
                            .is(READONLY)
                            .cost("O(N) where N is the count.")
                            .about("Gets one or multiple random members from a set.")
                            .does(SetCommands::srandmember),
                    combine("SUNION", Operation.UNION, "Returns the union of multiple sets."),
                    combine("SINTER", Operation.INTERSECTION, "Returns the intersect of sets."),
                    combine("SDIFF", Operation.DIFFERENCE, "Returns the difference of sets."),
                    store("SUNIONSTORE", Operation.UNION, "Stores the union of sets in a key."),
                    store("SINTERSTORE", Operation.INTERSECTION, "Stores the intersect of sets."),
                    store("SDIFFSTORE", Operation.DIFFERENCE, "Stores the difference of sets."),
                    command("SINTERCARD", "numkeys key [key ...] [LIMIT limit]")
                            .is(READONLY)
                            .since("7.0.0")
                            .cost("O(N*M) with N the smallest set and M the number of sets.")
                            .about("Returns the number of members of the intersect of sets.")
                            .does(SetCommands::sintercard),
                    command("SSCAN", "key cursor [MATCH pattern] [COUNT count]")
                            .is(READONLY)
                            .since("2.8.0")
                            .cost("O(1) for every call. O(N) for a complete iteration.")
                            .about("Iterates over members of a set.")
                            .does(SetCommands::sscan));

    private SetCommands() {}

    private static Command combine(String name, Operation operation, String about) {
        return command(name, "key [key ...]")
                .is(READONLY)
                .cost("O(N) where N is the total number of elements in all given sets.")
                .about(about)
                .does(call -> combined(call, operation));
    }

    private static Command store(String name, Operation operation, String about) {
        return command(name, "destination:key key [key ...]")
                .is(WRITE, DENYOOM)
                .cost("O(N) where N is the total number of elements in all given sets.")
                .about(about)
                .keys(1, -1, 1)
                .does(call -> stored(call, operation));
    }

    private static SetValue find(Call call, int index) {
        return call.db().find(call.arg(index), SetValue.class);
    }

    private static SetValue.Limits limits(Call call) {
        return new SetValue.Limits(
                call.config().setIntsetEntriesMax(),
                call.config().setListpackEntriesMax(),
                call.config().setListpackValueBytesMax());
    }

    static Reply sadd(Call call) {
        SetValue set = find(call, 1);
        if (set == null) {
            set = new SetValue();
            call.db().put(call.key(), set, 0);
        }
        SetValue.Limits limits = limits(call);
        set.expect(call.arg(2), call.count() - 2, limits);
        int added = 0;
        for (int i = 2; i < call.count(); i++) {
            added += set.add(call.arg(i), limits) ? 1 : 0;
        }
        call.changed(call.key(), "sadd", added);
        return Reply.integer(added);
    }

    static Reply srem(Call call) {
        SetValue set = find(call, 1);
        if (set == null) {
            return Reply.integer(0);
        }
        int removed = 0;
        for (int i = 2; i < call.count(); i++) {
            removed += set.remove(call.arg(i)) ? 1 : 0;
        }
        call.changed(call.key(), "srem", removed);
        if (set.size() == 0) {
            call.removeEmptied(call.key());
        }
        return Reply.integer(removed);
    }

    static Reply scard(Call call) {
        SetValue set = find(call, 1);
        return Reply.integer(set == null ? 0 : set.size());
    }

    static Reply sismember(Call call) {
        SetValue set = find(call, 1);
        return Reply.integer(set != null && set.contains(call.arg(2)) ? 1 : 0);
    }

    static Reply smismember(Call call) {
        SetValue set = find(call, 1);
        Reply.Tape tape = call.tape().array(call.count() - 2L);
        for (int i = 2; i < call.count(); i++) {
            tape.integer(set != null && set.contains(call.arg(i)) ? 1 : 0);
        }
        return tape;
    }

    static Reply smembers(Call call) {
        SetValue set = find(call, 1);
        Reply.Tape tape = call.tape().set(set == null ? 0 : set.size());
        if (set != null) {
            set.forEach(tape::bulk);
        }
        return tape;
    }

    static Reply smove(Call call) {
        SetValue from = find(call, 1);
        if (from == null) {
            // As on the real servers: the type of a target that gets nothing does not matter.
            return Reply.integer(0);
        }
        SetValue to = find(call, 2);
        Slice member = call.arg(3);
        if (!from.contains(member)) {
            return Reply.integer(0);
        }
        if (from == to) {
            return Reply.integer(1);
        }
        from.remove(member);
        if (to == null) {
            to = new SetValue();
            call.db().put(call.arg(2), to, 0);
        }
        boolean added = to.add(member, limits(call));
        call.changed(call.arg(1), "srem", 1);
        if (from.size() == 0) {
            call.removeEmptied(call.arg(1));
        }
        call.changed(call.arg(2), "sadd", added ? 1 : 0);
        return Reply.integer(1);
    }

    static Reply spop(Call call) {
        if (call.count() > 3) {
            throw Errors.syntax();
        }
        boolean one = call.count() == 2;
        long count =
                one
                        ? 1
                        : call.args()
                                .integer(
                                        2,
                                        0,
                                        Long.MAX_VALUE,
                                        "ERR value is out of range, must be positive");
        SetValue set = find(call, 1);
        if (set == null || count == 0) {
            return one ? Reply.Nil.BULK : call.tape().set(0);
        }
        List<byte[]> popped = new ArrayList<>();
        if (count >= set.size()) {
            popped = set.members();
            call.db().remove(call.key());
        } else {
            for (long i = 0; i < count; i++) {
                byte[] member = set.random(call.random()).toBytes();
                set.remove(new Slice(member));
                popped.add(member);
            }
        }
        List<Object> effect = new ArrayList<>(List.of("SREM", call.key()));
        effect.addAll(popped);
        call.journalAs(effect.toArray());
        call.changed(call.key(), "spop", popped.size());
        if (count >= set.size() && !call.db().exists(call.key())) {
            call.event(call.key(), 'g', "del");
        }
        if (one) {
            return Reply.bulk(popped.getFirst());
        }
        Reply.Tape tape = call.tape().set(popped.size());
        popped.forEach(tape::bulk);
        return tape;
    }

    static Reply srandmember(Call call) {
        if (call.count() > 3) {
            throw Errors.syntax();
        }
        if (call.count() == 2) {
            SetValue set = find(call, 1);
            if (set == null) {
                return Reply.Nil.BULK;
            }
            call.view().point(set.random(call.random()));
            return call.found();
        }
        long count = call.args().signedCount(2);
        SetValue set = find(call, 1);
        if (set == null || count == 0) {
            return call.tape().array(0);
        }
        long shown = count < 0 ? -count : Math.min(count, set.size());
        if (shown > Args.CHOSEN_MAX && count < 0) {
            throw new CommandException(Errors.VALUE_OUT_OF_RANGE);
        }
        Reply.Tape tape = call.tape().array(shown);
        if (count < 0) {
            for (long i = 0; i < shown; i++) {
                tape.bulk(set.random(call.random()));
            }
        } else {
            choose(set, (int) shown, call.random(), tape::bulk);
        }
        return tape;
    }

    /** Shows {@code count} different members, of a set that has as many. */
    private static void choose(
            SetValue set, int count, RandomGenerator random, SetValue.Visitor visitor) {
        if (count == set.size()) {
            set.forEach(visitor);
            return;
        }
        if (count <= set.size() / FEW) {
            Set<Slice> chosen = new HashSet<>();
            while (chosen.size() < count) {
                Slice member = new Slice(set.random(random).toBytes());
                if (chosen.add(member)) {
                    visitor.visit(member);
                }
            }
            return;
        }
        // Each member is taken with the chance that just the wanted number is left for the rest.
        int[] left = {set.size(), count};
        set.forEach(
                member -> {
                    if (random.nextInt(left[0]--) < left[1]) {
                        left[1]--;
                        visitor.visit(member);
                    }
                });
    }

    private static Reply combined(Call call, Operation operation) {
        SetValue result = combine(call, 1, call.count(), operation);
        Reply.Tape tape = call.tape().set(result.size());
        result.forEach(tape::bulk);
        return tape;
    }

    private static Reply stored(Call call, Operation operation) {
        SetValue result = combine(call, 2, call.count(), operation);
        if (result.size() == 0) {
            if (call.db().remove(call.key())) {
                call.changed(call.db(), call.key(), 'g', "del", 1);
            }
            return Reply.integer(0);
        }
        String event =
                switch (operation) {
                    case UNION -> "sunionstore";
                    case INTERSECTION -> "sinterstore";
                    case DIFFERENCE -> "sdiffstore";
                };
        call.db().put(call.key(), result, 0);
        call.changed(call.key(), event, 1);
        return Reply.integer(result.size());
    }

    /** The combination of the sets named by the words from {@code from} to before {@code to}. */
    private static SetValue combine(Call call, int from, int to, Operation operation) {
        List<SetValue> sets = new ArrayList<>();
        for (int i = from; i < to; i++) {
            sets.add(find(call, i));
        }
        SetValue.Limits limits = limits(call);
        SetValue result = new SetValue();
        switch (operation) {
            case UNION -> {
                for (SetValue set : sets) {
                    if (set != null) {
                        set.forEach(member -> result.add(member, limits));
                    }
                }
            }
            case INTERSECTION -> {
                if (!sets.contains(null)) {
                    sets.sort(Comparator.comparingInt(SetValue::size));
                    List<SetValue> others = sets.subList(1, sets.size());
                    sets.getFirst()
                            .forEach(
                                    member -> {
                                        if (inAll(others, member)) {
                                            result.add(member, limits);
                                        }
                                    });
                }
            }
            case DIFFERENCE -> {
                if (sets.getFirst() != null) {
                    List<SetValue> others = sets.subList(1, sets.size());
                    sets.getFirst()
                            .forEach(
                                    member -> {
                                        if (!inAny(others, member)) {
                                            result.add(member, limits);
                                        }
                                    });
                }
            }
        }
        return result;
    }

    private static boolean inAll(List<SetValue> sets, Slice member) {
        for (SetValue set : sets) {
            if (!set.contains(member)) {
                return false;
            }
        }
        return true;
    }

    private static boolean inAny(List<SetValue> sets, Slice member) {
        for (SetValue set : sets) {
            if (set != null && set.contains(member)) {
                return true;
            }
        }
        return false;
    }

    static Reply sintercard(Call call) {
        Args args = call.args();
        long keys = args.integer(1, 1, Long.MAX_VALUE, "ERR numkeys should be greater than 0");
        if (keys > args.count() - 2) {
            throw new CommandException("ERR Number of keys can't be greater than number of args");
        }
        int after = 2 + (int) keys;
        long limit = 0;
        for (int i = after; i < args.count(); i++) {
            if (args.is(i, "LIMIT") && i + 1 < args.count()) {
                limit = args.integer(++i, 0, Long.MAX_VALUE, "ERR LIMIT can't be negative");
            } else {
                throw Errors.syntax();
            }
        }
        List<SetValue> sets = new ArrayList<>();
        for (int i = 2; i < after; i++) {
            sets.add(find(call, i));
        }
        if (sets.contains(null)) {
            return Reply.integer(0);
        }
        sets.sort(Comparator.comparingInt(SetValue::size));
        long most = limit == 0 ? Long.MAX_VALUE : limit;
        return Reply.integer(common(sets.getFirst(), sets.subList(1, sets.size()), most));
    }

    private static long common(SetValue smallest, List<SetValue> others, long most) {
        long[] found = {0};
        smallest.forEach(member -> found[0] += found[0] < most && inAll(others, member) ? 1 : 0);
        return found[0];
    }

    static Reply sscan(Call call) {
        long cursor = KeyCommands.cursor(call.args(), 2);
        SetValue set = find(call, 1);
        Reply.Tape tape = call.tape().array(2);
        if (set == null) {
            return tape.bulk("0").array(0);
        }
        ScanOptions options = ScanOptions.read(call.args(), 3, ScanOptions.Of.MEMBERS);
        List<byte[]> found = new ArrayList<>();
        long next =
                set.scan(
                        cursor,
                        options.count(),
                        member -> {
                            if (options.matches(member)) {
                                found.add(member.toBytes());
                            }
                        });
        tape.bulk(Long.toUnsignedString(next)).array(found.size());
        found.forEach(tape::bulk);
        return tape;
    }
}
