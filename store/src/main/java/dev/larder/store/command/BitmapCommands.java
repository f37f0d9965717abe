package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.FAST;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Bits;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Strings as rows of bits, and as arrays of integers of any width. */
public final class BitmapCommands {
    public static final Family ALL =
            family(
                    Category.BITMAP,
                    command("SETBIT", "key offset value:integer")
                            .is(WRITE, DENYOOM)
                            .since("2.2.0")
                            .about("Sets or clears the bit at an offset of a string.")
                            .does(BitmapCommands::setbit),
                    command("GETBIT", "key offset")
                            .is(READONLY, FAST)
                            .since("2.2.0")
                            .about("Returns the bit at an offset of a string.")
                            .does(BitmapCommands::getbit),
                    command("BITCOUNT", "key [start [end [BYTE | BIT]]]")
                            .is(READONLY)
                            .since("2.6.0")
                            .cost("O(N) in the length of the range.")
                            .about("Counts the set bits of a string.")
                            .does(BitmapCommands::bitcount),
                    command("BITPOS", "key bit [start [end [BYTE | BIT]]]")
                            .is(READONLY)
                            .since("2.8.7")
                            .cost("O(N) in the length of the range.")
                            .about("Finds the first set or clear bit of a string.")
                            .does(BitmapCommands::bitpos),
                    command("BITOP", "<AND | OR | XOR | NOT> destkey:key key [key ...]")
                            .is(WRITE, DENYOOM)
                            .since("2.6.0")
                            .cost("O(N) in the length of the strings.")
                            .about("Combines strings bit by bit and stores the result.")
                            .does(BitmapCommands::bitop),
                    command(
                                    "BITFIELD",
                                    "key [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET"
                                            + " encoding offset value | INCRBY encoding offset"
                                            + " increment> ...]")
                            .is(WRITE, DENYOOM)
                            .since("3.2.0")
                            .cost("O(1) for each subcommand specified")
                            .about("Reads and changes integers of any width inside a string.")
                            .does(call -> bitfield(call, true)),
                    command("BITFIELD_RO", "key [GET encoding offset ...]")
                            .is(READONLY, FAST)
                            .since("6.0.0")
                            .cost("O(1) for each subcommand specified")
                            .about("Reads integers of any width inside a string.")
                            .does(call -> bitfield(call, false)));

    private static final String BIT_OFFSET = "ERR bit offset is not an integer or out of range";
    private static final String BIT_VALUE = "ERR bit is not an integer or out of range";

    private BitmapCommands() {}

    /**
     * A bit's place; after a {@code #} it counts fields of {@code width} bits, unless that is 0.
     */
    private static long bitOffset(Call call, int index, int width) {
        Slice word = call.arg(index);
        boolean fields = width > 0 && !word.isEmpty() && word.at(0) == '#';
        Slice digits =
                fields
                        ? new Slice().point(word.array(), word.offset() + 1, word.length() - 1)
                        : word;
        if (!Numerals.isLong(digits)) {
            throw new CommandException(BIT_OFFSET);
        }
        long offset = Numerals.parseLong(digits) * (fields ? width : 1);
        if (offset < 0 || offset >> 3 >= StringCommands.lengthMax(call)) {
            throw new CommandException(BIT_OFFSET);
        }
        return offset;
    }

    static Reply setbit(Call call) {
        long offset = bitOffset(call, 2, 0);
        int value = (int) call.args().integer(3, 0, 1, BIT_VALUE);
        Slice key = call.key();
        int length = (int) (offset >> 3) + 1;
        Text text = call.db().findMutableText(key);
        boolean grew = text == null || text.grow(length);
        if (text == null) {
            text = Text.of(new byte[length]);
            call.db().put(key, text, 0);
        }
        int before = Bits.set(text.array(), offset, value);
        if (grew || before != value) {
            call.changed(key, "setbit", 1);
        }
        return Reply.integer(before);
    }

    static Reply getbit(Call call) {
        long offset = bitOffset(call, 2, 0);
        boolean there = call.db().findText(call.key(), call.view());
        return Reply.integer(there ? Bits.get(call.view(), offset) : 0);
    }

    /** Whether the word there says BIT; BYTE is the other unit. */
    private static boolean countsBits(Args args, int index) {
        if (!args.is(index, "BIT") && !args.is(index, "BYTE")) {
            throw Errors.syntax();
        }
        return args.is(index, "BIT");
    }

    static Reply bitcount(Call call) {
        Args args = call.args();
        if (args.count() > 5) {
            throw Errors.syntax();
        }
        // Valkey 8 counts to the end where only the start is said; Redis 7.2 refuses that.
        long start = args.count() > 2 ? args.integer(2) : 0;
        long end = args.count() > 3 ? args.integer(3) : -1;
        boolean bits = args.count() == 5 && countsBits(args, 4);
        Slice row = call.view();
        if (!call.db().findText(call.key(), row) || start < 0 && end < 0 && start > end) {
            return Reply.integer(0);
        }
        long total = bits ? row.length() * 8L : row.length();
        start = start < 0 ? Math.max(0, total + start) : start;
        end = end < 0 ? Math.max(0, total + end) : Math.min(end, total - 1);
        if (start > end || total == 0) {
            return Reply.integer(0);
        }
        return Reply.integer(
                bits ? Bits.count(row, start, end) : Bits.count(row, start * 8, end * 8 + 7));
    }

