package dev.larder.laboratory;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.Viewers;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;

/** Everybody who watches the laboratory of this instance. */
@ApplicationScoped
class LiveLaboratory implements Experiment.Audience {

    private static final int VIEWERS_MAX = 500;

    private final Viewers viewers;

    /** What a newcomer is told first. */
    private volatile RunMessage lastRun = new RunMessage("run", null);

    LiveLaboratory(ObjectMapper json) {
        this.viewers = new Viewers(VIEWERS_MAX, json);
    }

    public record RunMessage(String type, Run run) {}

    public record SecondMessage(String type, String run, Second second) {}

    public record StampedeMessage(String type, String run, Stampede stampede) {}

    public record AdviceMessage(String type, String run, Advice advice) {}

    public record IdleMessage(String type) {}

    @Override
    public void run(Run run) {
        lastRun = new RunMessage("run", run);
        viewers.tell("run", lastRun);
    }

    @Override
    public void second(Run run, Second second) {
        lastRun = new RunMessage("run", run);
        viewers.tell(null, new SecondMessage("second", run.id(), second));
    }

    @Override
    public void stampede(String run, Stampede stampede) {
        viewers.tell(null, new StampedeMessage("stampede", run, stampede));
    }

    @Override
    public void advice(String run, Advice advice) {
        viewers.tell("advice", new AdviceMessage("advice", run, advice));
    }

    void idle() {
        viewers.tell("idle", new IdleMessage("idle"));
    }

    /**
     * Called on an event loop. Known before told: what changes in between comes twice, not never.
     */
    void open(Session session) {
        viewers.open(session).ifPresent(viewer -> viewers.tell(viewer, "run", lastRun));
    }

    void close(Session session) {
        viewers.close(session);
    }

    void atEnd(@Observes ShutdownEvent event) {
        viewers.closeAll(CloseReason.CloseCodes.GOING_AWAY.getCode(), "the service ends");
    }
}
