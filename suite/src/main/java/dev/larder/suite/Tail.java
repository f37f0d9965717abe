package dev.larder.suite;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The end of a log. */
final class Tail {

    private static final ObjectMapper JSON = new ObjectMapper();
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

    /** A structured line as one reads it: level, message and what caused it. */
    private static String plain(String line) {
        if (!line.startsWith("{")) {
            return line;
        }
        try {
            JsonNode entry = JSON.readTree(line);
            JsonNode exception = entry.path("exception");
            while (exception.has("causedBy")) {
                exception = exception.at("/causedBy/exception");
            }
            String cause = exception.path("message").asText();
            return entry.path("level").asText()
                    + " "
                    + entry.path("message").asText().replaceAll("\\s*\\R\\s*", " ")
                    + (cause.isEmpty() ? "" : " (" + cause + ")");
        } catch (JsonProcessingException e) {
            return line;
        }
    }

    static List<String> lastLines(Path log) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long length = file.length();
            byte[] end = new byte[(int) Math.min(length, BYTES_MAX)];
            file.seek(length - end.length);
            file.readFully(end);
            List<String> lines =
                    new String(end, StandardCharsets.UTF_8).lines().map(Tail::plain).toList();
            return lines.subList(Math.max(0, lines.size() - LINES), lines.size()).stream()
                    .map(line -> "    " + line.substring(0, Math.min(WIDTH_MAX, line.length())))
                    .toList();
        } catch (IOException e) {
            return List.of("    (no log: " + e.getMessage() + ")");
        }
    }
}
