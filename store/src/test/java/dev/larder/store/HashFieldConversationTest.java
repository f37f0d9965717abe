package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.value.HashValue;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields of a hash that end, by the semantics of Valkey 9; both forms of a hash. */
class HashFieldConversationTest {
    private static final String DIFFER =
            "-ERR numfields should be greater than 0 and match the provided number of fields";
    private static final long SWEEP_NANOS = 50_000_000;

    private static Conversation talk(int packedMax) {
        Conversation c = new Conversation();
        c.engine().config().with("hash-max-listpack-entries", packedMax);
        c.ask("HSET h a 1 b 2 c 3");
        return c;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 128})
    void givesFieldsATime(int packedMax) {
        try (Conversation c = talk(packedMax)) {
            c.says("HEXPIRE h 10 FIELDS 2 a zz", "[:1 :-2]");
            c.says("OBJECT ENCODING h", packedMax == 0 ? "hashtable" : "listpackex");
            c.says("HTTL h FIELDS 3 a b zz", "[:10 :-1 :-2]");
            c.says("HPTTL h FIELDS 1 a", "[:10000]");
            c.says("HEXPIRETIME h FIELDS 1 a", "[:1700000010]");
            c.says("HPEXPIRETIME h FIELDS 1 a", "[:1700000010000]");
            c.says("HPEXPIRE h 500 NX FIELDS 2 a b", "[:0 :1]");
            c.says("HPEXPIRE h 900 XX FIELDS 2 b c", "[:1 :0]");
            c.says("HPEXPIRE h 800 GT FIELDS 2 b c", "[:0 :0]");
            c.says("HPEXPIRE h 800 LT FIELDS 2 b c", "[:1 :1]");
            c.says("HPERSIST h FIELDS 3 a a zz", "[:1 :-1 :-2]");
            c.passes(1000);
            c.says("HGET h b", "(nil)");
            c.says("HLEN h", ":2");
            c.says("HGETALL h", "{a 1}");
            c.says("HEXISTS h c", ":0");
            c.says("HSETNX h c 4", ":1");
            c.says("HTTL h FIELDS 2 a c", "[:-1 :-1]");
            c.says("HEXPIREAT h 1 FIELDS 2 a c", "[:2 :2]");
            c.says("EXISTS h", ":0");
            c.says("HTTL h FIELDS 1 a", "[:-2]");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 128})
    void writingKeepsOrForgetsATime(int packedMax) {
        try (Conversation c = talk(packedMax)) {
            c.says("HEXPIRE h 10 FIELDS 3 a b c", "[:1 :1 :1]");
            c.says("HSET h a 5", ":0");
            c.says("HINCRBY h b 1", ":3");
            c.says("HINCRBYFLOAT h c 0.5", "3.5");
            c.says("HTTL h FIELDS 3 a b c", "[:-1 :10 :10]");
            c.says("COPY h i", ":1");
            c.says("RENAME h j", "OK");
            c.says("HTTL i FIELDS 3 a b c", "[:-1 :10 :10]");
            c.says("HTTL j FIELDS 3 a b c", "[:-1 :10 :10]");
            c.says("MOVE j 1", ":1");
            c.passes(10_000);
            c.says("HINCRBY i b 1", ":1");
            c.says("HTTL i FIELDS 1 b", "[:-1]");
            c.engine().sweepExpired(SWEEP_NANOS);
            c.says("HLEN i", ":2");
            c.ask("SELECT 1");
            c.says("HLEN j", ":1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 128})
    void getsSetsAndDeletesAtOnce(int packedMax) {
        try (Conversation c = talk(packedMax)) {
            c.says("HGETEX h EX 5 FIELDS 2 a zz", "[1 (nil)]");
            c.says("HTTL h FIELDS 1 a", "[:5]");
            c.says("HGETEX h FIELDS 1 a", "[1]");
            c.says("HTTL h FIELDS 1 a", "[:5]");
            c.says("HGETEX h PERSIST FIELDS 1 a", "[1]");
            c.says("HTTL h FIELDS 1 a", "[:-1]");
            c.says("HGETEX h PXAT 1 FIELDS 1 a", "[1]");
            c.says("HGET h a", "(nil)");
            c.says("HGETDEL h FIELDS 2 b zz", "[2 (nil)]");
            c.says("HSETEX h FNX PX 700 FIELDS 2 c 9 d 9", ":0");
            c.says("HSETEX h FXX PX 700 FIELDS 1 c 9", ":1");
            c.says("HSETEX h KEEPTTL FIELDS 2 c 8 d 8", ":1");
            c.says("HPTTL h FIELDS 2 c d", "[:700 :-1]");
            c.says("HSETEX h FIELDS 1 c 8", ":1");
            c.says("HPTTL h FIELDS 1 c", "[:-1]");
            c.says("HSETEX h NX FIELDS 1 c 7", ":0");
            c.says("HSETEX nokey XX FXX EX 9 FIELDS 1 c 7", ":0");
            c.says("EXISTS nokey", ":0");
            c.says("HSETEX h XX FXX FIELDS 1 c 8", ":1");
            c.says("HSETEX h NX XX FIELDS 1 c 8", "-ERR syntax error");
            c.says("HSETEX h EX 0 FIELDS 2 c 8 d 8", ":1");
            c.says("EXISTS h", ":0");
            c.says("HSETEX g FXX FIELDS 1 a 1", ":0");
            c.says("HGETDEL g FIELDS 1 a", "[(nil)]");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 128})
    void theSweepRemovesWhatNobodyLooksAt(int packedMax) {
        try (Conversation c = talk(packedMax)) {
            Conversation.Speaker other = c.connect();
            c.ask("DEL big");
            for (int i = 0; i < 3000; i++) {
                c.ask("HSETEX big PX " + (1 + i % 7) + " FIELDS 1 f" + i + " v");
            }
            c.says("HPEXPIRE h 5 FIELDS 2 a b", "[:1 :1]");
            other.say("WATCH h");
            c.passes(5);
            while (c.engine().sweepExpired(SWEEP_NANOS)) {
                c.says("PING", "PONG");
            }
            c.says("HLEN h", ":1");
            c.says("HLEN big", ":856");
            c.passes(5);
            while (c.engine().sweepExpired(SWEEP_NANOS)) {
                c.says("PING", "PONG");
            }
            c.says("EXISTS big", ":0");
            assertThat(c.ask("INFO stats")).contains("expired_subkeys:3002");
        }
    }

    @Test
    void refusesWhatMakesNoSense() {
        try (Conversation c = talk(128)) {
            c.ask("SET s x");
            c.says("HEXPIRE h -1 FIELDS 1 a", "-ERR invalid expire time in 'hexpire' command");
            c.says("HEXPIRE h x FIELDS 1 a", "-ERR value is not an integer or out of range");
            c.says(
                    "HEXPIRE h 99999999999 FIELDS 1 a",
                    "-ERR invalid expire time in 'hexpire' command");
            c.says("HEXPIRE h 1 1 a b", DIFFER);
            c.says("HEXPIRE h 1 FIELDS 0 a", DIFFER);
            c.says("HEXPIRE h 1 FIELDS 2 a", DIFFER);
            c.says("HEXPIRE h 1 FIELDS x a", "-ERR value is not an integer or out of range");
            c.says(
                    "HEXPIRE h 1 NX GT FIELDS 1 a",
                    "-ERR NX and XX, GT or LT options at the same time are not compatible");
            c.says(
                    "HEXPIRE h 1 GT LT FIELDS 1 a",
                    "-ERR GT and LT options at the same time are not compatible");
            c.says("HEXPIRE h 1 YY FIELDS 1 a", "-ERR Unsupported option YY");
            c.says("HTTL h FIELDS 2 a", "-ERR syntax error");
            c.says("HTTL h FIELD 1 a", "-ERR syntax error");
            c.says("HPERSIST h FIELDS 2 a", DIFFER);
            c.says("HGETDEL h FIELDS -1 a", DIFFER);
            c.says(
                    "HTTL s FIELDS 1 a",
                    "-WRONGTYPE Operation against a key holding the wrong kind of value");
            c.says("HGETEX h EX 1 PX 1 FIELDS 1 a", "-ERR syntax error");
            c.says("HGETEX h NX FIELDS 1 a", "-ERR syntax error");
            c.says("HSETEX h FNX FXX FIELDS 1 a b", "-ERR syntax error");
            c.says("HSETEX h EX FIELDS 1 a b", "-ERR syntax error");
            c.says("HSETEX h EX -1 FIELDS 1 a b", "-ERR invalid expire time in 'hsetex' command");
            c.says("HSETEX h FIELDS 2 a b c", DIFFER);
            c.says("HSETEX h FIELDS 1 a b EX 1", DIFFER);
            c.says("HSETEX h EX 1 FIELD 1 a b", DIFFER);
            c.says("HGETALL h", "{a 1 b 2 c 3}");
        }
    }

    @Test
    void whoListensHearsThatFieldsEnd() {
        try (Conversation c = talk(128)) {
            c.ask("CONFIG SET notify-keyspace-events Eghx");
            Conversation.Speaker other = c.connect();
            other.ask("PSUBSCRIBE __keyevent*");
            c.says("HSETEX h EX 0 FIELDS 2 a 1 zz 2", ":1");
            assertThat(events(other)).containsExactly("hset", "hexpire", "hexpired");
            c.says("HSETEX nokey EX 0 FIELDS 1 a 1", ":1");
            assertThat(events(other)).containsExactly("hset", "hexpire", "hexpired", "del");
            c.says("HGETEX h PX 0 FIELDS 1 b", "[2]");
            assertThat(events(other)).containsExactly("hexpired");
            c.says("HEXPIREAT h 1 FIELDS 1 c", "[:2]");
            assertThat(events(other)).containsExactly("hexpired", "del");
            c.ask("HSETEX h PX 5 FIELDS 1 a 1");
            c.ask("HSET h b 1");
            assertThat(c.ask("INFO keyspace")).contains(",keys_with_volatile_items=1");
            assertThat(events(other)).containsExactly("hset", "hexpire", "hset");
            c.passes(5);
            c.says("HSET h a 2", ":1");
            assertThat(events(other)).containsExactly("hexpired", "hset");
            assertThat(c.ask("INFO keyspace")).doesNotContain("volatile");
        }
    }

    private static List<String> events(Conversation.Speaker listener) {
        List<String> events = new ArrayList<>();
        for (String heard = listener.heard();
                !heard.equals("(nothing)");
                heard = listener.heard()) {
            events.add(heard.replaceAll(".*__:(\\S+) .*", "$1"));
        }
        return events;
    }

    @Test
    void aHashWithoutTimesIsAsSmallAsBefore() {
        HashValue hash = new HashValue();
        hash.put(Slice.of("a"), Slice.of("1"), 128, 64);
        long before = hash.memoryBytes();
        assertThat(hash.keepsDeadlines()).isFalse();
        hash.deadline(Slice.of("a"), 0);
        assertThat(hash.memoryBytes()).isEqualTo(before);
        List<String> shown = new ArrayList<>();
        hash.forEachLive(Long.MAX_VALUE - 1, (field, _) -> shown.add(field.toString()));
        assertThat(shown).containsExactly("a");
    }
}
