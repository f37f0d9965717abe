package dev.larder.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Somebody with a cookie jar, at one address. */
final class Visitor {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String baseUrl;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
                    .connectTimeout(PATIENCE)
                    .build();

    record Answer(int status, JsonNode body, HttpResponse<String> whole) {

        String header(String name) {
            return whole.headers().firstValue(name).orElse("");
        }
    }

    Visitor(String baseUrl) {
        this.baseUrl = baseUrl;
    }

    static Visitor signedIn(String baseUrl, String name) {
        Visitor visitor = new Visitor(baseUrl);
        Answer answer =
                visitor.post("/api/session", JSON.createObjectNode().put("displayName", name));
        if (answer.status() != 201) {
            throw new AssertionError("sign in: " + answer.whole().body());
        }
        return visitor;
    }

    Answer get(String path) {
        return send("GET", path, null);
    }

    Answer delete(String path) {
        return send("DELETE", path, null);
    }

    Answer post(String path, JsonNode body) {
        return send("POST", path, body.toString());
    }

    Answer put(String path, JsonNode body) {
        return send("PUT", path, body.toString());
    }

    Answer send(String method, String path, String body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(baseUrl + path)).timeout(PATIENCE);
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
        }
        try {
            HttpResponse<String> response =
                    http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            String text = response.body();
            boolean json =
                    response.headers().firstValue("Content-Type").orElse("").contains("json");
            return new Answer(
                    response.statusCode(),
                    json && !text.isEmpty() ? JSON.readTree(text) : JSON.missingNode(),
                    response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Opens a socket with this visitor's cookie. */
    Line listen(String path) {
        Line line = new Line();
        line.socket =
                http.newWebSocketBuilder()
                        .connectTimeout(PATIENCE)
                        .buildAsync(URI.create(baseUrl.replaceFirst("^http", "ws") + path), line)
                        .join();
        return line;
    }

    /** One socket: what came and was not looked at waits in order. */
    static final class Line implements WebSocket.Listener, AutoCloseable {

        private final BlockingQueue<JsonNode> came = new LinkedBlockingQueue<>(10_000);
        private final StringBuilder part = new StringBuilder();
        private WebSocket socket;

        void say(JsonNode message) {
            socket.sendText(message.toString(), true).join();
        }

        /** The next message that is wanted; what came before it is dropped. */
        JsonNode await(Predicate<JsonNode> wanted) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            try {
                while (true) {
                    JsonNode message =
                            came.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    if (message == null) {
                        throw new AssertionError("it did not come within " + PATIENCE);
                    }
                    if (wanted.test(message)) {
                        return message;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** Whether what is wanted has come already; what came before it is dropped. */
        boolean heard(Predicate<JsonNode> wanted) {
            for (JsonNode message = came.poll(); message != null; message = came.poll()) {
                if (wanted.test(message)) {
                    return true;
                }
            }
            return false;
        }

        JsonNode await(String type) {
            return await(message -> message.path("type").asText().equals(type));
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                try {
                    came.add(JSON.readTree(part.toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public void close() {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }
    }
}
