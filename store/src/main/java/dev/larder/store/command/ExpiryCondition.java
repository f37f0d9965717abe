package dev.larder.store.command;

import java.util.Locale;

/** What EXPIRE and HEXPIRE may ask of the time that a key or field has so far. */
record ExpiryCondition(boolean nx, boolean xx, boolean gt, boolean lt) {
    /** Reads the words from {@code from} up to {@code end}, which may say each more than once. */
    static ExpiryCondition of(Args args, int from, int end) {
        boolean nx = false;
        boolean xx = false;
        boolean gt = false;
        boolean lt = false;
        for (int i = from; i < end; i++) {
            switch (args.text(i).toUpperCase(Locale.ROOT)) {
                case "NX" -> nx = true;
                case "XX" -> xx = true;
                case "GT" -> gt = true;
                case "LT" -> lt = true;
                default -> throw new CommandException("ERR Unsupported option " + args.text(i));
            }
        }
        if (nx && (xx || gt || lt)) {
            throw new CommandException(
                    "ERR NX and XX, GT or LT options at the same time are not compatible");
        }
        if (gt && lt) {
            throw new CommandException("ERR GT and LT options at the same time are not compatible");
        }
        return new ExpiryCondition(nx, xx, gt, lt);
    }

    /** Whether what has ended at {@code before}, 0 for never, may now end at {@code at}. */
    boolean isMet(long before, long at) {
        boolean never = before == 0;
        return !(nx && !never
                || xx && never
                || gt && (never || at <= before)
                || lt && !never && at >= before);
    }
}
