package dev.larder.store.reply;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/**
 * Floating-point numbers as Redis 7.2 and Valkey 8 print them: the shortest digits that read back
 * as the same double (Grisu, as in fpconv), integers without a point.
 */
public final class Numbers {
    /** Half of the largest long, in which an integral double is printed as an integer. */
    private static final double INTEGRAL_MAX = Long.MAX_VALUE / 2.0;

    private Numbers() {}

    /**
     * The 64 bits of an unsigned integer that a cast makes of a number on the machines of the real
     * servers: below 2^63 as of a signed one, and 0 from 2^64 on.
     */
    public static long unsignedBits(double value) {
        if (Double.isNaN(value)) {
            return Long.MIN_VALUE;
        }
        if (value < 0x1p63) {
            return (long) value;
        }
        return value < 0x1p64 ? (long) (value - 0x1p63) ^ Long.MIN_VALUE : 0;
    }

    public static byte[] format(double value) {
        return text(value).getBytes(StandardCharsets.US_ASCII);
    }

    public static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        if (value == Math.rint(value) && Math.abs(value) < INTEGRAL_MAX) {
            return Long.toString((long) value);
        }
        return shortest(value);
    }

    private static String shortest(double value) {
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        String digits = decimal.unscaledValue().abs().toString();
        int power = -decimal.scale();
        int exponent = Math.abs(power + digits.length() - 1);
        StringBuilder text = new StringBuilder(24);
        if (value < 0) {
            text.append('-');
        }
        if (power >= 0 && exponent < digits.length() + 7) {
            return text.append(digits).append("0".repeat(power)).toString();
        }
        if (power < 0 && (power > -7 || exponent < 4)) {
            int point = digits.length() + power;
            return point <= 0
                    ? text.append("0.").append("0".repeat(-point)).append(digits).toString()
                    : text.append(digits, 0, point)
                            .append('.')
                            .append(digits, point, digits.length())
                            .toString();
        }
        text.append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        return text.append('e')
                .append(power + digits.length() - 1 < 0 ? '-' : '+')
                .append(exponent)
                .toString();
    }
}
