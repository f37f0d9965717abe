package dev.larder.geo;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import dev.larder.kit.LarderBackends;
import dev.larder.kit.TestTokens;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Conversations with the geo service, on a real store and a real PostgreSQL. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
class GeoTest {
    @Inject RedisDataSource store;

    @TestHTTPResource("/api/geo/couriers/live")
    URI live;

    private static Map<String, Object> change(double longitude, double latitude) {
        return new HashMap<>(
                Map.of(
                        "name",
                        "Somewhere",
                        "kind",
                        "test",
                        "longitude",
                        longitude,
                        "latitude",
                        latitude));
    }

    private static Response put(String collection, String id, Map<String, Object> change) {
        return given().auth()
                .oauth2(TestTokens.of("Ada"))
                .contentType(ContentType.JSON)
                .body(change)
                .put("/api/geo/" + collection + "/" + id);
    }

    private static Response nearby(
            String collection, double longitude, double latitude, double radius, int limit) {
        return given().queryParam("longitude", longitude)
                .queryParam("latitude", latitude)
                .queryParam("radiusMeters", radius)
                .queryParam("limit", limit)
                .get("/api/geo/" + collection + "/nearby");
    }

    @Test
    void aPlaceIsPutReadMovedAndRemoved() {
        put("cities", "here", change(10, 50)).then().statusCode(201);
        put("cities", "here", change(11, 51)).then().statusCode(200);
        given().get("/api/geo/cities/here")
                .then()
                .statusCode(200)
                .body("longitude", equalTo(11.0f))
                .body("name", equalTo("Somewhere"));
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .delete("/api/geo/cities/here")
                .then()
                .statusCode(204);
        given().get("/api/geo/cities/here").then().statusCode(404);
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .delete("/api/geo/cities/here")
                .then()
                .statusCode(404);
    }

