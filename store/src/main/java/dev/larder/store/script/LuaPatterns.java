package dev.larder.store.script;

import java.lang.foreign.ValueLayout;

/**
 * {@code string.find}, {@code match}, {@code gmatch} and {@code gsub} of Lua 5.1, bounded: patterns
 * recurse no deeper than {@value #DEPTH_MAX} levels, and a search that backtracks for ever is ended
 * like any other endless loop. The subject is read where Lua keeps it, without a copy.
 */
final class LuaPatterns {
    private static final int DEPTH_MAX = 200;
    private static final int CAPTURES_MAX = 32;
    private static final int STEPS_BETWEEN_POLLS = 1 << 18;
    private static final long NO_MATCH = -1;
    private static final int UNFINISHED = -1;
    private static final int POSITION = -2;
    private static final String SPECIALS = "^$*+?.([%-";

    private final PucLua lua;
    private byte[] pattern = new byte[64];
    private int patternEnd;
    private long subject;
    private long subjectEnd;
    private int level;
    private int depth;
    private int steps;
    private final long[] starts = new long[CAPTURES_MAX];
    private final long[] lengths = new long[CAPTURES_MAX];

    LuaPatterns(PucLua lua) {
        this.lua = lua;
    }

    void register(PucLua.Registry registry) {
        registry.register("find", l -> find(l, true));
        registry.register("match", l -> find(l, false));
        registry.register("gmatch", this::gmatch);
        registry.register("gsub", this::gsub);
    }

    private void open(long l, int subjectIndex, int patternIndex) {
        subject = Lua.address(l, subjectIndex);
        subjectEnd = subject + Lua.length(l, subjectIndex);
        int length = (int) Lua.length(l, patternIndex);
        if (pattern.length < length || pattern.length > 1 << 16) {
            pattern = new byte[Math.max(64, length)];
        }
        Lua.copy(Lua.address(l, patternIndex), pattern, 0, length);
        patternEnd = length;
        level = 0;
        depth = 0;
    }

    private static int at(long address) {
        return Lua.MEMORY.get(ValueLayout.JAVA_BYTE, address) & 0xFF;
    }

    private int find(long l, boolean find) {
        String name = find ? "find" : "match";
        LuaStack.checkString(l, 1);
        LuaStack.checkString(l, 2);
        long length = Lua.length(l, 1);
        long init = LuaStack.integer(l, 3, 1);
        if (init < 0) {
            init += length + 1;
        }
        init = Math.clamp(init - 1, 0, length);
        open(l, 1, 2);
        if (find && (Lua.toBoolean(l, 4) || !hasSpecials())) {
            long found = plain(subject + init);
            if (found >= 0) {
                Lua.pushNumber(l, found - subject + 1);
                Lua.pushNumber(l, found - subject + patternEnd);
                return 2;
            }
        } else {
            boolean anchored = patternEnd > 0 && pattern[0] == '^';
            long s = subject + init;
            do {
                level = 0;
                long end = match(s, anchored ? 1 : 0);
                if (end != NO_MATCH) {
                    if (!find) {
                        return pushCaptures(l, s, end, true);
                    }
                    Lua.pushNumber(l, s - subject + 1);
                    Lua.pushNumber(l, end - subject);
                    return pushCaptures(l, s, end, false) + 2;
                }
            } while (s++ < subjectEnd && !anchored);
        }
        Lua.pushNil(l);
        return 1;
    }

    private boolean hasSpecials() {
        for (int i = 0; i < patternEnd; i++) {
            if (SPECIALS.indexOf(pattern[i]) >= 0) {
                return true;
            }
        }
        return false;
    }

    private long plain(long from) {
        long last = subjectEnd - patternEnd;
        for (long s = from; s <= last; s++) {
            step();
            int i = 0;
            while (i < patternEnd && at(s + i) == (pattern[i] & 0xFF)) {
                i++;
            }
            steps += i >> 3;
            if (i == patternEnd) {
                return s;
            }
        }
        return NO_MATCH;
    }

    /** Returns a closure of Lua over this step; the state of the search is kept by the sandbox. */
    private int gmatch(long l) {
        LuaStack.checkString(l, 1);
        LuaStack.checkString(l, 2);
        Lua.top(l, 2);
        Lua.pushNumber(l, 0);
        lua.pushGmatchStep(l);
        return 1;
    }

