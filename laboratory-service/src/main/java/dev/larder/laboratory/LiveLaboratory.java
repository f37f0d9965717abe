package dev.larder.laboratory;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.Viewer;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Everybody who watches the laboratory of this instance. */
@ApplicationScoped
class LiveLaboratory implements Experiment.Audience {

    private static final Logger LOG = Logger.getLogger(LiveLaboratory.class);

    private static final int VIEWERS_MAX = 500;
    private static final String IDLE = "{\"type\":\"idle\"}";

    private final ObjectMapper json;
    private final Map<String, Viewer> viewers = new ConcurrentHashMap<>();
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();

    /** What a newcomer is told first. */
    private volatile String lastRun = "{\"type\":\"run\",\"run\":null}";

    LiveLaboratory(ObjectMapper json) {
        this.json = json;
    }

    public record RunMessage(String type, Run run) {}

    public record SecondMessage(String type, String run, Second second) {}

    public record StampedeMessage(String type, String run, Stampede stampede) {}

    public record AdviceMessage(String type, String run, Advice advice) {}

    @Override
    public void run(Run run) {
        lastRun = text(new RunMessage("run", run));
        tell("run", lastRun);
    }

    @Override
    public void second(Run run, Second second) {
        lastRun = text(new RunMessage("run", run));
        tell(null, text(new SecondMessage("second", run.id(), second)));
    }

    @Override
    public void stampede(String run, Stampede stampede) {
        tell(null, text(new StampedeMessage("stampede", run, stampede)));
    }

    @Override
    public void advice(String run, Advice advice) {
        tell("advice", text(new AdviceMessage("advice", run, advice)));
    }

    void idle() {
        tell("idle", IDLE);
    }

    /** Called on an event loop. */
    void open(Session session) {
        if (viewers.size() >= VIEWERS_MAX) {
            close(session, Viewer.TOO_SLOW, "too many viewers");
            return;
        }
        Viewer viewer =
                new Viewer(
                        (text, done) ->
                                session.getAsyncRemote()
                                        .sendText(text, result -> done.accept(result.isOK())),
                        code -> close(session, code, "too slow"),
                        System::nanoTime);
        // Known before it is told: what changes in between is then told twice, not never.
        sessions.put(session.getId(), session);
        viewers.put(session.getId(), viewer);
        viewer.tell("run", lastRun);
    }

    void close(Session session) {
        viewers.remove(session.getId());
        sessions.remove(session.getId());
    }

    void atEnd(@Observes ShutdownEvent event) {
        sessions.values()
                .forEach(
                        session ->
                                close(
                                        session,
                                        CloseReason.CloseCodes.GOING_AWAY.getCode(),
                                        "the service ends"));
    }

    private void tell(String kind, String text) {
        viewers.values().forEach(viewer -> viewer.tell(kind, text));
    }

    private void close(Session session, int code, String reason) {
        close(session);
        try {
            session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(code), reason));
        } catch (IOException e) {
            LOG.debugf("socket %s was closed already: %s", session.getId(), e);
        }
    }

    private String text(Object message) {
        try {
            return json.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
