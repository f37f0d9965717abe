package dev.larder.laboratory;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.caching.Change;
import dev.larder.caching.ChangeCapture;
import dev.larder.kit.Problems;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * One run from its rows to their removal, on threads of its own.
 *
 * <h2>How it loads</h2>
 *
 * The load is open: what is due is sent whether or not what was sent before has come back, and
 * latency counts from the moment it was due. So a lane that stalls is charged for everybody who
 * would have waited (no coordinated omission). What a lane cannot take, because its limit of
 * operations under way is reached, is counted as missed, never silently left out. Every lane gets
 * the same operations at the same moments.
 *
 * <h2>How it ends</h2>
 *
 * {@link #stop} interrupts the one thread that leads, and so does whatever goes wrong on any thread
 * of the run, errors of the machine included: figures of a lane that lacks a class or memory are
 * none. Whatever happened, the leader then stops the writers, waits a bounded time for what is
 * under way, flushes the caches, takes the rows down, and says the cause: nobody else may start
 * before.
 */
final class Experiment {

    /** Who hears of it. */
    interface Audience {
        void run(Run run);

        void second(Run run, Second second);

        void stampede(String run, Stampede stampede);

        void advice(String run, Advice advice);
    }

    private static final Logger LOG = Logger.getLogger(Experiment.class);

    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration DRAIN = Duration.ofSeconds(8);
    private static final Duration FLUSH = Duration.ofSeconds(20);
    private static final Duration FOLLOWER_LOOKS = Duration.ofSeconds(1);
    private static final Duration QUIET = Duration.ofSeconds(5);
    private static final int STAMPEDES_MAX = 5;
    private static final int ADVICE_AFTER_SECONDS = 3;
    private static final long DEFAULT_TOLERANCE_MILLIS = 1_000;

    /** The writer behind the back looks at its switch this often while it is off. */
    private static final long WRITER_LOOKS_NANOS = NANOS / 10;

    private final String id;
    private final NewRun what;
    private final Run.Person by;
    private final Lane.Setting setting;
    private final Rows rows;
    private final Supplier<Ways> wayMaker;
    private final ObjectMapper json;
    private final Audience audience;
    private final Instant startedAt = Instant.now();
    private final int coldSeconds;

    private final List<Lane> lanes = new ArrayList<>();
    private final List<Second> seconds = new ArrayList<>();
    private final List<Stampede> stampedes = new ArrayList<>();
    private final List<Run.Lane> descriptions = new ArrayList<>();
    private List<Figures> totals = List.of();
    private List<Figures> settled = List.of();
    private Run.State state = Run.State.PREPARING;
    private Switches switches;
    private String failure;
    private Instant endedAt;
    private Ways ways;
    private RunClock clock;
    private ChangeCapture follower;
    private Thread leader;
    private Thread crowd;
    private boolean stopping;

    Experiment(
            String id,
            NewRun what,
            Run.Person by,
            Lane.Setting setting,
            Rows rows,
            Supplier<Ways> wayMaker,
            ObjectMapper json,
            Audience audience) {
        this.id = id;
        this.what = what;
        this.by = by;
        this.setting = setting;
        this.rows = rows;
        this.wayMaker = wayMaker;
        this.json = json;
        this.audience = audience;
        switches = Switches.of(what.workload());
        coldSeconds = what.coldSeconds();
        for (int i = 0; i < what.lanes().size(); i++) {
            NewRun.Lane lane = what.lanes().get(i);
            Pattern pattern = Pattern.of(lane.pattern());
            int ttl = what.ttlMillis(lane);
            descriptions.add(
                    new Run.Lane(
                            Lane.IDS.get(i),
                            pattern.id(),
                            pattern.label(),
                            ttl,
                            pattern.bound(),
                            pattern.boundMillis(ttl),
                            pattern.boundAddsLoad(ttl)));
        }
    }

    String id() {
        return id;
    }

    String by() {
        return by.displayName();
    }

    synchronized boolean isOver() {
        return state.isOver();
    }

    synchronized void begin() {
        leader = Thread.ofVirtual().name("run " + id).start(this::lead);
    }

    /** Ends it before its time; returns at once. */
    synchronized void stop() {
        refuseWhenOver();
        stopping = true;
        leader.interrupt();
    }

    /** Waits for the end, so that a process that ends leaves nothing behind. */
    void awaitEnd(Duration patience) throws InterruptedException {
        Thread known;
        synchronized (this) {
            known = leader;
        }
        known.join(patience);
    }

    synchronized Switches turn(Switches change) {
        refuseWhenOver();
        switches = switches.with(change);
        if (ways != null) {
            ways.become(switches);
        }
        audience.run(told());
        return switches;
    }

    /**
     * Lets a crowd ask every lane, one after the other, for the key that is read most, just after
     * it was dropped. The workload is held meanwhile.
     */
    synchronized Run stampede(int readers) {
        if (state != Run.State.RUNNING || stopping) {
            throw Problems.conflict("The run " + id + " is " + state.label() + ", not running.");
        }
        become(Run.State.STAMPEDE);
        crowd = Thread.ofVirtual().name("stampede " + id).start(() -> attempt(() -> rush(readers)));
        return told();
    }

    synchronized Run told() {
        int second = seconds.size();
        Instant endsAt = endedAt;
        if (endsAt == null && clock != null) {
            long left = Math.max(0, what.workload().seconds() * NANOS - clock.now());
            endsAt = Instant.now().plusNanos(left);
        }
        return new Run(
                id,
                state,
                by,
                startedAt,
                endsAt,
                second,
                what.workload(),
                descriptions,
                switches,
                totals,
                coldSeconds + 1,
                settled,
                List.copyOf(stampedes),
                failure);
    }

    synchronized List<Second> seconds(int from) {
        return List.copyOf(seconds.subList(Math.min(from, seconds.size()), seconds.size()));
    }

    Advice advice(long toleratedMillis) {
        Run run = told();
        if (run.second() < ADVICE_AFTER_SECONDS) {
            throw Problems.conflict(
                    "There is no advice before second " + ADVICE_AFTER_SECONDS + " of a run.");
        }
        return Adviser.advise(run, toleratedMillis);
    }

    private void refuseWhenOver() {
        if (!isUnderWay()) {
            throw Problems.conflict("The run " + id + " is over.");
        }
    }

    private synchronized void become(Run.State next) {
        state = next;
        if (next == Run.State.CLEANING) {
            endedAt = Instant.now();
        }
        audience.run(told());
    }

    // --- the leading thread -------------------------------------------------------------------

    private void lead() {
        attempt(this::prepare);
        attempt(this::work);
        attempt(() -> become(Run.State.CLEANING));
        // Until here somebody may interrupt; what follows has bounds of its own.
        Thread.interrupted();
        attempt(this::clean);
        Run.State end = end();
        become(end);
        if (end != Run.State.FAILED && seconds(0).size() >= ADVICE_AFTER_SECONDS) {
            audience.advice(id, advice(DEFAULT_TOLERANCE_MILLIS));
        }
    }

    private interface Step {
        void take() throws InterruptedException;
    }

    /** On any thread of the run: whatever goes wrong ends it, and is told. */
    private void attempt(Step step) {
        try {
            step.take();
        } catch (InterruptedException e) {
            // Somebody stopped the run, or it has failed elsewhere: both are known.
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            fail(e);
        }
    }

    private synchronized void fail(Throwable cause) {
        // What is interrupted by a stop may fail by it.
        if (failure == null && !(stopping && cause instanceof RuntimeException)) {
            boolean isTold = cause instanceof RuntimeException && cause.getMessage() != null;
            failure = isTold ? cause.getMessage() : cause.toString();
        }
        if (isUnderWay()) {
            leader.interrupt();
        }
        LOG.warnf(cause, "run %s ends early", id);
    }

    private synchronized Run.State end() {
        if (failure != null) {
            return Run.State.FAILED;
        }
        return stopping ? Run.State.STOPPED : Run.State.DONE;
    }

    private boolean isUnderWay() {
        return !state.isOver() && state != Run.State.CLEANING;
    }

    private void prepare() throws InterruptedException {
        audience.run(told());
        Map<String, Pattern> patterns = new TreeMap<>();
        descriptions.forEach(lane -> patterns.put(lane.id(), Pattern.of(lane.pattern())));
        rows.prepare(id, patterns, what.workload());
        synchronized (this) {
            ways = wayMaker.get();
            ways.become(switches);
        }
        for (int i = 0; i < what.lanes().size(); i++) {
            NewRun.Lane lane = what.lanes().get(i);
            lanes.add(
                    new Lane(
                            id,
                            Lane.IDS.get(i),
                            Pattern.of(lane.pattern()),
                            what.ttlMillis(lane),
                            what.workload(),
                            setting,
                            rows,
                            ways,
                            json));
        }
        if (patterns.containsValue(Pattern.CHANGE_CAPTURE)) {
            follower =
                    ChangeCapture.of(Rows.follow(ways.changes(), id), Rows.CHANGES, Rows.CHANGED)
                            .lookEvery(FOLLOWER_LOOKS)
                            .longestPause(FOLLOWER_LOOKS)
                            .start(this::follow);
        }
    }

    /** Tells each lane which of its rows have changed. */
    private void follow(List<Change> changes) {
        Map<String, Set<String>> keys = new TreeMap<>();
        for (Change change : changes) {
            String lane = change.kind().substring(change.kind().indexOf(':') + 1);
            keys.computeIfAbsent(lane, none -> new HashSet<>()).add(change.key());
        }
        keys.forEach((lane, changed) -> lanes.get(Lane.IDS.indexOf(lane)).follow(changed));
    }

    private void work() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        synchronized (this) {
            clock = new RunClock();
            become(Run.State.RUNNING);
        }
        ExecutorService operations = Executors.newVirtualThreadPerTaskExecutor();
        Thread generator =
                Thread.ofVirtual()
                        .name("load " + id)
                        .start(() -> attempt(() -> generate(operations)));
        Thread writer =
                Thread.ofVirtual().name("writer " + id).start(() -> attempt(this::writeBehind));
        try {
            for (int second = 1; second <= what.workload().seconds(); second++) {
                clock.await(second * NANOS);
                take(second, 1);
            }
        } finally {
            generator.interrupt();
            writer.interrupt();
            endCrowd();
            operations.shutdown();
            drain(operations);
            settle();
        }
    }

    /** Bounded, and to its end even when the leader is interrupted. */
    private static void drain(ExecutorService operations) {
        boolean interrupted = Thread.interrupted();
        try {
            if (!operations.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                operations.shutdownNow();
                operations.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            interrupted = true;
            operations.shutdownNow();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void endCrowd() {
        Thread present;
        synchronized (this) {
            present = crowd;
        }
        if (present != null) {
            present.interrupt();
        }
    }

    private void take(int second, double took) {
        List<Figures> figures = new ArrayList<>();
        for (Lane lane : lanes) {
            figures.add(lane.meter().second(took));
            if (second == coldSeconds) {
                lane.meter().settle();
            }
        }
        sum(second);
        Second past;
        synchronized (this) {
            past = new Second(second, Instant.now(), List.copyOf(figures), switches);
            seconds.add(past);
        }
        audience.second(told(), past);
    }

    /** Takes what came in after the last second into the totals. */
    private void settle() {
        lanes.forEach(lane -> lane.meter().second(1));
        sum(Math.max(1, Math.min(clock.now() / (double) NANOS, what.workload().seconds())));
    }

    private void sum(double ran) {
        List<Figures> sums = new ArrayList<>();
        List<Figures> later = new ArrayList<>();
        for (Lane lane : lanes) {
            sums.add(lane.meter().total(ran));
            // Of less than a second a rate would say nothing.
            if (lane.meter().isSettled() && ran >= coldSeconds + 1) {
                later.add(lane.meter().settled(ran - coldSeconds));
            }
        }
        synchronized (this) {
            totals = List.copyOf(sums);
            settled = List.copyOf(later);
        }
    }

    private void clean() {
        Ways used;
        synchronized (this) {
            used = ways;
        }
        if (used != null) {
            // Whatever was broken on purpose is whole again for this.
            used.become(Switches.of(what.workload()));
        }
        if (follower != null) {
            attempt(follower::close);
        }
        try (ExecutorService flushing = Executors.newVirtualThreadPerTaskExecutor()) {
            lanes.forEach(lane -> flushing.execute(lane::flush));
            flushing.shutdown();
            if (!flushing.awaitTermination(FLUSH.toMillis(), TimeUnit.MILLISECONDS)) {
                flushing.shutdownNow();
            }
        } catch (InterruptedException e) {
            LOG.infof("run %s leaves entries in the store, which end by their TTL", id);
        }
        lanes.forEach(lane -> attempt(lane::close));
        if (used != null) {
            attempt(used::close);
        }
        try {
            rows.takeDown(id);
        } catch (RuntimeException e) {
            LOG.warnf("the rows of run %s stay until a later run takes them down: %s", id, e);
        }
    }

    // --- the load -----------------------------------------------------------------------------

    private void generate(ExecutorService operations) {
        Operations sequence = new Operations(what.workload());
        try {
            while (true) {
                Operations.Operation next = sequence.next();
                long due = clock.await(next.dueNanos());
                for (Lane lane : lanes) {
                    if (lane.enter()) {
                        operations.execute(() -> attempt(() -> lane.serve(next, due)));
                    }
                }
            }
        } catch (InterruptedException e) {
            LOG.debugf("run %s has ended its load", id);
        } catch (RejectedExecutionException e) {
            LOG.debugf("run %s ended while an operation was sent", id);
        }
    }

    /** Commits straight to the database, in all lanes at once, and tells nobody. */
    private void writeBehind() {
        SplittableRandom random = new SplittableRandom(~what.workload().seed());
        Zipf keys = new Zipf(what.workload().keys(), what.workload().skew());
        long due = 0;
        try {
            while (true) {
                Switches.Writer now = writer();
                if (!now.on() || now.perSecond() <= 0) {
                    due = clock.now() + WRITER_LOOKS_NANOS;
                    clock.await(due);
                    continue;
                }
                double gap = -Math.log(1 - random.nextDouble()) / now.perSecond();
                // A switch that has become faster is not waited for past a tenth of a second.
                long next = due + (long) (gap * NANOS);
                while (next - clock.now() > WRITER_LOOKS_NANOS && writer().equals(now)) {
                    clock.await(clock.now() + WRITER_LOOKS_NANOS);
                }
                if (!writer().equals(now)) {
                    due = clock.now();
                    continue;
                }
                due = next;
                clock.await(due);
                commitBehind(keys.draw(random));
            }
        } catch (InterruptedException e) {
            LOG.debugf("run %s has ended its writer", id);
        }
    }

    private synchronized Switches.Writer writer() {
        return switches.writer();
    }

    private void commitBehind(int key) throws InterruptedException {
        try {
            Map<String, Long> versions = rows.changeBehind(id, key);
            long committed = System.nanoTime();
            for (Lane lane : lanes) {
                Long version = versions.get(lane.id());
                if (version != null) {
                    lane.changedBehind(key, version, committed);
                }
            }
        } catch (DatabaseFailure e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LOG.debugf("run %s: a write behind the back failed: %s", id, e);
        }
    }

    private void rush(int readers) {
        clock.hold();
        try {
            for (Lane lane : lanes) {
                lane.awaitQuiet(setting.underWayMax(), QUIET);
            }
            List<Stampede.Lane> outcomes = new ArrayList<>();
            // The law by which keys are drawn makes key 1 the one that is read most.
            int hottest = 1;
            for (Lane lane : lanes) {
                outcomes.add(lane.stampede(hottest, readers));
            }
            Stampede stampede;
            synchronized (this) {
                stampede = new Stampede(seconds.size(), hottest, readers, List.copyOf(outcomes));
                stampedes.add(stampede);
                if (stampedes.size() > STAMPEDES_MAX) {
                    stampedes.removeFirst();
                }
            }
            audience.stampede(id, stampede);
        } catch (InterruptedException e) {
            LOG.debugf("run %s ended during a stampede", id);
        } finally {
            clock.release();
            synchronized (this) {
                if (state == Run.State.STAMPEDE) {
                    become(Run.State.RUNNING);
                }
            }
        }
    }
}
