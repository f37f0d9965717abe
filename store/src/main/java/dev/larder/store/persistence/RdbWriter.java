package dev.larder.store.persistence;

import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Value;
import java.nio.charset.StandardCharsets;

/** Writes the parts of a file of data: its head, libraries, keys with their values, its end. */
final class RdbWriter {
    private static final int NONE = -1;
    private static final int FREQUENCY_MAX = 255;

    /** What is told of the use of each key: what the policy for evicting goes by. */
    enum Told {
        NOTHING,
        IDLE_SECONDS,
        FREQUENCY
    }

    private final RdbOutput out;
    private final ValueWriter values;
    private final int version;
    private final Told told;
    private int database = NONE;

    RdbWriter(RdbOutput out, int version, Told told) {
        this.out = out;
        this.version = version;
        this.values = new ValueWriter(out, version);
        this.told = told;
    }

    RdbOutput out() {
        return out;
    }

    ValueWriter values() {
        return values;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Begins a file; {@code ofAppendOnly} where changes in another file follow it. */
    void head(String serverVersion, long now, long usedBytes, boolean ofAppendOnly) {
        byte[] magic = ascii(String.format("REDIS%04d", version));
        out.raw(magic, 0, magic.length);
        auxiliary("redis-ver", serverVersion);
        auxiliary("redis-bits", "64");
        auxiliary("ctime", Long.toString(now / 1000));
        auxiliary("used-mem", Long.toString(usedBytes));
        auxiliary("aof-base", ofAppendOnly ? "1" : "0");
    }

    private void auxiliary(String name, String value) {
        out.octet(RdbType.AUX);
        out.string(ascii(name));
        out.string(ascii(value));
    }

    void library(byte[] source) {
        out.octet(RdbType.FUNCTION2);
        out.string(source);
    }

    /** Begins a database, telling how many keys it has and how many of these expire. */
    void database(int index, long keys, long expiring) {
        select(index);
        out.octet(RdbType.RESIZE_DB);
        out.length(keys);
        out.length(expiring);
    }

    private void select(int index) {
        if (database != index) {
            database = index;
            out.octet(RdbType.SELECT_DB);
            out.length(index);
        }
    }

    /** Forgets which database was selected last, so that it is said again. */
    void deselect() {
        database = NONE;
    }

    /** What is told of an entry's use: the counter where uses are counted, else idle seconds. */
    static long use(Keyspace db, int access) {
        return db.tracksFrequency() ? db.frequency(access) : db.idleSeconds(access);
    }

    /** Writes a key and what comes before its value, of which {@code type} is the type. */
    void key(int index, Slice key, int type, long expireAt, long use) {
        select(index);
        if (expireAt != 0) {
            out.octet(RdbType.EXPIRE_TIME_MS);
            out.fixedLong(expireAt);
        }
        switch (told) {
            case NOTHING -> {}
            case IDLE_SECONDS -> {
                out.octet(RdbType.IDLE);
                out.length(use);
            }
            case FREQUENCY -> {
                out.octet(RdbType.FREQ);
                out.octet((int) Math.min(use, FREQUENCY_MAX));
            }
        }
        out.octet(type);
        out.string(key);
    }

    /** Writes a key with its value; {@code value} is null for a string, which {@code text} is. */
    void entry(int index, Slice key, Value value, Slice text, long expireAt, long use) {
        int type = value == null ? RdbType.STRING : values.type(value);
        key(index, key, type, expireAt, use);
        if (value == null) {
            out.string(text);
        } else {
            values.write(value);
        }
    }

    void end() {
        out.octet(RdbType.EOF);
    }
}
