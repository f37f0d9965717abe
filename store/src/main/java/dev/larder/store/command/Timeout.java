package dev.larder.store.command;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** A time to wait among the words of a command: in milliseconds, 0 for ever. */
public final class Timeout {
    private static final String NOT_AN_INTEGER = "ERR timeout is not an integer or out of range";
    private static final String OUT_OF_RANGE = "ERR timeout is out of range";
    private static final BigDecimal MILLIS_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private Timeout() {}

    /**
     * A time given in seconds with fractions, rounded up.
     *
     * @throws CommandException where it is no number, negative, or its end is beyond all time
     */
    public static long seconds(Call call, int index) {
        double seconds = Numerals.parseDouble(call.arg(index));
        if (Double.isNaN(seconds)) {
            throw new CommandException(Errors.TIMEOUT_NOT_A_FLOAT);
        }
        // A double counts milliseconds exactly up to here.
        if (Math.abs(seconds) < 1L << 42) {
            return checked(call, (long) Math.ceil(seconds * 1000));
        }
        return checked(call, large(call, index, seconds));
    }

    /** A number of milliseconds of as many digits as the real servers reckon with. */
    private static long large(Call call, int index, double seconds) {
        BigDecimal exact;
        try {
            exact = LongDouble.parse(call.arg(index), null);
        } catch (CommandException e) {
            throw new CommandException(Errors.TIMEOUT_NOT_A_FLOAT);
        }
        if (seconds < 0) {
            return -1;
        }
        if (exact == null) {
            throw new CommandException(OUT_OF_RANGE);
        }
        BigDecimal millis = exact.movePointRight(3);
        if (millis.compareTo(MILLIS_MAX) > 0) {
            throw new CommandException(OUT_OF_RANGE);
        }
        return millis.setScale(0, RoundingMode.CEILING).longValue();
    }

    /** A time given in milliseconds; refused as {@link #seconds} refuses. */
    public static long millis(Call call, int index) {
        return checked(call, call.args().integer(index, NOT_AN_INTEGER));
    }

    private static long checked(Call call, long millis) {
        if (millis < 0) {
            throw new CommandException(Errors.TIMEOUT_NEGATIVE);
        }
        if (millis > Long.MAX_VALUE - call.now()) {
            throw new CommandException(OUT_OF_RANGE);
        }
        return millis;
    }
}
