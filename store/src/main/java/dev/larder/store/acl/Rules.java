package dev.larder.store.acl;

import dev.larder.store.value.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Rules as text. A rule may hold any bytes (a password, a pattern of binary keys), so that within
 * this package it is a string of which each char is one byte.
 */
final class Rules {
    private Rules() {}

    /** Bytes as a rule. */
    static String rule(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String rule) {
        return rule.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A rule as text for people. */
    static String text(String rule) {
        return Utf8.decode(bytes(rule));
    }

    /** Text, as a configuration file has it, as a rule. */
    static String ofText(String text) {
        return rule(Utf8.encode(text));
    }

    /** Whether a name or pattern holds what would break it apart when it is written down. */
    static boolean hasSpaces(String rule) {
        for (int i = 0; i < rule.length(); i++) {
            char c = rule.charAt(i);
            if (c == 0 || c == ' ' || c >= '\t' && c <= '\r') {
                return true;
            }
        }
        return false;
    }

    /**
     * Puts selectors together that were given in several words: {@code (~a}, {@code +get)}.
     *
     * @throws RuleException for one that is not closed
     */
    static List<String> merged(List<String> words) throws RuleException {
        List<String> merged = new ArrayList<>();
        StringBuilder selector = null;
        String opening = null;
        for (String word : words) {
            if (word.startsWith("(") && !word.endsWith(")")) {
                selector = new StringBuilder(word);
                opening = word;
            } else if (selector == null) {
                merged.add(word);
            } else {
                selector.append(' ').append(word);
                if (word.endsWith(")")) {
                    merged.add(selector.toString());
                    selector = null;
                }
            }
        }
        if (selector != null) {
            throw new RuleException(
                    "Unmatched parenthesis in acl selector starting at '" + text(opening) + "'.");
        }
        return merged;
    }
}
