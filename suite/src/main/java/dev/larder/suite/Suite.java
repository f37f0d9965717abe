package dev.larder.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * The parts of one suite as processes: started in order, watched until they serve, stopped the
 * other way round. All state is in the run folder, so a later command finds them again.
 */
final class Suite {

    private static final Duration READY_MAX = Duration.ofSeconds(150);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration APPLICATION_STOP_MAX = Duration.ofSeconds(12);
    private static final Duration STORE_STOP_MAX = Duration.ofSeconds(15);
    private static final Duration DATABASE_STOP_MAX = Duration.ofSeconds(30);

    private final Settings settings;
    private final Launch launch;
    private final Readiness readiness;
    private volatile boolean stopping;

    Suite(Settings settings, Launch launch) {
        this.settings = settings;
        this.launch = launch;
        this.readiness = new Readiness(settings);
    }

    List<Part> ours() {
        return Arrays.stream(Part.values()).filter(settings::isOurs).toList();
    }

    /** The process of a part, if it was started here and is alive. */
    Optional<ProcessHandle> process(Part part) {
        return Running.read(settings.run(), part.label()).flatMap(Running::process);
    }

    /** True from the moment this launcher begins to stop everything. */
    boolean isStopping() {
        return stopping;
    }

    boolean isReady(Part part) {
        return readiness.of(part);
    }

    /** Refuses what would fail for a reason outside: a port in use, an address that is away. */
    void check() {
        for (Part part : Part.values()) {
            if (!settings.isOurs(part)) {
                if (!readiness.of(part)) {
                    throw new Refusal(
                            part.kind() == Part.Kind.STORE
                                    ? "no store answers at LARDER_STORE_URL, "
                                            + withoutPassword(settings.effectiveStoreUrl())
                                            + "."
                                    : "no PostgreSQL answers at LARDER_DB_URL, "
                                            + settings.effectiveDatabaseUrl()
                                            + ".");
                }
            } else if (!isFree(settings.port(part))) {
                throw new Refusal(
                        "port %d, for %s, is in use by another program: give another one with %s N."
                                .formatted(
                                        settings.port(part),
                                        part.label(),
                                        settings.portOption(part)));
            }
        }
    }

    /**
     * Starts everything and returns when everything serves.
     *
     * @throws StartFailure naming the part that died or did not become ready; the rest still runs
     */
    void start(Board board) {
        for (Part part : Part.values()) {
            if (settings.isOurs(part)) {
                board.waits(part, "waits");
            } else {
                board.ready(part, "elsewhere, answers");
            }
        }
        Map<Part, Long> begun = new EnumMap<>(Part.class);
        // The store begins to start while PostgreSQL does; both are quick, and all else needs both.
        List<Part> foundations = ours().stream().filter(part -> !part.isApplication()).toList();
        foundations.reversed().forEach(part -> begin(part, board, begun));
        awaitReady(foundations, board, begun);
        List<Part> applications = ours().stream().filter(Part::isApplication).toList();
        applications.forEach(part -> begin(part, board, begun));
        awaitReady(applications, board, begun);
    }

    /** Starts one part and returns when it serves. */
    void start(Part part, Board board) {
        Map<Part, Long> begun = new EnumMap<>(Part.class);
        begin(part, board, begun);
        awaitReady(List.of(part), board, begun);
    }

    private void begin(Part part, Board board, Map<Part, Long> begun) {
        board.starts(part, "starts");
        begun.put(part, System.nanoTime());
        // A stop that comes meanwhile waits until the new process is written down.
        synchronized (this) {
            if (stopping) {
                throw new Refusal("stopped while starting.");
            }
            try {
                launch.start(part).write(settings.run(), part.label());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void awaitReady(List<Part> parts, Board board, Map<Part, Long> begun) {
        List<Part> left = new ArrayList<>(parts);
        long deadline = System.nanoTime() + READY_MAX.toNanos();
        while (!left.isEmpty()) {
            for (Part part : List.copyOf(left)) {
                if (process(part).isEmpty()) {
                    board.failed(part, "ended");
                    throw new StartFailure(part, "ended while it was starting");
                }
                if (readiness.of(part)) {
                    left.remove(part);
                    Duration took = Duration.ofNanos(System.nanoTime() - begun.get(part));
                    board.ready(
                            part,
                            "ready on %s:%d after %s"
                                    .formatted(
                                            Settings.HOST,
                                            settings.port(part),
                                            Board.seconds(took)));
                }
            }
            if (!left.isEmpty() && System.nanoTime() > deadline) {
                board.failed(left.getFirst(), "not ready");
                throw new StartFailure(
                        left.getFirst(), "was not ready within " + READY_MAX.toSeconds() + " s");
            }
            board.tick();
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /** Stops everything that runs: the ui and the services, then the store, then the database. */
    synchronized void stop(Board board) {
        stopping = true;
        List<Part> running = ours().stream().filter(part -> process(part).isPresent()).toList();
        running.reversed().forEach(part -> board.waits(part, "runs"));
        stop(running.stream().filter(Part::isApplication).toList().reversed(), board);
        stop(running.stream().filter(part -> part == Part.STORE).toList(), board);
        stop(running.stream().filter(part -> part == Part.POSTGRES).toList(), board);
        for (Part part : Part.values()) {
            Running.forget(settings.run(), part.label());
        }
        Settings.forget(settings.home());
    }

    /** Stops some parts at the same time and returns when they have ended. */
    void stop(List<Part> parts, Board board) {
        Map<Part, ProcessHandle> processes = new EnumMap<>(Part.class);
        parts.forEach(part -> process(part).ifPresent(process -> processes.put(part, process)));
        processes.forEach(
                (part, process) -> {
                    board.starts(part, "stops");
                    if (part != Part.POSTGRES) {
                        process.destroy();
                    }
                });
        processes.forEach(
                (part, process) -> {
                    boolean gently = end(part, process);
                    Running.forget(settings.run(), part.label());
                    board.ready(part, gently ? "stopped" : "stopped by force");
                });
    }

    private static boolean end(Part part, ProcessHandle process) {
        Duration patience =
                switch (part.kind()) {
                    case SERVICE, UI -> APPLICATION_STOP_MAX;
                    case STORE -> STORE_STOP_MAX;
                    case DATABASE -> DATABASE_STOP_MAX;
                };
        if (part == Part.POSTGRES) {
            try {
                Postgres.stop(process, patience);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (ended(process, patience)) {
            return true;
        }
        process.destroyForcibly();
        ended(process, patience);
        return false;
    }

    private static boolean ended(ProcessHandle process, Duration patience) {
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return !process.isAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(Settings.HOST), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static String withoutPassword(String url) {
        return url.replaceAll("(://[^:@/]*):[^@/]*@", "$1:…@");
    }
}
