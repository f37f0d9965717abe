package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens at {@code maxmemory}, and whether memory is reckoned as the heap has it. */
class MemoryConversationTest {
    private static final int KEYS = 2_000;

    private static void limit(Conversation talk, String policy, long moreBytes) {
        long limit = talk.engine().memory().usedBytes() + moreBytes;
        talk.says("CONFIG SET maxmemory-policy " + policy + " maxmemory " + limit, "OK");
    }

    private static String value(int length) {
        return "x".repeat(length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"allkeys-lru", "allkeys-lfu", "allkeys-random"})
    void anyKeyMayGo(String policy) {
        try (Conversation talk = new Conversation()) {
            limit(talk, policy, 100_000);
            for (int i = 0; i < KEYS; i++) {
                talk.says("SET key:" + i + " " + value(500), "OK");
            }
            assertThat(talk.engine().memory().usedBytes())
                    .isLessThanOrEqualTo(talk.engine().config().memoryBytesMax() + 1_000);
            assertThat(talk.engine().statistics().evictedKeys()).isBetween(1_500L, 1_950L);
            assertThat(Integer.parseInt(talk.ask("DBSIZE").substring(1))).isGreaterThan(50);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"})
    void onlyKeysThatExpireMayGo(String policy) {
        try (Conversation talk = new Conversation()) {
            for (int i = 0; i < 100; i++) {
                talk.says("SET lasting:" + i + " " + value(500), "OK");
            }
            limit(talk, policy, 50_000);
            for (int i = 0; i < KEYS; i++) {
                talk.says("SET key:" + i + " " + value(500) + " EX 1000", "OK");
            }
            assertThat(talk.engine().statistics().evictedKeys()).isGreaterThan(1_500L);
            for (int i = 0; i < 100; i++) {
                talk.says("EXISTS lasting:" + i, ":1");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"noeviction", "volatile-lru"})
    void whereNothingMayGoCommandsThatNeedMemoryAreRefused(String policy) {
        try (Conversation talk = new Conversation()) {
            talk.says("SET here " + value(100), "OK");
            talk.says("CONFIG SET maxmemory-policy " + policy + " maxmemory 1", "OK");
            String refused = "-OOM command not allowed when used memory > 'maxmemory'.";
            talk.says("SET more 1", refused);
            talk.says("LPUSH list 1", refused);
            talk.says("GET here", value(100));
            talk.says("DEL here", ":1");
            talk.says("MULTI", "OK");
            talk.says("GET here", refused);
            talk.says("EXEC", "-EXECABORT Transaction discarded because of previous errors.");
            talk.says("CONFIG SET maxmemory 0", "OK");
            talk.says("SET more 1", "OK");
            talk.says("MULTI", "OK");
            talk.says("SET even more", "QUEUED");
            talk.connect().ask("CONFIG SET maxmemory 1");
            talk.says(
                    "EXEC",
                    "-EXECABORT Transaction discarded because of: OOM command not allowed when used"
                            + " memory > 'maxmemory'.");
            talk.says("EXISTS even", ":0");
        }
    }

    @Test
    void whatIsUsedStays() {
        try (Conversation talk = new Conversation()) {
            for (int i = 0; i < 100; i++) {
                talk.says("SET key:" + i + " " + value(500), "OK");
            }
            limit(talk, "allkeys-lru", 1_000);
            talk.passes(10_000);
            for (int i = 0; i < 20; i++) {
                talk.says("GET key:" + i, value(500));
            }
            talk.passes(10_000);
            for (int i = 0; i < 40; i++) {
                talk.says("SET new:" + i + " " + value(500), "OK");
            }
            int kept = 0;
            for (int i = 0; i < 20; i++) {
                kept += Integer.parseInt(talk.ask("EXISTS key:" + i).substring(1));
            }
            assertThat(kept).isGreaterThan(15);
        }
    }

    @Test
    void nothingIsEvictedWhileClientsArePaused() {
        try (Conversation talk = new Conversation()) {
            for (int i = 0; i < 50; i++) {
                talk.says("SET key:" + i + " " + value(500), "OK");
            }
            talk.says("CLIENT PAUSE 100000 WRITE", "OK");
            talk.says("CONFIG SET maxmemory-policy allkeys-lru maxmemory 1", "OK");
            talk.says("GET key:0", value(500));
            talk.says("DBSIZE", ":50");
            talk.says("CLIENT UNPAUSE", "OK");
            talk.ask("GET key:0");
            talk.says("DBSIZE", ":0");
        }
    }

    @Test
    void usesAreCountedAndDecay() {
        try (Conversation talk = new Conversation()) {
            talk.says("CONFIG SET maxmemory-policy allkeys-lfu", "OK");
            talk.says("SET often 1", "OK");
            talk.says("OBJECT FREQ often", ":5");
            for (int i = 0; i < 500; i++) {
                talk.ask("GET often");
            }
            int counted = Integer.parseInt(talk.ask("OBJECT FREQ often").substring(1));
            assertThat(counted).isBetween(8, 40);
            talk.passes(3 * 60_000);
            talk.says("OBJECT FREQ often", ":" + (counted - 3));
            assertThat(talk.ask("OBJECT IDLETIME often"))
                    .startsWith("-ERR An LFU maxmemory policy");
        }
    }

    /** Fills a store one kind at a time; the heap must grow as the reckoning says, within 10 %. */
    @ParameterizedTest
    @CsvSource({
        "strings, 30000",
        "numbers, 30000",
        "expiring, 30000",
        "small hashes, 10000",
        "large hash, 30000",
        "small lists, 10000",
        "long list, 60000",
        "small sets, 10000",
        "large set, 30000",
        "sorted sets, 10000",
        "large sorted set, 30000",
        "appended, 15000"
    })
    void isReckonedAsTheHeapHasIt(String kind, int count) {
        try (Conversation talk = new Conversation()) {
            talk.forgetsEffects();
            fill(talk, "warm-up", kind, 2_000);
            // Garbage of tests before this one may go while it is measured, but not every time.
            long reckoned = 0;
            long heap = 1;
            for (int i = 0; i < 4 && Math.abs(reckoned - heap) > heap / 10; i++) {
                long reckonedBefore = talk.engine().memory().dataBytes();
                long heapBefore = heapBytes();
                fill(talk, "measured" + i, kind, count);
                reckoned = talk.engine().memory().dataBytes() - reckonedBefore;
                heap = heapBytes() - heapBefore;
            }
            assertThat(reckoned)
                    .as("%s: %d of %d", kind, reckoned, heap)
                    .isBetween(heap * 90 / 100, heap * 110 / 100);
        }
    }

    private static void fill(Conversation talk, String name, String kind, int count) {
        for (int i = 0; i < count; i++) {
            String member = String.format(Locale.ROOT, "%s:%08d", name, i);
            switch (kind) {
                case "strings" -> talk.ask("SET " + member + " " + value(64));
                case "numbers" -> talk.ask("SET " + member + " " + i * 1_000L);
                case "expiring" -> talk.ask("SET " + member + " " + value(20) + " EX 1000");
                case "small hashes" -> talk.ask("HSET " + member + " name Ada age 36 city London");
                case "large hash" -> talk.ask("HSET " + name + " " + member + " " + value(20));
                case "small lists" -> talk.ask("RPUSH " + member + " one two three four");
                case "long list" -> talk.ask("RPUSH " + name + " " + member);
                case "small sets" -> talk.ask("SADD " + member + " one two three four");
                case "large set" -> talk.ask("SADD " + name + " " + member);
                case "sorted sets" -> talk.ask("ZADD " + member + " 1 one 2 two 3 three");
                case "large sorted set" -> talk.ask("ZADD " + name + " " + i + " " + member);
                case "appended" -> {
                    talk.ask("SET " + member + " " + value(20));
                    talk.ask("APPEND " + member + " " + value(20));
                }
                default -> throw new IllegalArgumentException(kind);
            }
        }
    }

    private static long heapBytes() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 2; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    /** Sources of scripts are memory that is used, as there; what interprets them is not. */
    @Test
    void scriptsAreUsedMemory() {
        try (Conversation c = new Conversation()) {
            String large = "return '" + "x".repeat(20_000) + "'";
            long before = c.engine().memory().usedBytes();
            c.ask("EVAL", large, "0");
            c.ask("EVAL", large, "0");
            assertThat(c.engine().memory().usedBytes() - before).isBetween(20_000L, 21_000L);
            c.ask("SCRIPT", "FLUSH");
            assertThat(c.engine().memory().usedBytes()).isEqualTo(before);
            String library =
                    "#!lua name=l\nredis.register_function('f', function() " + large + " end)";
            c.ask("FUNCTION", "LOAD", library);
            c.ask("FUNCTION", "LOAD", "REPLACE", library);
            assertThat(c.engine().memory().usedBytes() - before).isBetween(20_000L, 21_000L);
            c.ask("FUNCTION", "DELETE", "l");
            assertThat(c.engine().memory().usedBytes()).isEqualTo(before);
        }
    }

    @Test
    void theKeyspaceTellsHowLongKeysLiveOnAverage() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a 1 PX 100000");
            c.ask("SET b 1 PX 300000");
            c.ask("SET c 1");
            assertThat(c.engine().database(0).averageTtl()).isBetween(195_000L, 200_000L);
        }
    }
}
