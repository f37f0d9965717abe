package dev.larder.store.command;

/**
 * The option that gives a key its end: EX, PX, EXAT, PXAT, and KEEPTTL or PERSIST where allowed.
 */
final class ExpiryOption {
    private final String command;
    private final boolean mayKeep;
    private final boolean mayPersist;
    private boolean seen;
    private boolean keeps;
    private boolean persists;
    private long at;

    ExpiryOption(String command, boolean mayKeep, boolean mayPersist) {
        this.command = command;
        this.mayKeep = mayKeep;
        this.mayPersist = mayPersist;
    }

    /**
     * Reads the option at word {@code i}; returns the place of its last word. Refuses anything
     * else.
     */
    int read(Call call, int i) {
        Args args = call.args();
        if (seen) {
            throw Errors.syntax();
        }
        seen = true;
        if (mayKeep && args.is(i, "KEEPTTL")) {
            keeps = true;
            return i;
        }
        if (mayPersist && args.is(i, "PERSIST")) {
            persists = true;
            return i;
        }
        if (i + 1 >= args.count()) {
            throw Errors.syntax();
        }
        if (args.is(i, "EX")) {
            at = fromNow(call, args.integer(i + 1), 1000, command);
        } else if (args.is(i, "PX")) {
            at = fromNow(call, args.integer(i + 1), 1, command);
        } else if (args.is(i, "EXAT")) {
            at = absolute(args.integer(i + 1), 1000, command);
        } else if (args.is(i, "PXAT")) {
            at = absolute(args.integer(i + 1), 1, command);
        } else {
            throw Errors.syntax();
        }
        return i + 1;
    }

    static long fromNow(Call call, long amount, long unitMillis, String command) {
        if (amount <= 0 || amount > (Long.MAX_VALUE - call.now()) / unitMillis) {
            throw Errors.invalidExpireTime(command);
        }
        return call.now() + amount * unitMillis;
    }

    private static long absolute(long amount, long unitMillis, String command) {
        if (amount <= 0 || amount > Long.MAX_VALUE / unitMillis) {
            throw Errors.invalidExpireTime(command);
        }
        return amount * unitMillis;
    }

    /** Milliseconds since 1970; 0 where no time was given. */
    long at() {
        return at;
    }

    boolean keeps() {
        return keeps;
    }

    boolean persists() {
        return persists;
    }
}
