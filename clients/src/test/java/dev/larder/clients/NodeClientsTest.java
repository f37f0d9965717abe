package dev.larder.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.junit.StoreExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The scenarios of npm clients in {@code src/test/node}, each a process of Node against a store of
 * its own. The packages are installed once, in {@code target/node}, and again when the lock
 * changes.
 */
@ExtendWith(StoreExtension.class)
class NodeClientsTest {
    private static final int NODE_LEAST = 18;
    private static final Path SOURCES = Path.of("src", "test", "node").toAbsolutePath();
    private static final Path PLACE = Path.of("target", "node").toAbsolutePath();
    private static final List<String> PACKAGE_FILES =
            List.of("package.json", "package-lock.json", ".npmrc");

    private record Outcome(int status, String said) {}

    @BeforeAll
    static void install() throws Exception {
        Assumptions.assumeTrue(
                nodeVersion() >= NODE_LEAST,
                "no Node " + NODE_LEAST + " or later on the PATH: npm clients are not tried");
        boolean installed = Files.isDirectory(PLACE.resolve("node_modules"));
        Files.createDirectories(PLACE);
        for (String file : PACKAGE_FILES) {
            byte[] wanted = Files.readAllBytes(SOURCES.resolve(file));
            Path there = PLACE.resolve(file);
            if (!Files.exists(there)
                    || !java.util.Arrays.equals(wanted, Files.readAllBytes(there))) {
                Files.write(there, wanted);
                installed = false;
            }
        }
        if (!installed) {
            // What a package would run while it is installed is an optional speed-up.
            Outcome outcome =
                    run(Map.of(), 240, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            if (outcome.status() != 0) {
                // Half an installation must not pass for one.
                Files.deleteIfExists(PLACE.resolve("package-lock.json"));
            }
            assertThat(outcome.status()).as(outcome.said()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ioredis", "node-redis", "bullmq", "connect-redis", "socket-io"})
    void scenario(String name, Store store) throws Exception {
        for (String file : List.of(name + ".js", "say.js")) {
            Files.write(PLACE.resolve(file), Files.readAllBytes(SOURCES.resolve(file)));
        }
        Outcome outcome =
                run(
                        Map.of("LARDER_STORE_PORT", Integer.toString(store.port())),
                        90,
                        "node",
                        name + ".js");
        assertThat(outcome.status()).as(outcome.said()).isZero();
    }

    private static int nodeVersion() throws InterruptedException {
        try {
            Files.createDirectories(PLACE);
            String version = run(Map.of(), 20, "node", "--version").said().strip();
            return version.matches("v\\d+\\..*")
                    ? Integer.parseInt(version.substring(1, version.indexOf('.')))
                    : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private static Outcome run(Map<String, String> environment, int seconds, String... command)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile(PLACE, "said", ".txt");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(PLACE.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            String said = Files.readString(log);
            return ended
                    ? new Outcome(process.exitValue(), said)
                    : new Outcome(-1, "not done after " + seconds + " s: " + said);
        } finally {
            Files.deleteIfExists(log);
        }
    }
}
