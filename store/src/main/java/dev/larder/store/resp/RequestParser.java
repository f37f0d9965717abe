package dev.larder.store.resp;

import dev.larder.store.command.Args;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds commands in a run of bytes: RESP arrays of bulk strings, or inline commands of one line. It
 * copies nothing: the words of a command are places in the caller's array.
 *
 * <p>The caller hands over what it has, takes commands until there is no whole one left, keeps the
 * rest and comes again with more behind it. What was already read of an unfinished command is
 * remembered, so a command of a million words in a thousand pieces is read once. Nothing is
 * allocated in proportion to a length that is only claimed.
 */
public final class RequestParser {
    /** What {@link #next} found. */
    public enum Found {
        COMMAND,
        /** A request without words, which is answered by nothing. */
        EMPTY,
        INCOMPLETE
    }

    private static final int INLINE_MAX = 64 * 1024;
    private static final int WORDS_MAX = Integer.MAX_VALUE;
    private static final int WORDS_MAX_UNAUTHENTICATED = 10;
    private static final int BULK_MAX_UNAUTHENTICATED = 16 * 1024;
    private static final int WORDS_KEPT_MAX = 4096;
    private static final int NUMBER_DIGITS_MAX = 20;

    private byte[] array;
    private int start;
    private int end;

    /** Where reading goes on, and what is known of the command, all relative to {@link #start}. */
    private int at;

    private long wordsExpected = -1;
    private long bulkLength = -1;
    private int words;
    private int[] offsets = new int[16];
    private int[] lengths = new int[16];

    private long bulkMax = 512L << 20;
    private boolean authenticated = true;

    /** The longest argument taken, in bytes ({@code proto-max-bulk-len}). */
    public void limits(long bulkMax, boolean authenticated) {
        this.bulkMax = bulkMax;
        this.authenticated = authenticated;
    }

    /**
     * Gives the bytes from {@code start} to {@code end}. They begin with what was left of the bytes
     * given before.
     */
    public void feed(byte[] array, int start, int end) {
        this.array = array;
        this.start = start;
        this.end = end;
    }

    /** The place of the first byte that belongs to no command taken yet. */
    public int position() {
        return start;
    }

    /**
     * The least number of bytes that the command begun here will have in all, as far as is known:
     * for growing a buffer at once, within reason.
     */
    public long wanted() {
        return bulkLength < 0 ? 0 : at + bulkLength + 2;
    }

    /**
     * Reads the next command and points {@code args} at its words, which stay valid until the bytes
     * move.
     *
     * @throws ProtocolException for bytes that are no request
     */
    public Found next(Args args) {
        if (wordsExpected < 0) {
            if (start >= end) {
                return Found.INCOMPLETE;
            }
            if (array[start] != '*') {
                return inline(args);
            }
            if (!readCount()) {
                return Found.INCOMPLETE;
            }
            if (wordsExpected <= 0) {
                finish();
                return Found.EMPTY;
            }
        }
        while (words < wordsExpected) {
            if (!readWord()) {
                return Found.INCOMPLETE;
            }
        }
        for (int i = 0; i < words; i++) {
            offsets[i] += start;
        }
        args.point(array, offsets, lengths, words);
        finish();
        return Found.COMMAND;
    }

    private void finish() {
        start += at;
        at = 0;
        words = 0;
        wordsExpected = -1;
        bulkLength = -1;
    }

    /** Gives back the memory that one command with very many words took; its words are used up. */
    public void trim() {
        if (offsets.length > WORDS_KEPT_MAX && words == 0) {
            offsets = new int[16];
            lengths = new int[16];
        }
    }

    private boolean readCount() {
        int line = lineEnd(start + 1, "too big mbulk count string");
        if (line < 0) {
            return false;
        }
        long count = number(start + 1, line, "invalid multibulk length");
        if (count > WORDS_MAX) {
            throw new ProtocolException("invalid multibulk length");
        }
        if (!authenticated && count > WORDS_MAX_UNAUTHENTICATED) {
            throw new ProtocolException("unauthenticated multibulk length");
        }
        wordsExpected = Math.max(count, 0);
        at = line + 2 - start;
        return true;
    }

    private boolean readWord() {
        if (bulkLength < 0 && !readBulkLength()) {
            return false;
        }
        int from = start + at;
        if (end - from < bulkLength + 2) {
            return false;
        }
        if (words == offsets.length) {
            offsets = Arrays.copyOf(offsets, words * 2);
            lengths = Arrays.copyOf(lengths, words * 2);
        }
        offsets[words] = at;
        lengths[words] = (int) bulkLength;
        words++;
        at += (int) bulkLength + 2;
        bulkLength = -1;
        return true;
    }

