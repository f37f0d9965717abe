package dev.larder.laboratory;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.larder.kit.LarderBackends;
import dev.larder.kit.Script;
import dev.larder.kit.TestTokens;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Short runs over a real PostgreSQL and a real store: the figures have to be true. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
@Timeout(90)
class LaboratoryTest {

    private static final String RUNS = "/api/laboratory/runs";
    private static final String PROBLEM = "application/problem+json";
    private static final Duration SOON = Duration.ofSeconds(40);

    // Not closed by a test: that would wait for its sockets for ever.
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @Inject Redis redis;
    @Inject AgroalDataSource database;
    @Inject Rows rows;
    @Inject Vertx vertx;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String databaseUrl;

    @ConfigProperty(name = "quarkus.datasource.username")
    String user;

    @ConfigProperty(name = "quarkus.datasource.password")
    String password;

    @ConfigProperty(name = "quarkus.redis.hosts")
    String stores;

    @TestHTTPResource("/api/laboratory/live")
    URI socket;

    @AfterEach
    void freeTheLaboratory() {
        List<String> states = given().get(RUNS).then().extract().path("items.state");
        List<String> ids = given().get(RUNS).then().extract().path("items.id");
        if (!ids.isEmpty() && !List.of("done", "stopped", "failed").contains(states.getFirst())) {
            post(RUNS + "/" + ids.getFirst() + "/stop", Map.of());
            ended(ids.getFirst());
        }
    }

    private static ValidatableResponse post(String path, Object body) {
        return given().auth()
                .oauth2(TestTokens.of("Ada"))
                .contentType(ContentType.JSON)
                .body(body)
                .post(path)
                .then();
    }

    private static Map<String, Object> workload(Object... changes) {
        Map<String, Object> workload = new HashMap<>();
        workload.put("keys", 40);
        workload.put("skew", 0.8);
        workload.put("readsPerSecond", 60);
        workload.put("writesPerSecond", 8);
        workload.put("behindShare", 0.5);
        workload.put("unknownShare", 0.05);
        workload.put("ttlMillis", 1_000);
        workload.put("valueBytes", 200);
        workload.put("seconds", 5);
        workload.put("instances", 2);
        workload.put("seed", 3);
        for (int i = 0; i < changes.length; i += 2) {
            workload.put((String) changes[i], changes[i + 1]);
        }
        return workload;
    }

    private static Map<String, Object> lanes(Map<String, Object> workload, String... patterns) {
        List<Map<String, Object>> lanes = new ArrayList<>();
        for (String pattern : patterns) {
            lanes.add(Map.of("pattern", pattern));
        }
        return Map.of("workload", workload, "lanes", lanes);
    }

    private static String start(Map<String, Object> workload, String... patterns) {
        return post(RUNS, lanes(workload, patterns)).statusCode(201).extract().path("id");
    }

    private static JsonNode run(String id) {
        return json(given().get(RUNS + "/" + id).then().statusCode(200).extract().asString());
    }

