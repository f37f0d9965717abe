package dev.larder.suite;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;

/**
 * A process that was started, as its file in the run folder tells it. The start time goes with the
 * number, so that a number given anew to a stranger is never taken for ours.
 *
 * @param since when the process began, by the system's account
 * @param aotLog where its JVM said what became of its AOT cache, if it was given one
 */
record Running(long pid, Instant since, Optional<Path> aotLog) {

    /** What the system's account of a start may differ by when the machine's clock is set. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

    static Running of(ProcessHandle process, Optional<Path> aotLog) {
        return new Running(
                process.pid(), process.info().startInstant().orElse(Instant.now()), aotLog);
    }

    static Optional<Running> read(Path run, String name) {
        Path file = file(run, name);
        Properties p = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            p.load(reader);
        } catch (java.nio.file.NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.of(
                new Running(
                        Long.parseLong(p.getProperty("pid")),
                        Instant.parse(p.getProperty("since")),
                        Optional.ofNullable(p.getProperty("aotLog")).map(Path::of)));
    }

    void write(Path run, String name) {
        Properties p = new Properties();
        p.setProperty("pid", Long.toString(pid));
        p.setProperty("since", since.toString());
        aotLog.ifPresent(log -> p.setProperty("aotLog", log.toString()));
        Path file = file(run, name);
        Path draft = file.resolveSibling(name + ".new");
        try {
            Files.createDirectories(run);
            try (Writer writer = Files.newBufferedWriter(draft)) {
                p.store(writer, null);
            }
            Files.move(
                    draft,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void forget(Path run, String name) {
        try {
            Files.deleteIfExists(file(run, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process, if it is alive and the one that was started. */
    Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(
                        process ->
                                process.info()
                                        .startInstant()
                                        .map(
                                                start ->
                                                        Duration.between(start, since)
                                                                        .abs()
                                                                        .compareTo(CLOCK_TOLERANCE)
                                                                <= 0)
                                        .orElse(false));
    }

    private static Path file(Path run, String name) {
        return run.resolve(name + ".properties");
    }
}
