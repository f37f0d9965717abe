package dev.larder.store.command;

import dev.larder.store.value.Slice;

/**
 * Patterns as KEYS and PSUBSCRIBE take them: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]}, and
 * a backslash that takes the next character as it is. Matching goes back at most to the last star,
 * so no pattern takes more than pattern × text steps. As on the real server, nothing matches a
 * pattern once more than a thousand of its stars are in use.
 */
public final class Glob {
    private static final int STARS_MAX = 1000;

    private final Slice pattern;

    /** The bytes of {@code pattern} must stay as they are while this is used. */
    public Glob(Slice pattern) {
        this.pattern = new Slice().point(pattern);
    }

    public boolean matches(Slice text) {
        return matches(text, false);
    }

    public boolean matches(Slice text, boolean anyCase) {
        int p = 0;
        int t = 0;
        int starAt = -1;
        int starText = 0;
        int stars = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.at(p) == '*') {
                if (starAt != p && ++stars > STARS_MAX) {
                    return false;
                }
                starAt = ++p;
                starText = t;
            } else {
                int after = p < pattern.length() ? one(p, text.at(t), anyCase) : -1;
                if (after >= 0) {
                    p = after;
                    t++;
                } else if (starAt >= 0) {
                    p = starAt;
                    t = ++starText;
                } else {
                    return false;
                }
            }
        }
        while (p < pattern.length() && pattern.at(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /**
     * The place after the element at {@code p} where it matches {@code c}; -1 where it does not.
     */
    private int one(int p, int c, boolean anyCase) {
        int element = pattern.at(p);
        if (element == '?') {
            return p + 1;
        }
        if (element == '[') {
            return set(p + 1, c, anyCase);
        }
        if (element == '\\' && p + 1 < pattern.length()) {
            p++;
            element = pattern.at(p);
        }
        return same(element, c, anyCase) ? p + 1 : -1;
    }

    private int set(int from, int c, boolean anyCase) {
        int p = from;
        boolean not = p < pattern.length() && pattern.at(p) == '^';
        if (not) {
            p++;
        }
        boolean found = false;
        while (p < pattern.length() && pattern.at(p) != ']') {
            if (pattern.at(p) == '\\' && p + 1 < pattern.length()) {
                p++;
                found |= same(pattern.at(p), c, anyCase);
            } else if (p + 2 < pattern.length() && pattern.at(p + 1) == '-') {
                int low = fold(pattern.at(p) & 0xFF, anyCase);
                int high = fold(pattern.at(p + 2) & 0xFF, anyCase);
                int folded = fold(c & 0xFF, anyCase);
                found |= Math.min(low, high) <= folded && folded <= Math.max(low, high);
                p += 2;
            } else {
                found |= same(pattern.at(p), c, anyCase);
            }
            p++;
        }
        // A set without its end runs to the end of the pattern.
        int after = Math.min(p + 1, pattern.length());
        return found != not ? after : -1;
    }

    private static boolean same(int a, int b, boolean anyCase) {
        return fold(a & 0xFF, anyCase) == fold(b & 0xFF, anyCase);
    }

    private static int fold(int c, boolean anyCase) {
        return anyCase && c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
}
