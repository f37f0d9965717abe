package dev.larder.store.command;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * The categories of access control, in the order of ACL CAT. Most follow from a command's family
 * and flags.
 */
public enum AclCategory {
    KEYSPACE,
    READ,
    WRITE,
    SET,
    SORTEDSET,
    LIST,
    HASH,
    STRING,
    BITMAP,
    HYPERLOGLOG,
    GEO,
    STREAM,
    PUBSUB,
    ADMIN,
    FAST,
    SLOW,
    BLOCKING,
    DANGEROUS,
    CONNECTION,
    TRANSACTION,
    SCRIPTING;

    private final String lower = name().toLowerCase(Locale.ROOT);

    /** Without its {@code @}. */
    public String lowerName() {
        return lower;
    }

    /** By its name in any case, without the {@code @}; null for an unknown one. */
    public static AclCategory find(String name) {
        for (AclCategory category : values()) {
            if (category.lower.equalsIgnoreCase(name)) {
                return category;
            }
        }
        return null;
    }

    /** All categories of a row. */
    static Set<AclCategory> of(Command row) {
        EnumSet<AclCategory> found = stated(row);
        if (row.has(Flag.WRITE)) {
            found.add(WRITE);
        }
        if (row.has(Flag.READONLY) && !found.contains(SCRIPTING)) {
            found.add(READ);
        }
        if (row.has(Flag.ADMIN)) {
            found.add(ADMIN);
            found.add(DANGEROUS);
        }
        if (row.has(Flag.DANGEROUS)) {
            found.add(DANGEROUS);
        }
        if (row.has(Flag.PUBSUB)) {
            found.add(PUBSUB);
        }
        if (row.has(Flag.BLOCKING)) {
            found.add(BLOCKING);
        }
        found.add(row.has(Flag.FAST) ? FAST : SLOW);
        return found;
    }

    /** What the flags do not say. */
    private static EnumSet<AclCategory> stated(Command row) {
        String name = row.name();
        return switch (name) {
            case "SORT", "SORT_RO" -> EnumSet.of(SET, SORTEDSET, LIST, DANGEROUS);
            case "KEYS", "MIGRATE", "RESTORE", "RESTORE-ASKING", "FLUSHALL", "FLUSHDB", "SWAPDB" ->
                    EnumSet.of(KEYSPACE, DANGEROUS);
            case "DBSIZE" -> EnumSet.of(KEYSPACE);
            case "LASTSAVE", "ROLE" -> EnumSet.of(ADMIN, DANGEROUS);
            case "INFO" -> EnumSet.of(DANGEROUS);
            case "WAIT", "WAITAOF", "ASKING", "READONLY", "READWRITE" -> EnumSet.of(CONNECTION);
            default -> {
                if (name.equals("COMMAND") || name.startsWith("COMMAND|")) {
                    yield EnumSet.of(CONNECTION);
                }
                boolean container = row.body() == null;
                AclCategory family = container ? null : ofFamily(row.category());
                yield family == null ? EnumSet.noneOf(AclCategory.class) : EnumSet.of(family);
            }
        };
    }

    /** Pub/sub has its category by its flag; the server's own commands have none. */
    private static AclCategory ofFamily(Category family) {
        return switch (family) {
            case STRING -> STRING;
            case BITMAP -> BITMAP;
            case KEYSPACE -> KEYSPACE;
            case LIST -> LIST;
            case SET -> SET;
            case HASH -> HASH;
            case SORTEDSET -> SORTEDSET;
            case GEO -> GEO;
            case HYPERLOGLOG -> HYPERLOGLOG;
            case STREAM -> STREAM;
            case TRANSACTION -> TRANSACTION;
            case SCRIPTING -> SCRIPTING;
            case CONNECTION -> CONNECTION;
            case PUBSUB, CLUSTER, SERVER -> null;
        };
    }
}
