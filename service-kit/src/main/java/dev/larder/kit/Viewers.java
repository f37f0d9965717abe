package dev.larder.kit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Everybody at the sockets of one service, on this instance: let in up to a bound, told, and sent
 * away with a code and a reason.
 */
public final class Viewers {

    private static final Logger LOG = Logger.getLogger(Viewers.class);

    /** Who is told something: a newcomer, or all who watch the same. */
    public interface Audience {

        /**
         * @param kind messages of which only the newest matters, or null for one that always does
         * @param message what JSON is made of
         */
        void tell(String kind, Object message);
    }

    private record Seat(Session session, Viewer viewer) {}

    private final int most;
    private final ObjectMapper json;
    private final Map<String, Seat> seats = new ConcurrentHashMap<>();

    public Viewers(int most, ObjectMapper json) {
        this.most = most;
        this.json = json;
    }

    /** Lets somebody in; nobody where there are too many, who is then sent away. Never blocks. */
    public Optional<Viewer> open(Session session) {
        if (seats.size() >= most) {
            close(session, Viewer.TOO_SLOW, "too many viewers");
            return Optional.empty();
        }
        Viewer viewer = over(session, code -> close(session, code, "too slow"));
        seats.put(session.getId(), new Seat(session, viewer));
        return Optional.of(viewer);
    }

    /** Somebody has gone, and is told no more. */
    public void close(Session session) {
        Seat seat = seats.remove(session.getId());
        if (seat != null) {
            seat.viewer.end();
        }
    }

    /** Sends somebody away. */
    public void close(Session session, int code, String reason) {
        close(session);
        end(session, code, reason);
    }

    /** Sends everybody away. */
    public void closeAll(int code, String reason) {
        seats.values().forEach(seat -> close(seat.session, code, reason));
    }

    /** Tells everybody. */
    public void tell(String kind, Object message) {
        tell(seats.values().stream().map(Seat::viewer), kind, message);
    }

    /** Tells one of them. */
    public void tell(Viewer viewer, String kind, Object message) {
        tell(Stream.of(viewer), kind, message);
    }

    /** Writes a message once, however many are told. */
    void tell(Stream<Viewer> viewers, String kind, Object message) {
        try {
            String text = json.writeValueAsString(message);
            viewers.forEach(viewer -> viewer.tell(kind, text));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The other end of a socket. */
    public static Viewer over(Session session, Consumer<Integer> close) {
        return new Viewer(
                (text, done) ->
                        session.getAsyncRemote()
                                .sendText(text, result -> done.accept(result.isOK())),
                close,
                System::nanoTime);
    }

    /** Closes a socket, which may be closed already. */
    public static void end(Session session, int code, String reason) {
        try {
            session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(code), reason));
        } catch (IOException e) {
            LOG.debugf("socket %s was closed already: %s", session.getId(), e);
        }
    }
}
