package dev.larder.suite;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Stops the suite when its launcher is killed. A shell waits at a pipe whose other end only the
 * launcher holds: when the launcher dies in whatever way, the system closes the pipe, and the shell
 * becomes a {@code down}. A launcher that leaves in order says so first.
 */
final class Watcher implements AutoCloseable {

    private static final String SCRIPT =
            "trap '' HUP INT QUIT TERM; read -r word; test \"$word\" = leave || exec \"$@\"";

    private final Process shell;

    private Watcher(Process shell) {
        this.shell = shell;
    }

    static Watcher start(Settings settings) {
        Path log = settings.home().resolve("logs").resolve("watcher.log");
        Path jar =
                Path.of(System.getProperty("java.class.path").split(java.io.File.pathSeparator)[0])
                        .toAbsolutePath();
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(
                                    "/bin/sh",
                                    "-c",
                                    SCRIPT,
                                    "larder-watcher",
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx64m",
                                    "-XX:+UseSerialGC",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    "-Dlarder.root=" + settings.root(),
                                    Larder.class.getName(),
                                    "down")
                            .directory(jar.getParent().toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()));
            builder.environment().put("LARDER_HOME", settings.home().toString());
            builder.environment().remove("LARDER_TTY");
            return new Watcher(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The launcher leaves in order: whatever runs now stays. */
    @Override
    public void close() {
        try (OutputStream pipe = shell.getOutputStream()) {
            pipe.write("leave\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // It was killed before us: nothing is left that it could do.
        }
    }
}
