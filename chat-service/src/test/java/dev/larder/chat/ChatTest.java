package dev.larder.chat;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.kit.LarderBackends;
import dev.larder.kit.TestTokens;
import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Conversations over real sockets, on a real store and a real PostgreSQL. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
class ChatTest {
    @Inject RedisDataSource store;

    @Inject History history;

    @Inject ChatStore rooms;

    @TestHTTPResource("/api/chat")
    URI base;

    private Talker enter(String room, String name, Long since) {
        return Talker.enter(base, room, name == null ? null : TestTokens.of(name), since);
    }

    @Test
    void twoPeopleTalkAndKnowOfEachOther() {
        try (Talker ada = enter("lobby", "Ada", null);
                Talker bob = enter("lobby", "Bob", null)) {
            JsonNode welcome = ada.next("welcome");
            assertThat(welcome.at("/you/displayName").asText()).isEqualTo("Ada");
            ada.next("history");
            bob.next("history");
            ada.next(
                    message ->
                            message.path("type").asText().equals("presence")
                                    && message.path("members").toString().contains("Bob"));
            ada.say("Hello, Bob", "mine-1");
            JsonNode heard = bob.next("message");
            assertThat(heard.path("text").asText()).isEqualTo("Hello, Bob");
            assertThat(heard.at("/author/displayName").asText()).isEqualTo("Ada");
            JsonNode own = ada.next("message");
            assertThat(own.path("clientId").asText()).isEqualTo("mine-1");
            assertThat(own.path("id")).isEqualTo(heard.path("id"));
            bob.send("{\"type\":\"typing\"}");
            assertThat(ada.next("typing").at("/author/displayName").asText()).isEqualTo("Bob");
        }
    }

    @Test
    void whoComesBackGetsExactlyWhatWasMissed() {
        try (Talker speaker = enter("cooking", "Carla", null)) {
            speaker.next("history");
            speaker.say("one", null);
            long last = speaker.next("message").path("id").asLong();
            speaker.say("two", null);
            speaker.say("three", null);
            speaker.next("message");
            speaker.next("message");
            try (Talker back = enter("cooking", "Dan", last)) {
                assertThat(back.next("welcome").path("resumed").asBoolean()).isTrue();
                List<String> texts = new ArrayList<>();
                back.next("history").path("items").forEach(i -> texts.add(i.path("text").asText()));
                assertThat(texts).containsExactly("two", "three");
                speaker.say("four", null);
                assertThat(back.next("message").path("text").asText()).isEqualTo("four");
            }
            try (Talker far = enter("cooking", "Eve", -100_000L)) {
                assertThat(far.next("welcome").path("resumed").asBoolean()).isFalse();
            }
        }
    }

    @Test
    void idsStrictlyIncreaseWhenManyTalkAtOnce() {
        List<Talker> talkers = new ArrayList<>();
        try (Talker listener = enter("music", null, null)) {
            listener.next("history");
            for (int i = 0; i < 5; i++) {
                talkers.add(enter("music", "Singer " + i, null));
            }
            for (int i = 0; i < 5; i++) {
                for (Talker talker : talkers) {
                    talker.say("la " + i, null);
                }
            }
            long before = -1;
            for (int i = 0; i < 25; i++) {
                long id = listener.next("message").path("id").asLong();
                if (before >= 0) {
                    assertThat(id).isEqualTo(before + 1);
                }
                before = id;
            }
        } finally {
            talkers.forEach(Talker::close);
        }
    }

    @Test
    void anotherInstanceIsHeardThroughTheStore() {
        try (Talker listener = enter("lobby", null, null)) {
            listener.next("history");
            // What another instance does: it writes to PostgreSQL and the store, and signals.
            Person elsewhere = new Person(TestTokens.idOf("Elsewhere"), "Elsewhere");
            Message message = history.add("lobby", elsewhere, "from afar", null);
            rooms.remember(message);
            rooms.signal(new ChatStore.Signal("message", "lobby", null));
            JsonNode heard = listener.next(m -> m.path("text").asText().equals("from afar"));
            assertThat(heard.path("id").asLong()).isEqualTo(message.id());
        }
    }

    @Test
    void aGapIsFilledWhenTheWireWasCut() {
        try (Talker listener = enter("cooking", null, null)) {
            listener.next("history");
            assertThat(store.execute("CLIENT", "KILL", "TYPE", "pubsub").toInteger()).isPositive();
            // Said elsewhere while this instance does not listen: no signal will tell of it.
            Person elsewhere = new Person(TestTokens.idOf("Elsewhere"), "Elsewhere");
            history.add("cooking", elsewhere, "while you were away", null);
            listener.next(m -> m.path("text").asText().equals("while you were away"));
        }
    }

