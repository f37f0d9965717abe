package dev.larder.queue;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerEndpoint;
import org.jboss.logging.Logger;

/**
 * A queue while it works; anybody may watch. Sends {@code {type:"counts",counts}} at once and
 * whenever they have changed, and {@code {type:"job",job}} for jobs that changed. Closes with 4404
 * for an unknown queue, 1013 for who reads too slowly or when there are too many.
 */
@ServerEndpoint("/api/queue/queues/{queue}/live")
@ApplicationScoped
public class QueueSocket {

    private static final Logger LOG = Logger.getLogger(QueueSocket.class);

    private final LiveQueues live;

    QueueSocket(LiveQueues live) {
        this.live = live;
    }

    @OnOpen
    public void open(Session session, @PathParam("queue") String queue) {
        live.open(session, queue);
    }

    /** There is nothing to be said here; what is said anyway is passed over. */
    @OnMessage(maxMessageSize = 1024)
    public void message(String ignored) {}

    @OnClose
    public void close(Session session) {
        live.close(session);
    }

    @OnError
    public void error(Session session, Throwable thrown) {
        LOG.debugf("socket %s: %s", session.getId(), thrown);
        live.close(session);
    }
}
