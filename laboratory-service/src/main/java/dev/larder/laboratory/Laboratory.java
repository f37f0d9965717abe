package dev.larder.laboratory;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.ProblemException;
import dev.larder.kit.Problems;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The runs of this instance: one at a time, the last ten remembered. Two instances may each have a
 * run; they share nothing but the servers, which then both measure.
 */
@ApplicationScoped
class Laboratory {

    private static final Logger LOG = Logger.getLogger(Laboratory.class);

    private static final int REMEMBERED = 10;
    private static final int SECONDS_AT_ONCE = 300;
    private static final int ID_LETTERS = 8;
    private static final Duration LAST_MOMENT = Duration.ofSeconds(4);

    private final Rows rows;
    private final LiveLaboratory live;
    private final Vertx vertx;

    /**
     * Relays and store clients have event loops of their own, so that HTTP does not disturb them.
     */
    private final Vertx apart =
            Vertx.vertx(
                    new VertxOptions()
                            .setEventLoopPoolSize(2)
                            .setFileSystemOptions(
                                    new FileSystemOptions()
                                            .setFileCachingEnabled(false)
                                            .setClassPathResolvingEnabled(false)));

    private final ObjectMapper json;
    private final Ways.Addresses addresses;
    private final Lane.Setting setting;
    private final Duration idleEvery;
    private final SecureRandom random = new SecureRandom();
    private final Deque<Experiment> runs = new ArrayDeque<>();
    private boolean ending;

    Laboratory(
            Rows rows,
            LiveLaboratory live,
            Vertx vertx,
            ObjectMapper json,
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") String databaseUrl,
            @ConfigProperty(name = "quarkus.datasource.username") String user,
            @ConfigProperty(name = "quarkus.datasource.password") String password,
            @ConfigProperty(name = "quarkus.redis.hosts") String stores,
            @ConfigProperty(name = "quarkus.redis.client-type") String storeType,
            @ConfigProperty(name = "larder.laboratory.lane.places") int places,
            @ConfigProperty(name = "larder.laboratory.lane.patience") Duration patience,
            @ConfigProperty(name = "larder.laboratory.lane.under-way-max") int underWayMax,
            @ConfigProperty(name = "larder.laboratory.lane.store-timeout") Duration storeTimeout,
            @ConfigProperty(name = "larder.laboratory.live.idle-every") Duration idleEvery) {
        this.rows = rows;
        this.live = live;
        this.vertx = vertx;
        this.json = json;
        this.idleEvery = idleEvery;
        addresses =
                new Ways.Addresses(
                        databaseUrl,
                        user,
                        password,
                        Ways.list(stores),
                        storeType.equals("cluster"));
        setting =
                new Lane.Setting(places, underWayMax, patience, storeTimeout, addresses.cluster());
    }

    /** What can be asked for here. */
    public record About(
            List<Pattern.Description> patterns,
            Map<String, Workload.Range> limits,
            NewRun preset,
            Available switches) {

        /** Which switches there are; a way to several servers has none. */
        public record Available(boolean database, boolean store) {}
    }

    /**
     * At the start, and not on the first request, whose context is no place to make event loops.
     */
    void atStart(@Observes StartupEvent event) {
        vertx.setPeriodic(
                idleEvery.toMillis(),
                timer -> {
                    if (isIdle()) {
                        live.idle();
                    }
                });
    }

    /** The rows and entries of a run go with it, as far as the last moments allow. */
    void atEnd(@Observes ShutdownEvent event) {
        Experiment present;
        synchronized (this) {
            ending = true;
            present = runs.peekFirst();
        }
        try {
            if (present != null && !present.isOver()) {
                present.stop();
                present.awaitEnd(LAST_MOMENT);
            }
        } catch (ProblemException e) {
            LOG.debugf("run %s ended by itself", present.id());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            apart.close();
        }
    }

    About about() {
        return new About(
                Pattern.all(),
                Workload.limits(),
                NewRun.PRESET,
                new About.Available(addresses.databaseSwitch(), addresses.storeSwitch()));
    }

    /**
     * @throws LaboratoryTakenException while another run is not over
     */
    synchronized Run start(NewRun what, Run.Person by) {
        what.checked();
        if (ending) {
            throw Problems.unavailable("The laboratory is closing.");
        }
        Experiment present = runs.peekFirst();
        if (present != null && !present.isOver()) {
            throw new LaboratoryTakenException(present.told());
        }
        Experiment experiment =
                new Experiment(
                        newId(),
                        what,
                        by,
                        setting,
                        rows,
                        () -> new Ways(apart, addresses),
                        json,
                        live);
        // One that cannot even begin has not taken the laboratory.
        experiment.begin();
        runs.addFirst(experiment);
        if (runs.size() > REMEMBERED) {
            runs.removeLast();
        }
        return experiment.told();
    }

    synchronized List<Run> all() {
        return runs.stream().map(Experiment::told).toList();
    }

    Run run(String id) {
        return known(id).told();
    }

    List<Second> seconds(String id, int from) {
        List<Second> seconds = known(id).seconds(from);
        return seconds.subList(0, Math.min(SECONDS_AT_ONCE, seconds.size()));
    }

    Run stop(String id) {
        Experiment experiment = known(id);
        experiment.stop();
        return experiment.told();
    }

    Switches turn(String id, Switches change) {
        if (change.database() != null && !addresses.databaseSwitch()) {
            throw Problems.badRequest("database", "has no switch here: its address names several");
        }
        if (change.store() != null && !addresses.storeSwitch()) {
            throw Problems.badRequest("store", "has no switch here: its address names several");
        }
        return known(id).turn(change);
    }

    Run stampede(String id, int readers) {
        return known(id).stampede(readers);
    }

    Advice advice(String id, long toleratedMillis) {
        return known(id).advice(toleratedMillis);
    }

    private synchronized Experiment known(String id) {
        return runs.stream()
                .filter(run -> run.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Problems.notFound("run", id));
    }

    private synchronized boolean isIdle() {
        Experiment present = runs.peekFirst();
        return present == null || present.isOver();
    }

    private String newId() {
        StringBuilder id = new StringBuilder(ID_LETTERS);
        for (int i = 0; i < ID_LETTERS; i++) {
            id.append(Character.forDigit(random.nextInt(36), 36));
        }
        return id.toString();
    }
}
