package dev.larder.store.command;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.Slice;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Numbers as clients write them: what counts as an integer and what as a float, as in Redis. */
public final class Numerals {
    private static final Pattern HEX = Pattern.compile("[+-]?0[xX][0-9a-fA-F]+(\\.[0-9a-fA-F]*)?");
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

    /** The double that the text stands for ({@code inf} and hexadecimal included); NaN for none. */
    public static double parseDouble(Slice text) {
        if (text.isEmpty() || text.length() > DIGITS_MAX) {
            return Double.NaN;
        }
        if (text.length() <= 18 && isLong(text)) {
            return parseLong(text);
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
        return HEX.matcher(word).matches() ? Double.parseDouble(word + "p0") : Double.NaN;
    }
}
