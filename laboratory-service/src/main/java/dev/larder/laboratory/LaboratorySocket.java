package dev.larder.laboratory;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import org.jboss.logging.Logger;

/**
 * The laboratory while it works; anybody may watch. Sends {@code {type:"run",run}} at once (null
 * before the first one) and whenever it changes, {@code {type:"second",run,second}} once a second,
 * {@code stampede} and {@code advice} when there is one, {@code {type:"idle"}} while nothing runs.
 * Closes with 1013 for who reads too slowly or when there are too many, 1001 when the service ends.
 */
@ServerEndpoint("/api/laboratory/live")
@ApplicationScoped
public class LaboratorySocket {

    private static final Logger LOG = Logger.getLogger(LaboratorySocket.class);

    private final LiveLaboratory live;

    LaboratorySocket(LiveLaboratory live) {
        this.live = live;
    }

    @OnOpen
    public void open(Session session) {
        live.open(session);
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
