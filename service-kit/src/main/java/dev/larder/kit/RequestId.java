package dev.larder.kit;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.MDC;

/**
 * Gives each request an id, which its answer and its log lines carry. Refuses a body that is too
 * large, an address that is too long and a token that does not hold, all as problem documents.
 */
@ApplicationScoped
class RequestId {
    static final String HEADER = "X-Request-Id";

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int FIRST = 1000;

    /** Vert.x refuses a line of over {@code max-initial-line-length}, but says nothing with it. */
    private static final int ADDRESS_MOST = 4_000;

    private final long bodyBytesMax;

    RequestId(@ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize bodyMax) {
        this.bodyBytesMax = bodyMax.asLongValue();
    }

    void register(@Observes Filters filters) {
        filters.register(this::filter, FIRST);
    }

    void register(@Observes Router router) {
        router.route()
                .failureHandler(
                        context -> {
                            if (context.failure() instanceof AuthenticationFailedException
                                    && !context.response().ended()) {
                                context.response().putHeader("WWW-Authenticate", "Bearer");
                                Problems.send(
                                        context.request(),
                                        context.response(),
                                        Problems.problem(
                                                401, "The token is not valid.", List.of()));
                            } else {
                                context.next();
                            }
                        });
    }

    private void filter(RoutingContext context) {
        HttpServerRequest request = context.request();
        String given = request.getHeader(HEADER);
        String id =
                given != null && VALID.matcher(given).matches()
                        ? given
                        : UUID.randomUUID().toString();
        MDC.put("requestId", id);
        context.response().putHeader(HEADER, id);
        if (contentLength(request) > bodyBytesMax) {
            refuse(context, 413, "The body is larger than " + bodyBytesMax + " bytes.");
        } else if (request.uri().length() > ADDRESS_MOST) {
            refuse(context, 414, "The address is longer than " + ADDRESS_MOST + " characters.");
        } else {
            context.next();
        }
    }

    private static void refuse(RoutingContext context, int status, String detail) {
        context.response().putHeader("Connection", "close");
        Problems.send(
                context.request(), context.response(), Problems.problem(status, detail, List.of()));
    }

    private static long contentLength(HttpServerRequest request) {
        try {
            return Long.parseLong(request.getHeader("Content-Length"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    static String of(HttpServerResponse response) {
        return response.headers().get(HEADER);
    }
}
