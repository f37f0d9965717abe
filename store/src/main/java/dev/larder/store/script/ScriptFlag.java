package dev.larder.store.script;

import java.util.Locale;

/** What a script or a function may promise of itself, in the order in which it is listed. */
public enum ScriptFlag {
    NO_WRITES,
    ALLOW_OOM,
    ALLOW_STALE,
    NO_CLUSTER,
    ALLOW_CROSS_SLOT_KEYS;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The flag as it is written: {@code no-writes}. */
    public String word() {
        return word;
    }

    /** The flag of this name; null where there is none. */
    static ScriptFlag of(String word) {
        for (ScriptFlag flag : values()) {
            if (flag.word.equals(word)) {
                return flag;
            }
        }
        return null;
    }
}
