package dev.larder.ui;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** {@code /api/suite/status}, and the same every second by the socket {@code /api/suite/live}. */
@ApplicationScoped
class SuiteDoor {
    private static final short GOING_AWAY = 1001;
    private static final int BYTES_FROM_A_WATCHER_MAX = 1024;

    private final Suite suite;
    private final int watchersMax;
    private final Set<ServerWebSocket> watchers = ConcurrentHashMap.newKeySet();

    SuiteDoor(Suite suite, GatewayConfig config) {
        this.suite = suite;
        this.watchersMax = config.watchersMax();
        suite.toldTo(this::tell);
    }

    void finish(@Observes ShutdownDelayInitiatedEvent event) {
        watchers.forEach(each -> each.close(GOING_AWAY));
    }

    void answer(RoutingContext call, String name) {
        HttpMethod method = call.request().method();
        boolean socket = FrontDoor.wantsSocket(call.request());
        if (name.equals("live") && socket) {
            watch(call);
        } else if (name.equals("live")) {
            call.response().putHeader("Upgrade", "websocket");
            new Problem(426, "This is a socket.").answer(call);
        } else if (!name.equals("status")) {
            new Problem(404, "There is nothing at " + call.request().path() + ".").answer(call);
        } else if (method != HttpMethod.GET && method != HttpMethod.HEAD) {
            call.response().putHeader("Allow", "GET, HEAD");
            new Problem(405, "This is for reading.").answer(call);
        } else {
            suite.watch();
            call.response().putHeader("Content-Type", "application/json");
            call.response().end(suite.last().toBuffer());
        }
    }

    private void watch(RoutingContext call) {
        if (watchers.size() >= watchersMax) {
            new Problem(503, "There are too many watchers; try again shortly.").answer(call);
            return;
        }
        call.request()
                .toWebSocket()
                .onSuccess(
                        watcher -> {
                            watchers.add(watcher);
                            suite.watch();
                            watcher.closeHandler(gone -> watchers.remove(watcher));
                            watcher.frameHandler(
                                    frame -> {
                                        // There is nothing to say here.
                                        if (frame.binaryData().length()
                                                > BYTES_FROM_A_WATCHER_MAX) {
                                            watcher.close(GOING_AWAY);
                                        }
                                    });
                            watcher.writeTextMessage(suite.last().encode());
                        });
    }

    private void tell(JsonObject picture) {
        if (watchers.isEmpty()) {
            return;
        }
        suite.watch();
        String text = picture.encode();
        for (ServerWebSocket each : watchers) {
            // Who reads slowly misses a second, and keeps nothing waiting here.
            if (!each.isClosed() && !each.writeQueueFull()) {
                each.writeTextMessage(text);
            }
        }
    }
}
