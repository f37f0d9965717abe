package dev.larder.store.command;

import dev.larder.store.value.Slice;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The arithmetic of INCRBYFLOAT: the real servers reckon in the 80-bit floats of x86, with 64 bits
 * of mantissa, and print 17 decimals. A number is kept as the exact decimal of such a float.
 */
final class LongDouble {
    private static final int MANTISSA_BITS = 64;
    private static final BigInteger MAGNITUDE_MAX = BigInteger.valueOf(4933);
    private static final int TEXT_BYTES_MAX = 5 * 1024;
    private static final int DECIMALS = 17;
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE]([+-]?\\d+))?");

    /** The first number that is too large: 2 to the 16384. */
    private static final BigDecimal BEYOND = new BigDecimal(BigInteger.ONE.shiftLeft(16_384));

    private LongDouble() {}

    static BigDecimal parse(Slice text) {
        return parse(text, Errors.NAN_OR_INFINITY);
    }

    static BigDecimal parse(Slice text, String infinite) {
        return parse(text, infinite, Errors.NOT_A_FLOAT);
    }

    /**
     * The number nearest to what the text says; null where it is infinite and {@code infinite} is
     * null.
     *
     * @throws CommandException with {@code none} where it is no number, or none that is not far too
     *     large or too small; with {@code infinite} where it is infinite
     */
    static BigDecimal parse(Slice text, String infinite, String none) {
        if (Numerals.isLong(text)) {
            return BigDecimal.valueOf(Numerals.parseLong(text));
        }
        if (text.length() >= TEXT_BYTES_MAX) {
            throw new CommandException(none);
        }
        String word =
                new String(text.array(), text.offset(), text.length(), StandardCharsets.ISO_8859_1);
        Matcher matcher = DECIMAL.matcher(word);
        if (!matcher.matches()) {
            double value = Numerals.parseDouble(text);
            if (Double.isNaN(value)) {
                throw new CommandException(none);
            }
            if (Double.isInfinite(value)) {
                if (infinite == null) {
                    return null;
                }
                throw new CommandException(infinite);
            }
            return new BigDecimal(value);
        }
        BigInteger exponent =
                matcher.group(3) == null ? BigInteger.ZERO : new BigInteger(matcher.group(3));
        BigDecimal digits = new BigDecimal(matcher.group(1));
        if (digits.signum() == 0) {
            return BigDecimal.ZERO;
        }
        BigInteger magnitude =
                exponent.add(BigInteger.valueOf((long) digits.precision() - digits.scale()));
        if (magnitude.abs().compareTo(MAGNITUDE_MAX) > 0) {
            throw new CommandException(none);
        }
        BigDecimal value = round(digits.scaleByPowerOfTen(exponent.intValueExact()));
        if (value.compareTo(BEYOND) >= 0) {
            throw new CommandException(none);
        }
        return word.startsWith("-") ? value.negate() : value;
    }

    /** The sum as the float unit makes it. */
    static BigDecimal sum(BigDecimal a, BigDecimal b) {
        BigDecimal sum = round(a.add(b));
        if (sum.abs().compareTo(BEYOND) >= 0) {
            throw new CommandException(Errors.NAN_OR_INFINITY);
        }
        return sum;
    }

    /** As {@code %.17Lf} prints it, without zeros at its end. */
    static String text(BigDecimal value) {
        BigDecimal rounded = value.setScale(DECIMALS, RoundingMode.HALF_EVEN).stripTrailingZeros();
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }

    /** The nearest number of 64 bits, the even one of two. */
    private static BigDecimal round(BigDecimal value) {
        if (value.signum() == 0) {
            return BigDecimal.ZERO;
        }
        BigInteger numerator = value.unscaledValue().abs();
        BigInteger denominator = BigInteger.ONE;
        if (value.scale() > 0) {
            denominator = BigInteger.TEN.pow(value.scale());
        } else {
            numerator = numerator.multiply(BigInteger.TEN.pow(-value.scale()));
        }
        // value = mantissa × 2^-shift, where the mantissa has 64 bits, or 65 at first.
        int shift = MANTISSA_BITS + 1 - numerator.bitLength() + denominator.bitLength();
        BigInteger[] parts = divide(numerator, denominator, shift);
        if (parts[0].bitLength() > MANTISSA_BITS) {
            shift -= parts[0].bitLength() - MANTISSA_BITS;
            parts = divide(numerator, denominator, shift);
        }
        BigInteger mantissa = parts[0];
        BigInteger divisor = shift < 0 ? denominator.shiftLeft(-shift) : denominator;
        int half = parts[1].shiftLeft(1).compareTo(divisor);
        if (half > 0 || half == 0 && mantissa.testBit(0)) {
            mantissa = mantissa.add(BigInteger.ONE);
        }
        if (value.signum() < 0) {
            mantissa = mantissa.negate();
        }
        if (shift <= 0) {
            return new BigDecimal(mantissa.shiftLeft(-shift));
        }
        int zeros = Math.min(shift, mantissa.getLowestSetBit());
        int places = shift - zeros;
        return new BigDecimal(
                mantissa.shiftRight(zeros).multiply(BigInteger.valueOf(5).pow(places)), places);
    }

    private static BigInteger[] divide(BigInteger numerator, BigInteger denominator, int shift) {
        return shift >= 0
                ? numerator.shiftLeft(shift).divideAndRemainder(denominator)
                : numerator.divideAndRemainder(denominator.shiftLeft(-shift));
    }
}
