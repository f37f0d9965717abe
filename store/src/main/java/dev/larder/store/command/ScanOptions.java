package dev.larder.store.command;

import dev.larder.store.value.Slice;
import java.util.Locale;

/**
 * The options of the SCAN family.
 *
 * @param glob which names are wanted; null for all
 * @param count about how many elements one call looks at
 * @param type the wanted type of a key, null for any
 * @param noValues HSCAN's NOVALUES
 */
public record ScanOptions(Glob glob, int count, String type, boolean noValues) {
    private static final int COUNT_MAX = 1 << 20;

    /** What is scanned. */
    enum Of {
        KEYS,
        FIELDS,
        MEMBERS
    }

    /** Reads MATCH and COUNT, TYPE for keys, and NOVALUES for fields. */
    static ScanOptions read(Args args, int from, Of what) {
        Glob glob = null;
        long count = 10;
        String type = null;
        boolean noValues = false;
        for (int i = from; i < args.count(); i++) {
            boolean hasValue = i + 1 < args.count();
            if (args.is(i, "MATCH") && hasValue) {
                glob = new Glob(new Slice(args.bytes(++i)));
            } else if (args.is(i, "COUNT") && hasValue) {
                count = args.integer(++i);
                if (count < 1) {
                    throw Errors.syntax();
                }
            } else if (args.is(i, "TYPE") && hasValue && what == Of.KEYS) {
                type = args.text(++i).toLowerCase(Locale.ROOT);
            } else if (args.is(i, "NOVALUES")) {
                if (what != Of.FIELDS) {
                    throw new CommandException("ERR NOVALUES option can only be used in HSCAN");
                }
                noValues = true;
            } else {
                throw Errors.syntax();
            }
        }
        return new ScanOptions(glob, (int) Math.min(count, COUNT_MAX), type, noValues);
    }

    public boolean matches(Slice name) {
        return glob == null || glob.matches(name);
    }
}
