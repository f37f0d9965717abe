package dev.larder.chat;

import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * What the other instances say: one connection that listens, opened again whenever it is lost. What
 * was said meanwhile is gone, so whoever listens is told of each new beginning and catches up.
 */
@ApplicationScoped
class Wire {
    private static final Logger LOG = Logger.getLogger(Wire.class);
    private static final long AGAIN_AFTER_MILLIS = 500;

    private final Redis redis;
    private final Vertx vertx;
    private Consumer<String> onText;
    private Runnable onBegin;
    private volatile RedisConnection connection;
    private volatile boolean ending;

    Wire(Redis redis, Vertx vertx) {
        this.redis = redis;
        this.vertx = vertx;
    }

    /** Begins to listen. Both are called on an event loop and must not block. */
    void listen(Consumer<String> text, Runnable begin) {
        onText = text;
        onBegin = begin;
        connect();
    }

    void atEnd(@Observes ShutdownEvent event) {
        ending = true;
        RedisConnection open = connection;
        if (open != null) {
            open.close();
        }
    }

    private void connect() {
        if (ending) {
            return;
        }
        redis.connect()
                .onFailure(e -> again("cannot connect", e))
                .onSuccess(
                        open -> {
                            connection = open;
                            open.handler(this::heard);
                            open.exceptionHandler(e -> LOG.debugf("the wire failed: %s", e));
                            open.endHandler(_ -> again("was lost", null));
                            open.send(Request.cmd(Command.SUBSCRIBE).arg(ChatStore.CHANNEL))
                                    .onSuccess(_ -> onBegin.run())
                                    .onFailure(
                                            e -> {
                                                LOG.warnf("the wire cannot subscribe: %s", e);
                                                open.close();
                                            });
                        });
    }

    private void again(String what, Throwable e) {
        if (!ending) {
            LOG.infof("the wire to the other instances %s%s", what, e == null ? "" : ": " + e);
            vertx.setTimer(AGAIN_AFTER_MILLIS, _ -> connect());
        }
    }

    private void heard(Response response) {
        if (response != null
                && response.size() == 3
                && response.get(0).toString().equals("message")) {
            onText.accept(response.get(2).toString());
        }
    }
}
