package dev.larder.suite;

import dev.larder.suite.browser.BrowserWalk;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The suite on its own store: by HTTP, and page by page in a browser. */
class EndToEndTest extends SixFlows {

    @BeforeAll
    void start() {
        suite = RunningSuite.start(Map.of());
    }

    @Test
    void every_page_works_in_a_browser() throws IOException {
        BrowserWalk.walk(suite.baseUrl());
    }
}
