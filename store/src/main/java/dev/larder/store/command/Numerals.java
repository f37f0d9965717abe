package dev.larder.store.command;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.Slice;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Numbers as clients write them: what counts as an integer and what as a float, as in Redis. */
public final class Numerals {
    private static final Pattern HEX =
            Pattern.compile(
                    "[+-]?0[xX]([0-9a-fA-F]+\\.?[0-9a-fA-F]*|\\.[0-9a-fA-F]+)([pP][+-]?\\d+)?");
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final int DIGITS_MAX = 400;

    private Numerals() {}

    /** Whether the text is a 64-bit integer in its canonical form: no plus, no leading zero. */
    public static boolean isLong(Slice text) {
        return Canonical.isLong(text);
    }

    /** The value of a text that {@link #isLong}. */
    public static long parseLong(Slice text) {
        return Canonical.parse(text);
    }

    /** What isspace says of a byte. */
    static boolean isBlank(int b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }

    /** The text without the blanks at its beginning, which strtod skips. */
    static Slice behindBlanks(Slice text) {
        int blanks = 0;
        while (blanks < text.length() && isBlank(text.at(blanks))) {
            blanks++;
        }
        return blanks == 0
                ? text
                : new Slice().point(text.array(), text.offset() + blanks, text.length() - blanks);
    }

    /** The double that the text stands for ({@code inf} and hexadecimal included); NaN for none. */
    public static double parseDouble(Slice text) {
        if (text.isEmpty() || text.length() > DIGITS_MAX) {
            return Double.NaN;
        }
        if (text.length() <= 18 && isLong(text)) {
            return parseLong(text);
        }
        double quick = plainDecimal(text);
        if (!Double.isNaN(quick)) {
            return quick;
        }
        String word =
                new String(text.array(), text.offset(), text.length(), StandardCharsets.ISO_8859_1);
        if (DECIMAL.matcher(word).matches()) {
            return Double.parseDouble(word);
        }
        String sign = word.startsWith("-") ? "-" : "";
        String rest = word.startsWith("-") || word.startsWith("+") ? word.substring(1) : word;
        if (rest.equalsIgnoreCase("inf") || rest.equalsIgnoreCase("infinity")) {
            return sign.isEmpty() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
        }
        if (!HEX.matcher(word).matches()) {
            return Double.NaN;
        }
        return Double.parseDouble(
                word.indexOf('p') < 0 && word.indexOf('P') < 0 ? word + "p0" : word);
    }

    /**
     * What SORT sorts a text by, read as {@code strtod} reads it: blanks before it are skipped, a
     * zero byte ends it, no text at all is 0; NaN for what is no number or none that a double
     * holds.
     */
    static double score(Slice text) {
        int end = 0;
        while (end < text.length() && text.at(end) != 0) {
            end++;
        }
        if (end == 0) {
            return 0;
        }
        int begin = 0;
        while (begin < end
                && (text.at(begin) == ' ' || text.at(begin) >= 9 && text.at(begin) <= 13)) {
            begin++;
        }
        Slice word = new Slice().point(text.array(), text.offset() + begin, end - begin);
        double value = parseDouble(word);
        boolean wanted = value != 0 || isZero(word);
        boolean finite = !Double.isInfinite(value) || Character.isLetter(word.at(end - begin - 1));
        return wanted && finite ? value : Double.NaN;
    }

    /** Whether no digit before the exponent is other than 0. */
    private static boolean isZero(Slice word) {
        for (int i = 0; i < word.length() && (word.at(i) | 0x20) != 'e'; i++) {
            if (word.at(i) >= '1' && word.at(i) <= '9') {
                return false;
            }
        }
        return true;
    }

    /** Powers of ten that a double holds exactly. */
    private static final double[] EXACT_TENS = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22
    };

    /**
     * A decimal without exponent whose digits and whose power of ten are both exact as doubles, so
     * that one division rounds as it should (Clinger, PLDI 1990); NaN for any other text.
     */
    private static double plainDecimal(Slice text) {
        int length = text.length();
        boolean negative = text.at(0) == '-';
        int i = negative ? 1 : 0;
        long digits = 0;
        int fraction = -1;
        int seen = 0;
        for (; i < length; i++) {
            int b = text.at(i);
            if (b == '.' && fraction < 0) {
                fraction = 0;
            } else if (b >= '0' && b <= '9') {
                digits = digits * 10 + b - '0';
                seen++;
                if (fraction >= 0) {
                    fraction++;
                }
            } else {
                return Double.NaN;
            }
        }
        if (seen == 0 || seen > 18 || digits > 1L << 53) {
            return Double.NaN;
        }
        double value = fraction > 0 ? digits / EXACT_TENS[fraction] : digits;
        return negative ? -value : value;
    }
}
