package dev.larder.store.script;

import java.nio.charset.StandardCharsets;

/**
 * The first line of a source, {@code #!lua name=value}, as words.
 *
 * @param words the words of the line, {@code #!lua} first; none where the line cannot be read
 * @param end where the line feed stands: compiling goes on there, so that lines keep their numbers
 */
record Shebang(String[] words, int end) {
    /** Whether {@code source} has such a line. */
    static boolean isIn(byte[] source) {
        return source.length > 1 && source[0] == '#' && source[1] == '!';
    }

    /** The line of a source that has one; null where no line feed ends it. */
    static Shebang of(byte[] source) {
        int end = 0;
        while (end < source.length && source[end] != '\n') {
            if (source[end++] == 0) {
                return null;
            }
        }
        if (end == source.length) {
            return null;
        }
        String line = new String(source, 0, end, StandardCharsets.ISO_8859_1).strip();
        return new Shebang(line.split("[ \\t\\r\\x0b\\f]+"), end);
    }
}
