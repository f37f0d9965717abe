package dev.larder.store.script;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** {@code cjson}: JSON to Lua and back, with the messages and the limits of lua-cjson. */
final class LuaJson {
    /** However deep a script wants to go: what is open is remembered in arrays of this size. */
    private static final int NESTING_MAX = 1000;

    private static final int SCRATCH_KEPT_MAX = 1 << 20;

    private final PucLua lua;
    private final LuaStack stack;
    private final Bytes out;

    private boolean sparseConvert;
    private long sparseRatio = 2;
    private long sparseSafe = 10;
    private int encodeDepthMax = 1000;
    private int decodeDepthMax = 1000;
    private int precision = 14;
    private boolean keepBuffer = true;
    private int encodeInvalid;
    private boolean decodeInvalid = true;

    private byte[] text = new byte[0];
    private int end;
    private int at;
    private int depth;

    /** Of each open table: the index reached in an array, -1 for an object. */
    private final long[] indexes = new long[NESTING_MAX + 1];

    private final long[] arrayLengths = new long[NESTING_MAX + 1];
    private byte[] scratch = new byte[256];
    private int scratchSize;

    LuaJson(PucLua lua) {
        this.lua = lua;
        this.stack = lua.stack();
        this.out = new Bytes(lua, 1024);
    }

    void register(PucLua.Registry registry) {
        registry.register("cjson_encode", this::encode);
        registry.register("cjson_decode", this::decode);
        registry.register("cjson_encode_sparse_array", this::encodeSparseArray);
        registry.register(
                "cjson_encode_max_depth",
                l -> {
                    encodeDepthMax = option(l, encodeDepthMax, Integer.MAX_VALUE);
                    return 1;
                });
        registry.register(
                "cjson_decode_max_depth",
                l -> {
                    decodeDepthMax = option(l, decodeDepthMax, Integer.MAX_VALUE);
                    return 1;
                });
        registry.register(
                "cjson_encode_number_precision",
                l -> {
                    precision = option(l, precision, 16);
                    return 1;
                });
        registry.register(
                "cjson_encode_keep_buffer",
                l -> {
                    keepBuffer = flag(l, keepBuffer);
                    return 1;
                });
        registry.register("cjson_encode_invalid_numbers", this::encodeInvalidNumbers);
        registry.register(
                "cjson_decode_invalid_numbers",
                l -> {
                    decodeInvalid = flag(l, decodeInvalid);
                    return 1;
                });
    }

    // ---- settings

    private static void checkCount(long l, int max) {
        if (Lua.top(l) > max) {
            throw LuaError.argument(max + 1, "found too many arguments");
        }
    }

    private int option(long l, int now, int max) {
        checkCount(l, 1);
        if (Lua.type(l, 1) > Lua.NIL) {
            long wanted = LuaStack.checkInteger(l, 1);
            if (wanted < 1 || wanted > max) {
                throw LuaError.argument(1, "expected integer between 1 and " + max);
            }
            now = (int) wanted;
        }
        Lua.pushNumber(l, now);
        return now;
    }

    private boolean flag(long l, boolean now) {
        checkCount(l, 1);
        if (Lua.type(l, 1) > Lua.NIL) {
            now = truth(l);
        }
        Lua.pushBoolean(l, now);
        return now;
    }

    private static boolean truth(long l) {
        if (Lua.type(l, 1) == Lua.BOOLEAN) {
            return Lua.toBoolean(l, 1);
        }
        LuaStack.checkString(l, 1);
        String word = LuaStack.text(l, 1);
        return switch (word) {
            case "on" -> true;
            case "off" -> false;
            default -> throw LuaError.argument(1, "invalid option '" + word + "'");
        };
    }

    private int encodeInvalidNumbers(long l) {
        checkCount(l, 1);
        if (Lua.type(l, 1) == Lua.STRING && LuaStack.text(l, 1).equals("null")) {
            encodeInvalid = 2;
        } else if (Lua.type(l, 1) > Lua.NIL) {
            encodeInvalid = truth(l) ? 1 : 0;
        }
        if (encodeInvalid == 2) {
            stack.push(l, "null");
        } else {
            Lua.pushBoolean(l, encodeInvalid == 1);
        }
        return 1;
    }

