package dev.larder.store.persistence;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in byte arrays, lowest byte first, as most of the format has them. */
final class LittleEndian {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    static long readLong(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    static void writeLong(byte[] bytes, int at, long value) {
        LONGS.set(bytes, at, value);
    }

    static int readInt(byte[] bytes, int at) {
        return (int) INTS.get(bytes, at);
    }

    static long readUnsignedInt(byte[] bytes, int at) {
        return readInt(bytes, at) & 0xFFFFFFFFL;
    }

    static void writeInt(byte[] bytes, int at, int value) {
        INTS.set(bytes, at, value);
    }

    static short readShort(byte[] bytes, int at) {
        return (short) SHORTS.get(bytes, at);
    }

    static int readUnsignedShort(byte[] bytes, int at) {
        return readShort(bytes, at) & 0xFFFF;
    }

    static void writeShort(byte[] bytes, int at, int value) {
        SHORTS.set(bytes, at, (short) value);
    }

    /** A signed integer of three bytes. */
    static int readMedium(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | bytes[at + 2] << 16;
    }
}
