package dev.larder.suite;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Stops the suite, however it was started and whatever is left of it. */
final class Down {

    private static final Duration LAUNCHER_STOP_MAX = Duration.ofSeconds(75);

    private final Path root;
    private final Path home;
    private final PrintStream out;
    private final boolean terminal;

    Down(Path root, Path home, PrintStream out, boolean terminal) {
        this.root = root;
        this.home = home;
        this.out = out;
        this.terminal = terminal;
    }

    int run() {
        Optional<ProcessHandle> launcher =
                Running.read(home.resolve("run"), Up.LAUNCHER).flatMap(Running::process);
        // It may be in the middle of starting something: it knows best what to stop.
        launcher.ifPresent(Down::end);
        Optional<Settings> settings = Settings.load(root, home);
        if (settings.isEmpty()) {
            out.println(launcher.isPresent() ? "Stopped." : "Nothing is running.");
            return 0;
        }
        Suite suite =
                new Suite(
                        settings.get(), new Launch(settings.get(), Keys.in(settings.get().data())));
        Board board = new Board(out, terminal);
        suite.stop(board);
        board.close();
        Running.forget(home.resolve("run"), Up.LAUNCHER);
        out.println("Stopped.");
        return 0;
    }

    private static void end(ProcessHandle launcher) {
        launcher.destroy();
        try {
            launcher.onExit().get(LAUNCHER_STOP_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            launcher.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