    private int encodeSparseArray(long l) {
        checkCount(l, 3);
        if (Lua.type(l, 1) > Lua.NIL) {
            sparseConvert = truth(l);
        }
        sparseRatio = limit(l, 2, sparseRatio);
        sparseSafe = limit(l, 3, sparseSafe);
        Lua.pushBoolean(l, sparseConvert);
        Lua.pushNumber(l, sparseRatio);
        Lua.pushNumber(l, sparseSafe);
        return 3;
    }

    private static long limit(long l, int index, long now) {
        if (Lua.type(l, index) <= Lua.NIL) {
            return now;
        }
        long wanted = LuaStack.checkInteger(l, index);
        if (wanted < 0 || wanted > Integer.MAX_VALUE) {
            throw LuaError.argument(index, "expected integer between 0 and " + Integer.MAX_VALUE);
        }
        return wanted;
    }

    // ---- encoding

    private int encode(long l) {
        if (Lua.top(l) != 1) {
            throw LuaError.argument(1, "expected 1 argument");
        }
        out.clear();
        value(l);
        stack.push(l, out.array(), 0, out.size());
        return 1;
    }

    private static LuaError cannot(long l, String why) {
        return LuaError.placed("Cannot serialise " + Lua.typeName(Lua.type(l, -1)) + ": " + why);
    }

    /**
     * Writes the value on top, which stays. It does not recurse: an overflow of the stack next to
     * native code is nothing to recover from. Of an open array its table is on the stack, of an
     * open object its table and the key reached.
     */
    private void value(long l) {
        depth = 0;
        if (!scalar(l)) {
            open(l);
        }
        while (depth > 0) {
            if (indexes[depth] >= 0) {
                if (indexes[depth] == arrayLengths[depth]) {
                    out.put(']');
                    close(l);
                    continue;
                }
                if (indexes[depth]++ > 0) {
                    out.put(',');
                }
                Lua.rawGet(l, -1, (int) indexes[depth]);
            } else {
                if (!Lua.next(l, -2)) {
                    out.put('}');
                    close(l);
                    continue;
                }
                if (arrayLengths[depth]++ > 0) {
                    out.put(',');
                }
                key(l);
            }
            if (scalar(l)) {
                Lua.pop(l, 1);
            } else {
                open(l);
            }
        }
    }

    private void close(long l) {
        depth--;
        if (depth > 0) {
            Lua.pop(l, 1);
        }
    }

    private void key(long l) {
        int type = Lua.type(l, -2);
        if (type == Lua.STRING) {
            string(Lua.address(l, -2), Lua.length(l, -2));
        } else if (type == Lua.NUMBER) {
            Lua.pushValue(l, -2);
            out.put('"');
            number(l);
            out.put('"');
            Lua.pop(l, 1);
        } else {
            Lua.pop(l, 1);
            throw cannot(l, "table key must be a number or string");
        }
        out.put(':');
    }

    /** Writes what is no table; false for a table. */
    private boolean scalar(long l) {
        switch (Lua.type(l, -1)) {
            case Lua.STRING -> string(Lua.address(l, -1), Lua.length(l, -1));
            case Lua.NUMBER -> number(l);
            case Lua.BOOLEAN -> out.put(Lua.toBoolean(l, -1) ? "true" : "false");
            case Lua.NIL -> out.put("null");
            case Lua.TABLE -> {
                return false;
            }
            case Lua.LIGHT_USERDATA -> {
                if (Lua.pointer(l, -1) != 0) {
                    throw cannot(l, "type not supported");
                }
                out.put("null");
            }
            default -> throw cannot(l, "type not supported");
        }
        return true;
    }

    private void number(long l) {
        double value = Lua.toNumber(l, -1);
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            if (encodeInvalid == 0) {
                throw cannot(l, "must not be NaN or Inf");
            }
            if (encodeInvalid == 2) {
                out.put("null");
                return;
            }
            out.put(Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
            return;
        }
        out.put(LuaStack.format(value, precision));
    }

    /** Begins the table on top. */
    private void open(long l) {
        depth++;
        if (depth > Math.min(encodeDepthMax, NESTING_MAX) || !Lua.checkStack(l, 4)) {
            throw LuaError.placed("Cannot serialise, excessive nesting (" + depth + ")");
        }
        lua.poll();
        long length = arrayLength(l);
        if (length > 0) {
            out.put('[');
            indexes[depth] = 0;
            arrayLengths[depth] = length;
        } else {
            out.put('{');
            indexes[depth] = -1;
            arrayLengths[depth] = 0;
            Lua.pushNil(l);
        }
    }

