package dev.larder.store.persistence;

/**
 * The numbers that say in a dump or a file what follows. Types from 22 on mean one thing to Redis
 * (7.4 and later) and another to Valkey (9 and later); the version of the format tells which.
 */
final class RdbType {
    static final int STRING = 0;
    static final int LIST = 1;
    static final int SET = 2;
    static final int ZSET = 3;
    static final int HASH = 4;
    static final int ZSET_2 = 5;
    static final int HASH_ZIPMAP = 9;
    static final int LIST_ZIPLIST = 10;
    static final int SET_INTSET = 11;
    static final int ZSET_ZIPLIST = 12;
    static final int HASH_ZIPLIST = 13;
    static final int LIST_QUICKLIST = 14;
    static final int STREAM_LISTPACKS = 15;
    static final int HASH_LISTPACK = 16;
    static final int ZSET_LISTPACK = 17;
    static final int LIST_QUICKLIST_2 = 18;
    static final int STREAM_LISTPACKS_2 = 19;
    static final int SET_LISTPACK = 20;
    static final int STREAM_LISTPACKS_3 = 21;
    static final int HASH_2 = 22;
    static final int HASH_METADATA = 24;
    static final int HASH_LISTPACK_EX = 25;

    static final int SLOT_INFO = 244;
    static final int FUNCTION2 = 245;
    static final int MODULE_AUX = 247;
    static final int IDLE = 248;
    static final int FREQ = 249;
    static final int AUX = 250;
    static final int RESIZE_DB = 251;
    static final int EXPIRE_TIME_MS = 252;
    static final int EXPIRE_TIME = 253;
    static final int SELECT_DB = 254;
    static final int EOF = 255;

    /** The version of Redis 7.2 and Valkey 8: what we write. */
    static final int VERSION = 11;

    /** Redis 7.4 and later: hashes whose fields expire. */
    static final int VERSION_FIELD_EXPIRY = 12;

    /** Versions from here on are of Valkey. */
    static final int VERSION_VALKEY = 80;

    private RdbType() {}

    /** The first version that has a type which we write. */
    static int version(int type) {
        return type == HASH_METADATA || type == HASH_LISTPACK_EX ? VERSION_FIELD_EXPIRY : 1;
    }

    /** Whether a dump or file of this version can be read. */
    static boolean isReadable(int version) {
        return version >= 1 && version <= VERSION_FIELD_EXPIRY || version == VERSION_VALKEY;
    }
}
