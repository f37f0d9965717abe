package dev.larder.ui;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/** What holds for every request, whoever answers it: an id, bounds, whose page asks, headers. */
@ApplicationScoped
class FrontDoor {
    static final String REQUEST_ID = "X-Request-Id";

    private static final Logger LOG = Logger.getLogger(FrontDoor.class);
    private static final int FIRST = 1000;
    private static final String ID = "larder.request-id";
    private static final String LAX = "larder.lax-scripts";
    private static final Pattern VALID_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /**
     * The bundler puts eight letters of the content's hash in the name: such a file never changes.
     */
    private static final Pattern HASHED =
            Pattern.compile("/static/bundle/.*-[A-Z0-9]{8}\\.[a-z0-9]+(\\.map)?");

    private static final Set<HttpMethod> SAFE =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final Set<HttpMethod> KNOWN =
            Set.of(
                    HttpMethod.GET,
                    HttpMethod.HEAD,
                    HttpMethod.OPTIONS,
                    HttpMethod.POST,
                    HttpMethod.PUT,
                    HttpMethod.PATCH,
                    HttpMethod.DELETE);

    private static final String POLICY =
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
                    + "frame-ancestors 'none'";

    /** Swagger UI starts itself by a script in its page. */
    private static final String LAX_POLICY =
            POLICY + "; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'";

    /** Requests under way at one time. */
    private static final int PLACES = 4096;

    private static final long LINGER_MILLIS = 1_000;
    private static final Duration FINISH_WITHIN = Duration.ofSeconds(5);

    private final Semaphore places = new Semaphore(PLACES);
    private volatile boolean finishing;
    private final long bodyBytesMax;
    private final Set<String> compressed;
    private final Origins origins;

    FrontDoor(
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize bodyMax,
            @ConfigProperty(name = "quarkus.http.compress-media-types") List<String> compressed,
            GatewayConfig config) {
        this.bodyBytesMax = bodyMax.asLongValue();
        this.compressed = Set.copyOf(compressed);
        Set<String> others = new HashSet<>();
        config.origins().orElse(List.of()).forEach(each -> others.add(each.strip()));
        this.origins = new Origins(others);
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, FIRST);
    }

    /**
     * Lets what is under way come to its end. The timeout that Quarkus has for it counts a socket
     * as a request that never ends, and so would always be waited out.
     */
    void finish(
            @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE)
                    ShutdownDelayInitiatedEvent event) {
        finishing = true;
        boolean done = false;
        try {
            done = places.tryAcquire(PLACES, FINISH_WITHIN.toSeconds(), TimeUnit.SECONDS);
            places.release(done ? PLACES : 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!done) {
            LOG.warnf("%d requests were under way at the end", PLACES - places.availablePermits());
        }
    }

    static String requestId(RoutingContext call) {
        return call.get(ID);
    }

    /** Lets the page that is answered run scripts written in itself. */
    static void relaxScripts(RoutingContext call) {
        call.put(LAX, true);
    }

    static boolean isSafe(HttpServerRequest request) {
        return SAFE.contains(request.method());
    }

    static boolean wantsSocket(HttpServerRequest request) {
        return request.method() == HttpMethod.GET
                && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
    }

    private void enter(RoutingContext call) {
        HttpServerRequest request = call.request();
        String given = request.getHeader(REQUEST_ID);
        String id =
                given != null && VALID_ID.matcher(given).matches()
                        ? given
                        : UUID.randomUUID().toString();
        call.put(ID, id);
        MDC.put("requestId", id);
        long started = System.nanoTime();
        call.addHeadersEndHandler(ignored -> dress(call));
        call.addEndHandler(ignored -> log(call, started));

        if (!wantsSocket(request)) {
            if (!places.tryAcquire()) {
                new Problem(503, "There is too much under way; try again shortly.").answer(call);
                return;
            }
            call.addEndHandler(ignored -> places.release());
        }
        if (finishing) {
            call.response().putHeader("Connection", "close");
        }
        Problem refused = refusal(request);
        if (refused == null) {
            call.next();
            return;
        }
        if (!isSafe(request) || request.getHeader("Transfer-Encoding") != null) {
            // Its body may go on for long. Closing at once could cut the answer off on its way.
            call.response().putHeader("Connection", "close");
            request.resume();
            call.vertx().setTimer(LINGER_MILLIS, timer -> request.connection().close());
        }
        refused.answer(call);
    }

    private Problem refusal(HttpServerRequest request) {
        if (!KNOWN.contains(request.method())) {
            return new Problem(405, request.method() + " is not possible here.");
        }
        if (request.getHeader("Transfer-Encoding") != null) {
            return new Problem(411, "A body has to say its length.");
        }
        long length = contentLength(request);
        if (length < 0) {
            return new Problem(400, "The length of the body is no number.");
        }
        if (length > bodyBytesMax) {
            return new Problem(413, "The body is larger than " + bodyBytesMax + " bytes.");
        }
        boolean careful = !isSafe(request) || wantsSocket(request);
        if (careful
                && !origins.isOurs(
                        request.getHeader("Origin"),
                        request.getHeader("Sec-Fetch-Site"),
                        request.getHeader("Host"))) {
            return new Problem(403, "Only the pages of this address may ask for this.");
        }
        return null;
    }

    private static long contentLength(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        if (length == null) {
            return 0;
        }
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private void dress(RoutingContext call) {
        MultiMap headers = call.response().headers();
        headers.set(REQUEST_ID, requestId(call));
        headers.set("Content-Security-Policy", call.get(LAX) == null ? POLICY : LAX_POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        String path = call.request().path();
        if (HASHED.matcher(path).matches() && call.response().getStatusCode() == 200) {
            headers.set("Cache-Control", "public, max-age=31536000, immutable");
        } else if (path.startsWith("/api/")) {
            if (!headers.contains("Cache-Control")) {
                headers.set("Cache-Control", "no-store");
            }
        } else {
            headers.set("Cache-Control", "no-cache");
        }
        String type = headers.get("Content-Type");
        if (type != null
                && "identity".equals(headers.get("Content-Encoding"))
                && compressed.contains(type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))) {
            // Quarkus marks every answer so that Vert.x does not compress it; text may be.
            headers.remove("Content-Encoding");
        }
    }

    private static void log(RoutingContext call, long started) {
        HttpServerRequest request = call.request();
        int status = call.response().getStatusCode();
        long millis = (System.nanoTime() - started) / 1_000_000;
        if (status >= 500 || !isSafe(request)) {
            LOG.infof("%s %s %d in %d ms", request.method(), request.path(), status, millis);
        } else {
            LOG.debugf("%s %s %d in %d ms", request.method(), request.path(), status, millis);
        }
    }
}
