package dev.larder.store.command;

import java.util.Locale;

/** What a command does and may do, under the names that COMMAND INFO prints. */
public enum Flag {
    WRITE,
    READONLY,
    DENYOOM,
    ADMIN,
    PUBSUB,
    NOSCRIPT,
    BLOCKING,
    LOADING,
    STALE,
    SKIP_MONITOR,
    SKIP_SLOWLOG,
    ASKING,
    FAST,
    NO_AUTH,
    MAY_REPLICATE,
    NO_MANDATORY_KEYS,
    NO_ASYNC_LOADING,
    NO_MULTI,
    MOVABLEKEYS,
    ALLOW_BUSY,
    /** Belongs to the category "dangerous"; no flag of COMMAND INFO. */
    DANGEROUS,
    /** Serves the connection itself and not the data; no flag of COMMAND INFO. */
    CONNECTION;

    /** The flag as COMMAND INFO writes it; null for one that it does not show. */
    public String infoName() {
        return switch (this) {
            case DANGEROUS, CONNECTION, MAY_REPLICATE -> null;
            default -> name().toLowerCase(Locale.ROOT);
        };
    }
}
