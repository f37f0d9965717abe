package dev.larder.ui;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/** Listens on the store's channel {@value #CHANNEL} for as long as this process lives. */
@ApplicationScoped
class SessionEnds {
    static final String CHANNEL = "session:ended";

    private static final Logger LOG = Logger.getLogger(SessionEnds.class);
    private static final long FIRST_WAIT_MILLIS = 250;
    private static final long LONGEST_WAIT_MILLIS = 5_000;

    private final Vertx vertx;
    private final Redis store;
    private final Bridges bridges;
    private volatile boolean wanted = true;
    private volatile boolean listening;
    private volatile RedisConnection connection;
    private long waitMillis = FIRST_WAIT_MILLIS;

    SessionEnds(Vertx vertx, Redis store, Bridges bridges) {
        this.vertx = vertx;
        this.store = store;
        this.bridges = bridges;
    }

    void begin(@Observes StartupEvent event) {
        // One context for all of it: every step below runs on the same thread.
        vertx.setTimer(1, timer -> connect());
    }

    void finish(@Observes ShutdownDelayInitiatedEvent event) {
        wanted = false;
        RedisConnection last = connection;
        if (last != null) {
            last.close();
        }
    }

    boolean isListening() {
        return listening;
    }

    private void connect() {
        if (!wanted) {
            return;
        }
        store.connect()
                .onFailure(this::again)
                .onSuccess(
                        made -> {
                            connection = made;
                            made.handler(this::take);
                            made.exceptionHandler(broken -> lost(made));
                            made.endHandler(end -> lost(made));
                            made.send(Request.cmd(Command.SUBSCRIBE).arg(CHANNEL))
                                    .onSuccess(subscribed -> heard())
                                    .onFailure(failure -> lost(made));
                        });
    }

    private void heard() {
        listening = true;
        waitMillis = FIRST_WAIT_MILLIS;
        LOG.info("Listening for ended sessions");
        // What was said before, nobody heard.
        bridges.checkAll();
    }

    /** A message is {@code message, channel, text}; what else comes is about the subscription. */
    private void take(Response message) {
        if (message != null
                && message.size() == 3
                && "message".equals(message.get(0).toString())
                && CHANNEL.equals(message.get(1).toString())) {
            bridges.endSession(message.get(2).toString());
        }
    }

    private void lost(RedisConnection broken) {
        if (connection == broken) {
            connection = null;
            broken.close();
            again(new IllegalStateException("the connection was lost"));
        }
    }

    private void again(Throwable failure) {
        if (listening && wanted) {
            LOG.warnf("Not listening for ended sessions: %s", failure);
        }
        listening = false;
        if (wanted) {
            long jitter = ThreadLocalRandom.current().nextLong(waitMillis / 2 + 1);
            vertx.setTimer(waitMillis / 2 + jitter + 1, timer -> connect());
            waitMillis = Math.min(LONGEST_WAIT_MILLIS, waitMillis * 2);
        }
    }
}
