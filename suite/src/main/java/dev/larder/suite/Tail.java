package dev.larder.suite;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The end of a log. */
final class Tail {

    private static final int LINES = 20;
    private static final int BYTES_MAX = 64 << 10;
    private static final int WIDTH_MAX = 600;

    private Tail() {}

    /** What a person needs to see of a part that did not start. */
    static String of(Settings settings, StartFailure failure) {
        Path log = settings.log(failure.part());
        return "larder: %s. The end of %s:%n%s"
                .formatted(
                        failure.getMessage(),
                        log,
                        String.join(System.lineSeparator(), lastLines(log)));
    }

    static List<String> lastLines(Path log) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long length = file.length();
            byte[] end = new byte[(int) Math.min(length, BYTES_MAX)];
            file.seek(length - end.length);
            file.readFully(end);
            List<String> lines = new String(end, StandardCharsets.UTF_8).lines().toList();
            return lines.subList(Math.max(0, lines.size() - LINES), lines.size()).stream()
                    .map(line -> "    " + line.substring(0, Math.min(WIDTH_MAX, line.length())))
                    .toList();
        } catch (IOException e) {
            return List.of("    (no log: " + e.getMessage() + ")");
        }
    }
}
