package dev.larder.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(Neighbours.class)
class SocketTest {
    private static final String ADA = "larder_session=0123456789abcdefghijkl";
    private static final String BOB = "larder_session=bbbbbbbbbbbbbbbbbbbbbb";
    private static final String PATH = "/api/chat/rooms/lobby/socket?since=7";

    @TestHTTPResource("/")
    URI root;

    @ConfigProperty(name = Neighbours.STORE_PORT)
    int storePort;

    @Inject Vertx vertx;
    @Inject Services services;
    @Inject Bridges bridges;
    @Inject SessionEnds ends;
    @Inject Redis redis;

    private Upstream session;
    private Upstream chat;
    private Caller caller;

    @BeforeEach
    void open() {
        caller = new Caller(URI.create(root.toString().replaceAll("/$", "")));
        session = new Upstream(vertx, services.addresses().get("session")).open();
        session.sessions.put(ADA.split("=")[1], "ada");
        session.sessions.put(BOB.split("=")[1], "bob");
        chat = new Upstream(vertx, services.addresses().get("chat")).open();
    }

    @AfterEach
    void close() {
        chat.close();
        session.close();
        await().atMost(Duration.ofSeconds(5)).until(() -> bridges.count() == 0);
    }

    @Test
    void aSocketSpeaksWithTheServiceAsWhoeverIsSignedIn() throws Exception {
        Caller.Talk talk = caller.talk(PATH, "Cookie", ADA, "Authorization", "Bearer forged");
        assertThat(talk.next()).isEqualTo("hello Bearer ada at " + PATH);
        talk.say("one");
        assertThat(talk.next()).isEqualTo("one");
        String long_ = "x".repeat(100_000);
        talk.say(long_);
        assertThat(talk.next()).isEqualTo(long_);
        assertThat(caller.talk(PATH).next()).isEqualTo("hello null at " + PATH);
    }

    @Test
    void theServiceEndsASocketWithItsOwnWord() throws Exception {
        Caller.Talk talk = caller.talk(PATH);
        talk.say("leave");
        assertThat(talk.closeCode()).isEqualTo(4000);
    }

    @Test
    void aServiceThatGoesAwayIsSaidToTheBrowser() throws Exception {
        Caller.Talk talk = caller.talk(PATH);
        talk.next();
        chat.close();
        assertThat(talk.closeCode()).isIn(1000, 1001, 1012);
        assertThatThrownBy(() -> caller.talk(PATH)).satisfies(e -> refusedWith(e, 503));
        chat.open();
        assertThat(caller.talk(PATH).next()).startsWith("hello");
    }

    @Test
    void whatIsRefusedIsRefusedWithAStatus() {
        assertThatThrownBy(() -> caller.talk("/api/chat/rooms/refused"))
                .satisfies(e -> refusedWith(e, 404));
        assertThatThrownBy(() -> caller.talk("/api/nobody/live"))
                .satisfies(e -> refusedWith(e, 404));
        assertThatThrownBy(() -> caller.talk(PATH, "Origin", "http://evil.example"))
                .satisfies(e -> refusedWith(e, 403));
        assertThatThrownBy(() -> caller.talk("/api/suite/live", "Origin", "null"))
                .satisfies(e -> refusedWith(e, 403));
    }

    private Store store() {
        return Store.start(new StoreConfig().with("port", storePort));
    }

    private static void refusedWith(Throwable failure, int status) {
        assertThat(failure.getCause()).isInstanceOf(WebSocketHandshakeException.class);
        assertThat(((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode())
                .isEqualTo(status);
    }

    @Test
    void withoutTheSessionServiceASocketIsAnonymous() throws Exception {
        session.close();
        assertThat(caller.talk(PATH, "Cookie", ADA).next()).startsWith("hello null");
    }

    @Test
    void aSessionThatEndedByTheClockLosesItsSockets() throws Exception {
        Caller.Talk ada = caller.talk(PATH, "Cookie", ADA);
        ada.next();
        session.sessions.remove(ADA.split("=")[1]);
        assertThat(ada.closeCode()).isEqualTo(4401);
    }

    @Test
    void aSignOutClosesThatSessionsSocketsAtOnceAlsoAfterTheStoreWasAway() throws Exception {
        for (int time = 0; time < 2; time++) {
            try (Store _ = store()) {
                await().atMost(Duration.ofSeconds(15)).until(ends::isListening);
                Caller.Talk ada = caller.talk(PATH, "Cookie", ADA);
                Caller.Talk bob = caller.talk(PATH, "Cookie", BOB);
                ada.next();
                bob.next();
                redis.send(Request.cmd(Command.PUBLISH).arg(SessionEnds.CHANNEL).arg("key-of-ada"))
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
                assertThat(ada.closeCode()).isEqualTo(4401);
                bob.say("still here");
                assertThat(bob.next()).isEqualTo("still here");
            }
            await().atMost(Duration.ofSeconds(15)).until(() -> !ends.isListening());
        }
    }

    @Test
    void theSuiteIsToldEverySecond() throws Exception {
        try (Store _ = store()) {
            Caller.Talk talk = caller.talk("/api/suite/live");
            await().atMost(Duration.ofSeconds(15))
                    .until(
                            () -> {
                                JsonObject figures =
                                        new JsonObject(talk.next()).getJsonObject("store");
                                return figures != null
                                        && figures.getString("mode").equals("standalone")
                                        && figures.getLong("usedMemoryBytes") > 0;
                            });
        }
    }
}
