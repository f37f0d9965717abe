package dev.larder.geo;

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
 * A collection while things move in it; anybody may watch. Sends {@code {type:"moved",item}} and
 * {@code {type:"removed",id}}. Closes with 4404 for an unknown collection, 1013 for who reads too
 * slowly or when there are too many.
 */
@ServerEndpoint("/api/geo/{collection}/live")
@ApplicationScoped
public class GeoSocket {
    private static final Logger LOG = Logger.getLogger(GeoSocket.class);

    private final LivePlaces live;

    GeoSocket(LivePlaces live) {
        this.live = live;
    }

    @OnOpen
    public void open(Session session, @PathParam("collection") String collection) {
        live.open(session, collection);
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
