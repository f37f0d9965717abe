package dev.larder.store.persistence;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Doubles as text, where C's own formats are what other servers have written. */
final class Decimal {
    private static final int DIGITS = 17;

    private Decimal() {}

    /**
     * The double that {@code text} is.
     *
     * @throws BadDataException where it is none
     */
    static double parse(String text) {
        return switch (text) {
            case "inf", "+inf", "Infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-Infinity" -> Double.NEGATIVE_INFINITY;
            case "nan", "-nan" -> Double.NaN;
            default -> {
                if (text.isEmpty() || "dDfF".indexOf(text.charAt(text.length() - 1)) >= 0) {
                    throw new BadDataException("A score is no number");
                }
                try {
                    yield Double.parseDouble(text);
                } catch (NumberFormatException _) {
                    throw new BadDataException("A score is no number");
                }
            }
        };
    }

    /** As C prints it with {@code %.17g}. */
    static String general(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        BigDecimal rounded =
                new BigDecimal(Math.abs(value))
                        .round(new MathContext(DIGITS, RoundingMode.HALF_EVEN))
                        .stripTrailingZeros();
        String digits = rounded.unscaledValue().toString();
        int exponent = digits.length() - 1 - rounded.scale();
        StringBuilder text = new StringBuilder();
        if (value < 0) {
            text.append('-');
        }
        if (exponent < -4 || exponent >= DIGITS) {
            text.append(digits.charAt(0));
            if (digits.length() > 1) {
                text.append('.').append(digits, 1, digits.length());
            }
            text.append('e').append(exponent < 0 ? '-' : '+');
            if (Math.abs(exponent) < 10) {
                text.append('0');
            }
            return text.append(Math.abs(exponent)).toString();
        }
        if (exponent < 0) {
            return text.append("0.").append("0".repeat(-exponent - 1)).append(digits).toString();
        }
        if (digits.length() <= exponent + 1) {
            return text.append(digits)
                    .append("0".repeat(exponent + 1 - digits.length()))
                    .toString();
        }
        return text.append(digits, 0, exponent + 1)
                .append('.')
                .append(digits, exponent + 1, digits.length())
                .toString();
    }
}
