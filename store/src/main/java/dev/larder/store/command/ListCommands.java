package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.BLOCKING;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.reply.Reply;
import dev.larder.store.value.ListValue;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.List;

/** Lists: elements in order, pushed and popped at both ends. */
public final class ListCommands {
    public static final Family ALL =
            family(
                    Category.LIST,
                    push("LPUSH", "1.0.0", true, false),
                    push("RPUSH", "1.0.0", false, false),
                    push("LPUSHX", "2.2.0", true, true),
                    push("RPUSHX", "2.2.0", false, true),
                    pop("LPOP", true),
                    pop("RPOP", false),
                    command("LLEN", "key")
                            .is(READONLY, FAST)
                            .about("Returns the length of a list.")
                            .does(ListCommands::llen),
                    command("LINDEX", "key index")
                            .is(READONLY)
                            .cost("O(N) where N is the number of elements to traverse.")
                            .about("Returns an element from a list by its index.")
                            .does(ListCommands::lindex),
                    command("LSET", "key index element")
                            .is(WRITE, DENYOOM)
                            .cost("O(N) where N is the length of the list.")
                            .about("Sets the value of an element in a list by its index.")
                            .does(ListCommands::lset),
                    command("LINSERT", "key <BEFORE | AFTER> pivot element")
                            .is(WRITE, DENYOOM)
                            .since("2.2.0")
                            .cost("O(N) where N is the number of elements before the pivot.")
                            .about("Inserts an element before or after another element in a list.")
                            .does(ListCommands::linsert),
                    command("LRANGE", "key start stop")
                            .is(READONLY)
                            .cost("O(S+N), S from the nearer end, N elements.")
                            .about("Returns a range of elements from a list.")
                            .does(ListCommands::lrange),
                    command("LTRIM", "key start stop")
                            .is(WRITE)
                            .cost("O(N) where N is the number of elements removed.")
                            .about("Removes elements from both ends of a list.")
                            .does(ListCommands::ltrim),
                    command("LREM", "key count element")
                            .is(WRITE)
                            .cost("O(N+M), N elements looked at, M removed.")
                            .about("Removes elements from a list.")
                            .does(ListCommands::lrem),
                    command("LPOS", "key element [RANK rank] [COUNT num-matches] [MAXLEN len]")
                            .is(READONLY)
                            .since("6.0.6")
                            .cost("O(N) where N is the number of elements looked at.")
                            .about("Returns the index of matching elements in a list.")
                            .does(ListCommands::lpos),
                    command("RPOPLPUSH", "source:key destination:key")
                            .is(WRITE, DENYOOM)
                            .since("1.2.0")
                            .about("Moves the last element of a list to the front of another.")
                            .does(call -> move(call, false, true, null)),
                    command("LMOVE", "source:key destination:key <LEFT | RIGHT> <LEFT | RIGHT>")
                            .is(WRITE, DENYOOM)
                            .since("6.2.0")
                            .about("Moves an element from one list to another.")
                            .does(call -> move(call, isLeft(call, 3), isLeft(call, 4), null)),
                    command("BRPOPLPUSH", "source:key destination:key timeout")
                            .is(WRITE, DENYOOM, BLOCKING)
                            .since("2.2.0")
                            .about("Moves the last element of a list; waits for one.")
                            .does(call -> move(call, false, true, Timeout.seconds(call, 3))),
                    command(
                                    "BLMOVE",
                                    "source:key destination:key <LEFT | RIGHT> <LEFT | RIGHT>"
                                            + " timeout")
                            .is(WRITE, DENYOOM, BLOCKING)
                            .since("6.2.0")
                            .about("Moves an element from one list to another; waits for one.")
                            .does(
                                    call ->
                                            move(
                                                    call,
                                                    isLeft(call, 3),
                                                    isLeft(call, 4),
                                                    Timeout.seconds(call, 5))),
                    blockingPop("BLPOP", true),
                    blockingPop("BRPOP", false),
                    command("LMPOP", "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]")
                            .is(WRITE)
                            .since("7.0.0")
                            .cost("O(N+M), N keys, M elements returned.")
                            .about("Returns elements of the first list that has any.")
                            .does(call -> popMany(call, 1, false)),
                    command("BLMPOP", "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]")
                            .is(WRITE, BLOCKING)
                            .since("7.0.0")
                            .cost("O(N+M), N keys, M elements returned.")
                            .about(
                                    "Returns elements of the first list that has any; waits for one.")
                            .does(call -> popMany(call, 2, true)));

    private ListCommands() {}

    private static Command push(String name, String since, boolean left, boolean onlyExisting) {
        return command(name, "key element [element ...]")
                .is(WRITE, DENYOOM, FAST)
                .since(since)
                .cost("O(1) for each element added.")
                .about(
                        (left ? "Prepends" : "Appends")
                                + " one or more elements to a list"
                                + (onlyExisting ? " only when it exists." : "."))
                .does(call -> push(call, left, onlyExisting));
    }

