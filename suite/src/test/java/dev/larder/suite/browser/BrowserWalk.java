package dev.larder.suite.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.WebSocketRoute;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A walk through a running suite in a real browser, doing on each page what a visitor comes for.
 * Needs nothing but the address of the page; whoever starts the suite calls {@link #walk}. A
 * picture of every page is left in {@code target/browser}.
 */
public final class BrowserWalk implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int WIDE = 1440;
    private static final int NARROW = 390;

    /** Path and heading of every page. */
    private static final List<Map.Entry<String, String>> PAGES =
            List.of(
                    Map.entry("/", "Keep it within reach."),
                    Map.entry("/catalog", "Catalog"),
                    Map.entry("/leaderboard", "Leaderboard"),
                    Map.entry("/chat", "Chat"),
                    Map.entry("/session", "Session"),
                    Map.entry("/geo", "Geo"),
                    Map.entry("/queue", "Queue"),
                    Map.entry("/laboratory", "Laboratory"));

    private final String baseUrl;
    private final Path pictures;
    private final Playwright playwright;
    private final Browser browser;

    /**
     * @param baseUrl scheme, host and port, without a slash at the end
     * @param chromium the browser to drive, see {@link #chromium()}
     */
    BrowserWalk(String baseUrl, Path chromium, Path pictures) {
        this.baseUrl = baseUrl;
        this.pictures = pictures;
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE.toMillis());
        playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser =
                playwright
                        .chromium()
                        .launch(
                                new BrowserType.LaunchOptions()
                                        .setExecutablePath(chromium)
                                        .setArgs(
                                                List.of(
                                                        "--no-sandbox",
                                                        "--use-angle=swiftshader",
                                                        "--disable-background-networking",
                                                        "--disable-component-update",
                                                        "--disable-sync",
                                                        "--no-first-run")));
    }

    /**
     * The whole walk. Skips the calling test on a machine without a browser.
     *
     * @param baseUrl scheme, host and port of the ui, without a slash at the end
     */
    public static void walk(String baseUrl) throws IOException {
        Optional<Path> chromium = chromium();
        assumeTrue(chromium.isPresent(), "no Chromium on the path: set LARDER_CHROMIUM");
        Path pictures = Files.createDirectories(Path.of("target", "browser"));
        try (BrowserWalk walk = new BrowserWalk(baseUrl, chromium.get(), pictures)) {
            walk.all();
        }
    }

    /** The machine's own Chromium: {@code LARDER_CHROMIUM}, else the first one on the path. */
    static Optional<Path> chromium() {
        String named = System.getenv("LARDER_CHROMIUM");
        if (named != null && !named.isBlank()) {
            return Optional.of(Path.of(named));
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(
                        folder ->
                                Stream.of("chromium", "chromium-browser", "google-chrome")
                                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    void all() {
        // Somebody has the first page open all the while; in the end its charts show this walk.
        try (Watched resident = new Watched(browser, baseUrl, WIDE, 900)) {
            resident.page().navigate("/");
            walk();
            resident.page()
                    .screenshot(
                            new Page.ScreenshotOptions()
                                    .setPath(pictures.resolve("home-after-the-walk.png")));
            assertThat(resident.faults()).as("what went wrong on the page left open").isEmpty();
        }
    }

    private void walk() {
        everyPage(WIDE, 900);
        everyPage(NARROW, 844);
        whenThingsGoWrong();
        for (int width : List.of(WIDE, NARROW)) {
            int height = width == WIDE ? 900 : 844;
            try (Watched ada = new Watched(browser, baseUrl, width, height);
                    Watched grace = new Watched(browser, baseUrl, WIDE, 900)) {
                String run = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
                signIn(ada.page(), "Ada " + run);
                catalog(ada.page());
                leaderboard(ada.page(), grace.page(), "Ada " + run);
                signIn(grace.page(), "Grace " + run);
                chat(ada.page(), grace.page(), run);
                geo(ada.page(), grace.page());
                queue(ada.page(), run);
                laboratory(ada.page(), grace.page());
                session(ada.page(), "Ada " + run);
                assertThat(ada.faults()).as("what went wrong in Ada's browser").isEmpty();
                assertThat(grace.faults()).as("what went wrong in Grace's browser").isEmpty();
            }
        }
    }

    /** Anonymous, at one width: every page is whole, fits, and is usable by everyone. */
    void everyPage(int width, int height) {
        try (Watched visitor = new Watched(browser, baseUrl, width, height)) {
            PAGES.forEach(page -> look(visitor.page(), page.getKey(), page.getValue(), width));
            keyboard(visitor.page());
            assertThat(visitor.faults()).as("what went wrong at %d px", width).isEmpty();
        }
    }

    /**
     * Every page says what is wrong where it is wrong, and recovers without a reload. Faults are
     * made here on purpose, so this visitor's console is not held against the page.
     */
    void whenThingsGoWrong() {
        try (Watched visitor = new Watched(browser, baseUrl, NARROW, 844)) {
            Page page = visitor.page();
            for (Map.Entry<String, String> one : PAGES) {
                if (one.getKey().equals("/")) {
                    continue; // Its figures come by socket; the next page's fetches tell enough.
                }
                Pattern everyFetch = Pattern.compile("/api/");
                page.route(everyFetch, BrowserWalk::refuse);
                page.navigate(one.getKey());
                Locator alert = page.locator("main [role=alert]");
                assertThat(alert.first()).containsText("Out for a moment");
                accessible(page, one.getKey() + " while its service is away");
                page.unroute(everyFetch);
                while (alert.count() > 0) {
                    int left = alert.count();
                    button(alert.first(), "Try again").click();
                    assertThat(alert).not().hasCount(left);
                }
                assertThat(page.locator("main h1")).hasText(one.getValue());
            }
            page.navigate("/session");
            page.locator("#session-name").fill("   ");
            button(page.locator("main"), "Sign in").click();
            assertThat(page.locator("#session-name")).hasAttribute("aria-invalid", "true");
            assertThat(page.locator("#session-name-wrong")).isVisible();
        }
    }

    private static void refuse(Route route) {
        route.fulfill(
                new Route.FulfillOptions()
                        .setStatus(503)
                        .setContentType("application/problem+json")
                        .setBody(
                                "{\"title\":\"Out for a moment\",\"status\":503,"
                                        + "\"detail\":\"Try again.\",\"requestId\":\"walk\"}"));
    }

    /** Without a mouse: the first stop is the way past the navigation, and it leads there. */
    private static void keyboard(Page page) {
        page.navigate("/queue");
        assertThat(page.locator("main h1")).isVisible();
        page.keyboard().press("Tab");
        assertThat(page.locator(".skip")).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("#main")).isFocused();
    }

    private void look(Page page, String path, String heading, int width) {
        page.navigate(path);
        assertThat(page.locator("main h1")).hasText(heading);
        assertThat(page.locator("main .wait-lines")).hasCount(0);
        assertThat(page.locator("main [role=alert]")).hasCount(0);
        assertThat(page.locator("larder-pulse .link-state.open")).hasCount(1);
        int tooWide =
                ((Number)
                                page.evaluate(
                                        "document.documentElement.scrollWidth"
                                                + " - document.documentElement.clientWidth"))
                        .intValue();
        assertThat(tooWide)
                .as("%s at %d px is wider than the window by", path, width)
                .isNotPositive();
        String name = path.equals("/") ? "home" : path.substring(1);
        page.screenshot(
                new Page.ScreenshotOptions()
                        .setPath(pictures.resolve(name + "-" + width + ".png"))
                        .setFullPage(true));
        accessible(page, path);
    }

    /** No violation that keeps somebody out, by the rules of axe. */
    private static void accessible(Page page, String where) {
        List<String> violations =
                new AxeBuilder(page)
                        .analyze().getViolations().stream()
                                .filter(rule -> rule.getImpact() != null)
                                .filter(
                                        rule ->
                                                List.of("serious", "critical")
                                                        .contains(
                                                                rule.getImpact()
                                                                        .toLowerCase(Locale.ROOT)))
                                .map(BrowserWalk::told)
                                .toList();
        assertThat(violations).as("who is kept out of %s", where).isEmpty();
    }

    private static String told(Rule rule) {
        return rule.getId()
                + ": "
                + rule.getHelp()
                + " "
                + rule.getNodes().stream().limit(3).map(node -> node.getHtml()).toList();
    }

    private static void signIn(Page page, String name) {
        page.navigate("/");
        button(page.locator("header"), "Sign in").click();
        page.getByLabel("Your name").fill(name);
        button(page.locator("dialog"), "Sign in").click();
        assertThat(page.locator(".person .name")).hasText(name);
    }

    /** A forgotten copy is a miss, the next reading a hit; a new price is there at once. */
    private static void catalog(Page page) {
        page.navigate("/catalog");
        Locator first = page.locator("[data-product]").first();
        String id = first.getAttribute("data-product");
        String name = first.locator(".name").textContent();
        page.waitForResponse(
                response -> response.url().matches(".*/api/catalog/search\\?.*q=.*"),
                () -> page.getByLabel("Search products").fill(name));
        page.waitForURL(Pattern.compile("[?&]q="));
        // To the row itself: the list is being drawn anew, and rows move under the pointer.
        page.locator("[data-product='" + id + "']").dispatchEvent("click");
        assertThat(page.locator(".product h2")).hasText(name);

        button(page, "Forget this copy").click();
        assertThat(button(page, "Forget this copy")).isEnabled();
        button(page, "Read again").click();
        assertThat(page.locator("[data-origin]")).hasAttribute("data-origin", "miss");
        button(page, "Read again").click();
        assertThat(page.locator("[data-origin]")).hasAttribute("data-origin", "hit");

        int cents = ThreadLocalRandom.current().nextInt(100, 99_999);
        String price = String.format(Locale.ROOT, "%d.%02d", cents / 100, cents % 100);
        button(page, "Edit price and stock").click();
        page.getByLabel(Pattern.compile("^Price in")).fill(price);
        button(page, "Save").click();
        assertThat(page.locator(".notice.good")).isVisible();
        assertThat(page.locator("[data-figure=price]"))
                .containsText(String.format(Locale.ROOT, "%d.%02d", cents / 100, cents % 100));
        accessible(page, "/catalog with a product");
    }

    /** A score is ranked for who sent it, and somebody else sees the row without asking. */
    private static void leaderboard(Page player, Page watcher, String name) {
        watcher.navigate("/leaderboard");
        assertThat(watcher.locator("[data-live=open]")).isVisible();
        player.navigate("/leaderboard");
        // Well above what is there, so that the row is among those shown.
        long score = 1_000_000_000L + System.currentTimeMillis() / 1000;
        player.getByLabel("Score", new Page.GetByLabelOptions().setExact(true))
                .fill(Long.toString(score));
        button(player, "Submit").click();
        assertThat(player.locator("[data-rank]"))
                .hasAttribute("data-rank", Pattern.compile("\\d+"));
        assertThat(player.locator(".top-list li.mine .name")).hasText(name);
        assertThat(player.locator(".yours .standings li.mine")).isVisible();
        assertThat(watcher.locator(".top-list .name").filter(having(name))).isVisible();
    }

    /** Two people talk, see each other and see each other typing. */
    private static void chat(Page ada, Page grace, String run) {
        // Grace's socket goes through here to the real one, so that it can be cut.
        List<WebSocketRoute> sockets = new CopyOnWriteArrayList<>();
        grace.routeWebSocket(
                Pattern.compile("/api/chat/.*/socket"),
                socket -> {
                    sockets.add(socket);
                    socket.connectToServer();
                });
        ada.navigate("/chat?room=lobby");
        grace.navigate("/chat?room=lobby");
        assertThat(ada.locator("[data-live=open]")).isVisible();
        assertThat(grace.locator(".present li").filter(having("Ada " + run))).isVisible();

        grace.locator("#say").pressSequentially("hm");
        assertThat(ada.locator(".typing")).containsText("Grace " + run);
        ada.locator("#say").fill("Is the plum jam back, " + run + "?");
        ada.keyboard().press("Enter");
        assertThat(grace.locator(".message").filter(having("plum jam back, " + run))).isVisible();
        grace.locator("#say").fill("Since this morning, " + run + ".");
        button(grace, "Send").click();
        assertThat(ada.locator(".message").filter(having("this morning, " + run))).isVisible();
        assertThat(ada.locator(".unsent")).hasCount(0);

        // Cut off, she comes back by herself and gets what was said meanwhile, once and in order.
        sockets.getLast().close();
        ada.locator("#say").fill("Said while you were away, " + run + ".");
        ada.keyboard().press("Enter");
        assertThat(grace.locator(".message").filter(having("while you were away, " + run)))
                .hasCount(1);
        assertThat(grace.locator("[data-live=open]")).isVisible();
        assertThat(grace.locator(".message").filter(having("plum jam back, " + run))).hasCount(1);

        // Away and back again: everything said is still there, once.
        ada.reload();
        assertThat(ada.locator(".message").filter(having("plum jam back, " + run))).hasCount(1);
        accessible(ada, "/chat");
    }

    /** What one window sends on its way moves in the other, and is gone from it when stopped. */
    private static void geo(Page driver, Page watcher) {
        watcher.navigate("/geo");
        assertThat(watcher.locator("[data-live=open]")).isVisible();
        driver.navigate("/geo");
        assertThat(driver.locator("[data-figure=found]")).not().hasText("0");
        button(driver, "Start a courier").click();
        Locator mine = driver.locator("[data-courier].mine");
        assertThat(mine).hasCount(1);
        String id = mine.getAttribute("data-courier");
        Locator seen = watcher.locator("[data-courier='" + id + "']");
        assertThat(seen).hasCount(1);
        String before = seen.getAttribute("transform");
        assertThat(seen).not().hasAttribute("transform", before);
        button(driver, "Stop it").click();
        assertThat(seen).hasCount(0);
        accessible(driver, "/geo");
    }

    /** A checksum is worked out, and a job that fails twice comes back and is finished. */
    private static void queue(Page page, String run) {
        page.navigate("/queue?queue=checksums");
        assertThat(page.locator("[data-live=open]")).isVisible();
        page.getByLabel("Text").fill("a jar of plum jam, " + run);
        button(page, "Put it in").click();
        Locator job =
                page.locator("[data-job]").filter(having("checksum a jar of plum jam, " + run));
        assertThat(job).hasAttribute("data-state", "completed");
        assertThat(job.locator(".result")).hasText(Pattern.compile("[0-9a-f]{64}"));

        button(page, "Flaky").click();
        page.getByLabel("Text").fill("a loose lid, " + run);
        page.getByLabel("Fails").fill("2");
        button(page, "Put it in").click();
        Locator flaky = page.locator("[data-job]").filter(having("flaky a loose lid, " + run));
        assertThat(flaky).hasAttribute("data-state", "completed");
        assertThat(flaky.locator(".attempts")).hasAttribute("aria-label", "3 of 3 attempts used");
        accessible(page, "/queue");
    }

    /**
     * A run, seen by both: charts move, a stampede is answered; stopped, it has its table and
     * advice.
     */
    private static void laboratory(Page starter, Page watcher) {
        watcher.navigate("/laboratory");
        assertThat(watcher.locator("[data-live=open]")).isVisible();
        starter.navigate("/laboratory");
        assertThat(starter.locator("[data-live=open]")).isVisible();
        button(starter, "A product page").click();
        starter.getByLabel("Reads a second").fill("40");
        starter.getByLabel("Seconds", new Page.GetByLabelOptions().setExact(true)).fill("120");
        int lanes = starter.locator("[data-pattern]:checked").count();
        button(starter, "Start the run").click();

        Locator mine = starter.locator("[data-run][data-state=running]");
        assertThat(mine).isVisible();
        String run = mine.getAttribute("data-run");
        Locator seen = watcher.locator("[data-run='" + run + "']");
        assertThat(seen).isVisible();
        Locator chart = watcher.locator("[data-run='" + run + "'] larder-lines .lines").first();
        assertThat(chart.locator("canvas")).isVisible();
        assertThat(chart).hasAttribute("aria-label", Pattern.compile(", second [1-9].* %.*"));
        String before = chart.getAttribute("aria-label");
        assertThat(chart).not().hasAttribute("aria-label", before);

        button(starter, "Slow").first().click();
        assertThat(watcher.locator("[data-switch=database-slow]"))
                .hasAttribute("aria-pressed", "true");
        button(starter, "Well").first().click();
        starter.locator("#stampede-readers").fill("50");
        button(starter, "Let them run").click();
        assertThat(watcher.locator("[data-stampede] li")).hasCount(lanes);
        // The adviser judges nothing that lasted under three seconds.
        assertThat(chart)
                .hasAttribute("aria-label", Pattern.compile(", second ([4-9]|[1-9]\\d).* %.*"));
        button(starter, "Stop the run").click();
        for (Page page : List.of(starter, watcher)) {
            assertThat(page.locator("[data-run='" + run + "'][data-state=stopped]")).isVisible();
            assertThat(page.locator("[data-table=final] tbody tr")).hasCount(lanes);
            assertThat(page.locator(".adviser .verdict")).isVisible();
        }
        accessible(starter, "/laboratory after a run");
    }

    /** What is written in the session is there; after signing out nobody is. */
    private static void session(Page page, String name) {
        page.navigate("/session");
        assertThat(page.locator("[data-figure=person]")).hasText(name);
        assertThat(page.locator("[data-figure=ttl]")).hasText(Pattern.compile("\\d.*"));
        page.locator("#attribute-name").fill("shelf");
        page.locator("#attribute-value").fill("third from the top");
        button(page, "Add").click();
        assertThat(page.locator("[data-attribute=shelf] .value")).hasText("third from the top");
        accessible(page, "/session, signed in");
        button(page, "Sign out").click();
        assertThat(button(page.locator("header"), "Sign in")).isVisible();
        page.reload();
        assertThat(button(page.locator("header"), "Sign in")).isEnabled();
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator button(Locator within, String name) {
        return within.getByRole(
                AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator.FilterOptions having(String text) {
        return new Locator.FilterOptions().setHasText(text);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
