package dev.larder.store.persistence;

import dev.larder.store.StoreConfig;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Value;

/**
 * One value as DUMP gives it away: its type, the value, two bytes of version and the checksum of
 * all that.
 */
public final class Dump {
    /** Bytes at the end of a dump: two of version, eight of checksum. */
    static final int FOOTER = 10;

    private Dump() {}

    /** A value of any type; a string kept inline is handed over as {@code text} instead. */
    static byte[] of(Value value, Slice text, Lzf lzf, int version) {
        RdbOutput out = new RdbOutput(lzf);
        int told = version;
        if (value == null) {
            out.octet(RdbType.STRING);
            out.string(text);
        } else {
            ValueWriter writer = new ValueWriter(out, version);
            int type = writer.type(value);
            out.octet(type);
            writer.write(value);
            told = Math.max(version, RdbType.version(type));
        }
        return closed(out, told);
    }

    /** What was written, with version and checksum behind it. */
    static byte[] closed(RdbOutput out, int version) {
        out.fixedShort(version);
        out.fixedLong(Crc64.update(0, out.array(), 0, out.size()));
        return out.toBytes();
    }

    /** Whether the version is one we read and the checksum is right, or not asked for. */
    static boolean isWhole(byte[] payload, boolean checksummed) {
        if (payload.length < FOOTER) {
            return false;
        }
        int footer = payload.length - FOOTER;
        if (!RdbType.isReadable(LittleEndian.readUnsignedShort(payload, footer))) {
            return false;
        }
        return !checksummed
                || Crc64.update(0, payload, 0, payload.length - 8)
                        == LittleEndian.readLong(payload, payload.length - 8);
    }

    /**
     * The value of a payload that {@link #isWhole}.
     *
     * @throws BadDataException where it is damaged
     */
    public static Value read(byte[] payload, StoreConfig config) {
        int footer = payload.length - FOOTER;
        RdbInput in = new RdbInput(payload, 0, footer);
        int version = LittleEndian.readUnsignedShort(payload, footer);
        int type = in.octet();
        Value value = new ValueReader(in, version, config).read(type);
        if (value == null) {
            throw new BadDataException("A value without elements");
        }
        return value;
    }
}
