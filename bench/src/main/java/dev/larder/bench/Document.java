package dev.larder.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The part of {@code docs/benchmarks.md} that one bench writes; the rest stays as it is. */
final class Document {
    private Document() {}

    static void write(Path root, String bench, List<String> lines) throws IOException {
        Path file = root.resolve("docs").resolve("benchmarks.md");
        String whole = Files.exists(file) ? Files.readString(file) : "# Benchmarks\n";
        Files.writeString(file, replaced(whole, bench, String.join("\n", lines)));
        System.out.println("Written to docs/benchmarks.md.");
    }

    /** The text with the bench's part exchanged, or with it at the end. */
    static String replaced(String whole, String bench, String text) {
        String begin = "<!-- Written by ./larder bench " + bench + " --write: begin -->";
        String end = "<!-- ./larder bench " + bench + ": end -->";
        String part = begin + "\n" + text.strip() + "\n" + end;
        int from = whole.indexOf(begin);
        int to = whole.indexOf(end);
        if (from < 0 || to < from) {
            return whole.stripTrailing() + "\n\n" + part + "\n";
        }
        return whole.substring(0, from) + part + whole.substring(to + end.length());
    }
}
