package dev.larder.store.keyspace;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.Slice;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A string with its key in one array: the whole entry is one object. Layout, little endian:
 *
 * <pre>
 *   0      flags: 1 = the value is a long of 8 bytes, 2 = an expiry follows, 4 = made by APPEND & co.
 *   1..3   when it was used last (LRU clock or LFU counter)
 *   4..5   length of the key, unsigned
 *   6..13  expiry in milliseconds since 1970, where flag 2 is set
 *   …      key, then value to the end of the array
 * </pre>
 */
final class Inline {
    static final int KEY_LENGTH_MAX = 0xFFFF;
    private static final int FLAG_LONG = 1;
    private static final int FLAG_EXPIRES = 2;
    private static final int FLAG_RAW = 4;
    private static final int HEADER = 6;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private Inline() {}

    /**
     * {@code expireAt} 0 means never. A value that is an integer in its shortest form is kept so.
     */
    static byte[] make(Slice key, Slice value, long expireAt, int access) {
        if (Canonical.isLong(value)) {
            return makeLong(key, Canonical.parse(value), expireAt, access);
        }
        return makeLiteral(key, value, expireAt, access);
    }

    /** A value that is kept as it is written, integer or not. */
    static byte[] makeLiteral(Slice key, Slice value, long expireAt, int access) {
        byte[] entry = header(key, value.length(), expireAt, access, 0);
        value.copyTo(entry, entry.length - value.length());
        return entry;
    }

    static byte[] makeLong(Slice key, long value, long expireAt, int access) {
        byte[] entry = header(key, 8, expireAt, access, FLAG_LONG);
        LONGS.set(entry, entry.length - 8, value);
        return entry;
    }

    private static byte[] header(Slice key, int valueLength, long expireAt, int access, int flags) {
        int start = expireAt == 0 ? HEADER : HEADER + 8;
        byte[] entry = new byte[Math.addExact(start + key.length(), valueLength)];
        entry[0] = (byte) (expireAt == 0 ? flags : flags | FLAG_EXPIRES);
        access(entry, access);
        SHORTS.set(entry, 4, (short) key.length());
        if (expireAt != 0) {
            LONGS.set(entry, HEADER, expireAt);
        }
        key.copyTo(entry, start);
        return entry;
    }

    /**
     * Overwrites the value in place where the new one has the same form, so that a SET of a known
     * key makes no garbage; false where it does not fit.
     */
    static boolean overwrite(byte[] entry, Slice value, long expireAt) {
        boolean expires = (entry[0] & FLAG_EXPIRES) != 0;
        if (expires != (expireAt != 0)) {
            return false;
        }
        if (Canonical.isLong(value)) {
            if (!isLong(entry)) {
                return false;
            }
            LONGS.set(entry, entry.length - 8, Canonical.parse(value));
        } else {
            if (isLong(entry) || valueLength(entry) != value.length()) {
                return false;
            }
            value.copyTo(entry, entry.length - value.length());
            entry[0] &= ~FLAG_RAW;
        }
        if (expires) {
            LONGS.set(entry, HEADER, expireAt);
        }
        return true;
    }

    static boolean isLong(byte[] entry) {
        return (entry[0] & FLAG_LONG) != 0;
    }

    static long longValue(byte[] entry) {
        return (long) LONGS.get(entry, entry.length - 8);
    }

    static void longValue(byte[] entry, long value) {
        LONGS.set(entry, entry.length - 8, value);
    }

    static long expireAt(byte[] entry) {
        return (entry[0] & FLAG_EXPIRES) == 0 ? 0 : (long) LONGS.get(entry, HEADER);
    }

    /** The same entry with another expiry: changed in place where it has room for one. */
    static byte[] withExpireAt(byte[] entry, long expireAt) {
        boolean expires = (entry[0] & FLAG_EXPIRES) != 0;
        if (expires && expireAt != 0) {
            LONGS.set(entry, HEADER, expireAt);
            return entry;
        }
        if (!expires && expireAt == 0) {
            return entry;
        }
        int from = keyOffset(entry);
        int to = expireAt == 0 ? HEADER : HEADER + 8;
        byte[] moved = new byte[entry.length - from + to];
        System.arraycopy(entry, 0, moved, 0, HEADER);
        System.arraycopy(entry, from, moved, to, entry.length - from);
        moved[0] ^= FLAG_EXPIRES;
        if (expireAt != 0) {
            LONGS.set(moved, HEADER, expireAt);
        }
        return moved;
    }

    static int access(byte[] entry) {
        return entry[1] & 0xFF | (entry[2] & 0xFF) << 8 | (entry[3] & 0xFF) << 16;
    }

    static void access(byte[] entry, int access) {
        entry[1] = (byte) access;
        entry[2] = (byte) (access >> 8);
        entry[3] = (byte) (access >> 16);
    }

    static int keyOffset(byte[] entry) {
        return (entry[0] & FLAG_EXPIRES) == 0 ? HEADER : HEADER + 8;
    }

    static int keyLength(byte[] entry) {
        return (short) SHORTS.get(entry, 4) & 0xFFFF;
    }

    static int valueOffset(byte[] entry) {
        return keyOffset(entry) + keyLength(entry);
    }

    static int valueLength(byte[] entry) {
        return entry.length - valueOffset(entry);
    }

    static void key(byte[] entry, Slice into) {
        into.point(entry, keyOffset(entry), keyLength(entry));
    }

    /** OBJECT ENCODING of the value. */
    static String encoding(byte[] entry) {
        if (isLong(entry)) {
            return "int";
        }
        return valueLength(entry) <= 44 ? "embstr" : "raw";
    }
}