    static Reply bitpos(Call call) {
        Args args = call.args();
        long bit = args.integer(2);
        if (bit != 0 && bit != 1) {
            throw new CommandException("ERR The bit argument must be 1 or 0.");
        }
        if (args.count() > 6) {
            throw Errors.syntax();
        }
        long start = args.count() > 3 ? args.integer(3) : 0;
        boolean bits = args.count() == 6 && countsBits(args, 5);
        boolean ends = args.count() > 4;
        long end = ends ? args.integer(4) : -1;
        Slice row = call.view();
        if (!call.db().findText(call.key(), row)) {
            return Reply.integer(bit == 1 ? -1 : 0);
        }
        long total = bits ? row.length() * 8L : row.length();
        start = start < 0 ? Math.max(0, total + start) : start;
        end = end < 0 ? Math.max(0, total + end) : end;
        end = Math.min(end, total - 1);
        if (start > end) {
            return Reply.integer(-1);
        }
        long found =
                bits
                        ? Bits.position(row, (int) bit, start, end)
                        : Bits.position(row, (int) bit, start * 8, end * 8 + 7);
        // Where no end was given, the string goes on in zeros for ever.
        return Reply.integer(found < 0 && bit == 0 && !ends ? row.length() * 8L : found);
    }

    static Reply bitop(Call call) {
        Args args = call.args();
        boolean not = args.is(1, "NOT");
        Bits.Operation operation = not ? null : operation(args);
        if (not && args.count() != 4) {
            throw new CommandException("ERR BITOP NOT must be called with a single source key.");
        }
        int length = 0;
        for (int i = 3; i < args.count(); i++) {
            if (call.db().findText(args.slice(i), call.view())) {
                length = Math.max(length, call.view().length());
            }
        }
        Slice target = args.slice(2);
        if (length == 0) {
            if (call.db().remove(target)) {
                call.changed(call.db(), target, 'g', "del", 1);
            }
            return Reply.integer(0);
        }
        Text result = room(call, target, length);
        byte[] bytes = result.array();
        for (int i = 3; i < args.count(); i++) {
            Slice row = call.view();
            if (!call.db().findText(args.slice(i), row)) {
                row.point(bytes, 0, 0);
            }
            if (not) {
                Bits.complement(row, bytes);
            } else if (i == 3) {
                Arrays.fill(bytes, row.copyTo(bytes, 0), length, (byte) 0);
            } else {
                Bits.combine(operation, row, bytes);
            }
        }
        call.db().put(target, result, 0);
        call.changed(target, "set", 1);
        return Reply.integer(length);
    }

    /**
     * Where the result goes: a text that is there already, has the right length and is not read
     * itself is written over, which spares the collector a large array; else a new one.
     */
    private static Text room(Call call, Slice target, int length) {
        boolean isSource = false;
        for (int i = 3; i < call.count(); i++) {
            isSource |= target.equals(call.arg(i));
        }
        return !isSource
                        && call.db().findValue(target) instanceof Text old
                        && old.length() == length
                        && old.array().length == length
                ? old
                : Text.of(new byte[length]);
    }

    private static Bits.Operation operation(Args args) {
        for (Bits.Operation operation : Bits.Operation.values()) {
            if (args.is(1, operation.name())) {
                return operation;
            }
        }
        throw Errors.syntax();
    }

    private enum Action {
        GET,
        SET,
        INCRBY
    }

    private enum Overflow {
        WRAP,
        SAT,
        FAIL
    }

    /** One step of BITFIELD: what to do with the field of {@code width} bits at {@code offset}. */
    private record Step(
            Action action,
            boolean signed,
            int width,
            long offset,
            long operand,
            Overflow overflow) {

        /** The last bit it touches. */
        long last() {
            return offset + width - 1;
        }

        long read(byte[] bytes, int from, int length) {
            long value = Bits.read(bytes, from, length, offset, width);
            return signed ? value << 64 - width >> 64 - width : value;
        }

        private long most() {
            return signed ? Long.MAX_VALUE >> 64 - width : (1L << width) - 1;
        }

        private long least() {
            return signed ? Long.MIN_VALUE >> 64 - width : 0;
        }

        /** 1 where {@code value + increment} is above the range, -1 where it is below, else 0. */
        int beyond(long value, long increment) {
            // The two rooms may wrap around, as they do in the real servers: a value far below the
            // range of a narrow field counts as above it.
            long above = most() - value;
            if (!signed) {
                boolean over = Long.compareUnsigned(value, most()) > 0;
                return over || increment > 0 && increment > above
                        ? 1
                        : increment < 0 && increment < -value ? -1 : 0;
            }
            long below = least() - value;
            if (value > most()
                    || width != 64 && increment > above
                    || value >= 0 && increment > 0 && increment > above) {
                return 1;
            }
            return value < least()
                            || width != 64 && increment < below
                            || value < 0 && increment < 0 && increment < below
                    ? -1
                    : 0;
        }

        /** What overflowing in the given direction comes to. */
        long limited(long value, long increment, int direction) {
            if (overflow == Overflow.SAT) {
                return direction > 0 ? most() : least();
            }
            long sum = value + increment << 64 - width;
            return signed ? sum >> 64 - width : sum >>> 64 - width;
        }
    }