    private static Command pop(String name, boolean left) {
        return command(name, "key [count]")
                .is(WRITE, FAST)
                .cost("O(N) where N is the number of elements returned")
                .about(
                        "Returns the "
                                + (left ? "first" : "last")
                                + " elements after removing them.")
                .does(call -> pop(call, left));
    }

    private static Command blockingPop(String name, boolean left) {
        return command(name, "key [key ...] timeout")
                .is(WRITE, BLOCKING)
                .since("2.0.0")
                .cost("O(N) where N is the number of provided keys.")
                .about(
                        "Removes and returns the "
                                + (left ? "first" : "last")
                                + " element of a list; waits for one.")
                .does(call -> blockingPop(call, left));
    }

    private static boolean isLeft(Call call, int index) {
        if (call.args().is(index, "LEFT")) {
            return true;
        }
        if (call.args().is(index, "RIGHT")) {
            return false;
        }
        throw Errors.syntax();
    }

    private static ListValue find(Call call, Slice key) {
        return call.db().find(key, ListValue.class);
    }

    private static ListValue findOrCreate(Call call, Slice key) {
        ListValue list = find(call, key);
        if (list == null) {
            list = new ListValue(call.config().listListpackSize());
            call.db().put(key, list, 0);
        }
        return list;
    }

    private static void add(ListValue list, Slice element, boolean left) {
        if (left) {
            list.pushFirst(element);
        } else {
            list.pushLast(element);
        }
    }

    private static Reply push(Call call, boolean left, boolean onlyExisting) {
        ListValue list = onlyExisting ? find(call, call.key()) : findOrCreate(call, call.key());
        if (list == null) {
            return Reply.integer(0);
        }
        long bytes = 0;
        for (int i = 2; i < call.count(); i++) {
            bytes += call.arg(i).length();
        }
        list.expect(call.config().listListpackSize(), call.count() - 2, bytes);
        for (int i = 2; i < call.count(); i++) {
            add(list, call.arg(i), left);
        }
        int size = list.size();
        call.changed(call.key(), left ? "lpush" : "rpush", call.count() - 2L);
        return Reply.integer(size);
    }

    /** Takes one element out; {@link #taken} records it. */
    private static void take(ListValue list, boolean left, Slice into) {
        if (left) {
            list.popFirst(into);
        } else {
            list.popLast(into);
        }
    }

    private static void taken(Call call, Slice key, ListValue list, boolean left, long count) {
        call.changed(key, left ? "lpop" : "rpop", count);
        if (list.size() == 0) {
            call.removeEmptied(key);
        } else {
            list.shrunk(call.config().listListpackSize());
        }
    }

