package dev.larder.leaderboard;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

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
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(LarderBackends.class)
class LeaderboardTest {

    private static final String BOARDS = "/api/leaderboard/boards";
    private static final String PROBLEM = "application/problem+json";

    // Not closed by a test: that would wait for its sockets for ever.
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @Inject Redis redis;
    @Inject AgroalDataSource database;
    @Inject Leaderboard leaderboard;
    @Inject Ledger ledger;
    @Inject LeaderboardStore store;

    @TestHTTPResource("/api/leaderboard/boards/")
    URI sockets;

    @BeforeEach
    void emptyBoards() throws Exception {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE leaderboard.standing CASCADE");
        }
        forgetEverything();
    }

    private void forgetEverything() {
        Script.await(redis, Request.cmd(Command.FLUSHALL));
    }

    private static ValidatableResponse submit(String board, String who, Object score) {
        return submit(board, who, Map.of("score", score));
    }

    private static ValidatableResponse submit(String board, String who, Map<String, ?> body) {
        return given().auth()
                .oauth2(TestTokens.of(who))
                .contentType(ContentType.JSON)
                .body(body)
                .post(BOARDS + "/" + board + "/scores")
                .then();
    }

    private static ValidatableResponse top(String board, int limit) {
        return given().queryParam("limit", limit).get(BOARDS + "/" + board + "/top").then();
    }

    @Test
    void boardsSayHowTheyCount() {
        submit("global", "Ada", 5).statusCode(200);
        given().get(BOARDS)
                .then()
                .statusCode(200)
                .body("items.id", contains("global", "weekly-coins", "time-trial"))
                .body("items.order", contains("desc", "desc", "asc"))
                .body("items.policy", contains("best", "sum", "best"))
                .body("items.players", contains(1, 0, 0));
    }

    @Test
    void theBestScoreStays() {
        submit("global", "Ada", 100)
                .statusCode(200)
                .body("playerId", equalTo(TestTokens.idOf("Ada")))
                .body("name", equalTo("Ada"))
                .body("score", equalTo(100))
                .body("rank", equalTo(1))
                .body("previousRank", nullValue())
                .body("previousScore", nullValue())
                .body("improved", equalTo(true))
                .body("players", equalTo(1));
        submit("global", "Bo", 150).body("rank", equalTo(1)).body("players", equalTo(2));
        submit("global", "Ada", 90)
                .body("score", equalTo(100))
                .body("rank", equalTo(2))
                .body("previousRank", equalTo(2))
                .body("previousScore", equalTo(100))
                .body("improved", equalTo(false));
        submit("global", "Ada", 200)
                .body("rank", equalTo(1))
                .body("previousRank", equalTo(2))
                .body("previousScore", equalTo(100))
                .body("improved", equalTo(true));
    }

    @Test
    void coinsAddUpAndTheShortestTimeLeads() {
        submit("weekly-coins", "Ada", 10);
        submit("weekly-coins", "Ada", 7)
                .body("score", equalTo(17))
                .body("previousScore", equalTo(10));
        submit("weekly-coins", "Ada", -20).body("score", equalTo(-3));
        submit("time-trial", "Ada", 62_345);
        submit("time-trial", "Bo", 61_000).body("rank", equalTo(1));
        submit("time-trial", "Ada", 60_999)
                .body("rank", equalTo(1))
                .body("previousRank", equalTo(2));
        top("time-trial", 10).body("items.name", contains("Ada", "Bo"));
    }

    @Test
    void amongEqualsTheEarliestLeads() {
        for (String who : List.of("Zoe", "Ada", "Mia")) {
            submit("global", who, 50);
            submit("time-trial", who, 50);
        }
        for (String board : List.of("global", "time-trial")) {
            top(board, 10)
                    .body("items.name", contains("Zoe", "Ada", "Mia"))
                    .body("items.rank", contains(1, 2, 3));
        }
        // Handing in the same again is not reaching it anew; leaving and coming back is.
        submit("global", "Zoe", 50).body("rank", equalTo(1));
        forgetEverything();
        top("global", 10).body("items.name", contains("Zoe", "Ada", "Mia"));
        for (String who : List.of("Zoe", "Ada")) {
            submit("weekly-coins", who, 5);
        }
        submit("weekly-coins", "Zoe", 1);
        submit("weekly-coins", "Zoe", -1);
        top("weekly-coins", 10).body("items.name", contains("Ada", "Zoe"));
    }

    @Test
    void theLargestScoresStayExact() {
        submit("global", "Ada", Policy.SCORE_MAX - 1);
        submit("global", "Bo", Policy.SCORE_MAX).body("rank", equalTo(1));
        submit("global", "Cy", -Policy.SCORE_MAX).body("rank", equalTo(3));
        top("global", 10)
                .body(
                        "items.score",
                        contains(Policy.SCORE_MAX, Policy.SCORE_MAX - 1, -Policy.SCORE_MAX));
        forgetEverything();
        top("global", 1).body("items.score", contains(Policy.SCORE_MAX));
        submit("weekly-coins", "Ada", Policy.SCORE_MAX);
        submit("weekly-coins", "Ada", 1).statusCode(409).contentType(PROBLEM);
    }

    @Test
    void aSubmissionCountsOnce() {
        Map<String, Object> coins = Map.of("score", 10, "submissionId", "round-1");
        submit("weekly-coins", "Ada", coins).body("score", equalTo(10));
        submit("weekly-coins", "Ada", coins)
                .statusCode(200)
                .body("score", equalTo(10))
                .body("previousScore", nullValue())
                .body("improved", equalTo(true));
        submit("weekly-coins", "Bo", coins).body("score", equalTo(10));
        submit("weekly-coins", "Ada", Map.of("score", 11, "submissionId", "round-1"))
                .statusCode(409)
                .contentType(PROBLEM);
        submit("weekly-coins", "Ada", Map.of("score", 1, "submissionId", "round-2"))
                .body("score", equalTo(11));
    }

    @Test
    void theSameSubmissionSentAtOnceCountsOnce() throws Exception {
        atOnce(
                Collections.nCopies(
                        12,
                        () ->
                                submit(
                                                "weekly-coins",
                                                "Ada",
                                                Map.of("score", 10, "submissionId", "round-1"))
                                        .statusCode(200)));
        top("weekly-coins", 1).body("items.score", contains(10));
    }

    @Test
    void parallelSubmissionsEndInTheRightOrder() throws Exception {
        List<Callable<?>> calls = new ArrayList<>();
        for (int player = 0; player < 8; player++) {
            for (int times = 0; times < 6; times++) {
                String who = "Player " + player;
                int coins = player + 1;
                calls.add(() -> submit("weekly-coins", who, coins).statusCode(200));
            }
        }
        Collections.shuffle(calls, new java.util.Random(7));
        atOnce(calls);
        List<Integer> scores = top("weekly-coins", 20).extract().path("items.score");
        assertThat(scores).containsExactly(48, 42, 36, 30, 24, 18, 12, 6);
        given().get(BOARDS + "/weekly-coins/players/" + TestTokens.idOf("Player 7"))
                .then()
                .body("rank", equalTo(1));
        forgetEverything();
        assertThat(top("weekly-coins", 20).extract().<List<Integer>>path("items.score"))
                .isEqualTo(scores);
    }

    @Test
    void aForgottenBoardComesBackWhole() throws Exception {
        load("global", 2_500);
        List<?> before = top("global", 100).extract().path("items");
        submit("global", "Ada", 1_234);
        forgetEverything();
        // All at once: one builds, nobody sees a part of it.
        atOnce(
                Collections.nCopies(
                        20,
                        () ->
                                top("global", 100)
                                        .statusCode(200)
                                        .body("players", equalTo(2_501))
                                        .body("items", equalTo(before))));
        submit("global", "Ada", 1_300)
                .body("previousScore", equalTo(1_234))
                .body("players", equalTo(2_501));
    }

    @Test
    void aBoardThatLostAPartIsRebuilt() {
        load("global", 150);
        Script.await(redis, Request.cmd(Command.DEL).arg("leaderboard:{global}:order"));
        top("global", 1).statusCode(200).body("players", equalTo(150));
        Script.await(redis, Request.cmd(Command.DEL).arg("leaderboard:{global}:players"));
        top("global", 1).statusCode(200).body("players", equalTo(150));
    }

    @Test
    void aStandingThatWasCommittedButNotPlacedIsRepaired() {
        submit("global", "Ada", 10);
        Board board = leaderboard.board("global");
        // As if an instance had crashed between the two.
        ledger.record(board, TestTokens.idOf("Bo"), "Bo", 20, null);
        top("global", 10).body("items.name", contains("Ada"));
        leaderboard.repair();
        top("global", 10).body("items.name", contains("Bo", "Ada"));
    }

    @Test
    void aStandingThatComesLateIsPassedOver() {
        Board board = leaderboard.board("weekly-coins");
        String ada = TestTokens.idOf("Ada");
        Ledger.Entry first = ledger.record(board, ada, "Ada", 10, null);
        submit("weekly-coins", "Ada", 5).body("score", equalTo(15));
        store.place(board, first.standing());
        top("weekly-coins", 10).body("items.score", contains(15));
    }

    @Test
    void neighboursAreFound() {
        load("global", 200);
        String middle = id(100);
        given().queryParam("span", 2)
                .get(BOARDS + "/global/around/" + middle)
                .then()
                .statusCode(200)
                .body("players", equalTo(200))
                .body("offset", equalTo(97))
                .body("items.rank", contains(98, 99, 100, 101, 102))
                .body("items[2].playerId", equalTo(middle));
        given().queryParam("span", 2)
                .get(BOARDS + "/global/around/" + id(199))
                .then()
                .body("items.rank", contains(1, 2, 3));
        given().queryParam("offset", 195)
                .get(BOARDS + "/global/top")
                .then()
                .body("offset", equalTo(195))
                .body("items.rank", contains(196, 197, 198, 199, 200));
        given().queryParam("offset", 500)
                .get(BOARDS + "/global/top")
                .then()
                .body("items", hasSize(0));
        submit("global", "Ada", 1);
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .get(BOARDS + "/global/around/me")
                .then()
                .body("items.name", hasItems("Ada"));
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .get(BOARDS + "/global/players/me")
                .then()
                .body("score", equalTo(1));
    }

    @Test
    void whatIsNotThereIsNotFound() {
        for (String path :
                List.of(
                        "/nowhere/top",
                        "/nowhere/around/" + id(1),
                        "/global/around/" + id(1),
                        "/global/players/nobody")) {
            given().get(BOARDS + path).then().statusCode(404).contentType(PROBLEM);
        }
        submit("nowhere", "Ada", 1).statusCode(404);
        given().get(BOARDS + "/global/around/me").then().statusCode(401).contentType(PROBLEM);
        given().delete(BOARDS + "/global/top").then().statusCode(405).contentType(PROBLEM);
    }

    @Test
    void badInputNamesItsField() {
        submit("global", "Ada", Map.of()).statusCode(400).body(field(), equalTo("score"));
        submit("global", "Ada", "many").statusCode(400).body(field(), equalTo("score"));
        submit("global", "Ada", Policy.SCORE_MAX + 1)
                .statusCode(400)
                .contentType(PROBLEM)
                .body(field(), equalTo("score"));
        submit("global", "Ada", Map.of("score", 1, "submissionId", "x".repeat(65)))
                .statusCode(400)
                .body(field(), equalTo("submissionId"));
        submit("global", "Ada", Map.of("score", 1, "cheat", true)).statusCode(400);
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .contentType(ContentType.JSON)
                .body("{\"score\":")
                .post(BOARDS + "/global/scores")
                .then()
                .statusCode(400)
                .contentType(PROBLEM);
        given().contentType(ContentType.JSON)
                .body(Map.of("score", 1))
                .post(BOARDS + "/global/scores")
                .then()
                .statusCode(401)
                .contentType(PROBLEM);
        given().queryParam("limit", 101)
                .get(BOARDS + "/global/top")
                .then()
                .statusCode(400)
                .body(field(), equalTo("limit"));
        given().queryParam("span", 51)
                .get(BOARDS + "/global/around/" + id(1))
                .then()
                .statusCode(400)
                .body(field(), equalTo("span"));
    }

    @Test
    void onlyALoaderLoads() {
        Map<String, ?> one = Map.of("items", List.of(item(1)));
        batch("global", TestTokens.of("Ada"), one).statusCode(403).contentType(PROBLEM);
        batch("global", TestTokens.loader(), Map.of("items", List.of(item(1), item(1))))
                .statusCode(400)
                .body(field(), containsString("items[1]"));
        batch(
                        "global",
                        TestTokens.loader(),
                        Map.of("items", List.of(Map.of("playerId", "x", "name", "", "score", 1))))
                .statusCode(400)
                .contentType(PROBLEM);
        batch("global", TestTokens.loader(), Map.of("items", List.of())).statusCode(400);
        batch("global", TestTokens.loader(), one).statusCode(200).body("accepted", equalTo(1));
        batch("global", TestTokens.loader(), one).statusCode(200);
        top("global", 10).body("players", equalTo(1));
        // Ids of every version and in capitals are players too.
        Map<String, ?> odd =
                Map.of(
                        "playerId",
                        "01A20D57-9478-F881-CFEB-AB8C022F0F58",
                        "name",
                        "Odd",
                        "score",
                        99);
        batch("global", TestTokens.loader(), Map.of("items", List.of(odd))).statusCode(200);
        top("global", 1).body("items[0].playerId", equalTo("01a20d57-9478-f881-cfeb-ab8c022f0f58"));
    }

    private static String field() {
        return "violations[0].field";
    }

    private static String id(int player) {
        return TestTokens.idOf("Loaded " + player);
    }

    private static Map<String, Object> item(int player) {
        Map<String, Object> item = new HashMap<>();
        item.put("playerId", id(player));
        item.put("name", "Loaded " + player);
        item.put("score", 10L * (player + 1));
        return item;
    }

    private static ValidatableResponse batch(String board, String token, Object body) {
        return given().auth()
                .oauth2(token)
                .contentType(ContentType.JSON)
                .body(body)
                .post(BOARDS + "/" + board + "/scores/batch")
                .then();
    }

    private static void load(String board, int players) {
        List<Map<String, Object>> items = new ArrayList<>();
        for (int i = 0; i < players; i++) {
            items.add(item(i));
            if (items.size() == 1_000 || i == players - 1) {
                batch(board, TestTokens.loader(), Map.of("items", items))
                        .statusCode(200)
                        .body("accepted", equalTo(items.size()));
                items.clear();
            }
        }
    }

    private static void atOnce(List<? extends Callable<?>> calls) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<Object>> answers = new ArrayList<>();
            for (Callable<?> call : calls) {
                answers.add(threads.submit((Callable<Object>) call::call));
            }
            for (Future<Object> answer : answers) {
                answer.get(30, TimeUnit.SECONDS);
            }
        }
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
                } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
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
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (System.nanoTime() < deadline) {
                JsonNode message = heard.poll(1, TimeUnit.SECONDS);
                if (message != null && message.get("type").asText().equals(type)) {
                    return message;
                }
            }
            throw new AssertionError("no " + type);
        }
    }

    private WebSocket listen(String board, Ear ear) {
        URI address = URI.create(sockets.toString().replaceFirst("^http", "ws") + board + "/live");
        return CLIENT.newWebSocketBuilder()
                .buildAsync(address, ear)
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void anOpenSocketSeesTheBoardMove() throws Exception {
        submit("global", "Ada", 10);
        Ear ear = new Ear();
        WebSocket socket = listen("global", ear);
        JsonNode top = ear.next("top");
        assertThat(top.get("players").asInt()).isEqualTo(1);
        assertThat(top.get("items").get(0).get("name").asText()).isEqualTo("Ada");
        // The first look after opening finds what is there; from then on changes are named.
        await().atMost(Duration.ofSeconds(10))
                .until(
                        () -> {
                            submit("global", "Bo", 20 + System.nanoTime() % 1_000_000);
                            return ear.heard.stream()
                                    .anyMatch(m -> m.get("type").asText().equals("change"));
                        });
        JsonNode change = ear.next("change");
        assertThat(change.get("standing").get("name").asText()).isEqualTo("Bo");
        assertThat(change.get("standing").get("rank").asInt()).isEqualTo(1);
        assertThat(ear.next("top").get("items").get(0).get("name").asText()).isEqualTo("Bo");
        forgetEverything();
        submit("global", "Cy", 9_000_000);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> ear.next("top").get("items").get(0).get("name").asText().equals("Cy"));
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
        assertThat(ear.closed.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(1000);
    }

    @Test
    void aSocketOfNoBoardIsClosed() {
        Ear ear = new Ear();
        listen("nowhere", ear);
        assertThat(ear.closed.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(4404);
    }
}
