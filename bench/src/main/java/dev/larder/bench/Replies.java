package dev.larder.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Counts the replies in a stream of bytes without keeping them. An error anywhere in a reply is
 * kept: a workload that is refused must not pass for a fast one.
 */
final class Replies {
    private static final int DEPTH_MAX = 16;
    private static final int ERROR_BYTES_MAX = 200;

    private final long[] open = new long[DEPTH_MAX];
    private final StringBuilder error = new StringBuilder();
    private int depth;
    private long skip;
    private boolean inLine;
    private byte kind;
    private long number;
    private boolean negative;
    private boolean errorComplete;

    /** Reads all of {@code in} and answers how many replies ended in it. */
    int count(ByteBuffer in) {
        int complete = 0;
        while (in.hasRemaining()) {
            if (skip > 0) {
                int length = (int) Math.min(skip, in.remaining());
                in.position(in.position() + length);
                skip -= length;
                if (skip > 0) {
                    break;
                }
                complete += ended();
                continue;
            }
            byte b = in.get();
            if (!inLine) {
                inLine = true;
                kind = b;
                number = 0;
                negative = false;
            } else if (b == '\n') {
                inLine = false;
                complete += line();
            } else if (b >= '0' && b <= '9') {
                number = number * 10 + b - '0';
                keep(b);
            } else {
                negative |= b == '-';
                keep(b);
            }
        }
        return complete;
    }

    /** The first error that was answered, or null. */
    String error() {
        return error.isEmpty() ? null : error.toString();
    }

    private void keep(byte b) {
        if (kind == '-' && !errorComplete && b != '\r' && error.length() < ERROR_BYTES_MAX) {
            error.append(new String(new byte[] {b}, StandardCharsets.ISO_8859_1));
        }
    }

    private int line() {
        errorComplete |= !error.isEmpty();
        return switch (kind) {
            case '$', '=', '!' -> {
                if (negative) {
                    yield ended();
                }
                skip = number + 2;
                yield 0;
            }
            case '*', '~', '>' -> opened(negative ? 0 : number);
            case '%' -> opened(2 * number);
            default -> ended();
        };
    }

    private int opened(long items) {
        if (items == 0) {
            return ended();
        }
        if (depth == DEPTH_MAX) {
            throw new IllegalStateException("replies nest deeper than " + DEPTH_MAX);
        }
        open[depth++] = items;
        return 0;
    }

    private int ended() {
        while (depth > 0) {
            if (--open[depth - 1] > 0) {
                return 0;
            }
            depth--;
        }
        return 1;
    }
}
