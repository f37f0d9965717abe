package dev.larder.leaderboard;

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
 * A board while it changes; anybody may watch. Sends {@code {type:"top",players,items}} at once and
 * whenever it has changed, and {@code {type:"change",standing,previousRank}} for single changes.
 * Closes with 4404 for an unknown board, 1013 for who reads too slowly or when there are too many.
 */
@ServerEndpoint("/api/leaderboard/boards/{board}/live")
@ApplicationScoped
public class LeaderboardSocket {

    private static final Logger LOG = Logger.getLogger(LeaderboardSocket.class);

    private final LiveBoards live;

    LeaderboardSocket(LiveBoards live) {
        this.live = live;
    }

    @OnOpen
    public void open(Session session, @PathParam("board") String board) {
        live.open(session, board);
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