    @Test
    void nearbyAndWithinAgreeWithAnOracleThatLooksAtEverything() {
        Random random = new Random(7);
        List<Point> points = new ArrayList<>();
        List<Map<String, Object>> items = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            Point point =
                    new Point(
                            Math.round((40 + random.nextDouble() * 4) * 1e5) / 1e5,
                            Math.round((-4 + random.nextDouble() * 4) * 1e5) / 1e5);
            points.add(point);
            Map<String, Object> item = change(point.longitude(), point.latitude());
            item.put("id", "oracle-" + i);
            items.add(item);
        }
        given().auth()
                .oauth2(TestTokens.loader())
                .contentType(ContentType.JSON)
                .body(Map.of("items", items))
                .post("/api/geo/couriers/batch")
                .then()
                .statusCode(200)
                .body("accepted", equalTo(400));
        for (int round = 0; round < 20; round++) {
            Point around = new Point(40 + random.nextDouble() * 4, -4 + random.nextDouble() * 4);
            double radius = 5_000 + random.nextDouble() * 100_000;
            Response answer =
                    nearby("couriers", around.longitude(), around.latitude(), radius, 1000);
            List<Float> distances = answer.jsonPath().getList("items.distanceMeters");
            // Positions in the store are exact to about half a metre: the rim may go either way.
            long surely = points.stream().filter(p -> around.metersTo(p) < radius - 1).count();
            long perhaps = points.stream().filter(p -> around.metersTo(p) < radius + 1).count();
            assertThat((long) distances.size()).isBetween(surely, perhaps);
            assertThat(distances).isSortedAccordingTo(Comparator.naturalOrder());
            if (!distances.isEmpty()) {
                double nearest = points.stream().mapToDouble(around::metersTo).min().orElseThrow();
                assertThat(distances.getFirst().doubleValue()).isCloseTo(nearest, within(1.0));
            }
        }
        given().queryParam("longitude", 42)
                .queryParam("latitude", -2)
                .queryParam("widthMeters", 1_000_000)
                .queryParam("heightMeters", 1_000_000)
                .queryParam("limit", 1000)
                .get("/api/geo/couriers/within")
                .then()
                .statusCode(200)
                .body("count", equalTo(400));
    }

    @Test
    void theAntimeridianIsNoBorder() {
        put("cities", "east", change(179.95, -17)).then().statusCode(201);
        put("cities", "west", change(-179.95, -17)).then().statusCode(201);
        List<String> ids = nearby("cities", 179.99, -17, 50_000, 10).jsonPath().getList("items.id");
        assertThat(ids).containsExactly("east", "west");
    }

    @Test
    void aCourierEndsWithItsTimeAndIsAnnouncedOnce() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = listen(heard);
        Map<String, Object> change = change(100, 1);
        change.put("ttlSeconds", 1);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(
                        () -> {
                            put("couriers", "bolt", change);
                            String message = heard.poll(500, TimeUnit.MILLISECONDS);
                            return message != null
                                    && message.contains("moved")
                                    && message.contains("bolt");
                        });
        String removed = "";
        while (!removed.contains("removed")) {
            removed = heard.poll(10, TimeUnit.SECONDS);
            assertThat(removed).isNotNull();
        }
        assertThat(removed).contains("\"id\":\"bolt\"");
        given().get("/api/geo/couriers/bolt").then().statusCode(404);
        assertThat(heard.poll(700, TimeUnit.MILLISECONDS)).isNull();
        socket.abort();
    }

    private WebSocket listen(BlockingQueue<String> heard) throws Exception {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(
                        URI.create(live.toString().replace("http", "ws")),
                        new WebSocket.Listener() {
                            @Override
                            public CompletionStage<?> onText(
                                    WebSocket from, CharSequence text, boolean last) {
                                heard.add(text.toString());
                                from.request(1);
                                return null;
                            }
                        })
                .get(10, TimeUnit.SECONDS);
    }

    @Test
    void whatStaysSurvivesAStoreThatHasLostEverything() {
        put("cities", "lasting", change(20, 20)).then().statusCode(201);
        store.execute("FLUSHALL");
        nearby("cities", 20, 20, 1000, 10)
                .then()
                .statusCode(200)
                .body("items.id", hasItem("lasting"));
        given().get("/api/geo/cities/lasting").then().statusCode(200);
    }

    @Test
    void badRequestsNameWhatIsWrong() {
        put("cities", "pole", change(0, 89.9))
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("violations.field", hasItem("latitude"));
        Map<String, Object> nameless = change(0, 0);
        nameless.put("name", " ");
        put("cities", "nameless", nameless)
                .then()
                .statusCode(400)
                .body("violations.field", hasItem("name"));
        Map<String, Object> wrong = change(0, 0);
        wrong.put("longitude", "east");
        put("cities", "wrong", wrong)
                .then()
                .statusCode(400)
                .body("violations.field", hasItem("longitude"));
        Map<String, Object> ending = change(0, 0);
        ending.put("ttlSeconds", 5);
        put("cities", "ending", ending)
                .then()
                .statusCode(400)
                .body("violations.field", hasItem("ttlSeconds"));
        given().queryParam("longitude", 1)
                .queryParam("radiusMeters", 10)
                .get("/api/geo/cities/nearby")
                .then()
                .statusCode(400)
                .body("violations.field", hasItem("latitude"));
        given().get("/api/geo/planets").then().statusCode(404);
        given().contentType(ContentType.JSON)
                .body(change(0, 0))
                .put("/api/geo/cities/anonymous")
                .then()
                .statusCode(401);
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .contentType(ContentType.JSON)
                .body(Map.of("items", List.of()))
                .post("/api/geo/cities/batch")
                .then()
                .statusCode(400);
        Map<String, Object> item = change(0, 0);
        item.put("id", "x");
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .contentType(ContentType.JSON)
                .body(Map.of("items", List.of(item)))
                .post("/api/geo/cities/batch")
                .then()
                .statusCode(403);
    }
}