    private boolean readBulkLength() {
        int from = start + at;
        if (from >= end) {
            return false;
        }
        // The line has to be whole, or too long, before it is looked at.
        int line = lineEnd(from, "too big bulk count string");
        if (line < 0) {
            return false;
        }
        if (array[from] != '$') {
            throw new ProtocolException("expected '$', got '" + (char) (array[from] & 0xFF) + "'");
        }
        long length = number(from + 1, line, "invalid bulk length");
        if (length < 0 || length > bulkMax) {
            throw new ProtocolException("invalid bulk length");
        }
        if (!authenticated && length > BULK_MAX_UNAUTHENTICATED) {
            throw new ProtocolException("unauthenticated bulk length");
        }
        bulkLength = length;
        at = line + 2 - start;
        return true;
    }

    /** The place of the carriage return that ends the line, or -1 where it has not come yet. */
    private int lineEnd(int from, String tooLong) {
        for (int i = from; i < end; i++) {
            if (array[i] == '\r') {
                return i + 1 < end ? i : -1;
            }
            if (i - from > INLINE_MAX) {
                throw new ProtocolException(tooLong);
            }
        }
        return -1;
    }

    private long number(int from, int to, String error) {
        int i = from;
        boolean negative = i < to && array[i] == '-';
        if (negative) {
            i++;
        }
        boolean leadingZero = i < to && array[i] == '0' && (negative || to - i > 1);
        if (i == to || leadingZero || to - i >= NUMBER_DIGITS_MAX) {
            throw new ProtocolException(error);
        }
        long value = 0;
        for (; i < to; i++) {
            int digit = array[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new ProtocolException(error);
            }
            value = value * 10 + digit;
        }
        if (value < 0) {
            throw new ProtocolException(error);
        }
        return negative ? -value : value;
    }

    // Inline commands: words of one line, with quotes as a shell has them.

    private Found inline(Args args) {
        int newline = start;
        while (newline < end && array[newline] != '\n') {
            newline++;
        }
        if (newline == end) {
            if (end - start > INLINE_MAX) {
                throw new ProtocolException("too big inline request");
            }
            return Found.INCOMPLETE;
        }
        int to = newline > start && array[newline - 1] == '\r' ? newline - 1 : newline;
        byte[] unquoted = new byte[to - start];
        splitLine(start, to, unquoted);
        int found = words;
        at = newline + 1 - start;
        words = 0;
        finish();
        if (found == 0) {
            return Found.EMPTY;
        }
        args.point(unquoted, offsets, lengths, found);
        return Found.COMMAND;
    }

    private void splitLine(int from, int to, byte[] into) {
        int i = from;
        int used = 0;
        words = 0;
        while (true) {
            while (i < to && isSpace(array[i])) {
                i++;
            }
            if (i == to) {
                return;
            }
            if (words == offsets.length) {
                offsets = Arrays.copyOf(offsets, words * 2);
                lengths = Arrays.copyOf(lengths, words * 2);
            }
            int begin = used;
            while (i < to && !isSpace(array[i])) {
                if (array[i] == '"' || array[i] == '\'') {
                    byte quote = array[i];
                    i++;
                    while (i < to && array[i] != quote) {
                        int size =
                                quote == '"'
                                        ? escape(i, to, into, used)
                                        : single(i, to, into, used);
                        i += size;
                        used++;
                    }
                    boolean closed = i < to;
                    i++;
                    if (!closed || i < to && !isSpace(array[i])) {
                        throw new ProtocolException("unbalanced quotes in request");
                    }
                } else {
                    into[used++] = array[i++];
                }
            }
            offsets[words] = begin;
            lengths[words++] = used - begin;
        }
    }

    /** One character of a word in double quotes; returns how many bytes it took. */
    private int escape(int i, int to, byte[] into, int used) {
        if (array[i] != '\\' || i + 1 >= to) {
            into[used] = array[i];
            return 1;
        }
        if (array[i + 1] == 'x' && i + 3 < to) {
            String hex = new String(array, i + 2, 2, StandardCharsets.ISO_8859_1);
            if (hex.matches("[0-9a-fA-F]{2}")) {
                into[used] = (byte) Integer.parseInt(hex, 16);
                return 4;
            }
        }
        into[used] =
                switch (array[i + 1]) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'b' -> '\b';
                    case 'a' -> 7;
                    default -> array[i + 1];
                };
        return 2;
    }

    /** One character of a word in single quotes, where only the quote itself can be escaped. */
    private int single(int i, int to, byte[] into, int used) {
        boolean escaped = array[i] == '\\' && i + 1 < to && array[i + 1] == '\'';
        into[used] = escaped ? (byte) '\'' : array[i];
        return escaped ? 2 : 1;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b >= '\t' && b <= '\r' || b == 0;
    }
}
