package dev.larder.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What people do with the suite, by HTTP through the gateway. Whoever extends this says on which
 * store.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SixFlows {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    RunningSuite suite;

    @AfterAll
    void stop() {
        if (suite != null) {
            suite.close();
        }
    }

    @Test
    void every_component_is_up_and_known_to_the_home_page() {
        assertThat(suite.status().path("state").asText()).isEqualTo("running");
        Visitor visitor = new Visitor(suite.baseUrl());
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            JsonNode status = visitor.get("/api/suite/status").body();
                            assertThat(status.path("components").size()).isGreaterThanOrEqualTo(9);
                            for (JsonNode component : status.path("components")) {
                                assertThat(component.path("up").asBoolean())
                                        .as("%s", component)
                                        .isTrue();
                            }
                            assertThat(status.at("/store/keys").asLong()).isPositive();
                        });
    }

    @Test
    void the_catalogue_is_read_lazily_and_written_through() {
        Visitor visitor = Visitor.signedIn(suite.baseUrl(), "Barbara");
        JsonNode page = visitor.get("/api/catalog/products?limit=1").body();
        assertThat(page.path("total").asInt()).isGreaterThanOrEqualTo(1000);
        assertThat(visitor.get("/api/catalog/categories").body().path("items")).hasSize(12);
        String product = "/api/catalog/products/" + page.at("/items/0/id").asLong();
        visitor.delete("/api/catalog/cache/products/" + page.at("/items/0/id").asLong());

        Visitor.Answer first = visitor.get(product);
        Visitor.Answer second = visitor.get(product);

        assertThat(first.header("Cache-Status")).contains("fwd=miss").contains("stored");
        assertThat(second.header("Cache-Status")).contains("hit");
        ObjectNode change = JSON.createObjectNode();
        change.put("name", first.body().path("name").asText());
        change.put("description", first.body().path("description").asText());
        change.put("priceCents", 4242);
        change.put("stock", 7);
        change.put("version", first.body().path("version").asLong());
        assertThat(visitor.put(product, change).status()).isEqualTo(200);
        Visitor.Answer third = visitor.get(product);
        assertThat(third.header("Cache-Status")).contains("hit");
        assertThat(third.body().path("priceCents").asInt()).isEqualTo(4242);
        assertThat(visitor.put(product, change).status()).isEqualTo(409);
    }

    /** Three processes of the catalogue, a search that nobody has asked for, a thousand readers. */
    @Test
    void a_stampede_on_three_instances_is_one_query() throws Exception {
        try (CatalogInstances instances = CatalogInstances.start(suite, 3)) {
            String search = "/api/catalog/search?minPrice=" + (1 + random() % 1_000);
            long before = instances.searchesOfTheDatabase();
            List<JsonNode> answers = instances.stampede(search, 1_000);
            assertThat(answers).hasSize(1_000);
            assertThat(new HashSet<>(answers)).hasSize(1);
            assertThat(instances.searchesOfTheDatabase() - before).isEqualTo(1);
        }
    }

    @Test
    void a_player_climbs_the_board() {
        Visitor player = Visitor.signedIn(suite.baseUrl(), unique("Margaret"));
        try (Visitor.Line live = player.listen("/api/leaderboard/boards/global/live")) {
            assertThat(live.await("top").path("players").asInt()).isGreaterThanOrEqualTo(10_000);

            Visitor.Answer submitted =
                    player.post(
                            "/api/leaderboard/boards/global/scores",
                            JSON.createObjectNode().put("score", 1_000_000 + random()));

            assertThat(submitted.status()).isLessThan(300);
            String id = submitted.body().path("playerId").asText();
            live.await(message -> message.toString().contains(id));
        }
        JsonNode top = player.get("/api/leaderboard/boards/global/top?limit=5").body();
        assertThat(top.path("items")).hasSize(5);
        JsonNode around = player.get("/api/leaderboard/boards/global/around/me?span=2").body();
        assertThat(around.path("items").size()).isBetween(3, 5);
    }

    @Test
    void what_is_said_in_a_room_reaches_the_visitors_of_another_instance() throws IOException {
        Path log = suite.log(Part.CHAT).resolveSibling("chat-2.log");
        Settings settings = suite.settings();
        Launch launch = new Launch(settings, Keys.in(settings.data()));
        Running second = launch.start(Part.CHAT, suite.sparePort(), log);
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> new Readiness(settings).application(suite.sparePort()));
            Visitor ada = Visitor.signedIn(suite.baseUrl(), unique("Ada"));
            Visitor elsewhere = new Visitor("http://" + Settings.HOST + ":" + suite.sparePort());
            String said = unique("Is there anybody?");
            String room = "/api/chat/rooms/cooking/socket";
            String id;
            try (Visitor.Line here = ada.listen(room);
                    Visitor.Line there = elsewhere.listen(room)) {
                here.await("history");
                there.await("history");
                here.say(JSON.createObjectNode().put("type", "say").put("text", said));
                JsonNode message = there.await(each -> each.path("text").asText().equals(said));
                id = message.path("id").asText();
            }
            try (Visitor.Line again = ada.listen(room)) {
                assertThat(again.await("history").toString()).contains(said);
            }
            assertThat(id).isNotEmpty();
        } finally {
            ProcessHandle process = second.process().orElseThrow();
            process.destroy();
            process.onExit().join();
        }
    }

    @Test
    void a_session_holds_what_it_is_given_and_ends_at_once() {
        String name = unique("Grace");
        Visitor visitor = Visitor.signedIn(suite.baseUrl(), name);
        Visitor.Answer changed =
                visitor.send("PATCH", "/api/session/attributes", "{\"theme\":\"dark\"}");
        assertThat(changed.status()).isEqualTo(200);
        JsonNode session = visitor.get("/api/session").body();
        assertThat(session.at("/person/displayName").asText()).isEqualTo(name);
        assertThat(session.at("/attributes/theme").asText()).isEqualTo("dark");

        assertThat(visitor.delete("/api/session").status()).isEqualTo(204);

        assertThat(visitor.get("/api/session").body().path("signedIn").asBoolean()).isFalse();
        assertThat(
                        visitor.post(
                                        "/api/leaderboard/boards/global/scores",
                                        JSON.createObjectNode().put("score", 1))
                                .status())
                .isEqualTo(401);
    }

    @Test
    void what_moves_is_found_nearby() {
        Visitor courier = Visitor.signedIn(suite.baseUrl(), unique("Diego"));
        String id = "courier-" + random();
        ObjectNode place = JSON.createObjectNode();
        place.put("name", "Courier").put("kind", "bicycle");
        place.put("longitude", 13.4).put("latitude", 52.52).put("ttlSeconds", 60);
        try (Visitor.Line live = courier.listen("/api/geo/couriers/live")) {
            // It moves on, as couriers do: who begins to watch sees the moves from then on.
            await().atMost(PATIENCE)
                    .until(
                            () -> {
                                place.put("latitude", place.path("latitude").asDouble() + 0.0001);
                                Visitor.Answer moved =
                                        courier.put("/api/geo/couriers/" + id, place);
                                assertThat(moved.status()).isBetween(200, 201);
                                return live.heard(each -> each.toString().contains(id));
                            });
        }
        JsonNode near =
                courier.get(
                                "/api/geo/couriers/nearby?longitude=13.41&latitude=52.52"
                                        + "&radiusMeters=2000")
                        .body();
        assertThat(near.toString()).contains(id);
        assertThat(near.at("/items/0/distanceMeters").asDouble()).isBetween(0.0, 2000.0);
        JsonNode cities =
                courier.get(
                                "/api/geo/cities/within?longitude=13.4&latitude=52.52"
                                        + "&widthMeters=100000&heightMeters=100000")
                        .body();
        assertThat(cities.at("/items/0/name").asText()).isEqualTo("Berlin");
    }

    @Test
    void a_job_is_done_retried_and_waited_for() {
        Visitor visitor = Visitor.signedIn(suite.baseUrl(), unique("Edsger"));
        JsonNode checksum = put(visitor, "checksum", "{\"text\":\"larder\",\"rounds\":1}", 0);
        JsonNode flaky = put(visitor, "flaky", "{\"text\":\"again\",\"failTimes\":1}", 0);
        JsonNode delayed = put(visitor, "checksum", "{\"text\":\"later\",\"rounds\":1}", 60_000);

        assertThat(delayed.path("state").asText()).isEqualTo("delayed");
        JsonNode done = finished(visitor, checksum);
        assertThat(done.path("state").asText()).isEqualTo("completed");
        // printf larder | sha256sum
        assertThat(done.path("result").toString())
                .contains("c20fbb7794f4e4f8b114391ab5b8a9f12b38e6937f1de3bb0ac4e0d8e224bd71");
        JsonNode retried = finished(visitor, flaky);
        assertThat(retried.path("state").asText()).isEqualTo("completed");
        assertThat(retried.path("attempt").asInt()).isEqualTo(2);
    }

    @Test
    void bad_input_is_told_by_field() {
        Visitor visitor = Visitor.signedIn(suite.baseUrl(), unique("Radia"));
        Visitor.Answer wrong =
                visitor.send("POST", "/api/leaderboard/boards/global/scores", "{\"score\":\"x\"}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.header("Content-Type")).startsWith("application/problem+json");
        assertThat(wrong.body().toString()).contains("score");
        assertThat(visitor.get("/api/catalog/products/999999999").status()).isEqualTo(404);
        assertThat(visitor.send("PATCH", "/api/catalog/categories", "{}").status()).isEqualTo(405);
    }

    private static JsonNode put(Visitor visitor, String type, String payload, long delayMillis) {
        String body =
                "{\"type\":\"%s\",\"payload\":%s,\"delayMillis\":%d}"
                        .formatted(type, payload, delayMillis);
        Visitor.Answer answer = visitor.send("POST", "/api/queue/queues/checksums/jobs", body);
        assertThat(answer.status()).as("%s", answer.body()).isEqualTo(201);
        return answer.body();
    }

    private static JsonNode finished(Visitor visitor, JsonNode job) {
        String path = "/api/queue/queues/checksums/jobs/" + job.path("id").asText();
        return await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> visitor.get(path).body(),
                        each -> each.path("state").asText().matches("completed|failed"));
    }

    static String unique(String words) {
        return words + " " + Long.toString(random(), 36);
    }

    private static int random() {
        return ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    }
}