    /** One step of an iterator whose upvalues are subject, pattern and position. */
    int gmatchStep(long l) {
        int base = Lua.top(l);
        Lua.pushValue(l, Lua.upvalue(1));
        Lua.pushValue(l, Lua.upvalue(2));
        open(l, base + 1, base + 2);
        for (long s = subject + (long) Lua.toNumber(l, Lua.upvalue(3)); s <= subjectEnd; s++) {
            level = 0;
            long end = match(s, 0);
            if (end != NO_MATCH) {
                long next = end - subject + (end == s ? 1 : 0);
                Lua.pushNumber(l, next);
                Lua.replace(l, Lua.upvalue(3));
                return pushCaptures(l, s, end, true);
            }
        }
        return 0;
    }

    private int gsub(long l) {
        LuaStack.checkString(l, 1);
        LuaStack.checkString(l, 2);
        int kind = Lua.type(l, 3);
        if (kind == Lua.NUMBER) {
            Lua.toString(l, 3);
            kind = Lua.STRING;
        } else if (kind != Lua.STRING && kind != Lua.TABLE && kind != Lua.FUNCTION) {
            throw LuaError.argument(3, "string/function/table expected");
        }
        long max = LuaStack.integer(l, 4, Lua.length(l, 1) + 1);
        open(l, 1, 2);
        boolean anchored = patternEnd > 0 && pattern[0] == '^';
        Bytes out = new Bytes(lua, (int) Math.min(Lua.length(l, 1), 1 << 16) + 16);
        byte[] replacement = kind == Lua.STRING ? LuaStack.bytes(l, 3) : null;
        long s = subject;
        int count = 0;
        Lua.top(l, 4);
        while (count < max) {
            level = 0;
            long end = match(s, anchored ? 1 : 0);
            if (end != NO_MATCH) {
                count++;
                replace(l, out, kind, replacement, s, end);
            }
            if (end != NO_MATCH && end > s) {
                s = end;
            } else if (s < subjectEnd) {
                out.put(at(s++));
            } else {
                break;
            }
            if (anchored) {
                break;
            }
        }
        out.put(s, subjectEnd - s);
        lua.stack().push(l, out.array(), 0, out.size());
        Lua.pushNumber(l, count);
        return 2;
    }

    private void replace(long l, Bytes out, int kind, byte[] replacement, long s, long end) {
        if (kind == Lua.STRING) {
            expand(l, out, replacement, s, end);
            return;
        }
        if (kind == Lua.TABLE) {
            pushCapture(l, 0, s, end);
            // The table may have metamethods; reading through a function keeps their errors ours.
            lua.pushIndexFunction(l);
            Lua.insert(l, -2);
            Lua.pushValue(l, 3);
            Lua.insert(l, -2);
            callOut(l, 2);
        } else {
            Lua.pushValue(l, 3);
            callOut(l, pushCaptures(l, s, end, true));
        }
        int type = Lua.type(l, -1);
        if (type == Lua.NIL || type == Lua.BOOLEAN && !Lua.toBoolean(l, -1)) {
            out.put(s, end - s);
        } else if (type == Lua.STRING || type == Lua.NUMBER) {
            long from = Lua.toString(l, -1);
            out.put(from, Lua.length(l, -1));
        } else {
            throw LuaError.placed("invalid replacement value (a " + Lua.typeName(type) + ")");
        }
        Lua.pop(l, 1);
    }

    /** A call of the script may search too, so what this search knows is put aside. */
    private void callOut(long l, int arguments) {
        byte[] keptPattern = pattern;
        int keptPatternEnd = patternEnd;
        long keptSubject = subject;
        long keptSubjectEnd = subjectEnd;
        pattern = new byte[64];
        lua.call(l, arguments, 1);
        pattern = keptPattern;
        patternEnd = keptPatternEnd;
        subject = keptSubject;
        subjectEnd = keptSubjectEnd;
        depth = 0;
    }

    private void expand(long l, Bytes out, byte[] replacement, long s, long end) {
        for (int i = 0; i < replacement.length; i++) {
            int c = replacement[i];
            if (c != '%') {
                out.put(c);
                continue;
            }
            i++;
            int d = i < replacement.length ? replacement[i] : 0;
            if (d < '0' || d > '9') {
                out.put(d);
            } else if (d == '0') {
                out.put(s, end - s);
            } else {
                pushCapture(l, d - '1', s, end);
                long from = Lua.toString(l, -1);
                out.put(from, Lua.length(l, -1));
                Lua.pop(l, 1);
            }
        }
    }

