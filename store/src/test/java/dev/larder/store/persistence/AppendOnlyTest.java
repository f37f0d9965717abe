package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.compat.Peer;
import dev.larder.store.compat.Wire;
import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.reply.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The append-only file: written, rewritten, damaged and loaded, in this process. */
class AppendOnlyTest {
    private static final int VERSION_OF_PEER = 10;
    private static final String INCREMENT = "appendonly.aof.1.incr.aof";

    @TempDir Path folder;

    private StoreConfig config() {
        return new StoreConfig().with("dir", folder.toString()).with("appendonly", "yes");
    }

    private static Engine engine(StoreConfig config) {
        return Store.engine(config, new Clock(System::currentTimeMillis));
    }

    private Voice started(StoreConfig config) throws IOException {
        Engine engine = engine(config);
        Persistence.of(engine).load();
        return Voice.of(engine);
    }

    private static void stop(Voice voice) {
        voice.engine().endBatch();
        voice.engine().stopping();
    }

    private Path file(String name) {
        return folder.resolve("appendonlydir").resolve(name);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("appendonlydir"))) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static String info(Voice voice, String name) {
        return Persistence.of(voice.engine()).info().get(name).toString();
    }

    private static void untilRewritten(Voice voice, Random random) {
        while (info(voice, "aof_rewrite_in_progress").equals("1")) {
            voice.engine().workInBackground(20_000);
            voice.engine().clock().refresh();
            if (random != null) {
                RdbFileTest.change(voice, random, 3000);
                voice.engine().endBatch();
            }
        }
    }

    @Test
    void allThatWasSaidComesBack() throws IOException {
        Voice voice = started(config());
        RdbFileTest.fill(voice, new Random(1), 5000);
        voice.ask("MULTI");
        voice.ask("SELECT 5");
        voice.ask("SET in-five 1");
        voice.ask("INCR in-five");
        voice.ask("EXEC");
        voice.ask("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() end)");
        String digest = voice.digest();
        stop(voice);
        assertThat(Files.readString(file(INCREMENT), StandardCharsets.ISO_8859_1))
                .contains("$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$7\r\nin-five");
        Voice again = started(config());
        assertThat(again.digest()).isEqualTo(digest);
        assertThat(again.ask("FUNCTION LIST").toString()).contains("library_name");
        stop(again);
    }

    @Test
    void isRewrittenWhileItChanges() throws IOException {
        Voice voice = started(config());
        Random random = new Random(2);
        RdbFileTest.fill(voice, random, 3000);
        for (int i = 2; i < 5; i++) {
            voice.ask("BGREWRITEAOF");
            assertThat(files()).contains("appendonly.aof." + i + ".incr.aof");
            untilRewritten(voice, random);
            assertThat(files())
                    .containsExactly(
                            "appendonly.aof." + i + ".base.rdb",
                            "appendonly.aof." + i + ".incr.aof",
                            "appendonly.aof.manifest");
        }
        assertThat(info(voice, "aof_last_bgrewrite_status")).isEqualTo("ok");
        String digest = voice.digest();
        assertThat(((Reply.Status) voice.ask("DEBUG LOADAOF")).text()).isEqualTo("OK");
        assertThat(voice.digest()).isEqualTo(digest);
        stop(voice);
        Voice again = started(config());
        assertThat(again.digest()).isEqualTo(digest);
        stop(again);
    }

    @Test
    void rewritesByItselfWhenItHasGrown() throws IOException {
        Voice voice =
                started(
                        config().with("auto-aof-rewrite-min-size", "10000")
                                .with("auto-aof-rewrite-percentage", "50"));
        for (int i = 0; i < 1000; i++) {
            voice.ask("SET k " + i);
        }
        voice.engine().endBatch();
        voice.engine().workInBackground(1);
        assertThat(info(voice, "aof_rewrites")).isEqualTo("1");
        untilRewritten(voice, null);
        assertThat(Long.parseLong(info(voice, "aof_current_size"))).isLessThan(1000);
        stop(voice);
    }

    @Test
    void isSwitchedOnAndOffAtRunTime() throws IOException {
        Voice voice = started(config().with("appendonly", "no"));
        Random random = new Random(3);
        RdbFileTest.fill(voice, random, 2000);
        voice.ask("CONFIG SET appendonly yes");
        assertThat(info(voice, "aof_enabled")).isEqualTo("1");
        assertThat(Files.exists(file("appendonly.aof.manifest"))).isFalse();
        untilRewritten(voice, random);
        RdbFileTest.fill(voice, random, 2000);
        String digest = voice.digest();
        voice.ask("CONFIG SET appendonly no");
        voice.ask("SET too late");
        assertThat(info(voice, "aof_enabled")).isEqualTo("0");
        stop(voice);
        Voice again = started(config());
        assertThat(again.digest()).isEqualTo(digest);
        stop(again);
    }

    @Test
    void takesTheDataFileWhereThereIsNothingElse() throws IOException {
        Voice voice = started(config().with("appendonly", "no"));
        RdbFileTest.fill(voice, new Random(4), 1000);
        voice.ask("SAVE");
        String digest = voice.digest();
        Voice first = started(config());
        assertThat(first.digest()).isEqualTo(digest);
        stop(first);
        Files.delete(folder.resolve("dump.rdb"));
        Voice second = started(config());
        assertThat(second.digest()).isEqualTo(digest);
        stop(second);
    }

    /** Whatever byte the file ends at: whole commands before it are there, and none is halved. */
    @Test
    void cutsOffAHalfCommandAtTheEnd() throws IOException {
        Voice voice = started(config());
        voice.ask("SET a 1");
        String digest = voice.digest();
        voice.engine().endBatch();
        Persistence.of(voice.engine()).syncAppended();
        long whole = Files.size(file(INCREMENT));
        voice.ask("MULTI");
        voice.ask("SET b 2");
        voice.ask("RPUSH l x y");
        voice.ask("EXEC");
        stop(voice);
        byte[] all = Files.readAllBytes(file(INCREMENT));
        for (int length = (int) whole; length < all.length; length++) {
            Files.write(file(INCREMENT), java.util.Arrays.copyOf(all, length));
            if (length > whole) {
                assertThatThrownBy(() -> started(config().with("aof-load-truncated", "no")))
                        .isInstanceOf(BadDataException.class)
                        .hasMessageContaining("Unexpected end of file");
            }
            Voice again = started(config());
            assertThat(again.digest()).isEqualTo(digest);
            stop(again);
            assertThat(Files.size(file(INCREMENT))).isEqualTo(whole);
        }
    }

    @Test
    void refusesWhatIsDamaged() throws IOException {
        Voice voice = started(config());
        voice.ask("SET a 1");
        stop(voice);
        byte[] all = Files.readAllBytes(file(INCREMENT));
        all[all.length - 8] = 'x';
        Files.write(file(INCREMENT), all);
        assertThatThrownBy(() -> started(config()))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining("Bad file format");
        Files.writeString(file(INCREMENT), "*1\r\n$6\r\nNOSUCH\r\n");
        assertThatThrownBy(() -> started(config()))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining("Unknown command 'NOSUCH'");
        Files.writeString(file("appendonly.aof.manifest"), "file x seq y type b\n");
        assertThatThrownBy(() -> started(config()))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining("manifest");
    }

    /** A key whose time ran out later than it was changed is the same key all along. */
    @Test
    void nothingExpiresWhileItIsLoaded() throws IOException {
        stop(started(config()));
        Files.writeString(
                file(INCREMENT),
                "#TS:1\r\n*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n1\r\n$4\r\nPXAT\r\n$4\r\n5000\r\n"
                        + "*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n",
                StandardOpenOption.APPEND);
        Voice voice = started(config());
        assertThat(voice.ask("GET k")).isEqualTo(Reply.Nil.BULK);
        stop(voice);
        assertThat(Files.readString(file(INCREMENT))).contains("DEL");
    }

    @Test
    void refusesWritesWhileTheDiskIsFull() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/full")), "no device that is always full");
        stop(started(config()));
        Files.delete(file(INCREMENT));
        Files.createSymbolicLink(file(INCREMENT), Path.of("/dev/full"));
        Voice voice =
                started(config().with("appendfsync", "always").with("aof-load-truncated", "no"));
        voice.ask("SET a 1");
        voice.engine().endBatch();
        assertThat(info(voice, "aof_last_write_status")).isEqualTo("err");
        assertThat(voice.ask("SET b 1"))
                .isEqualTo(
                        new Reply.Failure(
                                "MISCONF Errors writing to the AOF file: No space left on device"));
        assertThat(voice.ask("GET b")).isEqualTo(Reply.Nil.BULK);
        voice.ask("CONFIG SET appendonly no");
        assertThat(voice.ask("SET b 1")).isEqualTo(Reply.OK);
    }

    @Test
    void aRealServerLoadsOurFiles() throws Exception {
        Engine engine = engine(config());
        Persistence.of(engine).version(VERSION_OF_PEER);
        Persistence.of(engine).load();
        Voice voice = Voice.of(engine);
        Random random = new Random(5);
        RdbFileTest.fill(voice, random, 3000);
        voice.ask("BGREWRITEAOF");
        untilRewritten(voice, random);
        RdbFileTest.fill(voice, random, 1000);
        voice.ask("XGROUP CREATE x1 g 0");
        voice.ask("XREADGROUP GROUP g alice COUNT 3 STREAMS x1 >");
        String digest = voice.digest();
        stop(voice);
        String theirs;
        try (Peer peer = Peer.start("--dir", folder.toString(), "--appendonly", "yes");
                Wire wire = new Wire(peer.port())) {
            assertThat(wire.ask("DEBUG", "DIGEST")).isEqualTo("+" + digest + "\r\n");
            wire.ask("SET", "one-more", "x");
            wire.ask("MULTI");
            wire.ask("XADD", "x1", "*", "a", "b");
            wire.ask("SETEX", "b", "1000", "2");
            wire.ask("EXEC");
            theirs = wire.ask("DEBUG", "DIGEST");
        }
        Voice again = started(config());
        assertThat("+" + again.digest() + "\r\n").isEqualTo(theirs);
        stop(again);
    }
}
