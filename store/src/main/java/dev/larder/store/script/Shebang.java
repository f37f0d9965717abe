package dev.larder.store.script;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The first line of a source, {@code #!lua name=value}, as words. A word may be quoted, or a part
 * of it, as in {@code name="value"}.
 *
 * @param words the words of the line, {@code #!lua} first; none where its quotes are not balanced
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
        return new Shebang(words(new String(source, 0, end, StandardCharsets.ISO_8859_1)), end);
    }

    private static String[] words(String line) {
        List<String> words = new ArrayList<>();
        int i = 0;
        while (true) {
            while (i < line.length() && isSpace(line.charAt(i))) {
                i++;
            }
            if (i == line.length()) {
                return words.toArray(String[]::new);
            }
            StringBuilder word = new StringBuilder();
            i = word(line, i, word);
            if (i < 0) {
                return new String[0];
            }
            words.add(word.toString());
        }
    }

    /** Reads the word at {@code i}; returns where it ends, -1 where a quote does not. */
    private static int word(String line, int i, StringBuilder word) {
        int at = i;
        while (at < line.length() && !isSpace(line.charAt(at))) {
            char c = line.charAt(at);
            if (c == '"' || c == '\'') {
                at = quoted(line, at + 1, c, word);
                // Nothing but a blank may follow a closing quote.
                return at < 0 || at < line.length() && !isSpace(line.charAt(at)) ? -1 : at;
            }
            word.append(c);
            at++;
        }
        return at;
    }

    private static int quoted(String line, int i, char quote, StringBuilder word) {
        for (int at = i; at < line.length(); at++) {
            char c = line.charAt(at);
            if (c == quote) {
                return at + 1;
            }
            if (c == '\\'
                    && at + 1 < line.length()
                    && (quote == '"' || line.charAt(at + 1) == quote)) {
                c = line.charAt(++at);
                if (quote == '"' && c == 'x' && isHex(line, at + 1) && isHex(line, at + 2)) {
                    c = (char) Integer.parseInt(line.substring(at + 1, at + 3), 16);
                    at += 2;
                } else if (quote == '"') {
                    c = escaped(c);
                }
            }
            word.append(c);
        }
        return -1;
    }

    private static boolean isHex(String line, int at) {
        return at < line.length() && Character.digit(line.charAt(at), 16) >= 0;
    }

    private static char escaped(char c) {
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> c;
        };
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