    /** The highest index where all keys are whole and positive, -1 where they are not. */
    private long arrayLength(long l) {
        double max = 0;
        long items = 0;
        Lua.pushNil(l);
        while (Lua.next(l, -2)) {
            double key = Lua.type(l, -2) == Lua.NUMBER ? Lua.toNumber(l, -2) : 0;
            if (key < 1 || key != Math.floor(key)) {
                Lua.pop(l, 2);
                return -1;
            }
            max = Math.max(max, key);
            items++;
            Lua.pop(l, 1);
        }
        if (sparseRatio > 0 && max > (double) items * sparseRatio && max > sparseSafe) {
            if (!sparseConvert) {
                throw cannot(l, "excessively sparse array");
            }
            return -1;
        }
        return (long) max;
    }

    private void string(long from, long length) {
        out.put('"');
        long plain = from;
        long stop = from + length;
        for (long i = from; i < stop; i++) {
            int c = Lua.byteAt(i);
            if (c >= 32 && c != '"' && c != '\\' && c != '/' && c != 127) {
                continue;
            }
            out.put(plain, i - plain);
            plain = i + 1;
            out.put('\\');
            switch (c) {
                case '"', '\\', '/' -> out.put(c);
                case '\b' -> out.put('b');
                case '\t' -> out.put('t');
                case '\n' -> out.put('n');
                case '\f' -> out.put('f');
                case '\r' -> out.put('r');
                default -> {
                    out.put("u00");
                    out.put(Character.forDigit(c >> 4, 16));
                    out.put(Character.forDigit(c & 15, 16));
                }
            }
        }
        out.put(plain, stop - plain);
        out.put('"');
    }

    // ---- decoding

    private int decode(long l) {
        if (Lua.top(l) != 1) {
            throw LuaError.argument(1, "expected 1 argument");
        }
        LuaStack.checkString(l, 1);
        int length = (int) Lua.length(l, 1);
        if (text.length < length || text.length > SCRATCH_KEPT_MAX) {
            text = new byte[Math.max(length, 256)];
        }
        Lua.copy(Lua.address(l, 1), text, 0, length);
        end = length;
        at = 0;
        depth = 0;
        if (length >= 2 && (text[0] == 0 || text[1] == 0)) {
            throw LuaError.placed("JSON parser does not support UTF-16 or UTF-32");
        }
        read(l);
        blanks();
        if (at < end) {
            throw expected("the end");
        }
        return 1;
    }

