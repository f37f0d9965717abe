package dev.larder.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Requests as the bytes they are: appended command by command, sent in one piece, emptied. */
final class Words {
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final int DIGITS_MAX = 20;

    private byte[] bytes = new byte[1 << 12];
    private int size;
    private int sent;

    /** Begins a command of so many words, its name among them. */
    Words command(int words) {
        prefix('*', words);
        return this;
    }

    Words word(byte[] word) {
        prefix('$', word.length);
        room(word.length + 2);
        System.arraycopy(word, 0, bytes, size, word.length);
        size += word.length;
        bytes[size++] = '\r';
        bytes[size++] = '\n';
        return this;
    }

    Words word(String word) {
        return word(word.getBytes(StandardCharsets.UTF_8));
    }

    /** A word that is this number in decimal. */
    Words number(long number) {
        return word("", number);
    }

    /** A word of a name and a number after it, as keys and members are named here. */
    Words word(String name, long number) {
        int digits = digits(number);
        prefix('$', name.length() + digits);
        room(name.length() + digits + 2);
        for (int i = 0; i < name.length(); i++) {
            bytes[size++] = (byte) name.charAt(i);
        }
        decimal(number, digits);
        bytes[size++] = '\r';
        bytes[size++] = '\n';
        return this;
    }

    /** A whole command of plain words. */
    Words all(String... words) {
        command(words.length);
        for (String word : words) {
            word(word);
        }
        return this;
    }

    /** Bytes that are requests already. */
    Words raw(byte[] requests) {
        room(requests.length);
        System.arraycopy(requests, 0, bytes, size, requests.length);
        size += requests.length;
        return this;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** A view of what was not sent yet. */
    ByteBuffer unsent() {
        return ByteBuffer.wrap(bytes, sent, size - sent);
    }

    int unsentInto(ByteBuffer buffer) {
        int length = Math.min(buffer.remaining(), size - sent);
        buffer.put(bytes, sent, length);
        return length;
    }

    /** So many bytes are on their way; true when that was all. */
    boolean sent(int count) {
        sent += count;
        if (sent < size) {
            return false;
        }
        sent = 0;
        size = 0;
        return true;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void prefix(char kind, int number) {
        int digits = digits(number);
        room(1 + digits + 2);
        bytes[size++] = (byte) kind;
        decimal(number, digits);
        System.arraycopy(LINE_END, 0, bytes, size, 2);
        size += 2;
    }

    private void decimal(long number, int digits) {
        long rest = Math.abs(number);
        int end = size + digits;
        for (int at = end - 1; at >= size; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        if (number < 0) {
            bytes[size] = '-';
        }
        size = end;
    }

    private static int digits(long number) {
        int digits = number < 0 ? 2 : 1;
        for (long rest = Math.abs(number); rest >= 10; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private void room(int more) {
        if (size + more + DIGITS_MAX > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more + DIGITS_MAX));
        }
    }
}
