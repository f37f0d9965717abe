package dev.larder.chat;

import dev.larder.kit.ProblemException;
import dev.larder.kit.SocketIdentity;
import dev.larder.kit.Viewer;
import dev.larder.kit.Viewers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerEndpoint;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * A room. The server sends {@code welcome}, {@code history}, {@code message}, {@code presence},
 * {@code typing}, {@code error}, {@code pong}; a client sends {@code say}, {@code typing}, {@code
 * ping}. With {@code ?since=ID} the history is what came after that message, where {@code
 * welcome.resumed} is true. Closes with 4404 for an unknown room, 1009 for a frame that is too
 * large, 1013 for who reads or writes faster than is possible.
 */
@ServerEndpoint("/api/chat/rooms/{room}/socket")
@ApplicationScoped
public class ChatSocket {
    private static final Logger LOG = Logger.getLogger(ChatSocket.class);
    private static final int FRAME_MAX = 16 * 1024;
    private static final int TOO_BIG = 1009;

    private final Hub hub;
    private final Map<String, Member> members = new ConcurrentHashMap<>();

    ChatSocket(Hub hub) {
        this.hub = hub;
    }

    /** Called on an event loop: the rest is done on the member's own thread. */
    @OnOpen
    public void open(Session session, @PathParam("room") String room) {
        if (hub.isFull()) {
            close(session, Viewer.TOO_SLOW, "too many people");
            return;
        }
        Viewer viewer = Viewers.over(session, code -> close(session, code, "too slow"));
        Person person =
                SocketIdentity.of(session)
                        .map(each -> new Person(each.id(), each.displayName()))
                        .orElse(null);
        Member member = new Member(room, person, viewer);
        members.put(session.getId(), member);
        member.begin("member " + session.getId());
        Long since = since(session);
        member.handle(() -> enter(session, member, since));
    }

    private void enter(Session session, Member member, Long since) {
        try {
            hub.enter(member, since);
            if (!members.containsKey(session.getId())) {
                hub.leave(member);
            }
        } catch (ProblemException e) {
            boolean unknown = e.problem().status() == 404;
            close(session, unknown ? Viewer.UNKNOWN : Viewer.TOO_SLOW, e.problem().title());
        } catch (RuntimeException e) {
            LOG.warnf("nobody can enter %s: %s", member.room(), e);
            close(session, Viewer.TOO_SLOW, "the database does not answer");
        }
    }

    private static Long since(Session session) {
        List<String> given = session.getRequestParameterMap().get("since");
        try {
            return given == null ? null : Long.valueOf(given.getFirst());
        } catch (NumberFormatException _) {
            return null;
        }
    }

    @OnMessage
    public void message(Session session, String frame) {
        if (frame.length() > FRAME_MAX) {
            close(session, TOO_BIG, "a frame is at most " + FRAME_MAX + " characters");
            return;
        }
        Member member = members.get(session.getId());
        if (member != null && !member.handle(() -> hub.frame(member, frame))) {
            close(session, Viewer.TOO_SLOW, "too fast");
        }
    }

    @OnClose
    public void close(Session session) {
        Member member = members.remove(session.getId());
        if (member != null) {
            member.end();
            hub.leave(member);
        }
    }

    @OnError
    public void error(Session session, Throwable thrown) {
        LOG.debugf("socket %s: %s", session.getId(), thrown);
        close(session);
    }

    private void close(Session session, int code, String reason) {
        Viewers.end(session, code, reason);
        close(session);
    }
}
