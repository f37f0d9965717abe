package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.MOVABLEKEYS;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.keyspace.WrongTypeException;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Sorting what a list, a set or a sorted set holds, by itself or by what other keys hold. */
public final class SortCommands {
    private static final String SYNTAX =
            "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]]"
                    + " [ASC | DESC] [ALPHA]";
    private static final String COST =
            "O(N+M*log(M)) where N is the number of elements and M the number of returned ones.";

    public static final Family ALL =
            family(
                    Category.KEYSPACE,
                    command("SORT", SYNTAX + " [STORE destination:key]")
                            .is(WRITE, DENYOOM, MOVABLEKEYS)
                            .keysFoundBy(SortCommands::keys)
                            .cost(COST)
                            .about("Sorts the elements of a collection, and may store the result.")
                            .does(call -> new Sorting(call, true).run()),
                    command("SORT_RO", SYNTAX)
                            .is(READONLY, MOVABLEKEYS)
                            .since("7.0.0")
                            .cost(COST)
                            .about("Returns the sorted elements of a collection.")
                            .does(call -> new Sorting(call, false).run()));

    private SortCommands() {}

    /** The sorted key and, where there is one, the last destination. */
    private static int[] keys(Args args) {
        int destination = 0;
        for (int i = 2; i < args.count(); i++) {
            if (args.is(i, "LIMIT")) {
                i += 2;
            } else if (args.is(i, "BY") || args.is(i, "GET")) {
                i++;
            } else if (args.is(i, "STORE") && i + 1 < args.count()) {
                destination = ++i;
            }
        }
        return destination == 0 ? new int[] {1} : new int[] {1, destination};
    }

    /** An element and what it is sorted by: a number, or another string, which may be missing. */
    private static final class Item {
        final byte[] element;
        double score;
        byte[] weight;

        Item(byte[] element) {
            this.element = element;
        }
    }

    /**
     * A name with a {@code *} in it, which stands for an element: of a string, or of a hash and its
     * field after {@code ->}. {@code #} is the element itself, a name without star nothing at all.
     */
    private static final class Pattern {
        final boolean isElement;
        final boolean isConstant;
        private final byte[] before;
        private final byte[] after;
        private final Slice field;
        private final Slice key = new Slice();

        Pattern(byte[] text) {
            int star = indexOf(text, 0, (byte) '*');
            isElement = text.length == 1 && text[0] == '#';
            isConstant = star < 0;
            int arrow = isConstant ? -1 : arrow(text, star + 1);
            before = Arrays.copyOf(text, Math.max(star, 0));
            after =
                    isConstant
                            ? text
                            : Arrays.copyOfRange(text, star + 1, arrow < 0 ? text.length : arrow);
            field = arrow < 0 ? null : new Slice(Arrays.copyOfRange(text, arrow + 2, text.length));
        }

        private static int indexOf(byte[] text, int from, byte wanted) {
            for (int i = from; i < text.length; i++) {
                if (text[i] == wanted) {
                    return i;
                }
            }
            return -1;
        }

        /** Where the first arrow is, if a field follows it; else -1. */
        private static int arrow(byte[] text, int from) {
            for (int i = from; i + 1 < text.length; i++) {
                if (text[i] == '-' && text[i + 1] == '>') {
                    return i + 2 < text.length ? i : -1;
                }
            }
            return -1;
        }

        /** Points {@code into} at what the pattern stands for with {@code element} in it. */
        boolean find(Keyspace db, byte[] element, Slice into) {
            if (isElement) {
                into.point(element, 0, element.length);
                return true;
            }
            if (isConstant) {
                return false;
            }
            byte[] name = new byte[before.length + element.length + after.length];
            System.arraycopy(before, 0, name, 0, before.length);
            System.arraycopy(element, 0, name, before.length, element.length);
            System.arraycopy(after, 0, name, before.length + element.length, after.length);
            key.point(name, 0, name.length);
            try {
                if (field == null) {
                    return db.findText(key, into);
                }
                HashValue hash = db.find(key, HashValue.class);
                return hash != null && hash.get(field, into);
            } catch (WrongTypeException _) {
                // A key of another type is as good as none.
                return false;
            }
        }
    }

