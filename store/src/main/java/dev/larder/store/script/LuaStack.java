package dev.larder.store.script;

import dev.larder.store.value.Utf8;
import java.lang.foreign.Arena;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * What functions written in Java need of a state's stack: strings in and out through one reused
 * native buffer, and the checks of arguments with the messages of {@code lauxlib}.
 */
final class LuaStack implements AutoCloseable {
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private Arena arena = Arena.ofShared();
    private long buffer = arena.allocate(4096).address();
    private long capacity = 4096;

    /** A native buffer of at least {@code size} bytes; its content is lost by the next call. */
    long buffer(long size) {
        if (size > capacity || capacity > KEPT_BYTES_MAX) {
            long wanted = Math.max(4096, Long.highestOneBit(Math.max(1, size)) * 2);
            if (wanted != capacity) {
                arena.close();
                arena = Arena.ofShared();
                buffer = arena.allocate(wanted).address();
                capacity = wanted;
            }
        }
        return buffer;
    }

    @Override
    public void close() {
        arena.close();
    }

    void push(long state, byte[] bytes) {
        push(state, bytes, 0, bytes.length);
    }

    void push(long state, byte[] bytes, int offset, int count) {
        long to = buffer(count);
        Lua.copy(bytes, offset, to, count);
        Lua.pushString(state, to, count);
    }

    void push(long state, String text) {
        push(state, Utf8.encode(text));
    }

    /** Sets a field of the table on top. */
    void setField(long state, String name, String value) {
        push(state, name);
        push(state, value);
        Lua.rawSet(state, -3);
    }

    /** A copy of what is known to be a string (or a number, which it turns into one). */
    static byte[] bytes(long state, int index) {
        long from = Lua.toString(state, index);
        byte[] bytes = new byte[Math.toIntExact(Lua.length(state, index))];
        Lua.copy(from, bytes, 0, bytes.length);
        return bytes;
    }

    static String text(long state, int index) {
        return Utf8.decode(bytes(state, index));
    }

    /** The text on top, which is taken away. */
    static String take(long state) {
        String text = text(state, -1);
        Lua.pop(state, 1);
        return text;
    }

    static boolean isString(long state, int index) {
        int type = Lua.type(state, index);
        return type == Lua.STRING || type == Lua.NUMBER;
    }

    /** Refuses what is no string (or number) and makes it a string in place. */
    static void checkString(long state, int index) {
        int type = Lua.type(state, index);
        if (type == Lua.NUMBER) {
            Lua.toString(state, index);
        } else if (type != Lua.STRING) {
            throw wrongType(state, index, "string");
        }
    }

    static double checkNumber(long state, int index) {
        if (Lua.type(state, index) != Lua.NUMBER && !Lua.isNumber(state, index)) {
            throw wrongType(state, index, "number");
        }
        return Lua.toNumber(state, index);
    }

    static long checkInteger(long state, int index) {
        return (long) checkNumber(state, index);
    }

    static long integer(long state, int index, long otherwise) {
        return Lua.type(state, index) <= Lua.NIL ? otherwise : checkInteger(state, index);
    }

    static void checkTable(long state, int index) {
        if (Lua.type(state, index) != Lua.TABLE) {
            throw wrongType(state, index, "table");
        }
    }

    static LuaError wrongType(long state, int index, String expected) {
        return LuaError.argument(
                index, expected + " expected, got " + Lua.typeName(Lua.type(state, index)));
    }

    /** A number as C's {@code printf("%.<precision>g")} writes it. */
    static String format(double value, int precision) {
        if (value == Math.rint(value)
                && Math.abs(value) < 1e14
                && precision >= 14
                && (value != 0 || 1 / value > 0)) {
            return Long.toString((long) value);
        }
        if (Double.isNaN(value)) {
            return Double.doubleToRawLongBits(value) < 0 ? "-nan" : "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        int digitsMax = Math.max(1, precision);
        BigDecimal rounded =
                new BigDecimal(value).round(new MathContext(digitsMax, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        BigDecimal stripped = rounded.stripTrailingZeros();
        if (exponent >= -4 && exponent < digitsMax) {
            return stripped.toPlainString();
        }
        String digits = stripped.unscaledValue().abs().toString();
        StringBuilder text = new StringBuilder(24);
        if (value < 0) {
            text.append('-');
        }
        text.append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        int size = Math.abs(exponent);
        return text.append('e')
                .append(exponent < 0 ? '-' : '+')
                .append(size < 10 ? "0" : "")
                .append(size)
                .toString();
    }
}
