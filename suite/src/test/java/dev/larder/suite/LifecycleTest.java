package dev.larder.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What happens around a suite: started twice, killed in part and in whole, stopped, and again. */
class LifecycleTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void a_suite_goes_on_without_one_service_and_keeps_its_data_over_a_stop() {
        try (RunningSuite suite = RunningSuite.start(Map.of())) {
            Visitor visitor = Visitor.signedIn(suite.baseUrl(), "Ada");

            // Twice.
            List<Long> before = suite.processes().stream().map(ProcessHandle::pid).toList();
            RunningSuite.Outcome again = suite.up();
            assertThat(again.status()).isZero();
            assertThat(again.said()).contains("running already").contains(suite.baseUrl());
            assertThat(suite.processes().stream().map(ProcessHandle::pid)).containsAll(before);

            // Without one.
            suite.process(Part.GEO).destroyForcibly();
            await().atMost(PATIENCE).until(() -> suite.state(Part.GEO).equals("down"));
            await().atMost(PATIENCE).until(() -> !isUp(visitor, Part.GEO));
            assertThat(suite.run("status").status()).isEqualTo(3);
            assertThat(visitor.get("/api/geo/collections").status()).isEqualTo(503);
            assertThat(visitor.get("/api/catalog/products?limit=1").status()).isEqualTo(200);
            RunningSuite.Outcome started = suite.run("start", "geo");
            assertThat(started.status()).as(started.said()).isZero();
            await().atMost(PATIENCE).until(() -> isUp(visitor, Part.GEO));
            assertThat(visitor.get("/api/geo/collections").status()).isEqualTo(200);

            // Stopped, and again.
            String name = SixFlows.unique("A changed name");
            JsonNode product = visitor.get("/api/catalog/products?limit=1").body().at("/items/0");
            String path = "/api/catalog/products/" + product.path("id").asLong();
            JsonNode whole = visitor.get(path).body();
            String change =
                    "{\"name\":\"%s\",\"description\":\"Changed.\",\"priceCents\":100,\"stock\":1,\"version\":%d}"
                            .formatted(name, whole.path("version").asLong());
            assertThat(visitor.send("PUT", path, change).status()).isEqualTo(200);
            List<ProcessHandle> processes = suite.processes();
            assertThat(processes).hasSizeGreaterThan(8);
            assertThat(suite.run("down").status()).isZero();
            assertThat(processes).noneMatch(ProcessHandle::isAlive);
            assertThat(suite.run("down").said()).contains("Nothing is running");
            RunningSuite.Outcome second = suite.up();
            assertThat(second.status()).as(second.said()).isZero();
            assertThat(second.said()).doesNotContain("loads products");
            assertThat(new Visitor(suite.baseUrl()).get(path).body().path("name").asText())
                    .isEqualTo(name);
        }
    }

    @Test
    void a_busy_port_is_named_with_the_option_that_changes_it() throws IOException {
        RunningSuite suite = RunningSuite.prepared(Map.of());
        try (suite;
                ServerSocket busy =
                        new ServerSocket(
                                suite.storePort(), 1, InetAddress.getByName(Settings.HOST))) {
            RunningSuite.Outcome up = suite.up();
            assertThat(up.status()).isEqualTo(1);
            assertThat(up.said())
                    .contains(Integer.toString(busy.getLocalPort()))
                    .contains("--store-port");
            assertThat(suite.processes()).isEmpty();
        }
    }

    @Test
    void an_address_that_is_away_is_named() {
        RunningSuite suite =
                RunningSuite.prepared(Map.of("LARDER_STORE_URL", "redis://u:secret@127.0.0.1:1"));
        try (suite) {
            RunningSuite.Outcome up = suite.up();
            assertThat(up.status()).isEqualTo(1);
            assertThat(up.said()).contains("LARDER_STORE_URL").contains("127.0.0.1:1");
            assertThat(up.said()).doesNotContain("secret");
        }
    }

    @Test
    void a_service_that_dies_at_start_is_named_with_its_last_words_and_nothing_stays() {
        RunningSuite suite =
                RunningSuite.prepared(Map.of("LARDER_CATALOG_CACHE_TTL", "not-a-duration"));
        try (suite) {
            RunningSuite.Outcome up = suite.up();
            assertThat(up.status()).isEqualTo(1);
            assertThat(up.said()).contains("catalog ended").contains("larder.catalog.cache.ttl");
            assertThat(suite.processes()).isEmpty();
            assertThat(suite.run("status").status()).isEqualTo(4);
        }
    }

    @Test
    void a_launcher_that_is_killed_takes_everything_with_it() throws IOException {
        RunningSuite suite = RunningSuite.prepared(Map.of());
        try (suite) {
            Process launcher =
                    suite.command(
                                    "up",
                                    "--no-data",
                                    "--http-port",
                                    Integer.toString(suite.httpPort()),
                                    "--store-port",
                                    Integer.toString(suite.storePort()),
                                    "--db-port",
                                    Integer.toString(suite.databasePort()))
                            .start();
            launcher.getOutputStream().close();
            StringBuilder said = new StringBuilder();
            while (!said.toString().contains("Ctrl+C")) {
                int next = launcher.getInputStream().read();
                assertThat(next).as(said.toString()).isNotNegative();
                said.append((char) next);
            }
            List<ProcessHandle> processes = suite.processes();
            assertThat(processes).hasSizeGreaterThan(9);

            launcher.destroyForcibly();

            await().atMost(PATIENCE)
                    .until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    private static boolean isUp(Visitor visitor, Part part) {
        for (JsonNode component : visitor.get("/api/suite/status").body().path("components")) {
            if (component.path("name").asText().contains(part.label())) {
                return component.path("up").asBoolean();
            }
        }
        throw new AssertionError("the home page does not know " + part.label());
    }
}