    @Test
    void aStoreThatHasForgottenEverythingLosesNothing() {
        try (Talker speaker = enter("music", "Flora", null)) {
            speaker.next("history");
            speaker.say("before", null);
            long id =
                    speaker.next(m -> m.path("text").asText().equals("before")).path("id").asLong();
            store.execute("FLUSHALL");
            speaker.say("after", null);
            assertThat(
                            speaker.next(m -> m.path("text").asText().equals("after"))
                                    .path("id")
                                    .asLong())
                    .isGreaterThan(id);
        }
        given().get("/api/chat/rooms/music/messages")
                .then()
                .statusCode(200)
                .body("items.text", hasItems("before", "after"));
    }

    @Test
    void whoIsNotSignedInReadsButDoesNotTalk() {
        try (Talker reader = enter("lobby", null, null)) {
            assertThat(reader.next("welcome").path("you").isNull()).isTrue();
            reader.say("hello?", "c1");
            JsonNode error = reader.next("error");
            assertThat(error.at("/problem/status").asInt()).isEqualTo(401);
            assertThat(error.path("clientId").asText()).isEqualTo("c1");
        }
    }

    @Test
    void badFramesAreAnsweredByWhatIsWrong() {
        try (Talker talker = enter("lobby", "Gus", null)) {
            talker.next("history");
            talker.send("{\"type\":");
            assertThat(talker.next("error").toString()).contains("malformed JSON");
            talker.send("[1]");
            assertThat(talker.next("error").toString()).contains("frame");
            talker.send("{\"type\":\"shout\"}");
            assertThat(talker.next("error").at("/problem/violations/0/field").asText())
                    .isEqualTo("type");
            talker.send("{\"type\":\"say\",\"text\":7}");
            assertThat(talker.next("error").at("/problem/violations/0/field").asText())
                    .isEqualTo("text");
            talker.say("x".repeat(Chat.TEXT_LENGTH_MAX + 1), "long");
            assertThat(talker.next("error").path("clientId").asText()).isEqualTo("long");
            talker.say("  ", null);
            assertThat(talker.next("error").toString()).contains("blank");
            talker.send("{\"type\":\"ping\"}");
            talker.next("pong");
        }
    }

    @Test
    void whoTalksTooFastIsToldSo() {
        try (Talker talker = enter("lobby", "Hasty", null)) {
            talker.next("history");
            for (int i = 0; i < 20; i++) {
                talker.say("quick " + i, "q" + i);
            }
            assertThat(talker.next("error").at("/problem/status").asInt()).isEqualTo(429);
        }
    }

    @Test
    void anUnknownRoomAndAHugeFrameCloseTheSocket() {
        try (Talker lost = enter("nowhere", "Ida", null)) {
            assertThat(lost.closeCode()).isEqualTo(4404);
        }
        try (Talker huge = enter("lobby", "Ida", null)) {
            huge.next("history");
            huge.send("x".repeat(20_000));
            assertThat(huge.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    void roomsAndMessagesAreReadOverHttp() {
        given().get("/api/chat/rooms")
                .then()
                .statusCode(200)
                .body("items.id", hasItems("lobby", "cooking", "music"));
        given().get("/api/chat/rooms/nowhere/messages")
                .then()
                .statusCode(404)
                .contentType("application/problem+json");
        given().queryParam("limit", 0)
                .get("/api/chat/rooms/lobby/messages")
                .then()
                .statusCode(400)
                .body("violations[0].field", equalTo("limit"));
    }

    @Test
    void whoLeavesIsNoLongerThere() {
        Talker jo = enter("music", "Jo", null);
        jo.next("history");
        try (Talker watcher = enter("music", null, null)) {
            watcher.next(
                    m ->
                            m.path("type").asText().equals("presence")
                                    && m.path("members").toString().contains("Jo"));
            jo.close();
            watcher.next(
                    m ->
                            m.path("type").asText().equals("presence")
                                    && !m.path("members").toString().contains("\"Jo\""));
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(
                        () ->
                                given().get("/api/chat/rooms")
                                                .jsonPath()
                                                .getInt("items.find { it.id == 'music' }.members")
                                        == 0);
    }
}
