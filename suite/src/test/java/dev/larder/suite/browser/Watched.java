package dev.larder.suite.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ReducedMotion;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One visitor: a browser context of their own (cookies, storage) with one page, and a list of
 * everything that went wrong in it. Wrong is: an error in the console, an exception nobody caught,
 * an answer of 400 or more, a request that failed, a request to anywhere but Larder.
 */
final class Watched implements AutoCloseable {

    /** More than anybody reads; the first ones tell. */
    private static final int KEPT_FAULTS = 50;

    /**
     * The software rasterizer of a headless browser talks about itself; the page cannot help it.
     */
    private static final String RASTERIZER_CHATTER = "GPU stall";

    /**
     * A request given up by the page itself, because a newer one replaced it or the page was left.
     */
    private static final String GIVEN_UP = "net::ERR_ABORTED";

    private final BrowserContext context;
    private final Page page;
    private final List<String> faults = new CopyOnWriteArrayList<>();

    Watched(Browser browser, String baseUrl, int width, int height) {
        boolean phone = width < 600;
        context =
                browser.newContext(
                        new Browser.NewContextOptions()
                                .setBaseURL(baseUrl)
                                .setViewportSize(width, height)
                                .setIsMobile(phone)
                                .setHasTouch(phone)
                                .setReducedMotion(ReducedMotion.REDUCE));
        context.setDefaultTimeout(BrowserWalk.PATIENCE.toMillis());
        page = context.newPage();
        page.onConsoleMessage(this::hear);
        page.onPageError(error -> note("not caught: " + error));
        page.onRequest(
                request -> {
                    String url = request.url();
                    if (!url.startsWith(baseUrl) && !url.startsWith("data:")) {
                        note("asked somebody else: " + url);
                    }
                });
        page.onRequestFailed(
                request -> {
                    if (!GIVEN_UP.equals(request.failure())) {
                        note("failed: " + request.url() + " " + request.failure());
                    }
                });
        page.onResponse(
                response -> {
                    if (response.status() >= 400) {
                        note("answered " + response.status() + ": " + response.url());
                    }
                });
    }

    Page page() {
        return page;
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    public void close() {
        context.close();
    }

    private void hear(ConsoleMessage message) {
        if ("error".equals(message.type()) && !message.text().contains(RASTERIZER_CHATTER)) {
            note("console: " + message.text());
        }
    }

    private void note(String fault) {
        if (faults.size() < KEPT_FAULTS) {
            faults.add(page.url() + ": " + fault);
        }
    }
}
