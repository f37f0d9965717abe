package dev.larder.ui;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;

/** The headers a service may believe: what only the gateway may say is taken out, then said. */
final class Passing {
    private static final List<String> OURS_BEGIN =
            List.of("x-forwarded-", "x-larder-", "x-internal-", "proxy-");
    private static final List<String> OURS =
            List.of(
                    "Authorization",
                    "Cookie",
                    "Forwarded",
                    "X-Real-Ip",
                    "X-Http-Method-Override",
                    // Compressed once, on the way to the browser.
                    "Accept-Encoding",
                    FrontDoor.REQUEST_ID);

    private Passing() {}

    static void clean(MultiMap headers) {
        OURS.forEach(headers::remove);
        for (String name : List.copyOf(headers.names())) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (OURS_BEGIN.stream().anyMatch(lower::startsWith)) {
                headers.remove(name);
            }
        }
    }

    static void tell(MultiMap headers, RoutingContext call, Visitor visitor) {
        HttpServerRequest request = call.request();
        headers.set(FrontDoor.REQUEST_ID, FrontDoor.requestId(call));
        headers.set("X-Forwarded-For", request.remoteAddress().hostAddress());
        headers.set("X-Forwarded-Proto", request.scheme());
        HostAndPort authority = request.authority();
        if (authority != null) {
            headers.set("X-Forwarded-Host", authority.toString());
        }
        if (visitor instanceof Visitor.SignedIn person) {
            headers.set("Authorization", "Bearer " + person.token());
        }
    }
}
