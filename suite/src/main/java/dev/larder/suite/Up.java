package dev.larder.suite;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Starts the suite and, unless told to leave, stays in front of it until it is told to stop. */
final class Up {

    static final String LAUNCHER = "launcher";
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Path root;
    private final Path home;
    private final PrintStream out;
    private final boolean terminal;

    Up(Path root, Path home, PrintStream out, boolean terminal) {
        this.root = root;
        this.home = home;
        this.out = out;
        this.terminal = terminal;
    }

    int run(List<String> arguments) throws IOException {
        List<String> options = new ArrayList<>(arguments);
        boolean detach = options.removeIf("--detach"::equals);
        boolean seed = !options.removeIf("--no-data"::equals);
        Larder.prepare(home);
        try (FileChannel channel =
                        FileChannel.open(
                                home.resolve("run").resolve("lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new Refusal("another ./larder up is starting or running this suite.");
            }
            Optional<Settings> running = Settings.load(root, home).filter(this::anyAlive);
            if (running.isPresent()) {
                return already(running.get());
            }
            return start(Settings.of(root, System.getenv(), options), detach, seed);
        }
    }

    private boolean anyAlive(Settings settings) {
        Suite suite = new Suite(settings, new Launch(settings, Keys.in(settings.data())));
        return suite.ours().stream().anyMatch(part -> suite.process(part).isPresent());
    }

    private int already(Settings settings) {
        Suite suite = new Suite(settings, new Launch(settings, Keys.in(settings.data())));
        List<String> down =
                suite.ours().stream()
                        .filter(part -> suite.process(part).isEmpty())
                        .map(Part::label)
                        .toList();
        out.println(
                "Larder is running already at " + settings.url(Part.UI) + "; nothing was changed.");
        if (!down.isEmpty()) {
            out.println(
                    "Not running: "
                            + String.join(", ", down)
                            + ". ./larder start NAME starts one, ./larder down ends the rest.");
        }
        return down.isEmpty() ? 0 : 1;
    }

    private int start(Settings settings, boolean detach, boolean seed) throws IOException {
        long begun = System.nanoTime();
        Launch launch = new Launch(settings, Keys.in(settings.data()));
        launch.requireBuilt();
        Suite suite = new Suite(settings, launch);
        suite.check();
        Running.of(ProcessHandle.current(), Optional.empty()).write(settings.run(), LAUNCHER);
        settings.save();
        Watcher watcher = Watcher.start(settings);
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = new Thread(() -> stop(suite, settings, watcher, stopped), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        Board board = new Board(out, terminal);
        try {
            suite.start(board);
        } catch (StartFailure e) {
            board.close();
            // On the way out the hook stops what runs.
            System.err.println(Tail.of(settings, e));
            return 1;
        } catch (UncheckedIOException e) {
            board.close();
            System.err.println("larder: " + e.getCause());
            return 1;
        }
        board.close();
        out.printf("Ready after %s.%n", Board.seconds(Duration.ofNanos(System.nanoTime() - begun)));
        if (seed) {
            new Seeder(settings, Keys.in(settings.data()), out, terminal).run();
        }
        out.println("Larder is at " + settings.url(Part.UI));
        if (detach) {
            Runtime.getRuntime().removeShutdownHook(hook);
            Running.forget(settings.run(), LAUNCHER);
            watcher.close();
            return 0;
        }
        out.println("Ctrl+C stops it.");
        out.flush();
        stay(suite, settings);
        return 0;
    }

    /** Returns when a {@code down} has taken everything away; says what ends of itself. */
    private void stay(Suite suite, Settings settings) {
        Set<Part> missing = EnumSet.noneOf(Part.class);
        while (!suite.isStopping() && Settings.load(root, home).isPresent()) {
            for (Part part : suite.ours()) {
                boolean alive = suite.process(part).isPresent();
                if (suite.isStopping()) {
                    return;
                }
                if (alive && missing.remove(part)) {
                    out.println(part.label() + " runs again.");
                } else if (!alive && missing.add(part)) {
                    out.println(
                            "%s ended; the rest goes on. ./larder logs %s, ./larder start %s."
                                    .formatted(part.label(), part.label(), part.label()));
                }
            }
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
        }
    }

    private void stop(Suite suite, Settings settings, Watcher watcher, CountDownLatch stopped) {
        if (Settings.load(root, home).isPresent()) {
            out.println();
            Board board = new Board(out, terminal);
            suite.stop(board);
            board.close();
            out.println("Stopped.");
            out.flush();
        }
        Running.forget(settings.run(), LAUNCHER);
        watcher.close();
        stopped.countDown();
    }
}
