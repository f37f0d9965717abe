package dev.larder.ui;

import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A service as the gateway sees one: it answers with what it was asked, and by a socket with what
 * it was told. The same server can stand for the session service, with sessions of its own.
 */
final class Upstream implements AutoCloseable {
    private static final Duration FREE_WITHIN = Duration.ofSeconds(10);

    /** Cookies that are signed in, with the person's token. */
    final Map<String, String> sessions = new ConcurrentHashMap<>();

    private final Vertx vertx;
    private final int port;
    private HttpServer server;

    Upstream(Vertx vertx, URI address) {
        this.vertx = vertx;
        this.port = address.getPort();
    }

    /** One that was closed on this port just before may keep it until its selector's next turn. */
    Upstream open() {
        await().atMost(FREE_WITHIN)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .ignoreExceptionsMatching(failure -> failure.getCause() instanceof BindException)
                .until(this::listens);
        return this;
    }

    private boolean listens() {
        HttpServer opening = vertx.createHttpServer().requestHandler(this::answer);
        opening.listen(port, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
        server = opening;
        return true;
    }

    @Override
    public void close() {
        if (server != null) {
            server.close().toCompletionStage().toCompletableFuture().join();
            server = null;
        }
    }

    private void answer(HttpServerRequest request) {
        if ("websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            if (request.path().endsWith("/refused")) {
                request.response().setStatusCode(404).end();
            } else {
                request.toWebSocket().onSuccess(Upstream::converse);
            }
            return;
        }
        switch (request.path()) {
            case "/internal/session/resolve" ->
                    request.body()
                            .onSuccess(
                                    body ->
                                            request.response()
                                                    .end(resolved(body.toJsonObject()).toBuffer()));
            case "/api/session" -> {
                Cookie cookie = request.getCookie(Sessions.COOKIE);
                boolean signedIn = cookie != null && sessions.containsKey(cookie.getValue());
                echo(request, 0, new JsonObject().put("signedIn", signedIn));
            }
            case "/q/health/ready" ->
                    request.response()
                            .end(
                                    """
                                    {"status":"UP","checks":[{"status":"UP",\
                                    "name":"Database connections health check"}]}""");
            case "/q/swagger-ui/" ->
                    request.response()
                            .putHeader("Content-Type", "text/html")
                            .end("<script>url: '/q/openapi'</script>");
            case "/api/catalog/never" -> request.response().setChunked(true);
            default ->
                    request.body()
                            .onSuccess(body -> echo(request, body.length(), new JsonObject()));
        }
    }

    private JsonObject resolved(JsonObject question) {
        String token = sessions.get(question.getString("session"));
        return token == null
                ? new JsonObject().put("signedIn", false)
                : new JsonObject()
                        .put("signedIn", true)
                        .put("token", token)
                        .put("sessionKey", "key-of-" + token);
    }

    private static void echo(HttpServerRequest request, int bytes, JsonObject answer) {
        JsonObject headers = new JsonObject();
        request.headers().forEach((name, value) -> headers.put(name.toLowerCase(), value));
        request.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Set-Cookie", "other=1")
                .putHeader("X-Request-Id", "of-the-service")
                .end(
                        answer.put("method", request.method().name())
                                .put("uri", request.uri())
                                .put("bytes", bytes)
                                .put("headers", headers)
                                .toBuffer());
    }

    private static void converse(ServerWebSocket socket) {
        socket.writeTextMessage(
                "hello " + socket.headers().get("Authorization") + " at " + socket.uri());
        socket.textMessageHandler(
                text -> {
                    if (text.equals("leave")) {
                        socket.close((short) 4000, "as asked");
                    } else {
                        socket.writeTextMessage(text);
                    }
                });
    }
}
