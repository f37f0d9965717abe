package dev.larder.store.persistence;

import java.util.Arrays;

/**
 * The LZF format of long strings: literals of up to 32 bytes and references of up to 264 bytes to
 * at most 8 KB back.
 *
 * <pre>
 *   000LLLLL                    L+1 literal bytes follow
 *   LLLooooo oooooooo           L+2 bytes from o+1 back, L from 1 to 6
 *   111ooooo LLLLLLLL oooooooo  L+9 bytes from o+1 back
 * </pre>
 */
final class Lzf {
    private static final int HASH_BITS = 16;
    private static final int LITERAL_MAX = 32;
    private static final int OFFSET_MAX = 8192;
    private static final int REFERENCE_MAX = 264;

    /** A reference of three bytes stands for no more than this many. */
    private static final int GROWTH_MAX = REFERENCE_MAX / 3 + 1;

    /**
     * Where three bytes of this hash were seen last, plus {@link #base}: what an earlier call left
     * is below it, so that the table need not be cleared for every string.
     */
    private int[] seen;

    private int base = 1;

    private static int slot(int threeBytes) {
        return (threeBytes >>> 24 - HASH_BITS) - threeBytes * 5 & (1 << HASH_BITS) - 1;
    }

    private static int three(byte[] in, int at) {
        return (in[at] & 0xFF) << 16 | (in[at + 1] & 0xFF) << 8 | in[at + 2] & 0xFF;
    }

    /**
     * Compresses {@code length} bytes to {@code out} from {@code to} on; returns how many they have
     * become, 0 where they would not fit into {@code most}.
     */
    int compress(byte[] in, int from, int length, byte[] out, int to, int most) {
        if (seen == null) {
            seen = new int[1 << HASH_BITS];
        }
        if (base > Integer.MAX_VALUE - length) {
            Arrays.fill(seen, 0);
            base = 1;
        }
        int start = base;
        base += length;
        int end = from + length;
        int limit = to + most;
        int ip = from;
        int op = to + 1;
        int literals = 0;
        while (ip < end - 2) {
            int slot = slot(three(in, ip));
            int known = seen[slot];
            seen[slot] = start + ip - from;
            int reference = known < start ? -1 : from + known - start;
            // The first byte is never referred to, as in the original.
            if (reference > from
                    && ip - reference - 1 < OFFSET_MAX
                    && in[reference] == in[ip]
                    && in[reference + 1] == in[ip + 1]
                    && in[reference + 2] == in[ip + 2]) {
                if (op - (literals == 0 ? 1 : 0) + 4 >= limit) {
                    return 0;
                }
                int offset = ip - reference - 1;
                int longest = Math.min(end - ip - 2, REFERENCE_MAX);
                int matched = 3;
                while (matched < longest && in[reference + matched] == in[ip + matched]) {
                    matched++;
                }
                out[op - literals - 1] = (byte) (literals - 1);
                if (literals == 0) {
                    op--;
                }
                int coded = matched - 2;
                if (coded < 7) {
                    out[op++] = (byte) (offset >> 8 | coded << 5);
                } else {
                    out[op++] = (byte) (offset >> 8 | 7 << 5);
                    out[op++] = (byte) (coded - 7);
                }
                out[op++] = (byte) offset;
                literals = 0;
                op++;
                ip += matched;
                if (ip >= end - 2) {
                    break;
                }
                seen[slot(three(in, ip - 2))] = start + ip - 2 - from;
                seen[slot(three(in, ip - 1))] = start + ip - 1 - from;
            } else {
                if (op >= limit) {
                    return 0;
                }
                literals++;
                out[op++] = in[ip++];
                if (literals == LITERAL_MAX) {
                    out[op - literals - 1] = (byte) (literals - 1);
                    literals = 0;
                    op++;
                }
            }
        }
        if (op + 3 > limit) {
            return 0;
        }
        while (ip < end) {
            literals++;
            out[op++] = in[ip++];
            if (literals == LITERAL_MAX) {
                out[op - literals - 1] = (byte) (literals - 1);
                literals = 0;
                op++;
            }
        }
        out[op - literals - 1] = (byte) (literals - 1);
        if (literals == 0) {
            op--;
        }
        return op - to;
    }

    /**
     * The {@code length} bytes that {@code packed} bytes of {@code in} stand for.
     *
     * @throws BadDataException where they do not stand for exactly so many
     */
    static byte[] decompress(byte[] in, int from, int packed, long length) {
        if (length > (long) packed * GROWTH_MAX || length > Integer.MAX_VALUE - 8) {
            throw new BadDataException("Invalid LZF compressed string: claims too much");
        }
        byte[] out = new byte[(int) length];
        int end = from + packed;
        int ip = from;
        int op = 0;
        while (ip < end) {
            int control = in[ip++] & 0xFF;
            if (control < LITERAL_MAX) {
                int count = control + 1;
                if (count > out.length - op || count > end - ip) {
                    throw new BadDataException("Invalid LZF compressed string");
                }
                System.arraycopy(in, ip, out, op, count);
                ip += count;
                op += count;
            } else {
                int count = control >> 5;
                if (count == 7 && ip < end) {
                    count += in[ip++] & 0xFF;
                }
                count += 2;
                if (ip >= end) {
                    throw new BadDataException("Invalid LZF compressed string");
                }
                int reference = op - ((control & 0x1F) << 8) - (in[ip++] & 0xFF) - 1;
                if (reference < 0 || count > out.length - op) {
                    throw new BadDataException("Invalid LZF compressed string");
                }
                for (int i = 0; i < count; i++) {
                    out[op++] = out[reference++];
                }
            }
        }
        if (op != out.length) {
            throw new BadDataException("Invalid LZF compressed string: length differs");
        }
        return out;
    }
}