    private int pushCaptures(long l, long s, long end, boolean wholeIfNone) {
        int count = level == 0 && wholeIfNone ? 1 : level;
        if (!Lua.checkStack(l, count)) {
            throw LuaError.placed("stack overflow (too many captures)");
        }
        for (int i = 0; i < count; i++) {
            pushCapture(l, i, s, end);
        }
        return count;
    }

    private void pushCapture(long l, int i, long s, long end) {
        if (i >= level) {
            if (i != 0) {
                throw LuaError.placed("invalid capture index");
            }
            Lua.pushString(l, s, end - s);
        } else if (lengths[i] == POSITION) {
            Lua.pushNumber(l, starts[i] - subject + 1);
        } else if (lengths[i] == UNFINISHED) {
            throw LuaError.placed("unfinished capture");
        } else {
            Lua.pushString(l, starts[i], lengths[i]);
        }
    }

    // ---- the matcher, after the structure of lstrlib's own

    private void step() {
        if (++steps >= STEPS_BETWEEN_POLLS) {
            steps = 0;
            lua.poll();
        }
    }

    private long match(long s, int p) {
        if (++depth > DEPTH_MAX) {
            throw LuaError.placed("pattern too complex");
        }
        try {
            return matchHere(s, p);
        } finally {
            depth--;
        }
    }

    private long matchHere(long s, int p) {
        while (true) {
            step();
            if (p == patternEnd) {
                return s;
            }
            int c = pattern[p];
            switch (c) {
                case '(' -> {
                    return p + 1 < patternEnd && pattern[p + 1] == ')'
                            ? startCapture(s, p + 2, POSITION)
                            : startCapture(s, p + 1, UNFINISHED);
                }
                case ')' -> {
                    return endCapture(s, p + 1);
                }
                case '$' -> {
                    if (p + 1 == patternEnd) {
                        return s == subjectEnd ? s : NO_MATCH;
                    }
                }
                case '%' -> {
                    int d = p + 1 < patternEnd ? pattern[p + 1] : 0;
                    if (d == 'b') {
                        s = matchBalance(s, p + 2);
                        if (s == NO_MATCH) {
                            return NO_MATCH;
                        }
                        p += 4;
                        continue;
                    }
                    if (d == 'f') {
                        p += 2;
                        if (p >= patternEnd || pattern[p] != '[') {
                            throw LuaError.placed("missing '[' after '%f' in pattern");
                        }
                        int end = classEnd(p);
                        int previous = s == subject ? 0 : at(s - 1);
                        int here = s == subjectEnd ? 0 : at(s);
                        if (inSet(previous, p, end - 1) || !inSet(here, p, end - 1)) {
                            return NO_MATCH;
                        }
                        p = end;
                        continue;
                    }
                    if (d >= '0' && d <= '9') {
                        s = matchCapture(s, d);
                        if (s == NO_MATCH) {
                            return NO_MATCH;
                        }
                        p += 2;
                        continue;
                    }
                }
                default -> {}
            }
            int end = classEnd(p);
            int suffix = end < patternEnd ? pattern[end] : 0;
            switch (suffix) {
                case '?' -> {
                    if (s < subjectEnd && single(at(s), p, end)) {
                        long result = match(s + 1, end + 1);
                        if (result != NO_MATCH) {
                            return result;
                        }
                    }
                    p = end + 1;
                }
                case '*' -> {
                    return maxExpand(s, p, end);
                }
                case '+' -> {
                    return s < subjectEnd && single(at(s), p, end)
                            ? maxExpand(s + 1, p, end)
                            : NO_MATCH;
                }
                case '-' -> {
                    return minExpand(s, p, end);
                }
                default -> {
                    if (s >= subjectEnd || !single(at(s), p, end)) {
                        return NO_MATCH;
                    }
                    s++;
                    p = end;
                }
            }
        }
    }

    private long maxExpand(long s, int p, int end) {
        long i = 0;
        while (s + i < subjectEnd && single(at(s + i), p, end)) {
            i++;
            step();
        }
        for (; i >= 0; i--) {
            long result = match(s + i, end + 1);
            if (result != NO_MATCH) {
                return result;
            }
        }
        return NO_MATCH;
    }

    private long minExpand(long s, int p, int end) {
        while (true) {
            long result = match(s, end + 1);
            if (result != NO_MATCH) {
                return result;
            }
            if (s >= subjectEnd || !single(at(s), p, end)) {
                return NO_MATCH;
            }
            s++;
        }
    }

