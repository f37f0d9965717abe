package dev.larder.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.larder.suite.browser.BrowserWalk;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same artifacts on a real redis-server: no store of ours is started then. */
class EndToEndOnRedisTest extends SixFlows {

    private Process redis;

    @BeforeAll
    void start() throws IOException {
        assumeTrue(
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "redis-server"))),
                "no redis-server on the path (Debian package redis-server)");
        int port = RunningSuite.freePorts(1);
        redis =
                new ProcessBuilder(
                                "redis-server",
                                "--port",
                                Integer.toString(port),
                                "--bind",
                                Settings.HOST,
                                "--save",
                                "",
                                "--appendonly",
                                "no")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        suite =
                RunningSuite.start(
                        Map.of("LARDER_STORE_URL", "redis://" + Settings.HOST + ":" + port));
    }

    @AfterAll
    void stopRedis() {
        if (redis != null) {
            redis.destroy();
            redis.onExit().join();
        }
    }

    @Test
    void no_store_of_ours_runs() {
        assertThat(suite.state(Part.STORE)).isEqualTo("elsewhere");
    }

    @Test
    void every_page_works_in_a_browser() throws IOException {
        BrowserWalk.walk(suite.baseUrl());
    }
}
