package dev.larder.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(Neighbours.class)
class GatewayTest {
    private static final String COOKIE = "larder_session=0123456789abcdefghijkl";
    private static final String TOKEN = "token-of-ada";

    @TestHTTPResource("/")
    URI root;

    @Inject Vertx vertx;
    @Inject Services services;

    private Upstream session;
    private Upstream catalog;
    private Caller caller;
    private String origin;

    @BeforeEach
    void open() {
        origin = root.toString().replaceAll("/$", "");
        caller = new Caller(URI.create(origin));
        session = new Upstream(vertx, services.addresses().get("session")).open();
        session.sessions.put(COOKIE.split("=")[1], TOKEN);
        catalog = new Upstream(vertx, services.addresses().get("catalog")).open();
    }

    @AfterEach
    void close() {
        session.close();
        catalog.close();
    }

    private static JsonObject headersOf(HttpResponse<String> echo) {
        return new JsonObject(echo.body()).getJsonObject("headers");
    }

    private static void isProblem(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains(Problem.MEDIA_TYPE);
        JsonObject problem = new JsonObject(answer.body());
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("requestId"))
                .isEqualTo(answer.headers().firstValue("X-Request-Id").orElseThrow());
    }

    @Test
    void aRequestReachesItsServiceUnderTheSamePath() throws Exception {
        HttpResponse<String> answer = caller.get("/api/catalog/products?q=a%20b&limit=2");
        assertThat(answer.statusCode()).isEqualTo(200);
        JsonObject echo = new JsonObject(answer.body());
        assertThat(echo.getString("uri")).isEqualTo("/api/catalog/products?q=a%20b&limit=2");
        assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        JsonObject put =
                new JsonObject(
                        caller.call("PUT", "/api/catalog/products/1", "{\"a\":1}", "Cookie", COOKIE)
                                .body());
        assertThat(put.getString("method")).isEqualTo("PUT");
        assertThat(put.getInteger("bytes")).isEqualTo(7);
    }

    @Test
    void theCookieBecomesAnIdentityAndIsNotPassedOn() throws Exception {
        JsonObject headers = headersOf(caller.get("/api/catalog/x", "Cookie", COOKIE));
        assertThat(headers.getString("authorization")).isEqualTo("Bearer " + TOKEN);
        assertThat(headers.containsKey("cookie")).isFalse();
        assertThat(headers.getString("x-forwarded-for")).isEqualTo("127.0.0.1");
        assertThat(headers.getString("x-forwarded-host")).isEqualTo(root.getAuthority());
        assertThat(headers.getString("x-forwarded-proto")).isEqualTo("http");
    }

    @Test
    void anIdentityCannotBeBroughtAlong() throws Exception {
        HttpResponse<String> answer =
                caller.get(
                        "/api/catalog/x",
                        "Authorization",
                        "Bearer forged",
                        "X-Forwarded-For",
                        "10.0.0.1",
                        "X-Forwarded-User",
                        "root",
                        "X-Larder-Person",
                        "root",
                        "Forwarded",
                        "for=10.0.0.1",
                        "Cookie",
                        "larder_session=zzzzzzzzzzzzzzzzzzzzzz; a=b");
        JsonObject headers = headersOf(answer);
        assertThat(headers.containsKey("authorization")).isFalse();
        assertThat(headers.containsKey("cookie")).isFalse();
        assertThat(headers.containsKey("x-forwarded-user")).isFalse();
        assertThat(headers.containsKey("x-larder-person")).isFalse();
        assertThat(headers.containsKey("forwarded")).isFalse();
        assertThat(headers.getString("x-forwarded-for")).isEqualTo("127.0.0.1");
    }

    @Test
    void theSessionServiceSeesItsCookieAndNoOther() throws Exception {
        HttpResponse<String> answer = caller.get("/api/session", "Cookie", COOKIE + "; other=2");
        assertThat(headersOf(answer).getString("cookie")).isEqualTo(COOKIE);
        assertThat(answer.headers().firstValue("Set-Cookie")).isPresent();
    }

    @Test
    void aSignedOutCookieIsAnonymousAtOnce() throws Exception {
        session.sessions.clear();
        JsonObject headers = headersOf(caller.get("/api/catalog/x", "Cookie", COOKIE));
        assertThat(headers.containsKey("authorization")).isFalse();
    }

    @Test
    void theRequestIdCrossesAndIsReplacedWhereItIsNotValid() throws Exception {
        HttpResponse<String> answer = caller.get("/api/catalog/x", "X-Request-Id", "abc-1.2_3");
        assertThat(answer.headers().allValues("X-Request-Id")).containsExactly("abc-1.2_3");
        assertThat(headersOf(answer).getString("x-request-id")).isEqualTo("abc-1.2_3");

        answer = caller.get("/api/catalog/x", "X-Request-Id", "a b <script>");
        String made = answer.headers().firstValue("X-Request-Id").orElseThrow();
        assertThat(made).matches("[0-9a-f-]{36}");
        assertThat(headersOf(answer).getString("x-request-id")).isEqualTo(made);
    }

    @Test
    void aServiceThatIsAwayIsSaidAtOnceAndComesBackByItself() throws Exception {
        catalog.close();
        HttpResponse<String> away = caller.get("/api/catalog/products");
        isProblem(away, 503);
        assertThat(away.headers().firstValue("Retry-After")).contains("2");
        isProblem(caller.call("POST", "/api/catalog/products", "{}"), 503);
        catalog.open();
        assertThat(caller.get("/api/catalog/products").statusCode()).isEqualTo(200);
    }

    @Test
    void aServiceThatNeverAnswersIsGivenUp() throws Exception {
        isProblem(caller.get("/api/catalog/never"), 504);
    }

    @Test
    void withoutTheSessionServiceReadsGoOnAndWritesDoNot() throws Exception {
        session.close();
        HttpResponse<String> read = caller.get("/api/catalog/x", "Cookie", COOKIE);
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(headersOf(read).containsKey("authorization")).isFalse();
        isProblem(caller.call("PUT", "/api/catalog/x", "{}", "Cookie", COOKIE), 503);
        session.open();
        HttpResponse<String> write = caller.call("PUT", "/api/catalog/x", "{}", "Cookie", COOKIE);
        assertThat(headersOf(write).getString("authorization")).isEqualTo("Bearer " + TOKEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api",
                "/api/",
                "/api/nobody/x",
                "/api/suite/nothing",
                "/services/catalog/api/catalog",
                "/services/nobody/q/health",
                "/api/catalog/../../internal/session/resolve.json",
                "/nothing.js"
            })
    void whatIsNowhereIsAProblem(String path) throws Exception {
        isProblem(caller.get(path), 404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/session/..%2f..%2finternal/session/resolve",
                "/api/session/%252e%252e/x",
                "/api/catalog;a=b/x"
            })
    void aPathThatCanBeReadInTwoWaysIsRefused(String path) throws Exception {
        isProblem(caller.get(path), 400);
    }

    @Test
    @Timeout(10)
    void aBodyOfUnknownLengthIsRefusedAndItsConnectionEnds() throws Exception {
        try (Socket socket = new Socket(root.getHost(), root.getPort())) {
            socket.getOutputStream()
                    .write(
                            ("PUT /api/catalog/x HTTP/1.1\r\nHost: "
                                            + root.getAuthority()
                                            + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 411 ");
        }
    }

    @Test
    void theInnerDoorOfTheSessionServiceIsNotReachable() throws Exception {
        isProblem(caller.call("POST", "/internal/session/resolve", "{}"), 405);
        isProblem(
                caller.call("POST", "/api/session/%2e%2e/%2e%2e/internal/session/resolve", "{}"),
                405);
    }

    @Test
    void aChangeIsOnlyForPagesOfThisAddress() throws Exception {
        for (String other : new String[] {"http://evil.example", "null", "http://127.0.0.1:1"}) {
            isProblem(caller.call("PUT", "/api/catalog/x", "{}", "Origin", other), 403);
        }
        isProblem(caller.call("DELETE", "/api/session", null, "Sec-Fetch-Site", "cross-site"), 403);
        assertThat(caller.call("PUT", "/api/catalog/x", "{}", "Origin", origin).statusCode())
                .isEqualTo(200);
        assertThat(caller.get("/api/catalog/x", "Origin", "http://evil.example").statusCode())
                .isEqualTo(200);
    }

    @Test
    void aBodyOfMoreThanAMebibyteIsRefusedAndOneOfAMebibyteGoesThrough() throws Exception {
        isProblem(caller.call("PUT", "/api/catalog/x", "x".repeat(1024 * 1024 + 1)), 413);
        HttpResponse<String> most = caller.call("PUT", "/api/catalog/x", "x".repeat(1024 * 1024));
        assertThat(new JsonObject(most.body()).getInteger("bytes")).isEqualTo(1024 * 1024);
    }

    @Test
    void whatAServiceTellsOfItselfIsForReading() throws Exception {
        assertThat(caller.get("/services/catalog/q/health/ready").body()).contains("UP");
        isProblem(caller.call("POST", "/services/catalog/q/health/ready", "{}"), 405);
        HttpResponse<String> docs = caller.get("/services/catalog/q/swagger-ui/");
        assertThat(docs.body()).contains("'/services/catalog/q/openapi'");
        assertThat(docs.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("script-src 'self' 'unsafe-inline'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/catalog", "/leaderboard", "/a/place/in/the/page"})
    void everyPlaceIsThePage(String path) throws Exception {
        HttpResponse<String> page = caller.get(path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<larder-app>");
        assertThat(page.headers().allValues("Cache-Control")).containsExactly("no-cache");
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .contains(
                        "default-src 'self'; img-src 'self' data:; object-src 'none'; "
                                + "base-uri 'none'; frame-ancestors 'none'");
        assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(page.headers().firstValue("Referrer-Policy")).contains("same-origin");
    }

    @Test
    void bundlesNeverChangeAndTextIsCompressed() throws Exception {
        Matcher bundle =
                Pattern.compile("src=\"(/static/bundle/[^\"]+\\.js)\"")
                        .matcher(caller.get("/").body());
        assertThat(bundle.find()).isTrue();
        HttpResponse<String> script = caller.get(bundle.group(1), "Accept-Encoding", "gzip");
        assertThat(script.headers().allValues("Cache-Control"))
                .containsExactly("public, max-age=31536000, immutable");
        assertThat(script.headers().firstValue("Content-Encoding")).contains("gzip");
        HttpResponse<String> api = caller.get("/api/catalog/x", "Accept-Encoding", "gzip");
        assertThat(api.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(caller.get("/api/catalog/x").headers().firstValue("Content-Encoding")).isEmpty();
    }

    @Test
    void itsOwnReadinessDependsOnNobody() throws Exception {
        session.close();
        catalog.close();
        assertThat(caller.get("/q/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void theSuiteIsShownAsItIs() throws Exception {
        await().atMost(Duration.ofSeconds(15)).until(() -> component("catalog").getBoolean("up"));
        assertThat(component("database").getBoolean("up")).isTrue();
        assertThat(component("database").getString("detail")).contains("catalog");
        assertThat(component("geo").getBoolean("up")).isFalse();
        assertThat(component("geo").getString("detail")).isEqualTo("does not answer");
        assertThat(component("ui").getBoolean("up")).isTrue();
        catalog.close();
        await().atMost(Duration.ofSeconds(15)).until(() -> !component("catalog").getBoolean("up"));
    }

    private JsonObject component(String name) throws Exception {
        return new JsonObject(caller.get("/api/suite/status").body())
                .getJsonArray("components").stream()
                        .map(JsonObject.class::cast)
                        .filter(each -> each.getString("name").equals(name))
                        .findFirst()
                        .orElse(new JsonObject().put("up", false));
    }
}
