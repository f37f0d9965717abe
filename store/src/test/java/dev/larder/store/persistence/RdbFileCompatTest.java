package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.store.compat.Peer;
import dev.larder.store.compat.Wire;
import dev.larder.store.engine.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server starts on the file we write, and we on the one that it writes. */
class RdbFileCompatTest {
    private static final int VERSION_OF_PEER = 10;

    @TempDir Path folder;

    @Test
    void aRealServerLoadsOurFile() throws Exception {
        Engine engine = Voice.engine(folder);
        Voice voice = Voice.of(engine);
        RdbFileTest.fill(voice, new Random(11), 5000);
        voice.ask("PFADD p a b c");
        voice.ask("XGROUP CREATE x1 g 0");
        voice.ask("XREADGROUP GROUP g alice COUNT 3 STREAMS x1 >");
        Persistence.of(engine).version(VERSION_OF_PEER);
        voice.ask("SAVE");
        try (Peer peer = Peer.start("--dir", folder.toString());
                Wire wire = new Wire(peer.port())) {
            assertThat(wire.ask("DEBUG", "DIGEST")).isEqualTo("+" + voice.digest() + "\r\n");
        }
        checked(folder.resolve("dump.rdb"));
    }

    @Test
    void weLoadTheFileOfARealServer() throws Exception {
        Engine engine = Voice.engine(folder);
        Voice voice = Voice.of(engine);
        RdbFileTest.fill(voice, new Random(12), 5000);
        Persistence.of(engine).version(VERSION_OF_PEER);
        voice.ask("SAVE");
        String theirs;
        try (Peer peer = Peer.start("--dir", folder.toString());
                Wire wire = new Wire(peer.port())) {
            wire.ask("SET", "one-more", "x".repeat(1000));
            Files.delete(folder.resolve("dump.rdb"));
            assertThat(wire.ask("SAVE")).isEqualTo("+OK\r\n");
            theirs = wire.ask("DEBUG", "DIGEST");
        }
        Engine other = Voice.engine(folder);
        Persistence.of(other).load();
        assertThat("+" + Voice.of(other).digest() + "\r\n").isEqualTo(theirs);
    }

    /** The checker of the real server finds nothing wrong. */
    private static void checked(Path file) throws IOException, InterruptedException {
        Process checker;
        try {
            checker =
                    new ProcessBuilder("redis-check-rdb", file.toString())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException _) {
            assumeTrue(false, "no redis-check-rdb on PATH");
            return;
        }
        String said = new String(checker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).contains("RDB looks OK!");
        assertThat(checker.waitFor()).isZero();
    }
}
