package dev.larder.store.value;

/** Integers of 64 bits in their one canonical text: no plus, no leading zero, no blank. */
public final class Canonical {
    /** The longest text there is: a minus and 19 digits. */
    public static final int DIGITS_MAX = 20;

    private Canonical() {}

    public static boolean isLong(Slice text) {
        int length = text.length();
        if (length == 0 || length > DIGITS_MAX) {
            return false;
        }
        int start = text.at(0) == '-' ? 1 : 0;
        if (start == length) {
            return false;
        }
        if (text.at(start) == '0') {
            return length == 1;
        }
        for (int i = start; i < length; i++) {
            int b = text.at(i);
            if (b < '0' || b > '9') {
                return false;
            }
        }
        int digits = length - start;
        return digits < 19 || digits == 19 && parse(text) < 0 == (start == 1);
    }

    /** The value of a text that {@link #isLong}; one digit too many wraps to the other sign. */
    public static long parse(Slice text) {
        boolean negative = text.at(0) == '-';
        long value = 0;
        for (int i = negative ? 1 : 0; i < text.length(); i++) {
            value = value * 10 - (text.at(i) - '0');
        }
        return negative ? value : -value;
    }

    /**
     * Writes the text to the end of {@code into}, of 20 bytes at least; returns where it begins.
     */
    public static int format(long value, byte[] into) {
        int at = into.length;
        long rest = value;
        do {
            long tenth = rest / 10;
            into[--at] = (byte) ('0' + Math.abs(rest - tenth * 10));
            rest = tenth;
        } while (rest != 0);
        if (value < 0) {
            into[--at] = '-';
        }
        return at;
    }

    /** Writes the text into {@code digits}, of {@link #DIGITS_MAX} bytes, and shows it. */
    static void format(long value, byte[] digits, Slice into) {
        int from = format(value, digits);
        into.point(digits, from, digits.length - from);
    }
}
