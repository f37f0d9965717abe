package dev.larder.store.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a command does with a key it names: the flags of a key spec in COMMAND INFO. Access control
 * asks only whether it {@link #reads} the value and whether it {@link #writes} it; a command that
 * merely asks whether or how large a key is does neither.
 */
public enum KeyAccess {
    RO,
    RO_ACCESS,
    RW_ACCESS,
    RW_ACCESS_UPDATE,
    RW_ACCESS_INSERT,
    RW_ACCESS_DELETE,
    RW_UPDATE,
    RW_INSERT,
    RW_DELETE,
    OW_UPDATE,
    OW_INSERT,
    RM_DELETE,
    /** A word that decides the slot as a key does, but names none. */
    NOT_KEY;

    private final boolean reads = name().contains("ACCESS");
    private final boolean writes = name().matches(".*(UPDATE|INSERT|DELETE)");

    /** Whether the value, or a part of it, comes back to the caller or to another key. */
    public boolean reads() {
        return reads;
    }

    /** Whether the value may be other than it was. */
    public boolean writes() {
        return writes;
    }

    /** As COMMAND INFO writes them: {@code RW}, {@code access}, {@code update}. */
    public List<String> flags() {
        if (this == NOT_KEY) {
            return List.of("not_key");
        }
        List<String> flags = new ArrayList<>(List.of(name().split("_")));
        flags.replaceAll(flag -> flag.length() == 2 ? flag : flag.toLowerCase(Locale.ROOT));
        return flags;
    }

    /** The access to the first key of a command, and to all that follow it. */
    public record Pair(KeyAccess first, KeyAccess others) {
        private static Pair of(KeyAccess both) {
            return new Pair(both, both);
        }
    }

    /**
     * What {@code row} does with its keys; where its options decide, the most it may do. A command
     * that is not named here reads its keys when it is read-only, and otherwise reads and updates
     * them.
     */
    static Pair of(Command row) {
        return switch (row.name()) {
            case "SPUBLISH", "SSUBSCRIBE", "SUNSUBSCRIBE" -> Pair.of(NOT_KEY);
            case "WATCH",
                    "EXISTS",
                    "HEXISTS",
                    "HLEN",
                    "HSTRLEN",
                    "LLEN",
                    "MEMORY|USAGE",
                    "OBJECT|ENCODING",
                    "OBJECT|FREQ",
                    "OBJECT|IDLETIME",
                    "OBJECT|REFCOUNT",
                    "SCARD",
                    "SISMEMBER",
                    "STRLEN",
                    "TOUCH",
                    "TYPE",
                    "XLEN",
                    "ZCARD" ->
                    Pair.of(RO);
            case "PFCOUNT", "PFDEBUG" -> Pair.of(RW_ACCESS);
            case "XREADGROUP" -> Pair.of(RO_ACCESS);
            case "BLMPOP",
                    "BLPOP",
                    "BRPOP",
                    "BZMPOP",
                    "BZPOPMAX",
                    "BZPOPMIN",
                    "GETDEL",
                    "HGETDEL",
                    "LMPOP",
                    "LPOP",
                    "MIGRATE",
                    "RPOP",
                    "SPOP",
                    "ZMPOP",
                    "ZPOPMAX",
                    "ZPOPMIN" ->
                    Pair.of(RW_ACCESS_DELETE);
            case "RENAMENX" -> new Pair(RW_ACCESS_DELETE, OW_INSERT);
            case "BLMOVE", "BRPOPLPUSH", "LMOVE", "RPOPLPUSH", "SMOVE" ->
                    new Pair(RW_ACCESS_DELETE, RW_INSERT);
            case "RENAME" -> new Pair(RW_ACCESS_DELETE, OW_UPDATE);
            case "PFMERGE" -> new Pair(RW_ACCESS_INSERT, RO_ACCESS);
            case "SORT", "COPY", "GEORADIUS", "GEORADIUSBYMEMBER" -> new Pair(RO_ACCESS, OW_UPDATE);
            case "DEL", "UNLINK", "DELIFEQ" -> Pair.of(RM_DELETE);
            case "HDEL",
                    "LREM",
                    "LTRIM",
                    "SREM",
                    "XAUTOCLAIM",
                    "XDEL",
                    "XGROUP|DELCONSUMER",
                    "XGROUP|DESTROY",
                    "XTRIM",
                    "ZREM",
                    "ZREMRANGEBYLEX",
                    "ZREMRANGEBYRANK",
                    "ZREMRANGEBYSCORE" ->
                    Pair.of(RW_DELETE);
            case "MSETNX", "SETNX" -> Pair.of(OW_INSERT);
            case "APPEND",
                    "HSETNX",
                    "LINSERT",
                    "LPUSH",
                    "LPUSHX",
                    "PFADD",
                    "RPUSH",
                    "RPUSHX",
                    "SADD",
                    "XGROUP|CREATE",
                    "XGROUP|CREATECONSUMER" ->
                    Pair.of(RW_INSERT);
            case "MSET", "MSETEX", "PSETEX", "RESTORE", "RESTORE-ASKING", "SETEX" ->
                    Pair.of(OW_UPDATE);
            case "BITOP",
                    "GEOSEARCHSTORE",
                    "SDIFFSTORE",
                    "SUNIONSTORE",
                    "ZDIFFSTORE",
                    "ZINTERSTORE",
                    "ZRANGESTORE",
                    "ZUNIONSTORE" ->
                    new Pair(OW_UPDATE, RO_ACCESS);
            case "SINTERSTORE" -> new Pair(RW_UPDATE, RO_ACCESS);
            case "EXPIRE",
                    "EXPIREAT",
                    "GEOADD",
                    "HEXPIRE",
                    "HEXPIREAT",
                    "HMSET",
                    "HPERSIST",
                    "HPEXPIRE",
                    "HPEXPIREAT",
                    "HSET",
                    "HSETEX",
                    "LSET",
                    "PERSIST",
                    "PEXPIRE",
                    "PEXPIREAT",
                    "SETRANGE",
                    "XACK",
                    "XADD",
                    "XCLAIM",
                    "XGROUP|SETID",
                    "XSETID",
                    "ZADD" ->
                    Pair.of(RW_UPDATE);
            default -> Pair.of(row.has(Flag.READONLY) ? RO_ACCESS : RW_ACCESS_UPDATE);
        };
    }

    /**
     * What one call of {@code row} does with its first key. SET reads the old value only where GET
     * asks for it; BITFIELD writes only where it sets or increments.
     */
    static KeyAccess ofFirst(Command row, Args args) {
        return switch (row.name()) {
            case "SET" -> has(args, 3, "GET") ? RW_ACCESS_UPDATE : OW_UPDATE;
            case "BITFIELD" ->
                    has(args, 2, "SET") || has(args, 2, "INCRBY") ? RW_ACCESS_UPDATE : RO_ACCESS;
            default -> row.keyAccess().first();
        };
    }

    private static boolean has(Args args, int from, String upper) {
        for (int i = from; i < args.count(); i++) {
            if (args.is(i, upper)) {
                return true;
            }
        }
        return false;
    }
}
