package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.larder.store.command.Errors;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged dumps are refused or give a value that every command can live with; never more memory is
 * taken than the payload warrants. By seeds, so that a finding comes again; {@code fuzz.rounds}
 * says how many rounds, for a longer search than the one of every build.
 */
class DumpFuzzTest {
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 2500);

    /** What a payload may cost besides what its length warrants. */
    private static final long BYTES_BASE = 2L << 20;

    private static final long BYTES_EACH = 2000;

    private static final String[] READS = {
        "TYPE k",
        "OBJECT ENCODING k",
        "DUMP k",
        "DEBUG DIGEST-VALUE k",
        "MEMORY USAGE k",
        "GET k",
        "STRLEN k",
        "PFCOUNT k",
        "LRANGE k 0 -1",
        "LPOS k a",
        "HGETALL k",
        "HRANDFIELD k -5",
        "SMEMBERS k",
        "SRANDMEMBER k -5",
        "ZRANGE k 0 -1 WITHSCORES",
        "ZRANGE k -inf +inf BYSCORE",
        "ZRANK k a",
        "XRANGE k - +",
        "XREVRANGE k + -",
        "XINFO STREAM k FULL COUNT 0",
        "XPENDING k g - + 10",
        "SORT k ALPHA"
    };

    private static final String[] WRITES = {
        "APPEND k x",
        "PFADD k x",
        "RPUSH k x",
        "LPOP k",
        "LINSERT k BEFORE a b",
        "HSET k a b",
        "HDEL k a",
        "HPEXPIRE k 1000 FIELDS 1 b",
        "SADD k x",
        "SPOP k",
        "ZADD k 1 x",
        "ZINCRBY k 1 a",
        "ZPOPMIN k",
        "XADD k * a b",
        "XREADGROUP GROUP g c STREAMS k >",
        "XAUTOCLAIM k g c 0 0",
        "XDEL k 1-1",
        "XTRIM k MAXLEN 1"
    };

    @TempDir Path folder;

    /** Dumps of every type and encoding. */
    private static List<byte[]> seeds(Voice voice) {
        List<byte[]> seeds = new ArrayList<>();
        String[][] made = {
            {"SET k 12345"},
            {"SET k " + "abc".repeat(30)},
            {"PFADD k a b c d e f g"},
            {"RPUSH k a b c 1 -100 70000 " + "x".repeat(100)},
            {"SADD k 1 2 3 70000"},
            {"SADD k a b 3"},
            {"SADD k " + "m".repeat(100) + " b"},
            {"ZADD k 1 a 2.5 b inf c"},
            {"ZADD k 1 " + "m".repeat(100) + " 2 b"},
            {"HSET k a 1 b two"},
            {"HSET k a 1 b " + "v".repeat(100)},
            {"HSET k a 1 b two c 3", "HPEXPIREAT k 4102444800000 FIELDS 1 b"},
            {"HSET k a 1 b " + "v".repeat(100), "HPEXPIREAT k 4102444800000 FIELDS 1 b"},
            {"XADD k 1-1 a b", "XADD k 2-1 a c", "XADD k 3-1 d e", "XDEL k 2-1"},
            {
                "XADD k 1-1 a b",
                "XADD k 2-1 a c",
                "XGROUP CREATE k g 0",
                "XREADGROUP GROUP g c STREAMS k >"
            },
        };
        for (String[] commands : made) {
            voice.ask("DEL k");
            for (String command : commands) {
                voice.ask(command);
            }
            seeds.add(((Reply.Bulk) voice.ask("DUMP k")).bytes());
        }
        for (String old : OLD) {
            seeds.add(old.getBytes(StandardCharsets.ISO_8859_1));
        }
        return seeds;
    }

    /** Encodings that no one writes any more, each with an empty footer. */
    private static final String[] OLD = {
        // A ziplist with "a", 1, "b", 2 as list, hash and sorted set.
        "\n\u0015\u0015\0\0\0\u0012\0\0\0\4\0\0\1a\3\u00F2\2\1b\3\u00F3\u00FF" + footer(9),
        "\r\u0015\u0015\0\0\0\u0012\0\0\0\4\0\0\1a\3\u00F2\2\1b\3\u00F3\u00FF" + footer(9),
        "\f\u0015\u0015\0\0\0\u0012\0\0\0\4\0\0\1a\3\u00F2\2\1b\3\u00F3\u00FF" + footer(9),
        "\u000E\1\u0015\u0015\0\0\0\u0012\0\0\0\4\0\0\1a\3\u00F2\2\1b\3\u00F3\u00FF" + footer(9),
        // A zipmap of one field, a list, and a sorted set with scores as text.
        "\t\7\1\1a\1\0b\u00FF" + footer(4),
        "\1\2\1a\1b" + footer(4),
        "\3\2\1a\u00011\1b\3inf" + footer(4),
    };

    private static String footer(int version) {
        return (char) version + "\0" + "\0".repeat(8);
    }

    private static byte[] damaged(List<byte[]> seeds, Random random) {
        byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
        int body = bytes.length - 10;
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(body);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xFF : 0x7F);
                case 3 -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
                case 4 -> bytes[0] = (byte) random.nextInt(26);
                default -> {
                    byte[] other = seeds.get(random.nextInt(seeds.size()));
                    int from = random.nextInt(other.length - 10);
                    int count = Math.min(random.nextInt(8), other.length - 10 - from);
                    System.arraycopy(other, from, bytes, at, Math.min(count, body - at));
                }
            }
        }
        return bytes;
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedDumps(long seed) {
        Persistence.LOG.setLevel(java.util.logging.Level.SEVERE);
        Random random = new Random(seed);
        Engine engine = Voice.engine(folder);
        Voice voice = Voice.of(engine);
        engine.debug().checksChecksums(false);
        List<byte[]> seeds = seeds(voice);
        for (byte[] whole : seeds) {
            assertThat(restore(voice, whole)).as("%s", (Object) whole).isEqualTo(Reply.OK);
        }
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] payload = damaged(seeds, random);
            long before = allocated();
            Reply reply = restore(voice, payload);
            assertThat(allocated() - before)
                    .as("bytes for %s", (Object) payload)
                    .isLessThan(BYTES_BASE + BYTES_EACH * payload.length);
            if (reply instanceof Reply.Failure failure) {
                assertThat(failure.text())
                        .as("%s", (Object) payload)
                        .isIn(
                                "ERR Bad data format",
                                "ERR DUMP payload version or checksum are wrong");
            } else {
                accepted++;
                live(voice, payload);
            }
        }
        assertThat(accepted).isPositive();
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private static Reply restore(Voice voice, byte[] payload) {
        return voice.ask(
                "RESTORE", "k", "0", new String(payload, StandardCharsets.ISO_8859_1), "REPLACE");
    }

    /** Whatever was accepted is a value like any other: it can be read, copied and changed. */
    private static void live(Voice voice, byte[] payload) {
        for (String command : READS) {
            answered(voice, command, payload);
        }
        String digest = voice.ask("DEBUG DIGEST-VALUE k").toString();
        byte[] again = ((Reply.Bulk) voice.ask("DUMP k")).bytes();
        assertThat(restore(voice, again)).as("again: %s", (Object) payload).isEqualTo(Reply.OK);
        assertThat(voice.ask("DEBUG DIGEST-VALUE k").toString())
                .as("digest of %s", (Object) payload)
                .isEqualTo(digest);
        for (String command : WRITES) {
            answered(voice, command, payload);
        }
        answered(voice, "DUMP k", payload);
    }

    private static void answered(Voice voice, String command, byte[] payload) {
        Reply reply = voice.ask(command);
        assertThat(reply).as("%s after %s", command, payload).isNotNull();
        if (reply instanceof Reply.Failure failure) {
            assertThat(failure.text())
                    .as("%s after %s", command, payload)
                    .isNotEqualTo(Errors.INTERNAL);
        }
    }

    /** Strings that look like a HyperLogLog and are none. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void damagedHyperLogLogs(long seed) {
        Random random = new Random(seed);
        Voice voice = Voice.of(Voice.engine(folder));
        voice.ask("PFADD sparse a b c d");
        StringBuilder many = new StringBuilder("PFADD dense");
        for (int i = 0; i < 3000; i++) {
            many.append(" e").append(i);
        }
        voice.ask(many.toString());
        for (String key : new String[] {"sparse", "dense"}) {
            byte[] whole = bytes(voice.ask("GET " + key));
            for (int round = 0; round < 300; round++) {
                byte[] bytes = whole.clone();
                for (int n = 1 + random.nextInt(5); n > 0; n--) {
                    bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt(256);
                }
                if (random.nextInt(4) == 0) {
                    bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
                }
                voice.ask("SET", "k", new String(bytes, StandardCharsets.ISO_8859_1));
                for (String command :
                        new String[] {
                            "PFCOUNT k",
                            "PFCOUNT k sparse",
                            "PFADD k x y z",
                            "PFMERGE k dense",
                            "PFCOUNT k"
                        }) {
                    answered(voice, command, bytes);
                }
            }
        }
    }

    private static byte[] bytes(Reply reply) {
        return switch (reply) {
            case Reply.Bulk bulk -> bulk.bytes();
            case Reply.View view -> view.slice().toBytes();
            default -> throw new AssertionError(reply);
        };
    }
}
