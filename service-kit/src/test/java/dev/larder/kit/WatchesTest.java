package dev.larder.kit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import jakarta.websocket.CloseReason;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchesTest {

    private static final int MOST = 2;

    private final Vertx vertx = Vertx.vertx();
    private final Viewers viewers = new Viewers(MOST, new ObjectMapper());
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger unwatched = new AtomicInteger();
    private final Watches<String> watches =
            new Watches<>(viewers, Thing::new, vertx, Duration.ofMillis(5));

    private final class Thing implements Watches.Watched {
        private final String name;
        private volatile boolean prepared;

        Thing(String name) {
            this.name = name;
            made.incrementAndGet();
        }

        @Override
        public void prepare() {
            if (name.equals("nothing")) {
                throw Problems.notFound("thing", name);
            }
            if (name.equals("broken")) {
                throw new IllegalStateException("away");
            }
            prepared = true;
        }

        @Override
        public void welcome(Viewers.Audience newcomer) {
            newcomer.tell("picture", Map.of("hello", name));
        }

        @Override
        public void look(Viewers.Audience all) {
            assertThat(prepared).isTrue();
            all.tell(null, looks.incrementAndGet());
        }

        @Override
        public void unwatched() {
            unwatched.incrementAndGet();
        }
    }

    /** A socket that reads at once. */
    private static final class Socket {
        final List<String> heard = new CopyOnWriteArrayList<>();
        final List<CloseReason> closed = new CopyOnWriteArrayList<>();
        final Session session;

        Socket(String id) {
            RemoteEndpoint.Async remote =
                    as(
                            RemoteEndpoint.Async.class,
                            (self, method, given) -> {
                                heard.add((String) given[0]);
                                ((SendHandler) given[1]).onResult(new SendResult());
                                return null;
                            });
            session =
                    as(
                            Session.class,
                            (self, method, given) ->
                                    switch (method.getName()) {
                                        case "getId" -> id;
                                        case "getAsyncRemote" -> remote;
                                        case "close" -> {
                                            closed.add((CloseReason) given[0]);
                                            yield null;
                                        }
                                        default -> throw new AssertionError(method);
                                    });
        }

        private static <T> T as(Class<T> type, InvocationHandler does) {
            return type.cast(
                    Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, does));
        }

        CloseReason end() {
            Awaitility.await().until(() -> !closed.isEmpty());
            return closed.getFirst();
        }
    }

    private Socket open(String id, String what) {
        Socket socket = new Socket(id);
        watches.open(socket.session, what);
        return socket;
    }

    @AfterEach
    void end() {
        watches.end();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aNewcomerIsWelcomedAndThenToldWithAllOthersUntilItGoes() {
        Socket one = open("1", "thing");
        Awaitility.await().until(() -> one.heard.size() > 3);
        assertThat(one.heard).contains("{\"hello\":\"thing\"}");
        Socket two = open("2", "thing");
        Awaitility.await().until(() -> two.heard.size() > 3);
        // Of the last one the other may be told a moment later.
        assertThat(one.heard).contains(two.heard.get(2));
        assertThat(made).hasValue(1);

        viewers.close(one.session);
        viewers.close(two.session);
        int before = unwatched.get();
        Awaitility.await().until(() -> unwatched.get() > before);
        int heard = one.heard.size();
        Socket three = open("3", "thing");
        Awaitility.await().until(() -> three.heard.size() > 3);
        assertThat(one.heard).hasSize(heard);
        assertThat(made).hasValue(1);
    }

    @Test
    void thereIsABoundAndWhoGoesMakesRoom() {
        Socket one = open("1", "thing");
        open("2", "other");
        CloseReason full = open("3", "thing").end();
        assertThat(full.getCloseCode().getCode()).isEqualTo(Viewer.TOO_SLOW);
        assertThat(full.getReasonPhrase()).isEqualTo("too many viewers");
        viewers.close(one.session);
        Socket four = open("4", "thing");
        Awaitility.await().until(() -> !four.heard.isEmpty());
        viewers.closeAll(1001, "the end");
        assertThat(four.end().getCloseCode().getCode()).isEqualTo(1001);
    }

    @Test
    void whatIsNotThereOrAwayIsToldByTheCodeAndNotKept() {
        for (int i = 0; i <= MOST; i++) {
            CloseReason unknown = open("unknown " + i, "nothing").end();
            assertThat(unknown.getCloseCode().getCode()).isEqualTo(Viewer.UNKNOWN);
            assertThat(unknown.getReasonPhrase()).isEqualTo("Not Found");
        }
        assertThat(made).hasValue(MOST + 1);
        CloseReason away = open("away", "broken").end();
        assertThat(away.getCloseCode().getCode()).isEqualTo(Viewer.TOO_SLOW);
        assertThat(away.getReasonPhrase()).isEqualTo("the store does not answer");
    }
}
