package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is saved is what is loaded, whole, and as of one moment. */
class RdbFileTest {
    @TempDir Path folder;

    /** Data of every type and encoding in several databases. */
    static void fill(Voice voice, Random random, int keys) {
        for (int i = 0; i < keys; i++) {
            voice.ask("SELECT " + random.nextInt(3));
            change(voice, random, keys);
        }
        voice.ask("SELECT 0");
    }

    /** One command that changes something, by chance. */
    static void change(Voice voice, Random random, int keys) {
        int n = random.nextInt(keys);
        int value = random.nextInt();
        switch (random.nextInt(14)) {
            case 0 -> voice.ask("SET s" + n + " " + value);
            case 1 -> voice.ask("SET s" + n + " text-" + "x".repeat(random.nextInt(100)));
            case 2 -> voice.ask("APPEND s" + n + " more");
            case 3 -> voice.ask("RPUSH l" + n % 50 + " a" + value + " " + value);
            case 4 -> voice.ask("LPOP l" + n % 50);
            case 5 -> voice.ask("SADD i" + n % 50 + " " + value);
            case 6 -> voice.ask("SADD m" + n % 5 + " member" + value);
            case 7 -> voice.ask("ZADD z" + n % 20 + " " + value / 8.0 + " member" + n);
            case 8 -> voice.ask("HSET h" + n % 20 + " field" + n + " " + value);
            case 9 -> voice.ask("HDEL h" + n % 20 + " field" + n);
            case 10 -> voice.ask("XADD x" + n % 10 + " * a " + value + " b " + n);
            case 11 -> voice.ask("EXPIRE s" + n + " 100000");
            case 12 -> voice.ask("RENAME s" + n + " s" + (n + 1) % keys);
            default -> voice.ask("DEL s" + n + " l" + n % 50);
        }
    }

    private Engine loaded() throws IOException {
        Engine other = Voice.engine(folder);
        Persistence.of(other).load();
        return other;
    }

