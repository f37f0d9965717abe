package dev.larder.store.script;

import java.util.EnumSet;
import java.util.Set;

/**
 * A compiled script.
 *
 * @param name the lower-case hexadecimal SHA-1 of its source, by which clients call it again
 * @param source the source as the client sent it
 * @param isDeclared whether its first line is a {@code #!lua}
 * @param flags what that line promises
 * @param handle how its engine knows it
 */
public record Script(
        String name, byte[] source, boolean isDeclared, Set<ScriptFlag> flags, int handle)
        implements Routine {
    /** Reads {@code #!lua flags=a,b}; {@code words} are those of the line. */
    static Set<ScriptFlag> flags(String[] words) throws ScriptException {
        if (words.length == 0) {
            throw new ScriptException("ERR Invalid engine in script shebang");
        }
        if (!words[0].equals("#!lua")) {
            throw new ScriptException("ERR Unexpected engine in script shebang: " + words[0]);
        }
        Set<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);
        for (int i = 1; i < words.length; i++) {
            if (!words[i].startsWith("flags=")) {
                throw new ScriptException("ERR Unknown lua shebang option: " + words[i]);
            }
            String list = words[i].substring("flags=".length());
            for (String word : list.isEmpty() ? new String[0] : list.split(",", -1)) {
                ScriptFlag flag = ScriptFlag.of(word);
                if (flag == null) {
                    throw new ScriptException("ERR Unexpected flag in script shebang: " + word);
                }
                flags.add(flag);
            }
        }
        return flags;
    }
}