    private long startCapture(long s, int p, int what) {
        if (level >= CAPTURES_MAX) {
            throw LuaError.placed("too many captures");
        }
        starts[level] = s;
        lengths[level] = what;
        level++;
        long result = match(s, p);
        if (result == NO_MATCH) {
            level--;
        }
        return result;
    }

    private long endCapture(long s, int p) {
        int open = level - 1;
        while (open >= 0 && lengths[open] != UNFINISHED) {
            open--;
        }
        if (open < 0) {
            throw LuaError.placed("invalid pattern capture");
        }
        lengths[open] = s - starts[open];
        long result = match(s, p);
        if (result == NO_MATCH) {
            lengths[open] = UNFINISHED;
        }
        return result;
    }

    private long matchBalance(long s, int p) {
        if (p + 1 >= patternEnd) {
            throw LuaError.placed("unbalanced pattern");
        }
        if (s >= subjectEnd || at(s) != (pattern[p] & 0xFF)) {
            return NO_MATCH;
        }
        int begin = pattern[p] & 0xFF;
        int finish = pattern[p + 1] & 0xFF;
        int open = 1;
        for (long i = s + 1; i < subjectEnd; i++) {
            step();
            int c = at(i);
            if (c == finish) {
                if (--open == 0) {
                    return i + 1;
                }
            } else if (c == begin) {
                open++;
            }
        }
        return NO_MATCH;
    }

    private long matchCapture(long s, int digit) {
        int i = digit - '1';
        if (i < 0 || i >= level || lengths[i] == UNFINISHED) {
            throw LuaError.placed("invalid capture index");
        }
        long length = Math.max(0, lengths[i]);
        if (subjectEnd - s < length) {
            return NO_MATCH;
        }
        for (long k = 0; k < length; k++) {
            if (at(starts[i] + k) != at(s + k)) {
                return NO_MATCH;
            }
        }
        steps += (int) (length >> 3);
        return s + length;
    }

    private int classEnd(int p) {
        int c = pattern[p++];
        if (c == '%') {
            if (p >= patternEnd) {
                throw LuaError.placed("malformed pattern (ends with '%')");
            }
            return p + 1;
        }
        if (c == '[') {
            if (p < patternEnd && pattern[p] == '^') {
                p++;
            }
            do {
                if (p >= patternEnd) {
                    throw LuaError.placed("malformed pattern (missing ']')");
                }
                if (pattern[p++] == '%' && p < patternEnd) {
                    p++;
                }
            } while (p >= patternEnd || pattern[p] != ']');
            return p + 1;
        }
        return p;
    }

    private boolean single(int c, int p, int end) {
        return switch (pattern[p]) {
            case '.' -> true;
            case '%' -> inClass(c, pattern[p + 1]);
            case '[' -> inSet(c, p, end - 1);
            default -> (pattern[p] & 0xFF) == c;
        };
    }

    private boolean inSet(int c, int p, int last) {
        boolean in = true;
        if (pattern[p + 1] == '^') {
            in = false;
            p++;
        }
        while (++p < last) {
            if (pattern[p] == '%') {
                p++;
                if (inClass(c, pattern[p])) {
                    return in;
                }
            } else if (pattern[p + 1] == '-' && p + 2 < last) {
                p += 2;
                if ((pattern[p - 2] & 0xFF) <= c && c <= (pattern[p] & 0xFF)) {
                    return in;
                }
            } else if ((pattern[p] & 0xFF) == c) {
                return in;
            }
        }
        return !in;
    }

    private static boolean inClass(int c, int name) {
        boolean in;
        switch (name | 0x20) {
            case 'a' -> in = isLetter(c);
            case 'c' -> in = c < 32 || c == 127;
            case 'd' -> in = c >= '0' && c <= '9';
            case 'l' -> in = c >= 'a' && c <= 'z';
            case 'p' -> in = c > 32 && c < 127 && !isLetter(c) && !(c >= '0' && c <= '9');
            case 's' -> in = c == ' ' || c >= 9 && c <= 13;
            case 'u' -> in = c >= 'A' && c <= 'Z';
            case 'w' -> in = isLetter(c) || c >= '0' && c <= '9';
            case 'x' ->
                    in = c >= '0' && c <= '9' || (c | 0x20) >= 'a' && (c | 0x20) <= 'f' && c < 128;
            case 'z' -> in = c == 0;
            default -> {
                return (name & 0xFF) == c;
            }
        }
        if (!isLetter(name & 0xFF)) {
            return (name & 0xFF) == c;
        }
        return (name & 0x20) == 0 ? !in : in;
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }
}
