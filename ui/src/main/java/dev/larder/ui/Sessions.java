package dev.larder.ui;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Asks the session service who holds a cookie: for each request anew, so that a session that has
 * ended ends everywhere at once.
 */
@ApplicationScoped
class Sessions {
    static final String SERVICE = "session";
    static final String COOKIE = "larder_session";

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_-]{16,128}");

    private final Services services;
    private final long timeoutMillis;

    Sessions(Services services, GatewayConfig config) {
        this.services = services;
        this.timeoutMillis = config.resolveTimeout().toMillis();
    }

    /** The value of the session's cookie, or null where there is none that could be one. */
    static String cookieOf(HttpServerRequest request) {
        Cookie cookie = request.getCookie(COOKIE);
        return cookie != null && VALID.matcher(cookie.getValue()).matches()
                ? cookie.getValue()
                : null;
    }

    /**
     * Who this is, as a sign of life of the session.
     *
     * @return never failed
     */
    Future<Visitor> resolve(String cookie, String requestId) {
        if (cookie == null) {
            return Future.succeededFuture(new Visitor.Anonymous());
        }
        return services.request(SERVICE, HttpMethod.POST, "/internal/session/resolve")
                .compose(
                        request ->
                                request.putHeader("Content-Type", "application/json")
                                        .putHeader(FrontDoor.REQUEST_ID, requestId)
                                        .send(new JsonObject().put("session", cookie).toBuffer()))
                .compose(Sessions::told)
                .map(Sessions::visitor)
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                .recover(
                        failure -> {
                            services.away(SERVICE, failure);
                            return Future.succeededFuture(new Visitor.Unknown());
                        });
    }

    /** Whether the session is still there; asking this does not keep it. */
    Future<Boolean> isOpen(String cookie, String requestId) {
        return services.request(SERVICE, HttpMethod.GET, "/api/session")
                .compose(
                        request ->
                                request.putHeader("Cookie", COOKIE + "=" + cookie)
                                        .putHeader(FrontDoor.REQUEST_ID, requestId)
                                        .send())
                .compose(Sessions::told)
                .map(session -> session.getBoolean("signedIn", false))
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS);
    }

    private static Future<JsonObject> told(HttpClientResponse response) {
        return response.statusCode() == 200
                ? response.body().map(Buffer::toJsonObject)
                : Future.failedFuture("status " + response.statusCode());
    }

    private static Visitor visitor(JsonObject told) {
        return told.getBoolean("signedIn", false)
                ? new Visitor.SignedIn(told.getString("token"), told.getString("sessionKey"))
                : new Visitor.Anonymous();
    }
}