    private void blanks() {
        while (at < end) {
            int c = text[at];
            if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
                return;
            }
            at++;
        }
    }

    /** An error at the token that begins here. */
    private LuaError expected(String what) {
        int where = at;
        return expected(what, found(), where);
    }

    private static LuaError expected(String what, String found, int where) {
        return LuaError.placed(
                "Expected " + what + " but found " + found + " at character " + (where + 1));
    }

    /** The name of the token that begins here. */
    private String found() {
        if (at >= end) {
            return "T_END";
        }
        return switch (text[at]) {
            case '{' -> "T_OBJ_BEGIN";
            case '}' -> "T_OBJ_END";
            case '[' -> "T_ARR_BEGIN";
            case ']' -> "T_ARR_END";
            case ':' -> "T_COLON";
            case ',' -> "T_COMMA";
            case '"' -> "T_STRING";
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> "T_NUMBER";
            case 0 -> "T_END";
            default ->
                    word("true") || word("false")
                            ? "T_BOOLEAN"
                            : word("null") ? "T_NULL" : "invalid token";
        };
    }

    private boolean word(String word) {
        if (end - at < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (text[at + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void deeper(long l, int where) {
        if (++depth > Math.min(decodeDepthMax, NESTING_MAX) || !Lua.checkStack(l, 4)) {
            throw LuaError.placed(
                    "Found too many nested data structures ("
                            + depth
                            + ") at character "
                            + (where + 1));
        }
    }

    /** Reads one value; like the writer it does not recurse. */
    private void read(long l) {
        value:
        while (true) {
            blanks();
            int c = at < end ? text[at] : 0;
            if (c == '{' || c == '[') {
                deeper(l, at);
                lua.poll();
                at++;
                Lua.newTable(l, 0, 0);
                indexes[depth] = c == '[' ? 1 : -1;
                blanks();
                if (at < end && text[at] == (c == '[' ? ']' : '}')) {
                    at++;
                    depth--;
                } else {
                    if (c == '{') {
                        readKey(l);
                    }
                    continue;
                }
            } else {
                readScalar(l, c);
            }
            while (depth > 0) {
                boolean array = indexes[depth] > 0;
                if (array) {
                    Lua.rawSet(l, -2, (int) indexes[depth]++);
                } else {
                    Lua.rawSet(l, -3);
                }
                blanks();
                if (at < end && text[at] == (array ? ']' : '}')) {
                    at++;
                    depth--;
                    continue;
                }
                if (at >= end || text[at] != ',') {
                    throw expected(array ? "comma or array end" : "comma or object end");
                }
                at++;
                if (!array) {
                    readKey(l);
                }
                continue value;
            }
            return;
        }
    }

    private void readKey(long l) {
        blanks();
        if (at >= end || text[at] != '"') {
            throw expected("object key string");
        }
        readString(l);
        blanks();
        if (at >= end || text[at] != ':') {
            throw expected("colon");
        }
        at++;
    }

    private void readScalar(long l, int c) {
        switch (c) {
            case '"' -> readString(l);
            case '-', '+', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> readNumber(l);
            default -> {
                if (at < end && word("true")) {
                    at += 4;
                    Lua.pushBoolean(l, true);
                } else if (at < end && word("false")) {
                    at += 5;
                    Lua.pushBoolean(l, false);
                } else if (at < end && word("null")) {
                    at += 4;
                    Lua.pushNull(l);
                } else if (at < end && decodeInvalid && beginsSpecialNumber()) {
                    readNumber(l);
                } else {
                    throw expected("value");
                }
            }
        }
    }

    private boolean beginsSpecialNumber() {
        String rest = wordHere(8);
        return rest.startsWith("nan") || rest.startsWith("inf");
    }

    private String wordHere(int max) {
        return new String(text, at, Math.min(max, end - at), StandardCharsets.ISO_8859_1)
                .toLowerCase(Locale.ROOT);
    }

    private void readString(long l) {
        int from = at + 1;
        int i = from;
        while (i < end && text[i] != '"' && text[i] != '\\') {
            i++;
        }
        if (i < end && text[i] == '"') {
            stack.push(l, text, from, i - from);
            at = i + 1;
            return;
        }
        scratchSize = 0;
        append(from, i - from);
        while (i < end && text[i] != '"') {
            if (text[i] != '\\') {
                append(i++, 1);
                continue;
            }
            int escape = i + 1 < end ? text[i + 1] : 0;
            switch (escape) {
                case '"', '\\', '/' -> append(escape);
                case 'b' -> append('\b');
                case 'f' -> append('\f');
                case 'n' -> append('\n');
                case 'r' -> append('\r');
                case 't' -> append('\t');
                case 'u' -> {
                    int used = unicode(i);
                    if (used == 0) {
                        throw expected("value", "invalid unicode escape code", i);
                    }
                    i += used - 2;
                }
                default -> throw expected("value", "invalid escape code", i);
            }
            i += 2;
        }
        if (i >= end) {
            throw expected("value", "unexpected end of string", end);
        }
        stack.push(l, scratch, 0, scratchSize);
        at = i + 1;
        if (scratch.length > SCRATCH_KEPT_MAX) {
            scratch = new byte[256];
        }
    }

    private void append(int b) {
        if (scratchSize == scratch.length) {
            scratch = Arrays.copyOf(scratch, scratchSize * 2);
        }
        scratch[scratchSize++] = (byte) b;
    }

    private void append(int from, int count) {
        if (scratch.length - scratchSize < count) {
            scratch = Arrays.copyOf(scratch, Math.max(scratch.length * 2, scratchSize + count));
        }
        System.arraycopy(text, from, scratch, scratchSize, count);
        scratchSize += count;
    }

    private int unit(int i) {
        if (end - i < 6 || text[i] != '\\' || text[i + 1] != 'u') {
            return -1;
        }
        int value = 0;
        for (int k = 2; k < 6; k++) {
            int digit = Character.digit(text[i + k], 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Appends the code point of a unicode escape; returns how long the escape is, 0 for none. */
    private int unicode(int i) {
        int point = unit(i);
        int used = 6;
        if (point < 0 || (point & 0xFC00) == 0xDC00) {
            return 0;
        }
        if ((point & 0xFC00) == 0xD800) {
            int low = unit(i + 6);
            if (low < 0 || (low & 0xFC00) != 0xDC00) {
                return 0;
            }
            point = 0x10000 + ((point & 0x3FF) << 10 | low & 0x3FF);
            used = 12;
        }
        if (point < 0x80) {
            append(point);
        } else if (point < 0x800) {
            append(0xC0 | point >> 6);
            append(0x80 | point & 0x3F);
        } else if (point < 0x10000) {
            append(0xE0 | point >> 12);
            append(0x80 | point >> 6 & 0x3F);
            append(0x80 | point & 0x3F);
        } else {
            append(0xF0 | point >> 18);
            append(0x80 | point >> 12 & 0x3F);
            append(0x80 | point >> 6 & 0x3F);
            append(0x80 | point & 0x3F);
        }
        return used;
    }

    private void readNumber(long l) {
        int i = at;
        boolean negative = text[i] == '-';
        if (text[i] == '-' || text[i] == '+') {
            i++;
        }
        long value = 0;
        int from = i;
        while (i < end && text[i] >= '0' && text[i] <= '9' && i - from < 15) {
            value = value * 10 + text[i++] - '0';
        }
        int next = i < end ? text[i] | 0x20 : 0;
        if (i > from
                && next != '.'
                && next != 'e'
                && next != 'x'
                && !(next >= '0' && next <= '9')
                && !(value == 0 && negative)
                && (decodeInvalid || text[from] != '0' || i - from == 1)) {
            Lua.pushNumber(l, negative ? -value : value);
            at = i;
            return;
        }
        readReal(l, from, negative);
    }

    /** What {@code strtod} reads, its hexadecimal and special numbers included. */
    private void readReal(long l, int from, boolean negative) {
        int i = from;
        String rest = wordAt(from, 8);
        if (rest.startsWith("nan") || rest.startsWith("inf") || rest.startsWith("0x")) {
            if (!decodeInvalid) {
                throw expected("value", "invalid number", at);
            }
            if (rest.startsWith("0x")) {
                long value = 0;
                int k = from + 2;
                while (k < end && Character.digit(text[k], 16) >= 0) {
                    value = value << 4 | Character.digit(text[k++], 16);
                }
                Lua.pushNumber(l, negative ? -value : value);
                at = k;
                return;
            }
            double special = rest.startsWith("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
            Lua.pushNumber(l, negative ? -special : special);
            at = from + (rest.startsWith("infinity") ? 8 : 3);
            return;
        }
        if (!decodeInvalid
                && i + 1 < end
                && text[i] == '0'
                && text[i + 1] >= '0'
                && text[i + 1] <= '9') {
            throw expected("value", "invalid number", at);
        }
        while (i < end && text[i] >= '0' && text[i] <= '9') {
            i++;
        }
        int digits = i - from;
        if (i < end && text[i] == '.') {
            i++;
            int fraction = i;
            while (i < end && text[i] >= '0' && text[i] <= '9') {
                i++;
            }
            digits += i - fraction;
        }
        if (digits == 0) {
            throw expected("value", "invalid number", at);
        }
        if (i < end && (text[i] | 0x20) == 'e') {
            int k = i + 1;
            if (k < end && (text[k] == '+' || text[k] == '-')) {
                k++;
            }
            if (k < end && text[k] >= '0' && text[k] <= '9') {
                while (k < end && text[k] >= '0' && text[k] <= '9') {
                    k++;
                }
                i = k;
            }
        }
        double value =
                Double.parseDouble(new String(text, from, i - from, StandardCharsets.ISO_8859_1));
        Lua.pushNumber(l, negative ? -value : value);
        at = i;
    }

    private String wordAt(int from, int max) {
        return new String(
                        text,
                        from,
                        Math.max(0, Math.min(max, end - from)),
                        StandardCharsets.ISO_8859_1)
                .toLowerCase(Locale.ROOT);
    }
}
