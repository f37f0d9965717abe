package dev.larder.ui;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Every open bridge, and their end when a session ends. That comes to be known in two ways: at once
 * by the store's channel, and by asking again at each check, for what a lost subscription did not
 * say and for sessions that ended by the clock.
 */
@ApplicationScoped
class Bridges {
    private static final Logger LOG = Logger.getLogger(Bridges.class);
    private static final int REMEMBERED_ENDS_MAX = 1024;
    private static final int CHECKS_AT_ONCE_MAX = 16;

    private final Vertx vertx;
    private final Services services;
    private final Sessions sessions;
    private final int socketsMax;
    private final long checkMillis;

    private final AtomicInteger taken = new AtomicInteger();
    private final Set<Bridge> open = ConcurrentHashMap.newKeySet();

    /** Sessions that ended while a handshake of theirs was under way find it here. */
    private final Map<String, Boolean> lastEnds =
            Collections.synchronizedMap(
                    new LinkedHashMap<>() {
                        private static final long serialVersionUID = 1L;

                        @Override
                        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                            return size() > REMEMBERED_ENDS_MAX;
                        }
                    });

    Bridges(Vertx vertx, Services services, Sessions sessions, GatewayConfig config) {
        this.vertx = vertx;
        this.services = services;
        this.sessions = sessions;
        this.socketsMax = config.socketsMax();
        this.checkMillis = config.socketCheck().toMillis();
    }

    void begin(@Observes StartupEvent event) {
        vertx.setPeriodic(checkMillis, timer -> checkAll());
    }

    void finish(@Observes ShutdownDelayInitiatedEvent event) {
        open.forEach(Bridge::goAway);
    }

    int count() {
        return open.size();
    }

    /** Connects to the service first: what it refuses is refused here, with its status. */
    void open(RoutingContext call, String service, String uri, Visitor visitor, String cookie) {
        if (taken.incrementAndGet() > socketsMax) {
            taken.decrementAndGet();
            call.request().resume();
            new Problem(503, "There are too many open sockets; try again shortly.").answer(call);
            return;
        }
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        Passing.tell(headers, call, visitor);
        services.connect(service, new WebSocketConnectOptions().setURI(uri).setHeaders(headers))
                .onSuccess(
                        upstream -> {
                            upstream.pause();
                            accept(call, upstream, visitor, cookie);
                        })
                .onFailure(
                        failure -> {
                            taken.decrementAndGet();
                            call.request().resume();
                            refused(service, failure).answer(call);
                        });
    }

    private Problem refused(String service, Throwable failure) {
        if (failure instanceof UpgradeRejectedException rejected && rejected.getStatus() < 500) {
            int status = rejected.getStatus() < 400 ? 400 : rejected.getStatus();
            return new Problem(status, "The " + service + " service opens no socket here.");
        }
        services.away(service, failure);
        return Problem.away(service);
    }

    private void accept(RoutingContext call, WebSocket upstream, Visitor visitor, String cookie) {
        HttpServerRequest request = call.request();
        boolean signedIn = visitor instanceof Visitor.SignedIn;
        String key = visitor instanceof Visitor.SignedIn person ? person.sessionKey() : null;
        request.toWebSocket()
                .onSuccess(
                        browser -> {
                            browser.pause();
                            Bridge bridge =
                                    new Bridge(browser, upstream, signedIn ? cookie : null, key);
                            open.add(bridge);
                            bridge.join(
                                    () -> {
                                        open.remove(bridge);
                                        taken.decrementAndGet();
                                    });
                            if (key != null && lastEnds.containsKey(key)) {
                                bridge.endSession();
                            }
                        })
                .onFailure(
                        failure -> {
                            taken.decrementAndGet();
                            upstream.close();
                            LOG.debugf("A handshake was not completed: %s", failure);
                        });
        request.resume();
    }

    void endSession(String sessionKey) {
        lastEnds.put(sessionKey, true);
        int closed = 0;
        for (Bridge bridge : open) {
            if (sessionKey.equals(bridge.sessionKey())) {
                bridge.endSession();
                closed++;
            }
        }
        LOG.debugf("A session has ended, with %d sockets", closed);
    }

    /** Signs of life of every browser, and of the session of everybody who has one. */
    void checkAll() {
        open.forEach(Bridge::check);
        List<Bridge> signedIn = open.stream().filter(each -> each.cookie() != null).toList();
        String id = "check-" + UUID.randomUUID();
        for (int lane = 0; lane < Math.min(CHECKS_AT_ONCE_MAX, signedIn.size()); lane++) {
            checkSessions(signedIn, lane, id);
        }
    }

    private void checkSessions(List<Bridge> bridges, int index, String requestId) {
        if (index >= bridges.size()) {
            return;
        }
        Bridge bridge = bridges.get(index);
        // Where nobody answers, the rest would only be asked in vain.
        sessions.isOpen(bridge.cookie(), requestId)
                .onSuccess(
                        still -> {
                            if (!still) {
                                bridge.endSession();
                            }
                            checkSessions(bridges, index + CHECKS_AT_ONCE_MAX, requestId);
                        });
    }
}
