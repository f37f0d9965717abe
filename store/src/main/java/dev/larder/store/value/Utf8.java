package dev.larder.store.value;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes as text and back without loss: a byte that is not part of any UTF-8 sequence becomes the
 * lone surrogate {@code U+DC00} + byte, which no such sequence stands for (as in PEP 383). So an
 * error that repeats what a client sent repeats its bytes.
 */
public final class Utf8 {
    private static final char REPLACED = '\uFFFD';
    private static final int ESCAPE = 0xDC00;
    private static final int ESCAPE_LEAST = ESCAPE + 0x80;
    private static final int ESCAPE_MOST = ESCAPE + 0xFF;

    private Utf8() {}

    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    public static String decode(byte[] bytes, int offset, int count) {
        String text = new String(bytes, offset, count, StandardCharsets.UTF_8);
        return text.indexOf(REPLACED) < 0 ? text : escaped(bytes, offset, count);
    }

    private static String escaped(byte[] bytes, int offset, int count) {
        StringBuilder text = new StringBuilder(count);
        int at = offset;
        int end = offset + count;
        while (at < end) {
            int length = Math.min(length(bytes[at]), end - at);
            String one = new String(bytes, at, length, StandardCharsets.UTF_8);
            // The replacement itself may have been sent; in UTF-8 it is three bytes long.
            if (one.indexOf(REPLACED) < 0
                    || length == 3 && one.length() == 1 && isReplaced(bytes, at)) {
                text.append(one);
                at += length;
            } else {
                text.append((char) (ESCAPE + (bytes[at] & 0xFF)));
                at++;
            }
        }
        return text.toString();
    }

    private static boolean isReplaced(byte[] bytes, int at) {
        return bytes[at] == (byte) 0xEF
                && bytes[at + 1] == (byte) 0xBF
                && bytes[at + 2] == (byte) 0xBD;
    }

    /** How long the sequence is that begins with this byte, if it begins one. */
    private static int length(byte first) {
        int value = first & 0xFF;
        if (value < 0xC0) {
            return 1;
        }
        return value < 0xE0 ? 2 : value < 0xF0 ? 3 : 4;
    }

    public static byte[] encode(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isEscape(text, i)) {
                return encodeEscaped(text);
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] encodeEscaped(String text) {
        byte[] bytes = new byte[text.length() * 3];
        int used = 0;
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            boolean escape = i < text.length() && isEscape(text, i);
            if (escape || i == text.length()) {
                byte[] plain = text.substring(from, i).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(plain, 0, bytes, used, plain.length);
                used += plain.length;
                from = i + 1;
            }
            if (escape) {
                bytes[used++] = (byte) text.charAt(i);
            }
        }
        return Arrays.copyOf(bytes, used);
    }

    private static boolean isEscape(String text, int at) {
        char c = text.charAt(at);
        return c >= ESCAPE_LEAST
                && c <= ESCAPE_MOST
                && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
