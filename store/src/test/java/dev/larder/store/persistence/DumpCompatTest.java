package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.compat.Peer;
import dev.larder.store.compat.Wire;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real server restores what we dump, and we what it dumps: the same data, the same bytes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DumpCompatTest {
    /** What the real server of this machine, a 7.0, reads at most. */
    private static final int VERSION_OF_PEER = 10;

    private Peer peer;
    private Store store;
    private Wire theirs;
    private Wire ours;

    @BeforeAll
    void start() throws Exception {
        peer = Peer.start();
        store = Store.start(new StoreConfig().with("port", 0));
        theirs = new Wire(peer.port());
        ours = new Wire(store.port());
    }

    @AfterAll
    void stop() throws IOException {
        if (ours != null) {
            ours.close();
            store.close();
        }
        if (theirs != null) {
            theirs.close();
        }
        if (peer != null) {
            peer.close();
        }
    }

    /** Commands that make the key {@code k}, and whether its encoding leaves no choice. */
    record Made(boolean isDetermined, String... commands) {
        @Override
        public String toString() {
            String all = String.join("; ", commands);
            return all.length() > 60 ? all.substring(0, 60) : all;
        }
    }

    static Stream<Made> values() {
        String thousand = "0123456789".repeat(100);
        StringBuilder noise = new StringBuilder();
        Random random = new Random(1);
        for (int i = 0; i < 3000; i++) {
            noise.append((char) ('!' + random.nextInt(90)));
        }
        return Stream.of(
                new Made(true, "SET k 1"),
                new Made(true, "SET k -129"),
                new Made(true, "SET k 32768"),
                new Made(true, "SET k -2147483648"),
                new Made(true, "SET k 2147483648"),
                new Made(true, "SET k 9223372036854775807"),
                new Made(true, "SET k 007"),
                new Made(true, "SET k hello"),
                new Made(true, "SET k " + thousand),
                new Made(true, "SET k " + noise),
                new Made(true, "SET k " + "a".repeat(70_000)),
                new Made(true, "APPEND k abc", "APPEND k def"),
                new Made(true, "RPUSH k a b 1 -5 300 70000 5000000000 -4097 8388608 " + noise),
                new Made(true, "RPUSH k " + "x".repeat(64) + " " + thousand.repeat(5)),
                new Made(false, pushes(3000)),
                new Made(true, "SADD k 1 2 3"),
                new Made(true, "SADD k 1 70000 -5"),
                new Made(true, "SADD k 1 5000000000 -5"),
                new Made(false, "SADD k a b 1"),
                new Made(false, "SADD k " + words(700)),
                new Made(true, "ZADD k 1 a 2.5 b -3 c inf d -inf e 4 f"),
                new Made(false, "ZADD k 0.1 a 1e-7 b 3 c"),
                new Made(false, zadds(500)),
                new Made(true, "HSET k a 1 b 2 c hello " + "f".repeat(64) + " x"),
                new Made(false, "HSET k a " + thousand),
                new Made(true, "XADD k 1-1 a 1 b 2", "XADD k 1-2 a 3 b 4", "XADD k 5-1 c 1"),
                new Made(
                        true,
                        "XADD k 1-1 a 1",
                        "XADD k 2-1 a 2",
                        "XADD k 3-0 b 2",
                        "XGROUP CREATE k g 0",
                        "XGROUP CREATE k h $ ENTRIESREAD 2"),
                new Made(
                        false,
                        "XADD k 1-1 a 1",
                        "XADD k 2-1 a 2",
                        "XADD k 3-0 b 2",
                        "XGROUP CREATE k g 0",
                        "XREADGROUP GROUP g alice COUNT 2 STREAMS k >",
                        "XREADGROUP GROUP g bob STREAMS k >",
                        "XACK k g 1-1",
                        "XDEL k 2-1"),
                new Made(true, xadds(250)),
                new Made(true, "XADD k 1-1 a b", "XDEL k 1-1"));
    }

    private static String[] pushes(int count) {
        String[] commands = new String[count];
        for (int i = 0; i < count; i++) {
            commands[i] = "RPUSH k element-" + i + " " + i;
        }
        return commands;
    }

    private static String words(int count) {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < count; i++) {
            words.append("member-").append(i).append(' ');
        }
        return words.toString().strip();
    }

    private static String zadds(int count) {
        StringBuilder words = new StringBuilder("ZADD k");
        for (int i = 0; i < count; i++) {
            words.append(' ').append(i * 0.37).append(" member-").append(i);
        }
        return words.toString();
    }

    private static String[] xadds(int count) {
        String[] commands = new String[count];
        for (int i = 0; i < count; i++) {
            commands[i] = "XADD k " + (1000 + i) + "-" + i + " name n" + i + " age " + i;
        }
        return commands;
    }

    private void make(Made made) throws IOException {
        for (Wire wire : new Wire[] {theirs, ours}) {
            wire.ask("FLUSHALL");
            for (String command : made.commands()) {
                assertThat(wire.ask(command.split(" "))).doesNotStartWith("-");
            }
        }
    }

    private static byte[] bulk(String reply) {
        int line = reply.indexOf("\r\n");
        return reply.substring(line + 2, reply.length() - 2).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @MethodSource("values")
    void travels(Made made) throws IOException {
        make(made);
        byte[] their = bulk(theirs.ask("DUMP", "k"));
        byte[] our = bulk(ours.ask("DUMP", "k"));
        assertThat(Dump.isWhole(our, true)).isTrue();
        assertThat(Dump.isWhole(their, true)).isTrue();
        byte[] older = forPeer(our);
        if (made.isDetermined()) {
            assertThat(older).isEqualTo(their);
        }
        String digest = theirs.ask("DEBUG", "DIGEST-VALUE", "k");
        assertThat(theirs.ask("RESTORE", "k2", "0", latin(older))).isEqualTo("+OK\r\n");
        assertThat(theirs.ask("DEBUG", "DIGEST-VALUE", "k2")).isEqualTo(digest);
        assertThat(ours.ask("RESTORE", "k2", "0", latin(their))).isEqualTo("+OK\r\n");
        byte[] again = forPeer(bulk(ours.ask("DUMP", "k2")));
        assertThat(theirs.ask("RESTORE", "k3", "0", latin(again))).isEqualTo("+OK\r\n");
        assertThat(theirs.ask("DEBUG", "DIGEST-VALUE", "k3")).isEqualTo(digest);
    }

    /** The same value in the version that the real server of this machine reads. */
    private static byte[] forPeer(byte[] payload) {
        Value value = Dump.read(payload, new StoreConfig());
        if (value instanceof Text text) {
            Slice bytes = new Slice();
            text.view(bytes);
            return Dump.of(null, bytes, new Lzf(), VERSION_OF_PEER);
        }
        return Dump.of(value, null, new Lzf(), VERSION_OF_PEER);
    }

    @Test
    void refusesAsARealServer() throws IOException {
        SoftAssertions all = new SoftAssertions();
        ours.ask("FLUSHALL");
        theirs.ask("FLUSHALL");
        ours.ask("SET", "k", "bar");
        theirs.ask("SET", "k", "bar");
        String payload = latin(bulk(theirs.ask("DUMP", "k")));
        String damaged = payload.substring(0, 3) + "x" + payload.substring(4);
        String[][] requests = {
            {"DUMP", "nothing"},
            {"RESTORE", "k", "0", "..."},
            {"RESTORE", "k", "0", "...", "invalid-option"},
            {"RESTORE", "n", "0", "..."},
            {"RESTORE", "n", "0", damaged},
            {"RESTORE", "n", "x", payload},
            {"RESTORE", "n", "-1", payload},
            {"RESTORE", "n", "0", payload, "IDLETIME", "-1"},
            {"RESTORE", "n", "0", payload, "IDLETIME"},
            {"RESTORE", "n", "0", payload, "FREQ", "256"},
            {"RESTORE", "n", "0", payload, "FREQ", "1", "IDLETIME", "1"},
            {"RESTORE", "n", "0", payload},
            {"GET", "n"},
            {"RESTORE", "n", "100000", payload},
            {"RESTORE", "n", "100000", payload, "REPLACE"},
            {"TTL", "n"},
            {"RESTORE", "n", "1", payload, "ABSTTL", "REPLACE"},
            {"EXISTS", "n"},
            {"RESTORE", "n", "4102444800000", payload, "ABSTTL", "IDLETIME", "100"},
            {"PEXPIRETIME", "n"},
            {"OBJECT", "IDLETIME", "n"},
            {"RESTORE-ASKING", "m", "0", payload},
            {"GET", "m"},
        };
        for (String[] request : requests) {
            all.assertThat(ours.ask(request))
                    .as(String.join(" ", request))
                    .isEqualTo(theirs.ask(request));
        }
        all.assertAll();
    }
}
