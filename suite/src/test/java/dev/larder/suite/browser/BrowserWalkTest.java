package dev.larder.suite.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Walks through the suite at {@code LARDER_BASE_URL} (or system property {@code larder.base-url}).
 */
class BrowserWalkTest {

    @Test
    void a_visitor_finds_every_page_working() throws Exception {
        String baseUrl = System.getProperty("larder.base-url", System.getenv("LARDER_BASE_URL"));
        assumeTrue(baseUrl != null, "no suite to walk through: LARDER_BASE_URL is not set");
        Optional<Path> chromium = BrowserWalk.chromium();
        assumeTrue(chromium.isPresent(), "no Chromium on the path: set LARDER_CHROMIUM");
        Path pictures = Files.createDirectories(Path.of("target", "browser"));
        try (BrowserWalk walk = new BrowserWalk(baseUrl, chromium.get(), pictures)) {
            walk.all();
        }
    }
}
