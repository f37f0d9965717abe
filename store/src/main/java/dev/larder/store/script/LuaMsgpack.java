package dev.larder.store.script;

/** {@code cmsgpack}: MessagePack to Lua and back, as lua-cmsgpack does. */
final class LuaMsgpack {
    private static final int NESTING_MAX = 16;

    /** What is read may nest this deep: the reader recurses. */
    private static final int READ_NESTING_MAX = 200;

    private final PucLua lua;
    private final LuaStack stack;
    private final Bytes out;
    private byte[] in = new byte[0];
    private int end;
    private int at;
    private int depth;

    LuaMsgpack(PucLua lua) {
        this.lua = lua;
        this.stack = lua.stack();
        this.out = new Bytes(lua, 256);
    }

    void register(PucLua.Registry registry) {
        registry.register("cmsgpack_pack", this::pack);
        registry.register("cmsgpack_unpack", l -> unpack(l, 0, 0));
        registry.register("cmsgpack_unpack_one", l -> unpack(l, 1, LuaStack.integer(l, 2, 0)));
        registry.register(
                "cmsgpack_unpack_limit",
                l -> unpack(l, (int) LuaStack.checkInteger(l, 2), LuaStack.integer(l, 3, 0)));
    }

    private int pack(long l) {
        int count = Lua.top(l);
        if (count == 0) {
            throw LuaError.argument(0, "MessagePack pack needs input.");
        }
        if (!Lua.checkStack(l, count)) {
            throw LuaError.argument(0, "Too many arguments for MessagePack pack.");
        }
        out.clear();
        for (int i = 1; i <= count; i++) {
            Lua.pushValue(l, i);
            value(l, 0);
        }
        stack.push(l, out.array(), 0, out.size());
        return 1;
    }

    /** Writes the value on top and takes it away. */
    private void value(long l, int nesting) {
        switch (Lua.type(l, -1)) {
            case Lua.STRING -> string(l);
            case Lua.BOOLEAN -> out.put(Lua.toBoolean(l, -1) ? 0xC3 : 0xC2);
            case Lua.NUMBER -> number(Lua.toNumber(l, -1));
            case Lua.TABLE -> {
                if (nesting >= NESTING_MAX || !Lua.checkStack(l, 4)) {
                    out.put(0xC0);
                } else {
                    table(l, nesting);
                }
            }
            default -> out.put(0xC0);
        }
        Lua.pop(l, 1);
    }

    private void string(long l) {
        long length = Lua.length(l, -1);
        if (length < 32) {
            out.put((int) (0xA0 | length));
        } else if (length <= 0xFF) {
            out.put(0xD9);
            out.put((int) length);
        } else if (length <= 0xFFFF) {
            out.put(0xDA);
            out.putInteger(length, 2, false);
        } else {
            out.put(0xDB);
            out.putInteger(length, 4, false);
        }
        out.put(Lua.address(l, -1), length);
    }

    private void number(double value) {
        long whole = (long) value;
        if (value == whole && value >= -0x1p63 && value < 0x1p63) {
            integer(whole);
        } else if ((float) value == value) {
            out.put(0xCA);
            out.putInteger(Float.floatToRawIntBits((float) value), 4, false);
        } else {
            out.put(0xCB);
            out.putInteger(Double.doubleToRawLongBits(value), 8, false);
        }
    }

    private void integer(long value) {
        if (value >= 0) {
            if (value <= 127) {
                out.put((int) value);
            } else if (value <= 0xFF) {
                out.put(0xCC);
                out.put((int) value);
            } else if (value <= 0xFFFF) {
                out.put(0xCD);
                out.putInteger(value, 2, false);
            } else if (value <= 0xFFFFFFFFL) {
                out.put(0xCE);
                out.putInteger(value, 4, false);
            } else {
                out.put(0xCF);
                out.putInteger(value, 8, false);
            }
        } else if (value >= -32) {
            out.put((int) value);
        } else if (value >= -128) {
            out.put(0xD0);
            out.put((int) value);
        } else if (value >= -32768) {
            out.put(0xD1);
            out.putInteger(value, 2, false);
        } else if (value >= Integer.MIN_VALUE) {
            out.put(0xD2);
            out.putInteger(value, 4, false);
        } else {
            out.put(0xD3);
            out.putInteger(value, 8, false);
        }
    }

    private void table(long l, int nesting) {
        lua.poll();
        long count = 0;
        long max = 0;
        boolean array = true;
        Lua.pushNil(l);
        while (Lua.next(l, -2)) {
            Lua.pop(l, 1);
            count++;
            if (array) {
                double key = Lua.type(l, -1) == Lua.NUMBER ? Lua.toNumber(l, -1) : 0;
                if (key < 1 || key != Math.floor(key) || key > Integer.MAX_VALUE) {
                    array = false;
                } else {
                    max = Math.max(max, (long) key);
                }
            }
        }
        if (array && max == count) {
            head(count, 0x90, 0xDC);
            for (int i = 1; i <= count; i++) {
                Lua.rawGet(l, -1, i);
                value(l, nesting + 1);
            }
            return;
        }
        head(count, 0x80, 0xDE);
        Lua.pushNil(l);
        while (Lua.next(l, -2)) {
            Lua.pushValue(l, -2);
            value(l, nesting + 1);
            value(l, nesting + 1);
        }
    }

