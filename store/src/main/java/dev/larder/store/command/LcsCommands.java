package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.READONLY;

import dev.larder.store.keyspace.WrongTypeException;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;

/** What two strings have in common. */
public final class LcsCommands {
    public static final Family ALL =
            family(
                    Category.STRING,
                    command(
                                    "LCS",
                                    "key1:key key2:key [LEN] [IDX] [MINMATCHLEN min-match-len]"
                                            + " [WITHMATCHLEN]")
                            .is(READONLY)
                            .since("7.0.0")
                            .cost("O(N*M) where N and M are the lengths of the strings.")
                            .about("Finds the longest common subsequence of two strings.")
                            .does(LcsCommands::lcs));

    private LcsCommands() {}

    static Reply lcs(Call call) {
        byte[] a = text(call, 1);
        byte[] b = text(call, 2);
        Args args = call.args();
        boolean length = false;
        boolean indexes = false;
        boolean withLengths = false;
        long least = 0;
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "IDX")) {
                indexes = true;
            } else if (args.is(i, "LEN")) {
                length = true;
            } else if (args.is(i, "WITHMATCHLEN")) {
                withLengths = true;
            } else if (args.is(i, "MINMATCHLEN") && i + 1 < args.count()) {
                least = Math.max(0, args.integer(++i));
            } else {
                throw Errors.syntax();
            }
        }
        if (length && indexes) {
            throw new CommandException(
                    "ERR If you want both the length and indexes, please just use IDX.");
        }
        long cells = (a.length + 1L) * (b.length + 1L);
        if (cells > StringCommands.lengthMax(call) / Integer.BYTES) {
            throw new CommandException(
                    "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
        }
        if (length) {
            return Reply.integer(length(a, b));
        }
        int[] table;
        try {
            table = table(a, b);
        } catch (OutOfMemoryError _) {
            throw new CommandException(
                    "ERR Insufficient memory, failed allocating transient memory for LCS");
        }
        return indexes
                ? matches(call.tape(), a, b, table, least, withLengths)
                : Reply.bulk(common(a, b, table));
    }

    private static byte[] text(Call call, int index) {
        try {
            Slice found = call.view();
            return call.db().findText(call.arg(index), found) ? found.toBytes() : new byte[0];
        } catch (WrongTypeException _) {
            throw new CommandException("ERR The specified keys must contain string values");
        }
    }

    /** The length alone: two rows of the table are enough. */
    private static int length(byte[] a, byte[] b) {
        int[] above = new int[b.length + 1];
        int[] row = new int[b.length + 1];
        for (byte x : a) {
            fill(row, 0, above, 0, x, b);
            int[] spare = above;
            above = row;
            row = spare;
        }
        return above[b.length];
    }

    /**
     * How long the common subsequence of the first {@code i} and the first {@code j} bytes is, at
     * {@code i * (b.length + 1) + j}.
     */
    private static int[] table(byte[] a, byte[] b) {
        int width = b.length + 1;
        int[] table = new int[(a.length + 1) * width];
        for (int i = 1; i <= a.length; i++) {
            fill(table, i * width, table, (i - 1) * width, a[i - 1], b);
        }
        return table;
    }

    private static void fill(int[] row, int at, int[] above, int atAbove, byte x, byte[] b) {
        int left = 0;
        for (int j = 1; j <= b.length; j++) {
            left = x == b[j - 1] ? above[atAbove + j - 1] + 1 : Math.max(above[atAbove + j], left);
            row[at + j] = left;
        }
    }

    private static byte[] common(byte[] a, byte[] b, int[] table) {
        int width = b.length + 1;
        int i = a.length;
        int j = b.length;
        int left = table[i * width + j];
        byte[] common = new byte[left];
        while (left > 0) {
            if (a[i - 1] == b[j - 1]) {
                common[--left] = a[i - 1];
                i--;
                j--;
            } else if (table[(i - 1) * width + j] > table[i * width + j - 1]) {
                i--;
            } else {
                j--;
            }
        }
        return common;
    }

    /** The runs in which both strings agree, from the last to the first. */
    private static Reply matches(
            Reply.Tape tape, byte[] a, byte[] b, int[] table, long least, boolean withLengths) {
        int width = b.length + 1;
        tape.map(2).bulk("matches");
        int mark = tape.openArray();
        int shown = 0;
        int i = a.length;
        int j = b.length;
        int run = 0;
        while (i > 0 && j > 0) {
            boolean same = a[i - 1] == b[j - 1];
            if (same) {
                run++;
                i--;
                j--;
            }
            // A run ends at a difference and at the beginning of either string.
            if (run > 0 && (!same || i == 0 || j == 0)) {
                if (run >= least) {
                    match(tape, i, j, run, withLengths);
                    shown++;
                }
                run = 0;
            }
            if (!same) {
                if (table[(i - 1) * width + j] > table[i * width + j - 1]) {
                    i--;
                } else {
                    j--;
                }
            }
        }
        return tape.close(mark, shown).bulk("len").integer(table[table.length - 1]);
    }

    private static void match(Reply.Tape tape, int i, int j, int run, boolean withLength) {
        tape.array(withLength ? 3 : 2);
        tape.array(2).integer(i).integer(i + run - 1L);
        tape.array(2).integer(j).integer(j + run - 1L);
        if (withLength) {
            tape.integer(run);
        }
    }
}
