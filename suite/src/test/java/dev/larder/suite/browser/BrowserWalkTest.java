package dev.larder.suite.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Walks through a suite that is running already, at {@code LARDER_BASE_URL} (or system property
 * {@code larder.base-url}). The suite's own end-to-end test starts one and calls the same walk.
 */
class BrowserWalkTest {

    @Test
    void a_visitor_finds_every_page_working() throws IOException {
        String baseUrl = System.getProperty("larder.base-url", System.getenv("LARDER_BASE_URL"));
        assumeTrue(baseUrl != null, "no suite to walk through: LARDER_BASE_URL is not set");
        BrowserWalk.walk(baseUrl);
    }
}