    private static JsonNode await(String id, Predicate<JsonNode> wanted) {
        JsonNode[] found = new JsonNode[1];
        Awaitility.await()
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> {
                            found[0] = run(id);
                            return wanted.test(found[0]);
                        });
        return found[0];
    }

    private static JsonNode ended(String id) {
        return await(
                id,
                run -> List.of("done", "stopped", "failed").contains(run.get("state").asText()));
    }

    private static JsonNode stopped(String id) {
        post(RUNS + "/" + id + "/stop", Map.of()).statusCode(202);
        JsonNode over = ended(id);
        assertThat(over.get("state").asText()).as("%s", over).isEqualTo("stopped");
        return over;
    }

    private static JsonNode atSecond(String id, int second) {
        return await(id, run -> run.get("second").asInt() >= second);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private long rowsLeft() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery(
                                "SELECT (SELECT count(*) FROM laboratory.item)"
                                        + " + (SELECT count(*) FROM laboratory.run)")) {
            found.next();
            return found.getLong(1);
        }
    }

    /** Keys of a run in the store, but for fences, which end by themselves within a minute. */
    private List<String> keysLeft(String id) {
        Response keys =
                Script.await(redis, Request.cmd(Command.KEYS).arg("laboratory:" + id + ":*"));
        List<String> left = new ArrayList<>();
        keys.forEach(key -> left.add(key.toString()));
        left.removeIf(key -> key.endsWith(":fence"));
        return left;
    }

    @Test
    void whatCanBeAskedForIsTold() {
        given().get("/api/laboratory")
                .then()
                .statusCode(200)
                .body("patterns.id", hasItems("none", "ttl", "invalidate", "write-through"))
                .body("patterns.bound", hasItem(startsWith("Never stale")))
                .body("limits.keys.max", equalTo(5000.0f))
                .body("preset.workload.seconds", equalTo(40))
                .body("switches.database", equalTo(true))
                .body("switches.store", equalTo(true));
    }

    @Test
    void theFiguresOfAShortRunAreTrue() throws Exception {
        String id = start(workload(), "none", "ttl", "invalidate", "write-through");
        JsonNode over = ended(id);
        assertThat(over.get("state").asText()).as("%s", over).isEqualTo("done");
        assertThat(over.get("second").asInt()).isEqualTo(5);
        assertThat(over.get("settledFrom").asInt()).isEqualTo(2);
        assertThat(over.get("settled")).hasSize(4);
        JsonNode none = over.at("/totals/0");
        assertThat(over.at("/settled/0/reads").asLong())
                .isBetween(1L, none.get("reads").asLong() - 1);
        JsonNode ttl = over.at("/totals/1");
        JsonNode invalidate = over.at("/totals/2");
        JsonNode through = over.at("/totals/3");
        // Each lane was sent the same, and answered all of it.
        for (JsonNode lane : over.get("totals")) {
            assertThat(lane.get("reads").asLong()).isCloseTo(300, within(80L));
            assertThat(lane.get("reads")).isEqualTo(none.get("reads"));
            assertThat(lane.get("writes")).isEqualTo(none.get("writes"));
            assertThat(lane.get("behind")).isEqualTo(none.get("behind"));
            assertThat(lane.get("missed").asLong()).isZero();
            assertThat(lane.get("errors").isEmpty()).as("%s", lane).isTrue();
            long answered = 0;
            for (JsonNode hits : lane.get("hits")) {
                answered += hits.asLong();
            }
            assertThat(answered).isEqualTo(lane.get("reads").asLong());
        }
        assertThat(none.get("databaseQueries")).isEqualTo(none.get("reads"));
        assertThat(none.get("hitRatio").asDouble()).isZero();
        assertThat(none.at("/staleness/staleReads").asLong()).isZero();
        for (JsonNode cached : List.of(ttl, invalidate, through)) {
            assertThat(cached.get("databaseQueries").asLong())
                    .isLessThan(none.get("databaseQueries").asLong());
            assertThat(cached.at("/hits/store").asLong()).isPositive();
            assertThat(cached.at("/hits/negative").asLong()).isPositive();
            // The TTL bounds it, whoever wrote; the rest is a load on a busy machine.
            assertThat(cached.at("/staleness/maxMillis").asDouble()).isBetween(1.0, 2_500.0);
        }
        assertThat(rowsLeft()).isZero();
        assertThat(keysLeft(id)).isEmpty();
        given().get(RUNS + "/" + id + "/seconds")
                .then()
                .statusCode(200)
                .body("items", hasSize(5))
                .body("items[0].lanes", hasSize(4))
                .body("items[4].second", equalTo(5));
        given().queryParam("from", 3)
                .get(RUNS + "/" + id + "/seconds")
                .then()
                .body("items", hasSize(2));
        given().queryParam("toleratedStalenessMillis", 5_000)
                .get(RUNS + "/" + id + "/advice")
                .then()
                .statusCode(200)
                .body("lanes", hasSize(4))
                .body("lane", startsWith(""))
                .body("reasons[0]", startsWith("It sends "));
        given().queryParam("toleratedStalenessMillis", 0)
                .get(RUNS + "/" + id + "/advice")
                .then()
                .body("lane", equalTo("a"))
                .body("pattern", equalTo("none"));
    }

    @Test
    void aThousandReadersOfAColdKeyAreOneQueryOnALeasedLane() {
        String id =
                start(
                        workload("instances", 3, "seconds", 90, "ttlMillis", 100_000),
                        "ttl",
                        "invalidate",
                        "stale-if-error");
        JsonNode stampede = stampede(id, 1_000);
        assertThat(stampede.get("readers").asInt()).isEqualTo(1_000);
        // Without a lease each of the three instances loads for itself.
        assertThat(stampede.at("/lanes/0/databaseQueries").asInt()).isBetween(1, 3);
        for (int lane = 1; lane <= 2; lane++) {
            JsonNode leased = stampede.at("/lanes/" + lane);
            assertThat(leased.get("databaseQueries").asInt()).as("%s", leased).isEqualTo(1);
            assertThat(leased.get("width").asInt()).isEqualTo(1);
            assertThat(leased.get("errors").asInt()).isZero();
            assertThat(leased.get("hits").asInt() + leased.get("joined").asInt()).isEqualTo(999);
            assertThat(leased.get("slowestMicros").asLong())
                    .isGreaterThanOrEqualTo(leased.get("p50Micros").asLong());
        }
        stopped(id);
    }

    @Test
    void aCrowdWithoutACacheIsAQueryForEachAndNoPartOfTheLoad() {
        String id = start(workload("seconds", 90), "none");
        JsonNode lane = stampede(id, 60).at("/lanes/0");
        assertThat(lane.get("databaseQueries").asInt()).isEqualTo(60);
        assertThat(lane.get("hits").asInt()).isZero();
        assertThat(lane.get("joined").asInt()).isZero();
        assertThat(lane.get("width").asInt()).isBetween(2, 60);
        long then = run(id).at("/totals/0/reads").asLong();
        await(id, each -> each.at("/totals/0/reads").asLong() > then);
        JsonNode over = stopped(id);
        assertThat(over.at("/totals/0/databaseQueries"))
                .as("%s", over)
                .isEqualTo(over.at("/totals/0/reads"));
    }

    private static JsonNode stampede(String id, int readers) {
        atSecond(id, 1);
        post(RUNS + "/" + id + "/stampede", Map.of("readers", readers))
                .statusCode(202)
                .body("state", equalTo("stampede"));
        JsonNode run = await(id, each -> !each.get("stampedes").isEmpty());
        return run.at("/stampedes/0");
    }

    @Test
    void hotFollowedAndWrittenBehindDoWhatTheySay() throws Exception {
        String id =
                start(
                        workload("seconds", 8, "keys", 12, "ttlMillis", 30_000, "unknownShare", 0),
                        "invalidate",
                        "hot",
                        "change-capture",
                        "write-behind");
        JsonNode over = ended(id);
        assertThat(over.get("state").asText()).as("%s", over).isEqualTo("done");
        for (JsonNode lane : over.get("totals")) {
            assertThat(lane.get("errors").isEmpty()).as("%s", lane).isTrue();
            assertThat(lane.get("writes").asLong()).as("%s", lane).isPositive();
            assertThat(lane.get("behind").asLong()).isPositive();
        }
        assertThat(over.at("/totals/1/hits/hot").asLong()).isPositive();
        // Nobody tells these two of what is written behind their back: thirty seconds is their
        // bound.
        double told = over.at("/totals/0/staleness/maxMillis").asDouble();
        double followed = over.at("/totals/2/staleness/maxMillis").asDouble();
        assertThat(told).isGreaterThan(1_000);
        assertThat(followed).as("%s", over.at("/totals/2")).isLessThan(told);
        assertThat(over.at("/totals/2/staleness/staleShare").asDouble())
                .isLessThan(over.at("/totals/0/staleness/staleShare").asDouble());
        assertThat(rowsLeft()).isZero();
        assertThat(keysLeft(id)).isEmpty();
    }

    @Test
    void writesGoOnBehindADatabaseThatIsDown() {
        String id =
                start(
                        workload(
                                "seconds",
                                90,
                                "keys",
                                10,
                                "ttlMillis",
                                60_000,
                                "behindShare",
                                0,
                                "unknownShare",
                                0),
                        "write-behind",
                        "write-through");
        atSecond(id, 4);
        turn(id, Map.of("database", Map.of("state", "down"))).statusCode(200);
        int down = run(id).get("second").asInt();
        JsonNode second = second(id, down + 3);
        JsonNode before = run(id);
        assertThat(second.at("/lanes/1/writes").asLong()).isZero();
        await(
                id,
                each ->
                        each.at("/totals/0/writes").asLong()
                                > before.at("/totals/0/writes").asLong());
        turn(id, Map.of("database", Map.of("state", "ok"))).statusCode(200);
        JsonNode over = stopped(id);
        // Accepted or refused: both lanes were sent the same, but for one at the very end.
        assertThat(sentWrites(over, 0)).isCloseTo(sentWrites(over, 1), within(1L));
        assertThat(over.at("/totals/1/refused").asLong()).as("%s", over).isPositive();
    }

    private static long sentWrites(JsonNode run, int lane) {
        JsonNode total = run.at("/totals/" + lane);
        return total.get("writes").asLong()
                + total.get("refused").asLong()
                + total.get("missed").asLong();
    }

    @Test
    void anErrorEndsARunAndIsTold() throws Exception {
        LinkageError early = new LinkageError("no such class");
        Supplier<Ways> noWays =
                () -> {
                    throw early;
                };
        assertThat(failed("early001", noWays, new ObjectMapper())).contains("no such class");
        Ways.Addresses addresses =
                new Ways.Addresses(databaseUrl, user, password, Ways.list(stores), false);
        ObjectMapper broken =
                new ObjectMapper()
                        .registerModule(new SimpleModule().addSerializer(Item.class, new Broken()));
        assertThat(failed("midway01", () -> new Ways(vertx, addresses), broken))
                .contains("no such method");
        assertThat(rowsLeft()).isZero();
    }

    /** What is told of the failure of a run that has to end by itself long before its time. */
    private String failed(String id, Supplier<Ways> ways, ObjectMapper mapper) throws Exception {
        NewRun what =
                new NewRun(
                        new Workload(10, 0.5, 50, 5, 0.0, 0.0, 1_000, 64, 90, 2, 1L),
                        List.of(new NewRun.Lane("invalidate", null)));
        Lane.Setting setting =
                new Lane.Setting(4, 64, Duration.ofSeconds(1), Duration.ofSeconds(1), false);
        Experiment experiment =
                new Experiment(
                        id,
                        what,
                        new Run.Person("ada", "Ada"),
                        setting,
                        rows,
                        ways,
                        mapper,
                        new Deaf());
        experiment.begin();
        experiment.awaitEnd(SOON);
        Run over = experiment.told();
        assertThat(over.state()).as("%s", over).isEqualTo(Run.State.FAILED);
        return over.failure();
    }

    private static final class Broken extends JsonSerializer<Item> {
        @Override
        public void serialize(Item item, JsonGenerator to, SerializerProvider from) {
            throw new NoSuchMethodError("no such method");
        }
    }

    private static final class Deaf implements Experiment.Audience {
        @Override
        public void run(Run run) {
            // Asked for in the end.
        }

        @Override
        public void second(Run run, Second second) {
            // Nobody looks.
        }

        @Override
        public void stampede(String run, Stampede stampede) {
            // There is none.
        }

        @Override
        public void advice(String run, Advice advice) {
            // There is none.
        }
    }

    @Test
    void withTheDatabaseDownWhoMayServeTheOldGoesOn() {
        String id =
                start(
                        workload("seconds", 90, "keys", 10, "ttlMillis", 500, "unknownShare", 0),
                        "none",
                        "invalidate",
                        "stale-if-error");
        atSecond(id, 3);
        turn(id, Map.of("database", Map.of("state", "down")))
                .statusCode(200)
                .body("database.state", equalTo("down"))
                .body("store.state", equalTo("ok"));
        int down = run(id).get("second").asInt();
        JsonNode second = second(id, down + 3);
        assertThat(second.at("/switches/database/state").asText()).isEqualTo("down");
        assertThat(second.at("/lanes/0/hits/database").asLong()).isZero();
        assertThat(second.at("/lanes/0/errors/database-down").asLong())
                .as("%s", second)
                .isPositive();
        assertThat(second.at("/lanes/1/errors/database-down").asLong())
                .as("%s", second)
                .isPositive();
        assertThat(second.at("/lanes/2/hits/stale").asLong()).isPositive();
        turn(id, Map.of("database", Map.of("state", "slow", "millis", 150))).statusCode(200);
        int slow = run(id).get("second").asInt();
        JsonNode slowed = second(id, slow + 3);
        assertThat(slowed.at("/lanes/0/latency/p50Micros").asLong()).isGreaterThan(150_000);
        turn(id, Map.of("database", Map.of("state", "ok"))).statusCode(200);
        stopped(id);
        turn(id, Map.of("database", Map.of("state", "ok"))).statusCode(409).contentType(PROBLEM);
    }

    @Test
    void withTheStoreDownPostgresServes() {
        String id = start(workload("seconds", 90, "unknownShare", 0), "invalidate");
        atSecond(id, 2);
        turn(
                        id,
                        Map.of(
                                "store",
                                Map.of("state", "down"),
                                "writer",
                                Map.of("on", false, "perSecond", 4)))
                .statusCode(200);
        int down = run(id).get("second").asInt();
        JsonNode second = second(id, down + 3);
        assertThat(second.at("/lanes/0/hits/store").asLong()).isZero();
        assertThat(second.at("/lanes/0/hits/database").asLong()).isPositive();
        assertThat(second.at("/lanes/0/errors").isEmpty()).as("%s", second).isTrue();
        assertThat(second.at("/lanes/0/behind").asLong()).isZero();
        turn(id, Map.of("store", Map.of("state", "ok"))).statusCode(200);
        int up = run(id).get("second").asInt();
        assertThat(second(id, up + 2).at("/lanes/0/hits/store").asLong()).isPositive();
    }

    private static ValidatableResponse turn(String id, Object switches) {
        return given().auth()
                .oauth2(TestTokens.of("Bo"))
                .contentType(ContentType.JSON)
                .body(switches)
                .put(RUNS + "/" + id + "/switches")
                .then();
    }

    private static JsonNode second(String id, int second) {
        atSecond(id, second);
        return json(given().get(RUNS + "/" + id + "/seconds").then().extract().asString())
                .at("/items/" + (second - 1));
    }

    @Test
    void oneRunAtATimeAndWhoHasItIsTold() throws Exception {
        String id = start(workload("seconds", 90, "ttlMillis", 60_000), "ttl");
        post(RUNS, lanes(workload(), "none"))
                .statusCode(409)
                .contentType(PROBLEM)
                .body("run", equalTo(id))
                .body("by", equalTo("Ada"))
                .body("status", equalTo(409));
        atSecond(id, 1);
        JsonNode over = stopped(id);
        assertThat(over.get("failure").isNull()).isTrue();
        assertThat(rowsLeft()).isZero();
        assertThat(keysLeft(id)).isEmpty();
        post(RUNS + "/" + id + "/stop", Map.of()).statusCode(409).contentType(PROBLEM);
        given().get(RUNS).then().body("items[0].id", equalTo(id));
    }

    @Test
    void nonsenseAndStrangersAreRefused() {
        given().contentType(ContentType.JSON)
                .body(lanes(workload(), "ttl"))
                .post(RUNS)
                .then()
                .statusCode(401)
                .contentType(PROBLEM);
        post(RUNS, lanes(workload("keys", 0), "ttl"))
                .statusCode(400)
                .contentType(PROBLEM)
                .body("violations.field", hasItem("workload.keys"));
        post(RUNS, lanes(workload(), "magic"))
                .statusCode(400)
                .body("violations.field", hasItem("lanes[0].pattern"));
        post(RUNS, lanes(workload())).statusCode(400).contentType(PROBLEM);
        post(RUNS, Map.of("lanes", List.of())).statusCode(400).contentType(PROBLEM);
        given().get(RUNS + "/nobody").then().statusCode(404).contentType(PROBLEM);
        given().put(RUNS + "/nobody/switches").then().statusCode(415);
        turn("nobody", Map.of("database", Map.of("state", "odd")))
                .statusCode(400)
                .body("violations.field", hasItem("database.state"));
        turn("nobody", Map.of()).statusCode(404);
        post(RUNS + "/nobody/stampede", Map.of("readers", 5)).statusCode(400);
    }

    @Test
    void whoWatchesHearsEverySecondAndTheEnd() throws Exception {
        Ear ear = new Ear();
        WebSocket watching =
                CLIENT.newWebSocketBuilder()
                        .buildAsync(URI.create(socket.toString().replaceFirst("^http", "ws")), ear)
                        .get(10, TimeUnit.SECONDS);
        assertThat(ear.next("run").has("run")).isTrue();
        String id = start(workload("seconds", 4), "none", "ttl");
        JsonNode run = ear.next("run");
        assertThat(run.at("/run/id").asText()).isEqualTo(id);
        assertThat(run.at("/run/by/displayName").asText()).isEqualTo("Ada");
        assertThat(run.at("/run/lanes/1/boundMillis").asInt()).isEqualTo(1_000);
        for (int second = 1; second <= 4; second++) {
            JsonNode told = ear.next("second");
            assertThat(told.get("run").asText()).isEqualTo(id);
            assertThat(told.at("/second/second").asInt()).isEqualTo(second);
            assertThat(told.at("/second/lanes/0/lane").asText()).isEqualTo("a");
        }
        JsonNode advice = ear.next("advice");
        assertThat(advice.at("/advice/toleratedStalenessMillis").asInt()).isEqualTo(1_000);
        assertThat(run(id).get("state").asText()).isEqualTo("done");
        watching.sendClose(WebSocket.NORMAL_CLOSURE, "");
    }

    private static final class Ear implements WebSocket.Listener {
        private final BlockingQueue<JsonNode> heard = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(json(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        JsonNode next(String type) throws InterruptedException {
            while (true) {
                JsonNode message = heard.poll(SOON.toSeconds(), TimeUnit.SECONDS);
                assertThat(message).as("a message of type " + type).isNotNull();
                if (message.get("type").asText().equals(type)) {
                    return message;
                }
            }
        }
    }
}
