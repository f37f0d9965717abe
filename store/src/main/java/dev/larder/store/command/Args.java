package dev.larder.store.command;

import dev.larder.store.value.Slice;
import dev.larder.store.value.Utf8;
import java.util.ArrayList;
import java.util.List;

/**
 * The words of one command, 0 being its name, as they lie in the read buffer. Slices handed out are
 * borrowed until the command has answered.
 */
public final class Args {
    /**
     * How many elements may be chosen by chance, with repetition, for one answer. The real servers
     * go on until their output limits are reached; an answer here is built as a whole.
     */
    static final int CHOSEN_MAX = 1 << 24;

    private static final int POOLED = 16;

    private final Slice[] pool = new Slice[POOLED];
    private byte[] array;
    private int[] offsets;
    private int[] lengths;
    private int count;

    public Args() {
        for (int i = 0; i < POOLED; i++) {
            pool[i] = new Slice();
        }
    }

    /** Points at {@code count} words inside {@code array}. */
    public Args point(byte[] array, int[] offsets, int[] lengths, int count) {
        this.array = array;
        this.offsets = offsets;
        this.lengths = lengths;
        this.count = count;
        for (int i = Math.min(count, POOLED) - 1; i >= 0; i--) {
            pool[i].point(array, offsets[i], lengths[i]);
        }
        return this;
    }

    /** Words of their own, laid one after another into one array. */
    public static Args of(List<byte[]> words) {
        int[] offsets = new int[words.size()];
        int[] lengths = new int[words.size()];
        int total = 0;
        for (int i = 0; i < lengths.length; i++) {
            offsets[i] = total;
            lengths[i] = words.get(i).length;
            total += lengths[i];
        }
        byte[] array = new byte[total];
        for (int i = 0; i < lengths.length; i++) {
            System.arraycopy(words.get(i), 0, array, offsets[i], lengths[i]);
        }
        return new Args().point(array, offsets, lengths, lengths.length);
    }

    /** The same words in memory of their own, for a command that is kept. */
    public Args copy() {
        return of(words());
    }

    public List<byte[]> words() {
        List<byte[]> words = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            words.add(bytes(i));
        }
        return words;
    }

    /** How many words there are, the name included. */
    public int count() {
        return count;
    }

    /** The bytes of all words together. */
    public long byteCount() {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += lengths[i];
        }
        return bytes;
    }

    public Slice slice(int index) {
        return index < POOLED
                ? pool[index]
                : new Slice().point(array, offsets[index], lengths[index]);
    }

    public byte[] bytes(int index) {
        return slice(index).toBytes();
    }

    public String text(int index) {
        return Utf8.decode(array, offsets[index], lengths[index]);
    }

    /** Whether the word is {@code upper} in any case. */
    public boolean is(int index, String upper) {
        return index < count && slice(index).isWord(upper);
    }

    /**
     * The word as a 64-bit integer in its one canonical form.
     *
     * @throws CommandException where it is none
     */
    public long integer(int index) {
        return integer(index, Errors.NOT_AN_INTEGER);
    }

    /** The word as a 64-bit integer; refuses with {@code error}. */
    public long integer(int index, String error) {
        Slice word = slice(index);
        if (!Numerals.isLong(word)) {
            throw new CommandException(error);
        }
        return Numerals.parseLong(word);
    }

    /** The word as an integer between the two bounds. */
    public long integer(int index, long least, long most, String error) {
        long value = integer(index, error);
        if (value < least || value > most) {
            throw new CommandException(error);
        }
        return value;
    }

    /**
     * The word as a count whose sign says something, as in SRANDMEMBER.
     *
     * @throws CommandException where it is none, or has no opposite
     */
    public long signedCount(int index) {
        return integer(
                index,
                -Long.MAX_VALUE,
                Long.MAX_VALUE,
                integer(index) == Long.MIN_VALUE ? Errors.NO_OPPOSITE : Errors.NOT_AN_INTEGER);
    }

    /**
     * The word as the number of one of {@code databases}.
     *
     * @throws CommandException where it is none of theirs, or no number
     */
    public int database(int index, int databases) {
        long number = integer(index);
        if (number != (int) number) {
            throw new CommandException(
                    "ERR value is out of range, value must between -2147483648 and 2147483647");
        }
        if (number < 0 || number >= databases) {
            throw new CommandException(Errors.DB_INDEX);
        }
        return (int) number;
    }

    /** The word as a finite or infinite double, never NaN. */
    public double number(int index) {
        return number(index, Errors.NOT_A_FLOAT);
    }

    public double number(int index, String error) {
        double value = Numerals.parseDouble(slice(index));
        if (Double.isNaN(value)) {
            throw new CommandException(error);
        }
        return value;
    }
}