    /** One SORT: its options, then its elements. */
    private static final class Sorting {
        private final Call call;
        private final Keyspace db;
        private final List<Pattern> gets = new ArrayList<>();
        private Pattern by;
        private boolean descending;
        private boolean alpha;
        private long offset;
        private long limit = -1;
        private int destination;

        /** The range of elements that are wanted, both ends inside; empty where end is before. */
        private int start;

        private int end;

        Sorting(Call call, boolean mayStore) {
            this.call = call;
            this.db = call.db();
            readOptions(call.args(), mayStore);
        }

        private void readOptions(Args args, boolean mayStore) {
            for (int i = 2; i < args.count(); i++) {
                int left = args.count() - i - 1;
                if (args.is(i, "ASC")) {
                    descending = false;
                } else if (args.is(i, "DESC")) {
                    descending = true;
                } else if (args.is(i, "ALPHA")) {
                    alpha = true;
                } else if (args.is(i, "LIMIT") && left >= 2) {
                    offset = args.integer(++i);
                    limit = args.integer(++i);
                } else if (mayStore && args.is(i, "STORE") && left >= 1) {
                    destination = ++i;
                } else if (args.is(i, "BY") && left >= 1) {
                    by = new Pattern(args.bytes(++i));
                    if (!by.isConstant) {
                        requireOpenKeys("BY");
                    }
                } else if (args.is(i, "GET") && left >= 1) {
                    requireOpenKeys("GET");
                    gets.add(new Pattern(args.bytes(++i)));
                } else {
                    throw Errors.syntax();
                }
            }
        }

        /** Keys that no word names are read only where all keys are here and may be read. */
        private void requireOpenKeys(String option) {
            if (call.config().text("cluster-enabled").equals("yes")) {
                throw new CommandException(
                        "ERR " + option + " option of SORT denied in Cluster mode.");
            }
            if (!call.caller().mayReadEveryKey(call.command(), call.args())) {
                throw new CommandException(
                        "ERR "
                                + option
                                + " option of SORT denied due to insufficient ACL permissions.");
            }
        }

        Reply run() {
            Value value = db.findValue(call.key());
            if (value == null && db.exists(call.key())) {
                throw Errors.wrongType();
            }
            boolean sorts = by == null || !by.isConstant;
            if (!sorts && value instanceof SetValue && (destination > 0 || call.isNested())) {
                // A set has no order; what is stored or seen by a script has one nevertheless.
                sorts = true;
                alpha = true;
                by = null;
            }
            if (value instanceof SortedSet set) {
                // So do the real servers, which shows by OBJECT ENCODING and by a score of -0.
                set.unpack();
            }
            int size = size(value);
            range(size);
            List<Item> items = sorts ? all(value, size) : slice(value, size);
            if (sorts) {
                weigh(items);
                Comparator<Item> order = order(value instanceof SetValue);
                if (by != null && end >= start && end - start + 1 < items.size()) {
                    Item[] all = items.toArray(Item[]::new);
                    PartialSort.sort(all, order, start, end);
                    items = Arrays.asList(all);
                } else {
                    items.sort(order);
                }
            }
            List<Item> wanted = end < start ? List.of() : items.subList(start, end + 1);
            return destination == 0 ? answer(wanted) : store(wanted);
        }

        private static int size(Value value) {
            return switch (value) {
                case null -> 0;
                case ListValue list -> list.size();
                case SetValue set -> set.size();
                case SortedSet set -> set.size();
                case Text _, HashValue _, Stream _ -> throw Errors.wrongType();
            };
        }

        private void range(int size) {
            start = (int) Math.min(Math.max(offset, 0), size);
            long count = Math.min(Math.max(limit, -1), size);
            long last = count < 0 ? size - 1L : start + count - 1;
            if (start >= size) {
                start = size - 1;
                last = size - 2L;
            }
            end = (int) Math.min(last, size - 1L);
        }

