package dev.larder.ui;

import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketBase;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A browser's socket and the service's socket behind it. Whole frames go across, so that one of our
 * own, the closing one, can never fall into the middle of another. Whoever reads slowly stops the
 * other side from being read: nothing piles up here.
 */
final class Bridge {
    static final int FRAME_BYTES_MAX = 64 * 1024;
    static final int MESSAGE_BYTES_MAX = 256 * 1024;
    static final short SESSION_ENDED = 4401;

    private static final short NORMAL = 1000;
    private static final short GOING_AWAY = 1001;
    private static final short COME_BACK = 1012;
    private static final int SILENT_CHECKS_MAX = 2;

    private final ServerWebSocket browser;
    private final WebSocket service;
    private final String cookie;
    private final String sessionKey;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile int silentChecks;

    /**
     * @param cookie null for an anonymous one
     * @param sessionKey null for an anonymous one
     */
    Bridge(ServerWebSocket browser, WebSocket service, String cookie, String sessionKey) {
        this.browser = browser;
        this.service = service;
        this.cookie = cookie;
        this.sessionKey = sessionKey;
    }

    String cookie() {
        return cookie;
    }

    String sessionKey() {
        return sessionKey;
    }

    /** Begins to pass frames on; {@code whenEnded} is called once. */
    void join(Runnable whenEnded) {
        pass(browser, service);
        pass(service, browser);
        browser.pongHandler(life -> silentChecks = 0);
        browser.closeHandler(
                gone -> {
                    Short code = browser.closeStatusCode();
                    end(NORMAL, code != null && code == NORMAL ? NORMAL : GOING_AWAY, "");
                    whenEnded.run();
                });
        service.closeHandler(
                gone -> {
                    Short code = service.closeStatusCode();
                    boolean said = code != null && (code == NORMAL || code >= 1007);
                    end(said && code != 1015 ? code : COME_BACK, NORMAL, service.closeReason());
                });
        browser.exceptionHandler(broken -> end(COME_BACK, GOING_AWAY, ""));
        service.exceptionHandler(broken -> end(COME_BACK, GOING_AWAY, ""));
        service.resume();
        browser.resume();
    }

    private static void pass(WebSocketBase from, WebSocketBase to) {
        from.frameHandler(
                frame -> {
                    // Each side answers its own pings; closing has its own way.
                    if ((frame.isText() || frame.isBinary() || frame.isContinuation())
                            && !to.isClosed()) {
                        to.writeFrame(frame);
                        if (to.writeQueueFull()) {
                            from.pause();
                            to.drainHandler(drained -> from.resume());
                        }
                    }
                });
    }

    /** Asks both sides for a sign of life, and leaves a browser that gave none. */
    void check() {
        if (++silentChecks > SILENT_CHECKS_MAX) {
            end(GOING_AWAY, GOING_AWAY, "");
            return;
        }
        if (!browser.isClosed() && !service.isClosed()) {
            browser.writePing(io.vertx.core.buffer.Buffer.buffer("?"));
            service.writePing(io.vertx.core.buffer.Buffer.buffer("?"));
        }
    }

    void endSession() {
        end(SESSION_ENDED, GOING_AWAY, "The session has ended");
    }

    void goAway() {
        end(GOING_AWAY, GOING_AWAY, "");
    }

    private void end(short toBrowser, short toService, String reason) {
        if (ended.compareAndSet(false, true)) {
            if (!browser.isClosed()) {
                browser.close(toBrowser, reason);
            }
            if (!service.isClosed()) {
                service.close(toService);
            }
        }
    }
}
