package dev.larder.queue;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.LarderBackends;
import dev.larder.kit.Script;
import dev.larder.kit.TestTokens;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Conversations about jobs of type {@code parcel}, which the worker of the service leaves to the
 * test, and about those that it does itself.
 */
@QuarkusTest
@WithTestResource(LarderBackends.class)
class QueueTest {

    private static final String MAIL = "/api/queue/queues/mail";
    private static final String PROBLEM = "application/problem+json";

    // Not closed by a test: that would wait for its sockets for ever.
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration SOON = Duration.ofSeconds(10);

    @Inject Redis redis;
    @Inject AgroalDataSource database;
    @Inject QueueStore store;
    @Inject History history;

    @TestHTTPResource("/api/queue/queues/")
    URI sockets;

    @BeforeEach
    void emptyQueues() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE queue.finished_job");
        }
        forgetEverything();
    }

    private void forgetEverything() {
        Script.await(redis, Request.cmd(Command.FLUSHALL));
    }

    private static ValidatableResponse post(String path, Object body) {
        return given().auth()
                .oauth2(TestTokens.of("Ada"))
                .contentType(ContentType.JSON)
                .body(body)
                .post(path)
                .then();
    }

    private static Map<String, Object> parcel(Object... more) {
        Map<String, Object> job = new HashMap<>();
        job.put("type", "parcel");
        job.put("payload", Map.of("to", "Bo"));
        for (int i = 0; i < more.length; i += 2) {
            job.put((String) more[i], more[i + 1]);
        }
        return job;
    }

    private static String put(Object... more) {
        return post(MAIL + "/jobs", parcel(more)).statusCode(201).extract().path("id");
    }

    private static ValidatableResponse take(int max, long visibilityMillis) {
        return post(
                        MAIL + "/take",
                        Map.of("worker", "van", "max", max, "visibilityMillis", visibilityMillis))
                .statusCode(200);
    }

    private static long lease() {
        return take(1, 60_000).extract().jsonPath().getLong("items[0].lease");
    }

    private static ValidatableResponse job(String id) {
        return given().get(MAIL + "/jobs/" + id).then();
    }

    private static void awaitState(String id, String state) {
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> job(id).statusCode(200).body("state", equalTo(state)));
    }

    private static ValidatableResponse counts() {
        return given().get("/api/queue/queues").then().statusCode(200);
    }

    private int recorded(String id) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery(
                                "SELECT count(*) FROM queue.finished_job WHERE id = '"
                                        + id
                                        + "'")) {
            found.next();
            return found.getInt(1);
        }
    }

    @Test
    void aJobGoesThroughItsLife() throws SQLException {
        String id =
                post(MAIL + "/jobs", parcel())
                        .statusCode(201)
                        .body("type", equalTo("parcel"))
                        .body("payload.to", equalTo("Bo"))
                        .body("state", equalTo("waiting"))
                        .body("attempt", equalTo(0))
                        .body("maxAttempts", equalTo(3))
                        .body("enqueuedAt", notNullValue())
                        .body("dueAt", nullValue())
                        .extract()
                        .path("id");
        counts().body("items.name", contains("checksums", "mail"))
                .body("items[1].counts.waiting", equalTo(1));
        long lease =
                take(10, 60_000)
                        .body("items", hasSize(1))
                        .body("items[0].id", equalTo(id))
                        .body("items[0].state", equalTo("active"))
                        .body("items[0].attempt", equalTo(1))
                        .body("items[0].worker", equalTo("van"))
                        .body("items[0].leaseEndsAt", notNullValue())
                        .extract()
                        .jsonPath()
                        .getLong("items[0].lease");
        counts().body("items[1].counts.waiting", equalTo(0))
                .body("items[1].counts.active", equalTo(1));
        Map<String, Object> success =
                Map.of("lease", lease, "result", Map.of("stops", List.of(), "km", 1.10));
        for (int twice = 0; twice < 2; twice++) {
            post(MAIL + "/jobs/" + id + "/acknowledge", success)
                    .statusCode(200)
                    .body("state", equalTo("completed"))
                    .body("result.stops", hasSize(0))
                    .body("result.km", equalTo(1.1f))
                    .body("finishedAt", notNullValue());
        }
        counts().body("items[1].counts.active", equalTo(0))
                .body("items[1].counts.completed", equalTo(1))
                .body("items[1].processedPerSecond", equalTo(0.1f));
        assertThat(recorded(id)).isEqualTo(1);
        given().queryParam("state", "completed")
                .get(MAIL + "/jobs")
                .then()
                .body("items.id", contains(id));
        post(MAIL + "/jobs/" + id + "/retry", Map.of()).statusCode(409).contentType(PROBLEM);
    }

    @Test
    void jobsAreTakenInTheOrderTheyCame() {
        List<String> ids = List.of(put(), put(), put());
        take(2, 60_000).body("items.id", equalTo(ids.subList(0, 2)));
        take(2, 60_000).body("items.id", equalTo(ids.subList(2, 3)));
        take(2, 60_000).body("items", hasSize(0));
        given().get(MAIL + "/jobs").then().body("items.id", equalTo(ids.reversed()));
        given().queryParam("limit", 1)
                .get(MAIL + "/jobs")
                .then()
                .body("items.id", contains(ids.get(2)));
    }

    @Test
    void anIdempotencyKeyPutsInOneJob() {
        String id = put("idempotencyKey", "order-7");
        post(MAIL + "/jobs", parcel("idempotencyKey", "order-7"))
                .statusCode(200)
                .body("id", equalTo(id));
        post(MAIL + "/jobs", parcel("idempotencyKey", "order-7", "type", "letter"))
                .statusCode(409)
                .contentType(PROBLEM);
        counts().body("items[1].counts.waiting", equalTo(1));
    }

    @Test
    void aDelayedJobWaitsForItsTime() {
        Instant before = Instant.now();
        String id = put("delayMillis", 700);
        job(id).body("state", equalTo("delayed")).body("dueAt", notNullValue());
        take(1, 60_000).body("items", hasSize(0));
        awaitState(id, "waiting");
        assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(700));
        take(1, 60_000).body("items.id", contains(id));
    }

    @Test
    void aFailedAttemptIsRepeatedUntilThereAreNone() throws SQLException {
        String id = put("maxAttempts", 2);
        post(MAIL + "/jobs/" + id + "/fail", Map.of("lease", lease(), "reason", "no van"))
                .statusCode(200)
                .body("state", equalTo("delayed"))
                .body("lastError", equalTo("no van"))
                .body("dueAt", notNullValue());
        awaitState(id, "waiting");
        post(MAIL + "/jobs/" + id + "/fail", Map.of("lease", lease(), "reason", "no road"))
                .statusCode(200)
                .body("state", equalTo("failed"))
                .body("attempt", equalTo(2));
        counts().body("items[1].counts.failed", equalTo(1));
        assertThat(recorded(id)).isEqualTo(1);
        post(MAIL + "/jobs/" + id + "/retry", Map.of())
                .statusCode(200)
                .body("state", equalTo("waiting"))
                .body("maxAttempts", equalTo(4));
        post(MAIL + "/jobs/" + id + "/acknowledge", Map.of("lease", lease())).statusCode(200);
        assertThat(recorded(id)).isEqualTo(1);
        forgetEverything();
        await().atMost(SOON)
                .untilAsserted(() -> counts().body("items[1].counts.completed", equalTo(1)));
        job(id).body("state", equalTo("completed")).body("attempt", equalTo(3));
    }

    @Test
    void aSilentWorkersJobReturnsAndItsLeaseIsStale() {
        String id = put();
        String second = put();
        long old = take(1, 200).extract().jsonPath().getLong("items[0].lease");
        awaitState(id, "waiting");
        job(id).body("lastError", containsString("The lease of van ran out"));
        // It comes before the one that was behind it.
        long current =
                take(2, 60_000)
                        .body("items.id", contains(id, second))
                        .extract()
                        .jsonPath()
                        .getLong("items[0].lease");
        assertThat(current).isGreaterThan(old);
        post(MAIL + "/jobs/" + id + "/acknowledge", Map.of("lease", old))
                .statusCode(409)
                .contentType(PROBLEM)
                .body("detail", containsString("Lease " + old));
        post(MAIL + "/jobs/" + id + "/fail", Map.of("lease", old, "reason", "late"))
                .statusCode(409);
        post(MAIL + "/jobs/" + id + "/acknowledge", Map.of("lease", current)).statusCode(200);
        post(MAIL + "/jobs/" + id + "/acknowledge", Map.of("lease", old)).statusCode(409);
    }

    @Test
    void aJobThatSilencesEveryWorkerFails() throws SQLException {
        String id = put("maxAttempts", 1);
        take(1, 200).body("items", hasSize(1));
        awaitState(id, "failed");
        await().atMost(SOON).until(() -> recorded(id) == 1);
    }

    @Test
    void noTwoTakersGetTheSameJob() throws Exception {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            ids.add(put());
        }
        List<String> taken = new ArrayList<>();
        List<Integer> leases = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<ValidatableResponse>> answers = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                answers.add(threads.submit(() -> take(3, 60_000)));
            }
            for (Future<ValidatableResponse> answer : answers) {
                ValidatableResponse response = answer.get(30, TimeUnit.SECONDS);
                taken.addAll(response.extract().path("items.id"));
                leases.addAll(response.extract().path("items.lease"));
            }
        }
        assertThat(taken).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(ids);
        assertThat(leases).doesNotHaveDuplicates();
    }

    @Test
    void theServiceWorksItself() {
        String id =
                post(
                                MAIL + "/jobs",
                                Map.of(
                                        "type",
                                        "checksum",
                                        "payload",
                                        Map.of("text", "abc", "rounds", 1)))
                        .statusCode(201)
                        .extract()
                        .path("id");
        awaitState(id, "completed");
        job(id).body(
                        "result.sha256",
                        equalTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
                .body("worker", containsString("in-service"))
                .body("attempt", equalTo(1));
        String flaky =
                post(
                                MAIL + "/jobs",
                                Map.of(
                                        "type",
                                        "flaky",
                                        "payload",
                                        Map.of("text", "hello", "failTimes", 2)))
                        .statusCode(201)
                        .extract()
                        .path("id");
        awaitState(flaky, "completed");
        job(flaky)
                .body("attempt", equalTo(3))
                .body("lastError", containsString("2 of 2"))
                .body("result.text", equalTo("hello"));
        String hopeless =
                post(
                                MAIL + "/jobs",
                                Map.of(
                                        "type",
                                        "flaky",
                                        "payload",
                                        Map.of("text", "hello", "failTimes", 2),
                                        "maxAttempts",
                                        1))
                        .extract()
                        .path("id");
        awaitState(hopeless, "failed");
        post(MAIL + "/jobs/" + hopeless + "/retry", Map.of()).statusCode(200);
        awaitState(hopeless, "failed");
    }

    @Test
    void theHistoryOutlivesTheStore() {
        String id = put();
        post(MAIL + "/jobs/" + id + "/acknowledge", Map.of("lease", lease(), "result", "done"))
                .statusCode(200);
        String failed = put("maxAttempts", 1);
        post(MAIL + "/jobs/" + failed + "/fail", Map.of("lease", lease(), "reason", "no van"))
                .statusCode(200);
        forgetEverything();
        job(id).statusCode(200).body("result", equalTo("done"));
        await().atMost(SOON)
                .untilAsserted(
                        () ->
                                given().get(MAIL + "/jobs")
                                        .then()
                                        .body("items.id", contains(failed, id)));
        post(MAIL + "/jobs/" + failed + "/retry", Map.of())
                .statusCode(200)
                .body("state", equalTo("waiting"));
        take(1, 60_000).body("items.id", contains(failed));
    }

    @Test
    void anEndThatWasNotWrittenIsWrittenByASweep() throws SQLException {
        String id = put();
        // As if the instance had crashed right after the script.
        store.acknowledge("mail", id, lease(), null, Instant.now());
        await().atMost(SOON).until(() -> recorded(id) == 1);
        List<FinishedJob> again = history.newest("mail", JobState.COMPLETED, 10);
        history.record(again);
        assertThat(recorded(id)).isEqualTo(1);
    }

    @Test
    void badInputNamesItsField() {
        post(MAIL + "/jobs", Map.of("payload", Map.of()))
                .statusCode(400)
                .contentType(PROBLEM)
                .body(field(), equalTo("type"));
        post(MAIL + "/jobs", Map.of("type", "parcel"))
                .statusCode(400)
                .body(field(), equalTo("payload"));
        post(MAIL + "/jobs", Map.of("type", "parcel", "payload", List.of()))
                .statusCode(400)
                .body(field(), equalTo("payload"));
        post(MAIL + "/jobs", parcel("type", "x".repeat(41)))
                .statusCode(400)
                .body(field(), equalTo("type"));
        post(MAIL + "/jobs", parcel("delayMillis", -1))
                .statusCode(400)
                .body(field(), equalTo("delayMillis"));
        post(MAIL + "/jobs", parcel("maxAttempts", 21))
                .statusCode(400)
                .body(field(), equalTo("maxAttempts"));
        post(MAIL + "/jobs", parcel("idempotencyKey", "with space"))
                .statusCode(400)
                .body(field(), equalTo("idempotencyKey"));
        post(MAIL + "/jobs", parcel("payload", Map.of("long", "x".repeat(17_000))))
                .statusCode(400)
                .body(field(), equalTo("payload"));
        post(MAIL + "/jobs", parcel("payload", Map.of("long", "x".repeat(70_000))))
                .statusCode(413)
                .contentType(PROBLEM);
        post(MAIL + "/jobs", Map.of("type", "checksum", "payload", Map.of("text", "a")))
                .statusCode(400)
                .body(field(), equalTo("payload.rounds"));
        post(MAIL + "/jobs", "{\"type\":").statusCode(400).contentType(PROBLEM);
        post(MAIL + "/take", Map.of("worker", "van", "max", 11, "visibilityMillis", 1000))
                .statusCode(400)
                .body(field(), equalTo("max"));
        post(MAIL + "/take", Map.of("worker", "", "max", 1, "visibilityMillis", 1000))
                .statusCode(400)
                .body(field(), equalTo("worker"));
        post(MAIL + "/jobs/x/acknowledge", Map.of())
                .statusCode(400)
                .body(field(), equalTo("lease"));
        post(MAIL + "/jobs/x/fail", Map.of("lease", 1))
                .statusCode(400)
                .body(field(), equalTo("reason"));
        given().queryParam("state", "lost")
                .get(MAIL + "/jobs")
                .then()
                .statusCode(400)
                .body(field(), equalTo("state"));
        given().queryParam("limit", 101).get(MAIL + "/jobs").then().statusCode(400);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        String nobody = "00000000-0000-7000-8000-000000000000";
        job(nobody).statusCode(404).contentType(PROBLEM);
        job("nothing").statusCode(404);
        post(MAIL + "/jobs/" + nobody + "/acknowledge", Map.of("lease", 1)).statusCode(404);
        post(MAIL + "/jobs/" + nobody + "/fail", Map.of("lease", 1, "reason", "x")).statusCode(404);
        post(MAIL + "/jobs/" + nobody + "/retry", Map.of()).statusCode(404);
        String nowhere = "/api/queue/queues/nowhere/jobs";
        given().get(nowhere).then().statusCode(404).contentType(PROBLEM);
        post(nowhere, parcel()).statusCode(404);
        given().delete(MAIL + "/jobs").then().statusCode(405).contentType(PROBLEM);
        given().contentType(ContentType.JSON)
                .body(parcel())
                .post(MAIL + "/jobs")
                .then()
                .statusCode(401)
                .contentType(PROBLEM);
    }

    private static String field() {
        return "violations[0].field";
    }

    /** What a socket heard, and with which code it was closed. */
    private static final class Ear implements WebSocket.Listener {
        private static final ObjectMapper JSON = new ObjectMapper();

        final BlockingQueue<JsonNode> heard = new LinkedBlockingQueue<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    heard.add(JSON.readTree(text.toString()));
                } catch (JsonProcessingException e) {
                    closed.completeExceptionally(e);
                }
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        JsonNode next(String type) throws InterruptedException {
            long deadline = System.nanoTime() + SOON.toNanos();
            while (System.nanoTime() < deadline) {
                JsonNode message = heard.poll(1, TimeUnit.SECONDS);
                if (message != null && message.get("type").asText().equals(type)) {
                    return message;
                }
            }
            throw new AssertionError("no " + type);
        }
    }

    private WebSocket listen(String queue, Ear ear) {
        URI address = URI.create(sockets.toString().replaceFirst("^http", "ws") + queue + "/live");
        return CLIENT.newWebSocketBuilder()
                .buildAsync(address, ear)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void anOpenSocketSeesJobsMove() throws Exception {
        Ear ear = new Ear();
        WebSocket socket = listen("mail", ear);
        assertThat(ear.next("counts").get("counts").get("waiting").asInt()).isZero();
        String id = put();
        JsonNode job = ear.next("job").get("job");
        assertThat(job.get("id").asText()).isEqualTo(id);
        assertThat(job.get("state").asText()).isEqualTo("waiting");
        assertThat(ear.next("counts").get("counts").get("waiting").asInt()).isEqualTo(1);
        take(1, 60_000);
        assertThat(ear.next("job").get("job").get("state").asText()).isEqualTo("active");
        assertThat(ear.next("counts").get("counts").get("active").asInt()).isEqualTo(1);
        forgetEverything();
        assertThat(ear.next("counts").get("counts").get("active").asInt()).isZero();
        String next = put();
        assertThat(ear.next("job").get("job").get("id").asText()).isEqualTo(next);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
        assertThat(ear.closed.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(1000);
    }

    @Test
    void aSocketOfNoQueueIsClosed() {
        Ear ear = new Ear();
        listen("nowhere", ear);
        assertThat(ear.closed.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(4404);
    }
}
