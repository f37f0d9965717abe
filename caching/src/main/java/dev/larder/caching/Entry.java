package dev.larder.caching;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the store keeps for one key: a line that scripts can read, then the value's bytes.
 *
 * <pre>
 * L2 (v|n) version kept fresh load created LF payload
 * </pre>
 *
 * {@code v} a value, {@code n} a remembered absence; {@code kept} ms for which the store keeps it,
 * {@code fresh} ms after which it is stale, {@code load} ms that the load took, {@code created} ms
 * since the epoch by the clock of the node that loaded.
 *
 * @param value null for a remembered absence
 * @param line the first line, by which one entry is told from the next
 */
record Entry<V>(
        V value, long version, long kept, long fresh, long load, long created, byte[] line) {

    private static final int LINE_MAX = 160;

    static byte[] encode(
            byte[] payload, long version, long kept, long fresh, long load, long created) {
        byte[] line =
                ("L2 "
                                + (payload == null ? 'n' : 'v')
                                + ' '
                                + version
                                + ' '
                                + kept
                                + ' '
                                + fresh
                                + ' '
                                + load
                                + ' '
                                + created
                                + '\n')
                        .getBytes(StandardCharsets.US_ASCII);
        if (payload == null) {
            return line;
        }
        byte[] entry = Arrays.copyOf(line, line.length + payload.length);
        System.arraycopy(payload, 0, entry, line.length, payload.length);
        return entry;
    }

    /** Null when another release wrote it, in a form that this one cannot read. */
    static <V> Entry<V> decode(byte[] bytes, Codec<V> codec) {
        try {
            int end = lineEnd(bytes);
            if (end > LINE_MAX || bytes[0] != 'L' || bytes[1] != '2' || bytes[2] != ' ') {
                return null;
            }
            boolean negative = bytes[3] == 'n';
            long[] numbers = new long[5];
            int at = 5;
            for (int i = 0; i < numbers.length; i++) {
                long number = 0;
                while (at < end && bytes[at] != ' ') {
                    int digit = bytes[at++] - '0';
                    if (digit < 0 || digit > 9) {
                        return null;
                    }
                    number = number * 10 + digit;
                }
                numbers[i] = number;
                at++;
            }
            V value =
                    negative
                            ? null
                            : codec.decode(Arrays.copyOfRange(bytes, end + 1, bytes.length));
            return new Entry<>(
                    value,
                    numbers[0],
                    numbers[1],
                    numbers[2],
                    numbers[3],
                    numbers[4],
                    Arrays.copyOf(bytes, end));
        } catch (IllegalArgumentException | IndexOutOfBoundsException | UncheckedIOException e) {
            return null;
        }
    }

    /** The first line of an entry that cannot be read, as {@code turn.lua} takes it. */
    static byte[] line(byte[] bytes) {
        return Arrays.copyOf(bytes, lineEnd(bytes));
    }

    private static int lineEnd(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        return end;
    }
}
