package dev.larder.store.script;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A run of bytes that grows, no further than what the engine has room for. */
final class Bytes {
    private final PucLua lua;
    private byte[] array;
    private int size;

    Bytes(PucLua lua, int capacity) {
        this.lua = lua;
        this.array = new byte[capacity];
    }

    byte[] array() {
        return array;
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
        if (array.length > 1 << 20) {
            array = new byte[1024];
        }
    }

    void put(int b) {
        reserve(1);
        array[size++] = (byte) b;
    }

    void put(String ascii) {
        put(ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    void put(byte[] from) {
        reserve(from.length);
        System.arraycopy(from, 0, array, size, from.length);
        size += from.length;
    }

    /** Bytes of native memory. */
    void put(long from, long count) {
        reserve(count);
        Lua.copy(from, array, size, (int) count);
        size += (int) count;
    }

    /** The lowest {@code count} bytes of a number, the most significant first or last. */
    void putInteger(long value, int count, boolean little) {
        reserve(count);
        for (int i = 0; i < count; i++) {
            int shift = 8 * (little ? i : count - 1 - i);
            array[size++] = (byte) (shift > 63 ? value >> 63 : value >> shift);
        }
    }

    private void reserve(long more) {
        if (array.length - size < more) {
            lua.checkRoom(size + more);
            array = Arrays.copyOf(array, (int) Math.max(array.length * 2L, size + more));
        }
    }
}