    private static Reply pop(Call call, boolean left) {
        if (call.count() > 3) {
            throw Errors.wrongNumberOfArguments(call.command().lowerName());
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
        ListValue list = find(call, call.key());
        if (list == null) {
            return one ? Reply.Nil.BULK : Reply.Nil.ARRAY;
        }
        if (one) {
            take(list, left, call.view());
            taken(call, call.key(), list, left, 1);
            return call.found();
        }
        return popped(call, call.key(), list, left, count, call.tape());
    }

    private static Reply popped(
            Call call, Slice key, ListValue list, boolean left, long count, Reply.Tape tape) {
        int taking = (int) Math.min(count, list.size());
        tape.array(taking);
        for (int i = 0; i < taking; i++) {
            take(list, left, call.scratch());
            tape.bulk(call.scratch());
        }
        call.journalAs(left ? "LPOP" : "RPOP", key, taking);
        taken(call, key, list, left, taking);
        return tape;
    }

    static Reply llen(Call call) {
        ListValue list = find(call, call.key());
        return Reply.integer(list == null ? 0 : list.size());
    }

    static Reply lindex(Call call) {
        ListValue list = find(call, call.key());
        if (list == null) {
            return Reply.Nil.BULK;
        }
        long index = call.args().integer(2);
        index = index < 0 ? list.size() + index : index;
        if (index < 0 || index >= list.size()) {
            return Reply.Nil.BULK;
        }
        list.get((int) index, call.view());
        return call.found();
    }

    static Reply lset(Call call) {
        ListValue list = find(call, call.key());
        if (list == null) {
            throw new CommandException(Errors.NO_SUCH_KEY);
        }
        long index = call.args().integer(2);
        index = index < 0 ? list.size() + index : index;
        if (index < 0 || index >= list.size()) {
            throw new CommandException(Errors.OUT_OF_RANGE);
        }
        list.expect(call.config().listListpackSize(), 1, call.arg(3).length());
        list.set((int) index, call.arg(3));
        list.shrunk(call.config().listListpackSize());
        call.changed(call.key(), "lset", 1);
        return Reply.OK;
    }

    static Reply linsert(Call call) {
        boolean after = call.args().is(2, "AFTER");
        if (!after && !call.args().is(2, "BEFORE")) {
            throw Errors.syntax();
        }
        ListValue list = find(call, call.key());
        if (list == null) {
            return Reply.integer(0);
        }
        Slice pivot = call.arg(3);
        int[] at = {0};
        boolean[] found = {false};
        list.forEach(
                0,
                element -> {
                    found[0] = element.equals(pivot);
                    at[0]++;
                    return !found[0];
                });
        if (!found[0]) {
            return Reply.integer(-1);
        }
        list.expect(call.config().listListpackSize(), 1, call.arg(4).length());
        list.insert(after ? at[0] : at[0] - 1, call.arg(4));
        call.changed(call.key(), "linsert", 1);
        return Reply.integer(list.size());
    }

    /** The range of indices that two indices, negative from the end, mean: start, count. */
    private static long range(long first, long last, int size) {
        long start = first;
        long stop = last;
        start = start < 0 ? Math.max(0, size + start) : start;
        stop = stop < 0 ? size + stop : Math.min(stop, size - 1L);
        return start > stop || start >= size ? 0 : start << 32 | stop - start + 1;
    }

    static Reply lrange(Call call) {
        long start = call.args().integer(2);
        long stop = call.args().integer(3);
        ListValue list = find(call, call.key());
        long range = range(start, stop, list == null ? 0 : list.size());
        int count = (int) range;
        Reply.Tape tape = call.tape().array(count);
        if (count > 0) {
            int[] left = {count};
            list.forEach(
                    (int) (range >>> 32),
                    element -> {
                        tape.bulk(element);
                        return --left[0] > 0;
                    });
        }
        return tape;
    }

    static Reply ltrim(Call call) {
        long start = call.args().integer(2);
        long stop = call.args().integer(3);
        ListValue list = find(call, call.key());
        long range = range(start, stop, list == null ? 0 : list.size());
        if (list == null) {
            return Reply.OK;
        }
        int from = (int) (range >>> 32);
        int kept = (int) range;
        int removed = list.size() - kept;
        if (kept == 0) {
            call.db().remove(call.key());
            call.changed(call.key(), "ltrim", Math.max(1, removed));
            call.event(call.key(), 'g', "del");
            return Reply.OK;
        }
        list.remove(from + kept, list.size() - from - kept);
        list.remove(0, from);
        list.shrunk(call.config().listListpackSize());
        call.changed(call.key(), "ltrim", Math.max(1, removed));
        return Reply.OK;
    }

    static Reply lrem(Call call) {
        long count = call.args().integer(2);
        ListValue list = find(call, call.key());
        if (list == null) {
            return Reply.integer(0);
        }
        Slice wanted = call.arg(3);
        long most = count == 0 || count == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(count);
        List<Integer> places = places(list, wanted, count < 0, most);
        places.sort(java.util.Comparator.reverseOrder());
        for (int place : places) {
            list.remove(place, 1);
        }
        call.changed(call.key(), "lrem", places.size());
        if (list.size() == 0) {
            call.removeEmptied(call.key());
        } else if (!places.isEmpty()) {
            list.shrunk(call.config().listListpackSize());
        }
        return Reply.integer(places.size());
    }

    private static List<Integer> places(
            ListValue list, Slice wanted, boolean backwards, long most) {
        List<Integer> places = new ArrayList<>();
        int[] index = {backwards ? list.size() - 1 : 0};
        ListValue.Visitor visitor =
                element -> {
                    if (element.equals(wanted)) {
                        places.add(index[0]);
                    }
                    index[0] += backwards ? -1 : 1;
                    return places.size() < most;
                };
        if (backwards) {
            list.forEachBackwards(visitor);
        } else {
            list.forEach(0, visitor);
        }
        return places;
    }

    static Reply lpos(Call call) {
        Args args = call.args();
        long rank = 1;
        long count = -1;
        long most = 0;
        for (int i = 3; i < args.count(); i += 2) {
            if (i + 1 >= args.count()) {
                throw Errors.syntax();
            }
            if (args.is(i, "RANK")) {
                rank = args.integer(i + 1);
                if (rank == 0 || rank == Long.MIN_VALUE) {
                    throw new CommandException(
                            rank == 0
                                    ? "ERR RANK can't be zero: use 1 to start from the first match,"
                                            + " 2 from the second ... or use negative to start from"
                                            + " the end of the list"
                                    : Errors.NO_OPPOSITE);
                }
            } else if (args.is(i, "COUNT")) {
                count = args.integer(i + 1, 0, Long.MAX_VALUE, "ERR COUNT can't be negative");
            } else if (args.is(i, "MAXLEN")) {
                most = args.integer(i + 1, 0, Long.MAX_VALUE, "ERR MAXLEN can't be negative");
            } else {
                throw Errors.syntax();
            }
        }
        ListValue list = find(call, call.key());
        if (list == null) {
            return count < 0 ? Reply.Nil.BULK : call.tape().array(0);
        }
        boolean backwards = rank < 0;
        long skip = Math.abs(rank) - 1;
        long wanted = count < 0 ? 1 : count == 0 ? Long.MAX_VALUE : count;
        long looked = most == 0 ? Long.MAX_VALUE : most;
        Slice element = call.arg(2);
        List<Integer> found = new ArrayList<>();
        long[] state = {backwards ? list.size() - 1 : 0, skip, looked};
        ListValue.Visitor visitor =
                each -> {
                    if (each.equals(element) && state[1]-- <= 0) {
                        found.add((int) state[0]);
                    }
                    state[0] += backwards ? -1 : 1;
                    return --state[2] > 0 && found.size() < wanted;
                };
        if (backwards) {
            list.forEachBackwards(visitor);
        } else {
            list.forEach(0, visitor);
        }
        if (count < 0) {
            return found.isEmpty() ? Reply.Nil.BULK : Reply.integer(found.getFirst());
        }
        Reply.Tape tape = call.tape().array(found.size());
        found.forEach(tape::integer);
        return tape;
    }

    /** Moves one element; {@code timeout} null does not wait. */
    private static Reply move(Call call, boolean fromLeft, boolean toLeft, Long timeout) {
        Slice from = call.arg(1);
        Slice to = call.arg(2);
        ListValue source = find(call, from);
        if (source == null) {
            return timeout == null
                    ? Reply.Nil.BULK
                    : new Reply.Wait(
                            new byte[][] {from.toBytes()},
                            timeout,
                            Reply.Nil.ARRAY,
                            null,
                            Reply.Nil.BULK);
        }
        find(call, to);

        take(source, fromLeft, call.scratch());
        byte[] element = call.scratch().toBytes();
        // The element goes in before an emptied source goes away: the two may be one list.
        ListValue target = from.equals(to) ? source : findOrCreate(call, to);
        target.expect(call.config().listListpackSize(), 1, element.length);
        add(target, new Slice(element), toLeft);
        call.journalAs("LMOVE", from, to, fromLeft ? "LEFT" : "RIGHT", toLeft ? "LEFT" : "RIGHT");
        // In the order of the real servers: it is heard of at its new place first.
        call.event(to, 'l', toLeft ? "lpush" : "rpush");
        taken(call, from, source, fromLeft, 1);
        return Reply.bulk(element);
    }

    private static Reply blockingPop(Call call, boolean left) {
        int last = call.count() - 1;
        long timeout = Timeout.seconds(call, last);
        for (int i = 1; i < last; i++) {
            ListValue list = find(call, call.arg(i));
            if (list != null) {
                take(list, left, call.scratch());
                Reply.Tape tape = call.tape().array(2).bulk(call.arg(i)).bulk(call.scratch());
                call.journalAs(left ? "LPOP" : "RPOP", call.arg(i));
                taken(call, call.arg(i), list, left, 1);
                return tape;
            }
        }
        return waitFor(call, 1, last, timeout);
    }

    private static Reply waitFor(Call call, int from, int to, long timeout) {
        byte[][] keys = new byte[to - from][];
        for (int i = from; i < to; i++) {
            keys[i - from] = call.args().bytes(i);
        }
        return new Reply.Wait(keys, timeout, Reply.Nil.ARRAY);
    }

    /** LMPOP and BLMPOP; the number of keys stands at {@code at}. */
    private static Reply popMany(Call call, int at, boolean waits) {
        Args args = call.args();
        long keys = args.integer(at, 1, Long.MAX_VALUE, "ERR numkeys should be greater than 0");
        if (keys > args.count() - at - 2) {
            throw Errors.syntax();
        }
        int after = at + 1 + (int) keys;
        boolean left = isLeft(call, after);
        long count = 1;
        if (after + 1 < args.count()) {
            if (after + 2 == args.count() || !args.is(after + 1, "COUNT")) {
                throw Errors.syntax();
            }
            count =
                    args.integer(
                            after + 2, 1, Long.MAX_VALUE, "ERR count should be greater than 0");
            if (after + 3 < args.count()) {
                throw Errors.syntax();
            }
        }
        long timeout = waits ? Timeout.seconds(call, 1) : 0;
        for (int i = at + 1; i < after; i++) {
            ListValue list = find(call, call.arg(i));
            if (list != null) {
                Reply.Tape tape = call.tape().array(2).bulk(call.arg(i));
                return popped(call, call.arg(i), list, left, count, tape);
            }
        }
        return waits ? waitFor(call, at + 1, after, timeout) : Reply.Nil.ARRAY;
    }
}
