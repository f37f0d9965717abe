package dev.larder.store.value;

/** The id of a stream entry: milliseconds and a number within them, both unsigned. */
public record StreamId(long millis, long sequence) implements Comparable<StreamId> {
    public static final StreamId ZERO = new StreamId(0, 0);
    public static final StreamId MAX = new StreamId(-1, -1);

    @Override
    public int compareTo(StreamId other) {
        int first = Long.compareUnsigned(millis, other.millis);
        return first != 0 ? first : Long.compareUnsigned(sequence, other.sequence);
    }

    public boolean isAfter(StreamId other) {
        return compareTo(other) > 0;
    }

    /** The id right after this one; {@link #ZERO} after the last. */
    public StreamId next() {
        return sequence == -1 ? new StreamId(millis + 1, 0) : new StreamId(millis, sequence + 1);
    }

    /** The id right before this one; {@link #MAX} before the first. */
    public StreamId previous() {
        return sequence == 0 ? new StreamId(millis - 1, -1) : new StreamId(millis, sequence - 1);
    }

    /** The id as clients read it, in ASCII: both numbers with a dash between. */
    public byte[] toBytes() {
        int first = digits(millis);
        int second = digits(sequence);
        byte[] text = new byte[first + 1 + second];
        write(millis, text, first);
        text[first] = '-';
        write(sequence, text, text.length);
        return text;
    }

    private static int digits(long number) {
        int digits = 1;
        for (long rest = number; (rest = tenth(rest)) != 0; ) {
            digits++;
        }
        return digits;
    }

    private static long tenth(long number) {
        return number >= 0 ? number / 10 : Long.divideUnsigned(number, 10);
    }

    private static void write(long number, byte[] text, int end) {
        long rest = number;
        int at = end;
        do {
            long left = tenth(rest);
            text[--at] = (byte) ('0' + rest - left * 10);
            rest = left;
        } while (rest != 0);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(millis) + "-" + Long.toUnsignedString(sequence);
    }
}