    @Test
    void savesAndLoads() throws IOException {
        Engine engine = Voice.engine(folder);
        Voice voice = Voice.of(engine);
        fill(voice, new Random(1), 5000);
        voice.ask("XGROUP CREATE x1 g 0");
        voice.ask("XREADGROUP GROUP g alice COUNT 3 STREAMS x1 >");
        assertThat(voice.ask("SAVE")).isEqualTo(Reply.OK);
        assertThat(voice.digest()).isNotEqualTo("0".repeat(40));
        assertThat(Voice.of(loaded()).digest()).isEqualTo(voice.digest());
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void keepsLibrariesOfFunctions() throws IOException {
        Voice voice = Voice.of(Voice.engine(folder));
        String code = "#!lua name=lib\nredis.register_function('f', function() return 7 end)";
        voice.ask("FUNCTION", "LOAD", code);
        voice.ask("SAVE");
        assertThat(Voice.of(loaded()).ask("FCALL f 0")).isEqualTo(Reply.integer(7));
    }

    @Test
    void keepsWhenFieldsEnd() throws IOException {
        Voice voice = Voice.of(Voice.engine(folder));
        voice.ask("HSET h a 1 b 2 c 3");
        voice.ask("HPEXPIREAT h 4102444800000 FIELDS 1 b");
        voice.ask("HPEXPIREAT h 4102444800009 FIELDS 1 a");
        for (int i = 0; i < 1000; i++) {
            voice.ask("HSET big f" + i + " v" + i);
        }
        voice.ask("HPEXPIREAT big 4102444800000 FIELDS 2 f1 f2");
        voice.ask("HPEXPIREAT big 4102444800005 FIELDS 1 f3");
        String small = voice.ask("HPEXPIRETIME h FIELDS 3 a b c").toString();
        String large = voice.ask("HPEXPIRETIME big FIELDS 4 f1 f2 f3 f4").toString();
        voice.ask("SAVE");
        Voice other = Voice.of(loaded());
        assertThat(other.digest()).isEqualTo(voice.digest());
        assertThat(other.ask("HPEXPIRETIME h FIELDS 3 a b c")).hasToString(small);
        assertThat(other.ask("HPEXPIRETIME big FIELDS 4 f1 f2 f3 f4")).hasToString(large);
        assertThat(small).contains("4102444800009");
    }

    /** What an eviction policy goes by survives, as it does on the real servers. */
    @Test
    void keepsHowKeysWereUsed() {
        Voice voice = Voice.of(Voice.engine(folder));
        voice.ask("CONFIG SET maxmemory-policy allkeys-lfu");
        voice.ask("SET k v");
        byte[] payload = ((Reply.Bulk) voice.ask("DUMP k")).bytes();
        String words = new String(payload, java.nio.charset.StandardCharsets.ISO_8859_1);
        voice.ask("RESTORE", "k", "0", words, "REPLACE", "FREQ", "100");
        voice.ask("DEBUG RELOAD");
        assertThat(voice.ask("OBJECT FREQ k")).isEqualTo(Reply.integer(100));
        voice.ask("CONFIG SET maxmemory-policy allkeys-lru");
        voice.ask("RESTORE", "k", "0", words, "REPLACE", "IDLETIME", "1000");
        voice.ask("DEBUG RELOAD");
        assertThat(voice.ask("OBJECT IDLETIME k").toString()).contains("value=100");
    }

    /**
     * After a snapshot has failed, writes are refused until one succeeds, if snapshots are asked
     * for.
     */
    @Test
    void refusesWritesAfterAFailure() throws IOException {
        Engine engine = Voice.engine(folder);
        Voice voice = Voice.of(engine);
        voice.ask("CONFIG", "SET", "save", "900 1");
        voice.ask("SET k v");
        // A folder of the file's name, with something in it, is nothing that a file can replace.
        Path obstacle = folder.resolve("dump.rdb").resolve("in the way");
        Files.createDirectories(obstacle);
        voice.ask("BGSAVE");
        while (engine.workInBackground(100_000)) {
            Thread.onSpinWait();
        }
        assertThat(Persistence.of(engine).info()).containsEntry("rdb_last_bgsave_status", "err");
        assertThat(voice.ask("SET k w").toString()).contains("MISCONF");
        assertThat(voice.ask("PING").toString()).contains("MISCONF");
        assertThat(voice.ask("EXISTS k")).isEqualTo(Reply.integer(1));
        voice.ask("CONFIG SET stop-writes-on-bgsave-error no");
        assertThat(voice.ask("SET k w")).isEqualTo(Reply.OK);
        voice.ask("CONFIG SET stop-writes-on-bgsave-error yes");
        assertThat(voice.ask("SAVE").toString()).contains("ERR");
        Files.delete(obstacle);
        Files.delete(folder.resolve("dump.rdb"));
        assertThat(voice.ask("SAVE")).isEqualTo(Reply.OK);
        assertThat(voice.ask("SET k w")).isEqualTo(Reply.OK);
    }

    @Test
    void reloads() {
        Voice voice = Voice.of(Voice.engine(folder));
        fill(voice, new Random(2), 1000);
        String digest = voice.digest();
        assertThat(voice.ask("DEBUG RELOAD")).isEqualTo(Reply.OK);
        assertThat(voice.digest()).isEqualTo(digest);
        assertThat(voice.ask("DEBUG RELOAD NOSAVE NOFLUSH").toString()).contains("Error trying");
        assertThat(voice.ask("DEBUG RELOAD NOSAVE NOFLUSH MERGE")).isEqualTo(Reply.OK);
        assertThat(voice.digest()).isEqualTo(digest);
    }

    /** While it is written everything changes; the file has what was there when it began. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aSnapshotIsOfOneMoment(long seed) throws IOException {
        Random random = new Random(seed);
        Engine engine = Voice.engine(folder);
        Voice voice = Voice.of(engine);
        fill(voice, random, 3000);
        for (int i = 0; i < 3000; i++) {
            voice.ask("HSET big f" + i + " " + i);
            voice.ask("ZADD bigger " + i + " m" + i);
            voice.ask("RPUSH biggest element" + i);
        }
        voice.ask("SET", "long", "y".repeat(300_000));
        for (int i = 1; i <= 2000; i++) {
            voice.ask("XADD stream " + i + "-0 a " + i);
        }
        voice.ask("XGROUP CREATE stream g 0");
        voice.ask("XREADGROUP GROUP g alice COUNT 900 STREAMS stream >");
        voice.ask("XREADGROUP GROUP g bob COUNT 900 STREAMS stream >");
        String before = voice.digest();
        String pendingBefore = voice.ask("XPENDING stream g").toString();
        assertThat(voice.ask("BGSAVE").toString()).contains("Background saving started");
        int steps = 0;
        while (engine.workInBackground(20_000)) {
            steps++;
            voice.ask("SELECT " + random.nextInt(3));
            for (int i = 0; i < 5; i++) {
                change(voice, random, 3000);
            }
            switch (random.nextInt(50)) {
                case 0 -> voice.ask("SELECT 0");
                case 1 -> voice.ask("HSET big f" + random.nextInt(3000) + " changed");
                case 2 -> voice.ask("ZREM bigger m" + random.nextInt(3000));
                case 3 -> voice.ask("LSET biggest " + random.nextInt(3000) + " changed");
                case 4 -> voice.ask("SETRANGE long " + random.nextInt(300_000) + " changed");
                case 9 -> voice.ask("XACK stream g " + random.nextInt(2000) + "-0");
                case 10 -> voice.ask("XREADGROUP GROUP g carol COUNT 9 STREAMS stream >");
                case 5 -> voice.ask("MOVE s" + random.nextInt(3000) + " " + random.nextInt(3));
                case 6 -> voice.ask("COPY big copy DB " + random.nextInt(3) + " REPLACE");
                case 7 -> voice.ask("SWAPDB " + random.nextInt(3) + " " + random.nextInt(3));
                case 8 -> {
                    if (random.nextInt(5) == 0) {
                        voice.ask("FLUSHDB");
                    }
                }
                default -> {}
            }
        }
        assertThat(steps).isGreaterThan(20);
        assertThat(Persistence.of(engine).info()).containsEntry("rdb_last_bgsave_status", "ok");
        Voice other = Voice.of(loaded());
        assertThat(other.digest()).isEqualTo(before);
        assertThat(other.ask("XPENDING stream g")).hasToString(pendingBefore);
    }

    @Test
    void flushAllEndsASnapshot() throws IOException {
        Engine engine = Voice.engine(folder);
        Voice voice = Voice.of(engine);
        fill(voice, new Random(3), 1000);
        voice.ask("BGSAVE");
        assertThat(engine.workInBackground(1000)).isTrue();
        voice.ask("FLUSHALL");
        assertThat(Persistence.of(engine).info()).containsEntry("rdb_bgsave_in_progress", 0);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
        voice.ask("CONFIG", "SET", "save", "900 1");
        voice.ask("FLUSHALL");
        assertThat(Files.exists(folder.resolve("dump.rdb"))).isTrue();
    }

    @Test
    void savesByItselfAfterChanges() {
        Engine engine = Voice.engine(folder);
        Voice voice = Voice.of(engine);
        voice.ask("CONFIG", "SET", "save", "900 2");
        voice.ask("SET a 1");
        assertThat(engine.workInBackground(1000)).isFalse();
        assertThat(Persistence.of(engine).info()).containsEntry("rdb_changes_since_last_save", 1L);
    }

    @Test
    void refusesADamagedFile() throws IOException {
        Voice voice = Voice.of(Voice.engine(folder));
        fill(voice, new Random(4), 200);
        voice.ask("SAVE");
        Path file = folder.resolve("dump.rdb");
        byte[] whole = Files.readAllBytes(file);
        List<Integer> accepted = new ArrayList<>();
        for (int i = 0; i < whole.length; i += 7) {
            byte[] damaged = whole.clone();
            damaged[i] ^= (byte) (1 + i % 255);
            Files.write(file, damaged);
            try {
                new RdbReader(Voice.engine(folder), false, false).read(file);
                accepted.add(i);
            } catch (BadDataException _) {
                // As it should be.
            }
        }
        assertThat(accepted).isEmpty();
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(this::loaded).isInstanceOf(BadDataException.class);
    }
}
