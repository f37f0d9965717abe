package dev.larder.session;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.larder.kit.LarderBackends;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Conversations with the session service, on a real store and a real PostgreSQL. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
class SessionTest {
    private static final String COOKIE = "larder_session";

    @Inject RedisDataSource store;

    private static Response signIn(String name) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("displayName", name))
                .post("/api/session");
    }

    private static String cookieOf(String name) {
        return signIn(name).then().statusCode(201).extract().cookie(COOKIE);
    }

    private static Response view(String cookie) {
        return given().cookie(COOKIE, cookie).get("/api/session");
    }

    private static Response merge(String cookie, Map<String, ?> attributes) {
        return given().cookie(COOKIE, cookie)
                .contentType(ContentType.JSON)
                .body(attributes)
                .patch("/api/session/attributes");
    }

    private static Response resolve(String cookie) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("session", cookie))
                .post("/internal/session/resolve");
    }

    @Test
    void signingInOpensASessionInACookieThatScriptsCannotRead() {
        Response answer = signIn("Ada");
        answer.then()
                .statusCode(201)
                .body("signedIn", equalTo(true))
                .body("person.displayName", equalTo("Ada"));
        assertThat(answer.jsonPath().getLong("ttlSeconds")).isBetween(1700L, 1800L);
        assertThat(answer.header("Set-Cookie"))
                .contains("HttpOnly")
                .containsIgnoringCase("SameSite=Lax")
                .contains("Path=/");
        assertThat(answer.asString()).doesNotContain(answer.cookie(COOKIE));
    }

    @Test
    void theSameNameInAnyCaseIsTheSamePerson() {
        String first = signIn("Grace Hopper").jsonPath().getString("person.id");
        signIn("  grace   HOPPER ")
                .then()
                .statusCode(201)
                .body("person.id", equalTo(first))
                .body("person.displayName", equalTo("Grace Hopper"));
    }

    @Test
    void nobodyIsAnAnswerAndNoError() {
        given().get("/api/session").then().statusCode(200).body("signedIn", equalTo(false));
        view("not a session at all").then().statusCode(200).body("signedIn", equalTo(false));
        resolve("x".repeat(32)).then().statusCode(200).body("signedIn", equalTo(false));
    }

    @Test
    void theStoreKnowsOnlyTheHashOfTheId() {
        String cookie = cookieOf("Hash");
        var keys = store.execute("KEYS", "*");
        for (int i = 0; i < keys.size(); i++) {
            assertThat(keys.get(i).toString()).doesNotContain(cookie);
        }
        assertThat(
                        store.execute(
                                        "EXISTS",
                                        "session:{" + SessionId.parse(cookie).get().key() + "}")
                                .toInteger())
                .isEqualTo(1);
    }

    @Test
    void theGatewayGetsATokenOfThePerson() {
        String cookie = cookieOf("Token");
        Response answer = resolve(cookie);
        answer.then().statusCode(200).body("signedIn", equalTo(true));
        assertThat(answer.jsonPath().getString("sessionKey"))
                .isEqualTo(SessionId.parse(cookie).get().key());
        String claims =
                new String(
                        Base64.getUrlDecoder()
                                .decode(answer.jsonPath().getString("token").split("\\.")[1]),
                        StandardCharsets.UTF_8);
        assertThat(claims)
                .contains("\"name\":\"Token\"", "\"iss\":\"larder\"")
                .contains(view(cookie).jsonPath().getString("person.id"));
    }

    @Test
    void signingOutEndsItAtOnceAndForGood() {
        String cookie = cookieOf("Leaver");
        given().cookie(COOKIE, cookie)
                .delete("/api/session")
                .then()
                .statusCode(204)
                .header("Set-Cookie", containsString("Max-Age=0"));
        resolve(cookie).then().body("signedIn", equalTo(false));
        view(cookie).then().body("signedIn", equalTo(false));
        merge(cookie, Map.of("theme", "dark")).then().statusCode(401);
        resolve(cookie).then().body("signedIn", equalTo(false));
    }

    @Test
    void signingInAgainEndsTheSessionBefore() {
        String before = cookieOf("Rotator");
        String after =
                given().cookie(COOKIE, before)
                        .contentType(ContentType.JSON)
                        .body(Map.of("displayName", "Rotator"))
                        .post("/api/session")
                        .then()
                        .statusCode(201)
                        .extract()
                        .cookie(COOKIE);
        assertThat(after).isNotEqualTo(before);
        view(before).then().body("signedIn", equalTo(false));
        view(after).then().body("signedIn", equalTo(true));
    }

    @Test
    void attributesAreMergedFieldByField() {
        String cookie = cookieOf("Merger");
        merge(cookie, Map.of("theme", "dark", "language", "en")).then().statusCode(200);
        Map<String, String> change = new HashMap<>();
        change.put("theme", null);
        change.put("font", "large");
        merge(cookie, change)
                .then()
                .statusCode(200)
                .body("attributes", equalTo(Map.of("language", "en", "font", "large")));
    }

    @Test
    void parallelMergesLoseNothing() throws Exception {
        String cookie = cookieOf("Parallel");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> merges = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                Map<String, String> one = Map.of("field" + i, "value" + i);
                merges.add(() -> merge(cookie, one).statusCode());
            }
            for (var merged : threads.invokeAll(merges)) {
                assertThat(merged.get()).isEqualTo(200);
            }
        }
        Map<String, String> attributes = view(cookie).jsonPath().getMap("attributes");
        assertThat(attributes).hasSize(24);
    }

    @Test
    void tooManyAttributesAreRefusedWhole() {
        String cookie = cookieOf("Hoarder");
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i <= Sessions.ATTRIBUTES_MAX; i++) {
            many.put("field" + i, "x");
        }
        merge(cookie, many)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("violations.field", hasItem("attributes"));
        assertThat(view(cookie).jsonPath().getMap("attributes")).isEmpty();
    }

    @Test
    void aBadAttributeIsNamed() {
        String cookie = cookieOf("Namer");
        merge(cookie, Map.of("9lives", "x"))
                .then()
                .statusCode(400)
                .body("violations.field", everyItem(equalTo("9lives")));
        merge(cookie, Map.of("long", "x".repeat(Sessions.VALUE_LENGTH_MAX + 1)))
                .then()
                .statusCode(400)
                .body("violations.field", everyItem(equalTo("long")));
    }

    @Test
    void aBadNameIsRefusedWithItsField() {
        signIn("")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("violations.field", hasItem("displayName"));
        signIn("x".repeat(41)).then().statusCode(400);
        signIn("   ").then().statusCode(400).body("violations.field", hasItem("displayName"));
        given().contentType(ContentType.JSON)
                .body("{}")
                .post("/api/session")
                .then()
                .statusCode(400)
                .body("violations.field", hasItem("displayName"));
    }

    @Test
    void badRequestsAreProblems() {
        given().contentType(ContentType.JSON)
                .body("{\"displayName\":")
                .post("/api/session")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", containsString("line 1"));
        given().contentType(ContentType.TEXT)
                .body("Ada")
                .post("/api/session")
                .then()
                .statusCode(415);
        given().put("/api/session").then().statusCode(405);
        given().contentType(ContentType.JSON)
                .body("{\"displayName\":\"" + "x".repeat(70_000) + "\"}")
                .post("/api/session")
                .then()
                .statusCode(413)
                .contentType("application/problem+json");
        given().header("X-Request-Id", "abc-123")
                .get("/api/nothing")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .header("X-Request-Id", equalTo("abc-123"))
                .body("requestId", equalTo("abc-123"))
                .body("title", not(equalTo("")));
    }

    @Test
    void aSessionEndsWhenItsTimeIsOver() {
        String cookie = cookieOf("Sleeper");
        String key = "session:{" + SessionId.parse(cookie).get().key() + "}";
        assertThat(store.execute("PEXPIRE", key, "150").toInteger()).isEqualTo(1);
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .until(() -> !view(cookie).jsonPath().getBoolean("signedIn"));
        resolve(cookie).then().body("signedIn", equalTo(false));
    }

    @Test
    void aUseSlidesTheEndButNotBeyondTheLifetime() {
        String cookie = cookieOf("Slider");
        String key = "session:{" + SessionId.parse(cookie).get().key() + "}";
        store.execute("PEXPIRE", key, "60000");
        resolve(cookie).then().body("signedIn", equalTo(true));
        assertThat(store.execute("PTTL", key).toLong()).isGreaterThan(1_000_000);

        store.execute("HSET", key, "ends", Long.toString(System.currentTimeMillis() + 5000));
        resolve(cookie).then().body("signedIn", equalTo(true));
        assertThat(store.execute("PTTL", key).toLong()).isBetween(1L, 5000L);
    }
}
