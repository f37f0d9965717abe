package dev.larder.store.command;

/**
 * The option that gives a key its end: EX, PX, EXAT, PXAT, and KEEPTTL or PERSIST where allowed.
 * The same option may be said again, and the last time counts. The time itself is looked at by
 * {@link #resolve}, when all options are known to be well-formed.
 */
final class ExpiryOption {
    private enum Kind {
        EX,
        PX,
        EXAT,
        PXAT,
        KEEPTTL,
        PERSIST
    }

    private final String command;
    private final boolean mayKeep;
    private final boolean mayPersist;
    private Kind kind;
    private int index;
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
    int read(Args args, int i) {
        Kind said = kind(args, i);
        if (said == null || kind != null && kind != said) {
            throw Errors.syntax();
        }
        kind = said;
        if (said == Kind.KEEPTTL || said == Kind.PERSIST) {
            return i;
        }
        if (i + 1 >= args.count()) {
            throw Errors.syntax();
        }
        index = i + 1;
        return index;
    }

    private Kind kind(Args args, int i) {
        for (Kind candidate : Kind.values()) {
            if (args.is(i, candidate.name())) {
                return switch (candidate) {
                    case KEEPTTL -> mayKeep ? candidate : null;
                    case PERSIST -> mayPersist ? candidate : null;
                    case EX, PX, EXAT, PXAT -> candidate;
                };
            }
        }
        return null;
    }

    /** Reads the time, where one was given. */
    void resolve(Call call) {
        if (index == 0) {
            return;
        }
        long amount = call.args().integer(index);
        at =
                switch (kind) {
                    case EX -> fromNow(call, amount, 1000, command);
                    case PX -> fromNow(call, amount, 1, command);
                    case EXAT -> absolute(amount, 1000, command);
                    case PXAT -> absolute(amount, 1, command);
                    case KEEPTTL, PERSIST -> 0;
                };
    }

    static long fromNow(Call call, long amount, long unitMillis, String command) {
        if (amount <= 0 || amount > (Long.MAX_VALUE - call.wallNow()) / unitMillis) {
            throw Errors.invalidExpireTime(command);
        }
        return call.wallNow() + amount * unitMillis;
    }

    private static long absolute(long amount, long unitMillis, String command) {
        if (amount <= 0 || amount > Long.MAX_VALUE / unitMillis) {
            throw Errors.invalidExpireTime(command);
        }
        return amount * unitMillis;
    }

    /** Milliseconds since 1970, once resolved; 0 where no time was given. */
    long at() {
        return at;
    }

    /** Whether the time counts from 1970 and so may be over already. */
    boolean isAbsolute() {
        return kind == Kind.EXAT || kind == Kind.PXAT;
    }

    /** The word that the journal keeps before {@link #at}: PXAT, as it was said where it was. */
    String kept(Args args) {
        return kind == Kind.PXAT ? args.text(index - 1) : "PXAT";
    }

    /** All words of the command, with the time, where there is one, free of the clock. */
    Object[] inWords(Args args) {
        Object[] words = new Object[args.count()];
        for (int i = 0; i < words.length; i++) {
            words[i] = args.bytes(i);
        }
        if (index != 0) {
            words[index - 1] = kept(args);
            words[index] = at;
        }
        return words;
    }

    boolean keeps() {
        return kind == Kind.KEEPTTL;
    }

    boolean persists() {
        return kind == Kind.PERSIST;
    }
}
