package dev.larder.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A client at the other end of a real socket. */
final class Talker implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SECONDS = 10;

    private final BlockingQueue<JsonNode> heard = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final WebSocket socket;

    private Talker(URI uri, String token) {
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (token != null) {
            builder.header("Authorization", "Bearer " + token);
        }
        socket = builder.buildAsync(uri, new Ears()).orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    /**
     * Enters a room; {@code token} null for somebody who is not signed in, {@code since} null for
     * new.
     */
    static Talker enter(URI base, String room, String token, Long since) {
        String query = since == null ? "" : "?since=" + since;
        return new Talker(
                URI.create(
                        base.toString().replaceFirst("^http", "ws")
                                + "/rooms/"
                                + room
                                + "/socket"
                                + query),
                token);
    }

    private final class Ears implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            parts.append(text);
            if (last) {
                try {
                    heard.add(JSON.readTree(parts.toString()));
                } catch (JsonProcessingException e) {
                    closed.completeExceptionally(e);
                }
                parts.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            closed.completeExceptionally(error);
        }
    }

    void send(String frame) {
        socket.sendText(frame, true).orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    void say(String text, String clientId) {
        send(
                JSON.createObjectNode()
                        .put("type", "say")
                        .put("text", text)
                        .put("clientId", clientId)
                        .toString());
    }

    /** The next message of this type; others are passed over. */
    JsonNode next(String type) {
        return next(message -> message.path("type").asText().equals(type));
    }

    JsonNode next(Predicate<JsonNode> wanted) {
        try {
            while (true) {
                JsonNode message = heard.poll(SECONDS, TimeUnit.SECONDS);
                assertThat(message).as("a message within %d s", SECONDS).isNotNull();
                if (wanted.test(message)) {
                    return message;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    int closeCode() {
        return closed.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
