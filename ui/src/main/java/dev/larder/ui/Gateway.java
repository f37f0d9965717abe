package dev.larder.ui;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** Sends every request its way. */
@ApplicationScoped
class Gateway {
    private static final Logger LOG = Logger.getLogger(Gateway.class);

    /** Behind the checks of Quarkus and before its files. */
    private static final int FIRST = 100;

    private final Services services;
    private final Sessions sessions;
    private final Forwarder forwarder;
    private final Bridges bridges;
    private final SuiteDoor suite;

    Gateway(
            Services services,
            Sessions sessions,
            Forwarder forwarder,
            Bridges bridges,
            SuiteDoor suite) {
        this.services = services;
        this.sessions = sessions;
        this.forwarder = forwarder;
        this.bridges = bridges;
        this.suite = suite;
    }

    void register(@Observes Router router) {
        router.route().order(FIRST).handler(this::route);
        router.route()
                .last()
                .handler(call -> nothingAt(call).answer(call))
                .failureHandler(Gateway::failed);
        router.route().order(FIRST - 1).failureHandler(Gateway::failed);
    }

    private static Problem nothingAt(RoutingContext call) {
        return new Problem(404, "There is nothing at " + call.request().path() + ".");
    }

    private static void failed(RoutingContext call) {
        int status = call.statusCode();
        if (call.request().authority() == null) {
            new Problem(400, "A request has to name its host.").answer(call);
            return;
        }
        if (call.failure() == null && status >= 400 && status < 500) {
            new Problem(status, "This cannot be answered.").answer(call);
            return;
        }
        LOG.errorf(call.failure(), "%s failed", call.request().path());
        new Problem(500, "Something failed here; the logs have it.").answer(call);
    }

    private void route(RoutingContext call) {
        HttpServerRequest request = call.request();
        String path = call.normalizedPath();
        switch (Way.of(request.path(), path, services.addresses().keySet())) {
            case Way.Api api -> api(call, api.service(), withQuery(path, request));
            case Way.About about -> about(call, about);
            case Way.Suite asked -> suite.answer(call, asked.name());
            case Way.Page page -> page(call, page.file());
            case Way.Own own -> call.next();
            case Way.Nowhere nowhere -> nothingAt(call).answer(call);
            case Way.Unclear unclear ->
                    new Problem(400, "This path can be read in more than one way.").answer(call);
        }
    }

    private void api(RoutingContext call, String service, String uri) {
        HttpServerRequest request = call.request();
        String cookie = Sessions.cookieOf(request);
        if (service.equals(Sessions.SERVICE)) {
            // It reads the cookie itself; that it is asked is no sign of life.
            if (FrontDoor.wantsSocket(request)) {
                nothingAt(call).answer(call);
            } else {
                forwarder.forward(call, service, uri, new Visitor.Anonymous(), cookie);
            }
            return;
        }
        request.pause();
        sessions.resolve(cookie, FrontDoor.requestId(call))
                .onSuccess(
                        visitor -> {
                            if (FrontDoor.wantsSocket(request)) {
                                bridges.open(call, service, uri, visitor, cookie);
                            } else if (visitor instanceof Visitor.Unknown
                                    && !FrontDoor.isSafe(request)) {
                                request.resume();
                                Problem.away(Sessions.SERVICE).answer(call);
                            } else {
                                forwarder.forward(call, service, uri, visitor, null);
                            }
                        })
                .onFailure(call::fail);
    }

    private void about(RoutingContext call, Way.About about) {
        HttpServerRequest request = call.request();
        if (request.method() != HttpMethod.GET || FrontDoor.wantsSocket(request)) {
            call.response().putHeader("Allow", "GET");
            new Problem(405, "This is for reading.").answer(call);
            return;
        }
        forwarder.forward(
                call,
                about.service(),
                withQuery(about.path(), request),
                new Visitor.Anonymous(),
                null);
    }

    /** Every place in the page is the same file; the page finds out where it is. */
    private static void page(RoutingContext call, boolean file) {
        HttpMethod method = call.request().method();
        if (method != HttpMethod.GET && method != HttpMethod.HEAD) {
            call.response().putHeader("Allow", "GET, HEAD");
            new Problem(405, method + " is not possible at " + call.request().path() + ".")
                    .answer(call);
        } else if (file || call.normalizedPath().equals("/")) {
            call.next();
        } else {
            call.reroute("/");
        }
    }

    private static String withQuery(String path, HttpServerRequest request) {
        return request.query() == null ? path : path + "?" + request.query();
    }
}
