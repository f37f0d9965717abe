package dev.larder.ui;

import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Asks the session service who holds a cookie: for each request anew, so that a session that has
 * ended ends everywhere at once.
 */
@ApplicationScoped
class Sessions {
    static final String SERVICE = "session";
    static final String COOKIE = "larder_session";

    private static final Logger LOG = Logger.getLogger(Sessions.class);
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
     * @param stay whether this counts as a sign of life of the session
     * @return never failed
     */
    Future<Visitor> resolve(String cookie, boolean stay, String requestId) {
        if (cookie == null) {
            return Future.succeededFuture(new Visitor.Anonymous());
        }
        JsonObject question = new JsonObject().put("session", cookie).put("slide", stay);
        return services.request(SERVICE, HttpMethod.POST, "/internal/session/resolve")
                .compose(
                        request ->
                                request.putHeader("Content-Type", "application/json")
                                        .putHeader(FrontDoor.REQUEST_ID, requestId)
                                        .send(question.toBuffer()))
                .compose(
                        response ->
                                response.statusCode() == 200
                                        ? response.body()
                                        : Future.failedFuture("status " + response.statusCode()))
                .map(body -> visitor(body.toJsonObject()))
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                .recover(
                        failure -> {
                            LOG.warnf("The session service does not answer: %s", failure);
                            return Future.succeededFuture(new Visitor.Unknown());
                        });
    }

    private static Visitor visitor(JsonObject told) {
        return told.getBoolean("signedIn", false)
                ? new Visitor.SignedIn(told.getString("token"), told.getString("sessionKey"))
                : new Visitor.Anonymous();
    }
}
