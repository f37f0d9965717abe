package dev.larder.store.persistence;

/**
 * The CRC-64 that closes every dump and file: the polynomial of Jones, bits reflected, start and
 * end at zero.
 */
final class Crc64 {
    /** The polynomial 0xad93d23594c935a9 with its bits reversed. */
    private static final long REVERSED = Long.reverse(0xAD93D23594C935A9L);

    /** Eight tables, so that eight bytes cost eight look-ups and no dependent step each. */
    private static final long[][] TABLES = tables();

    private Crc64() {}

    private static long[][] tables() {
        long[][] tables = new long[8][256];
        for (int i = 0; i < 256; i++) {
            long crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ REVERSED;
            }
            tables[0][i] = crc;
        }
        for (int t = 1; t < 8; t++) {
            for (int i = 0; i < 256; i++) {
                long before = tables[t - 1][i];
                tables[t][i] = tables[0][(int) before & 0xFF] ^ before >>> 8;
            }
        }
        return tables;
    }

    /** Continues {@code crc}, 0 at the start, over a run of bytes. */
    static long update(long crc, byte[] bytes, int from, int to) {
        long sum = crc;
        int at = from;
        for (; at + 8 <= to; at += 8) {
            sum ^= LittleEndian.readLong(bytes, at);
            sum =
                    TABLES[7][(int) sum & 0xFF]
                            ^ TABLES[6][(int) (sum >>> 8) & 0xFF]
                            ^ TABLES[5][(int) (sum >>> 16) & 0xFF]
                            ^ TABLES[4][(int) (sum >>> 24) & 0xFF]
                            ^ TABLES[3][(int) (sum >>> 32) & 0xFF]
                            ^ TABLES[2][(int) (sum >>> 40) & 0xFF]
                            ^ TABLES[1][(int) (sum >>> 48) & 0xFF]
                            ^ TABLES[0][(int) (sum >>> 56)];
        }
        for (; at < to; at++) {
            sum = TABLES[0][((int) sum ^ bytes[at]) & 0xFF] ^ sum >>> 8;
        }
        return sum;
    }
}