    private static Reply bitfield(Call call, boolean mayWrite) {
        List<Step> steps = steps(call.args(), call);
        long highest = -1;
        for (Step step : steps) {
            if (step.action() != Action.GET) {
                highest = Math.max(highest, step.last());
            }
        }
        Reply.Tape tape = call.tape().array(steps.size());
        if (highest < 0) {
            Slice row = call.view();
            if (!call.db().findText(call.key(), row)) {
                row.point(new byte[0], 0, 0);
            }
            for (Step step : steps) {
                tape.integer(step.read(row.array(), row.offset(), row.length()));
            }
            return tape;
        }
        if (!mayWrite) {
            throw new CommandException("ERR BITFIELD_RO only supports the GET subcommand");
        }
        return change(call, steps, (int) (highest >> 3) + 1, tape);
    }

    private static Reply change(Call call, List<Step> steps, int length, Reply.Tape tape) {
        Keyspace db = call.db();
        Text text = db.findMutableText(call.key());
        boolean grew = text == null || text.grow(length);
        if (text == null) {
            text = Text.of(new byte[length]);
            db.put(call.key(), text, 0);
        }
        int changes = 0;
        for (Step step : steps) {
            long before = step.read(text.array(), 0, text.length());
            if (step.action() == Action.GET) {
                tape.integer(before);
                continue;
            }
            boolean adds = step.action() == Action.INCRBY;
            long base = adds ? before : step.operand();
            long increment = adds ? step.operand() : 0;
            int beyond = step.beyond(base, increment);
            if (beyond != 0 && step.overflow() == Overflow.FAIL) {
                tape.nil();
                continue;
            }
            long after = beyond != 0 ? step.limited(base, increment, beyond) : base + increment;
            Bits.write(text.array(), step.offset(), step.width(), after);
            tape.integer(adds ? after : before);
            if (grew || before != after) {
                changes++;
            }
        }
        if (changes > 0) {
            call.changed(call.key(), "setbit", changes);
        } else if (grew) {
            // Nothing fitted, but the string has been made long enough for it.
            call.counted(1);
        }
        return tape;
    }

    private static List<Step> steps(Args args, Call call) {
        List<Step> steps = new ArrayList<>();
        Overflow overflow = Overflow.WRAP;
        int i = 2;
        while (i < args.count()) {
            int left = args.count() - i - 1;
            if (args.is(i, "OVERFLOW") && left >= 1) {
                overflow = overflow(args, i + 1);
                i += 2;
                continue;
            }
            Action action;
            if (args.is(i, "GET") && left >= 2) {
                action = Action.GET;
            } else if (args.is(i, "SET") && left >= 3) {
                action = Action.SET;
            } else if (args.is(i, "INCRBY") && left >= 3) {
                action = Action.INCRBY;
            } else {
                throw Errors.syntax();
            }
            int width = width(args.slice(i + 1));
            boolean signed = args.slice(i + 1).at(0) == 'i';
            long offset = bitOffset(call, i + 2, width);
            boolean reads = action == Action.GET;
            steps.add(
                    new Step(
                            action,
                            signed,
                            width,
                            offset,
                            reads ? 0 : args.integer(i + 3),
                            overflow));
            i += reads ? 3 : 4;
        }
        return steps;
    }

    private static Overflow overflow(Args args, int index) {
        for (Overflow overflow : Overflow.values()) {
            if (args.is(index, overflow.name())) {
                return overflow;
            }
        }
        throw new CommandException("ERR Invalid OVERFLOW type specified");
    }

    /** The width in bits of a type such as {@code i16} or {@code u8}. */
    private static int width(Slice type) {
        if (type.length() > 1 && (type.at(0) == 'i' || type.at(0) == 'u')) {
            Slice digits = new Slice().point(type.array(), type.offset() + 1, type.length() - 1);
            long width = Numerals.isLong(digits) ? Numerals.parseLong(digits) : 0;
            if (width >= 1 && width <= (type.at(0) == 'i' ? 64 : 63)) {
                return (int) width;
            }
        }
        throw new CommandException(
                "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not"
                        + " supported but i64 is.");
    }
}
