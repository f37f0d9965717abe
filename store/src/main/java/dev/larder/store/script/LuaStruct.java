package dev.larder.store.script;

import dev.larder.store.reply.Numbers;

/** {@code struct}: C structures packed into strings and back, after lua-struct of Ierusalimschy. */
final class LuaStruct {
    private static final int INTEGER_BYTES_MAX = 32;

    private final LuaStack stack;
    private final Bytes out;
    private byte[] format;
    private int at;
    private boolean little;
    private int align;

    LuaStruct(PucLua lua) {
        this.stack = lua.stack();
        this.out = new Bytes(lua, 256);
    }

    void register(PucLua.Registry registry) {
        registry.register("struct_pack", this::pack);
        registry.register("struct_unpack", this::unpack);
        registry.register("struct_size", this::size);
    }

    private void open(long l) {
        LuaStack.checkString(l, 1);
        format = LuaStack.bytes(l, 1);
        at = 0;
        little = true;
        align = 1;
    }

    private int count(int otherwise) {
        if (at >= format.length || format[at] < '0' || format[at] > '9') {
            return otherwise;
        }
        long value = 0;
        while (at < format.length && format[at] >= '0' && format[at] <= '9') {
            value = value * 10 + format[at++] - '0';
            if (value > Integer.MAX_VALUE) {
                throw LuaError.placed("integral size overflow");
            }
        }
        return (int) value;
    }

    private int sizeOf(int option) {
        return switch (option) {
            case 'B', 'b' -> 1;
            case 'H', 'h' -> 2;
            case 'L', 'l', 'T', 'd' -> 8;
            case 'f' -> 4;
            case 'x' -> 1;
            case 'c' -> count(1);
            case 'i', 'I' -> {
                int size = count(4);
                if (size > INTEGER_BYTES_MAX) {
                    throw LuaError.placed(
                            "integral size "
                                    + size
                                    + " is larger than limit of "
                                    + INTEGER_BYTES_MAX);
                }
                yield size;
            }
            default -> 0;
        };
    }

    private int padding(int option, long total, int size) {
        int unit = Math.min(size, align);
        if (unit <= 1 || option == 'c') {
            return 0;
        }
        return (int) ((unit - (total & unit - 1)) & unit - 1);
    }

    private void control(int option) {
        switch (option) {
            case ' ' -> {}
            case '>' -> little = false;
            case '<' -> little = true;
            case '!' -> {
                int wanted = count(8);
                if (wanted == 0 || (wanted & wanted - 1) != 0) {
                    throw LuaError.placed("alignment is not a power of 2");
                }
                align = wanted;
            }
            default ->
                    throw LuaError.argument(
                            1, "invalid format option '" + (char) (option & 0xFF) + "'");
        }
    }

    private int pack(long l) {
        open(l);
        out.clear();
        int argument = 2;
        while (at < format.length) {
            int option = format[at++];
            int size = sizeOf(option);
            int padding = padding(option, out.size(), size);
            for (int i = 0; i < padding; i++) {
                out.put(0);
            }
            switch (option) {
                case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I' -> {
                    double value = LuaStack.checkNumber(l, argument++);
                    out.putInteger(Numbers.unsignedBits(value), size, little);
                }
                case 'x' -> out.put(0);
                case 'f' ->
                        out.putInteger(
                                Float.floatToRawIntBits(
                                        (float) LuaStack.checkNumber(l, argument++)),
                                4,
                                little);
                case 'd' ->
                        out.putInteger(
                                Double.doubleToRawLongBits(LuaStack.checkNumber(l, argument++)),
                                8,
                                little);
                case 'c', 's' -> {
                    LuaStack.checkString(l, argument);
                    long length = Lua.length(l, argument);
                    long wanted = size == 0 ? length : size;
                    if (length < wanted) {
                        throw LuaError.argument(argument, "string too short");
                    }
                    out.put(Lua.address(l, argument), wanted);
                    if (option == 's') {
                        out.put(0);
                    }
                    argument++;
                }
                default -> control(option);
            }
        }
        stack.push(l, out.array(), 0, out.size());
        return 1;
    }

    private int unpack(long l) {
        open(l);
        LuaStack.checkString(l, 2);
        long length = Lua.length(l, 2);
        long data = Lua.address(l, 2);
        long position = LuaStack.integer(l, 3, 1);
        if (position < 1) {
            throw LuaError.argument(3, "offset must be 1 or greater");
        }
        position--;
        int results = 0;
        Lua.top(l, 3);
        while (at < format.length) {
            int option = format[at++];
            int size = sizeOf(option);
            position += padding(option, position, size);
            if (position > length || size > length - position) {
                throw LuaError.argument(2, "data string too short");
            }
            if (!Lua.checkStack(l, 3)) {
                throw LuaError.placed("too many results");
            }
            switch (option) {
                case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I' -> {
                    Lua.pushNumber(
                            l, integer(data + position, size, option >= 'a' && option <= 'z'));
                    results++;
                }
                case 'x' -> {}
                case 'f' -> {
                    Lua.pushNumber(l, Float.intBitsToFloat((int) bits(data + position, 4)));
                    results++;
                }
                case 'd' -> {
                    Lua.pushNumber(l, Double.longBitsToDouble(bits(data + position, 8)));
                    results++;
                }
                case 'c' -> {
                    if (size == 0) {
                        if (results == 0 || Lua.type(l, -1) != Lua.NUMBER) {
                            throw LuaError.placed("format 'c0' needs a previous size");
                        }
                        double wanted = Lua.toNumber(l, -1);
                        Lua.pop(l, 1);
                        results--;
                        if (!(wanted >= 0 && wanted <= length - position)) {
                            throw LuaError.argument(2, "data string too short");
                        }
                        size = (int) wanted;
                    }
                    Lua.pushString(l, data + position, size);
                    results++;
                }
                case 's' -> {
                    long end = position;
                    while (end < length && Lua.byteAt(data + end) != 0) {
                        end++;
                    }
                    if (end == length) {
                        throw LuaError.placed("unfinished string in data");
                    }
                    Lua.pushString(l, data + position, end - position);
                    size = (int) (end - position + 1);
                    results++;
                }
                default -> control(option);
            }
            position += size;
        }
        Lua.pushNumber(l, position + 1);
        return results + 1;
    }

    private long bits(long from, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | Lua.byteAt(from + (little ? size - 1 - i : i));
        }
        return value;
    }

    private double integer(long from, int size, boolean signed) {
        if (size > 8) {
            // Only the lowest eight bytes count, as in the original.
            return bits(little ? from : from + size - 8, 8);
        }
        long value = bits(from, size);
        int unused = 64 - 8 * size;
        if (signed) {
            return size == 0 ? 0 : value << unused >> unused;
        }
        return value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
    }

    private int size(long l) {
        open(l);
        long total = 0;
        while (at < format.length) {
            int option = format[at++];
            int size = sizeOf(option);
            total += padding(option, total, size);
            if (option == 's') {
                throw LuaError.argument(1, "option 's' has no fixed size");
            }
            if (option == 'c' && size == 0) {
                throw LuaError.argument(1, "option 'c0' has no fixed size");
            }
            if ("bBhHlLTiIxfdc".indexOf(option) < 0) {
                control(option);
            }
            total += size;
        }
        Lua.pushNumber(l, total);
        return 1;
    }
}