    private void head(long count, int small, int large) {
        if (count <= 15) {
            out.put((int) (small | count));
        } else if (count <= 0xFFFF) {
            out.put(large);
            out.putInteger(count, 2, false);
        } else {
            out.put(large + 1);
            out.putInteger(count, 4, false);
        }
    }

    private int unpack(long l, int limit, long offset) {
        LuaStack.checkString(l, 1);
        end = (int) Lua.length(l, 1);
        if (offset < 0 || limit < 0) {
            throw LuaError.placed(
                    "Invalid request to unpack with offset of "
                            + offset
                            + " and limit of "
                            + end
                            + ".");
        }
        if (offset > end) {
            throw LuaError.placed(
                    "Start offset " + offset + " greater than input length " + end + ".");
        }
        if (in.length < end || in.length > 1 << 20) {
            in = new byte[Math.max(256, end)];
        }
        Lua.copy(Lua.address(l, 1), in, 0, end);
        at = (int) offset;
        depth = 0;
        boolean all = limit == 0;
        int count = 0;
        while (at < end && (all || count < limit)) {
            if (!Lua.checkStack(l, 2)) {
                throw LuaError.placed("too many values to unpack");
            }
            read(l);
            count++;
        }
        if (!all) {
            Lua.pushNumber(l, at == end ? -1 : at);
            Lua.insert(l, -count - 1);
            return count + 1;
        }
        return count;
    }

    private long take(int count) {
        need(count);
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | in[at++] & 0xFF;
        }
        return value;
    }

    private void need(long count) {
        if (end - at < count) {
            throw LuaError.placed("Missing bytes in input.");
        }
    }

    private void read(long l) {
        need(1);
        if (depth == READ_NESTING_MAX || !Lua.checkStack(l, 4)) {
            throw LuaError.placed("Bad data format in input.");
        }
        int c = in[at++] & 0xFF;
        switch (c) {
            case 0xCC -> Lua.pushNumber(l, take(1));
            case 0xCD -> Lua.pushNumber(l, take(2));
            case 0xCE -> Lua.pushNumber(l, take(4));
            case 0xCF -> {
                long value = take(8);
                Lua.pushNumber(l, value >= 0 ? value : (value >>> 1 | value & 1) * 2.0);
            }
            case 0xD0 -> Lua.pushNumber(l, (byte) take(1));
            case 0xD1 -> Lua.pushNumber(l, (short) take(2));
            case 0xD2 -> Lua.pushNumber(l, (int) take(4));
            case 0xD3 -> Lua.pushNumber(l, take(8));
            case 0xC0 -> Lua.pushNil(l);
            case 0xC2 -> Lua.pushBoolean(l, false);
            case 0xC3 -> Lua.pushBoolean(l, true);
            case 0xCA -> Lua.pushNumber(l, Float.intBitsToFloat((int) take(4)));
            case 0xCB -> Lua.pushNumber(l, Double.longBitsToDouble(take(8)));
            case 0xC4, 0xD9 -> readString(l, take(1));
            case 0xC5, 0xDA -> readString(l, take(2));
            case 0xC6, 0xDB -> readString(l, take(4));
            case 0xDC -> readArray(l, take(2));
            case 0xDD -> readArray(l, take(4));
            case 0xDE -> readMap(l, take(2));
            case 0xDF -> readMap(l, take(4));
            default -> {
                if (c < 0x80) {
                    Lua.pushNumber(l, c);
                } else if (c >= 0xE0) {
                    Lua.pushNumber(l, (byte) c);
                } else if (c < 0x90) {
                    readMap(l, c & 15);
                } else if (c < 0xA0) {
                    readArray(l, c & 15);
                } else if (c < 0xC0) {
                    readString(l, c & 31);
                } else {
                    throw LuaError.placed("Bad data format in input.");
                }
            }
        }
    }

    private void readString(long l, long length) {
        need(length);
        stack.push(l, in, at, (int) length);
        at += (int) length;
    }

    private void readArray(long l, long count) {
        lua.poll();
        Lua.newTable(l, 0, 0);
        depth++;
        for (int i = 1; i <= count; i++) {
            read(l);
            Lua.rawSet(l, -2, i);
        }
        depth--;
    }

    private void readMap(long l, long count) {
        lua.poll();
        Lua.newTable(l, 0, 0);
        depth++;
        for (int i = 0; i < count; i++) {
            read(l);
            int type = Lua.type(l, -1);
            read(l);
            if (type == Lua.NIL || type == Lua.NUMBER && Double.isNaN(Lua.toNumber(l, -2))) {
                throw LuaError.placed("Bad data format in input.");
            }
            Lua.rawSet(l, -3);
        }
        depth--;
    }
}