        private List<Item> all(Value value, int size) {
            List<Item> items = new ArrayList<>(size);
            if (value instanceof ListValue list) {
                list.forEach(0, element -> items.add(new Item(element.toBytes())));
            } else if (value instanceof SetValue set) {
                set.forEach(member -> items.add(new Item(member.toBytes())));
            } else if (value instanceof SortedSet set) {
                set.forEach((member, _) -> items.add(new Item(member.toBytes())));
            }
            return items;
        }

        /** Nothing is sorted: only the wanted elements of what has an order of its own. */
        private List<Item> slice(Value value, int size) {
            int count = Math.max(0, end - start + 1);
            if (count == 0 || value instanceof SetValue) {
                return all(count == 0 ? null : value, size);
            }
            List<Item> items = new ArrayList<>(count);
            int from = descending ? size - 1 - start : start;
            SortedSet.Visitor member = (shown, _) -> items.add(new Item(shown.toBytes()));
            if (value instanceof ListValue list) {
                list.forEach(
                        descending ? from - count + 1 : from,
                        element -> {
                            items.add(new Item(element.toBytes()));
                            return items.size() < count;
                        });
                if (descending) {
                    Collections.reverse(items);
                }
            } else if (value instanceof SortedSet set && descending) {
                set.forEachBackwards(from, count, member);
            } else if (value instanceof SortedSet set) {
                set.forEach(from, count, member);
            }
            start = 0;
            end = count - 1;
            return items;
        }

        private void weigh(List<Item> items) {
            Slice found = call.view();
            boolean broken = false;
            for (Item item : items) {
                if (by == null) {
                    if (alpha) {
                        return;
                    }
                    found.point(item.element, 0, item.element.length);
                } else if (!by.find(db, item.element, found)) {
                    continue;
                }
                if (alpha) {
                    item.weight = found.toBytes();
                } else {
                    item.score = Numerals.score(found);
                    broken |= Double.isNaN(item.score);
                }
            }
            if (broken) {
                throw new CommandException("ERR One or more scores can't be converted into double");
            }
        }

        private Comparator<Item> order(boolean unordered) {
            Comparator<byte[]> bytes = Arrays::compareUnsigned;
            Comparator<Item> element = (a, b) -> bytes.compare(a.element, b.element);
            Comparator<Item> order;
            if (!alpha) {
                order = (a, b) -> a.score < b.score ? -1 : a.score > b.score ? 1 : 0;
                order = order.thenComparing(element);
            } else if (by == null) {
                order = element;
            } else {
                order = Comparator.comparing(item -> item.weight, Comparator.nullsFirst(bytes));
                if (unordered) {
                    // Equals keep their order, and a set has none that a replay would repeat.
                    order = order.thenComparing(element);
                }
            }
            return descending ? order.reversed() : order;
        }

        private Reply answer(List<Item> wanted) {
            Reply.Tape tape = call.tape().array((long) wanted.size() * Math.max(1, gets.size()));
            Slice found = call.view();
            for (Item item : wanted) {
                if (gets.isEmpty()) {
                    tape.bulk(item.element);
                }
                for (Pattern get : gets) {
                    if (get.find(db, item.element, found)) {
                        tape.bulk(found);
                    } else {
                        tape.nil();
                    }
                }
            }
            return tape;
        }

        private Reply store(List<Item> wanted) {
            Slice target = call.arg(destination);
            ListValue list = new ListValue(call.config().listListpackSize());
            Slice found = call.view();
            for (Item item : wanted) {
                if (gets.isEmpty()) {
                    found.point(item.element, 0, item.element.length);
                    list.pushLast(found);
                }
                for (Pattern get : gets) {
                    if (!get.find(db, item.element, found)) {
                        found.point(item.element, 0, 0);
                    }
                    list.pushLast(found);
                }
            }
            if (list.size() > 0) {
                db.put(target, list, 0);
                call.changed(db, target, 'l', "sortstore", list.size());
            } else if (db.remove(target)) {
                call.changed(db, target, 'g', "del", 1);
            }
            return Reply.integer(list.size());
        }
    }
}
