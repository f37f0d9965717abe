package dev.larder.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code ./larder bench}: measurements of the store, beside a real server in the same run, and of
 * the caching patterns, beside Quarkus' own cache.
 */
public final class Bench {

    /** For 1 M keys of the largest workload with room for what is underway. */
    private static final String HEAP = "2g";

    private static final String LARGE_HEAP = "8g";
    private static final String START_HEAP = "512m";

    private Bench() {}

    public static void main(String[] arguments) {
        Path root = Path.of(System.getProperty("larder.root", "")).toAbsolutePath();
        List<String> words = List.of(arguments);
        Path logs = root.resolve(".larder").resolve("logs");
        int status = 0;
        try {
            String what = words.isEmpty() ? "" : words.getFirst();
            List<String> rest = words.subList(Math.min(1, words.size()), words.size());
            switch (what) {
                case "store" -> new StoreBench(root, Options.parse(rest, HEAP)).run(logs);
                case "memory" ->
                        new MemoryBench(
                                        root,
                                        Options.parse(
                                                rest, rest.contains("--large") ? LARGE_HEAP : HEAP))
                                .run(logs);
                case "start" -> new StartBench(root, Options.parse(rest, START_HEAP)).run(logs);
                case "caching" -> new CachingBench(root, Options.parse(rest, START_HEAP)).run(logs);
                case "jmh" -> new JmhBench(root, Options.parse(rest, HEAP)).run();
                default ->
                        throw new Refusal(
                                "bench wants store, memory, start, caching or jmh; see ./larder"
                                        + " help.");
            }
        } catch (Refusal e) {
            System.err.println("larder: " + e.getMessage());
            status = 1;
        } catch (IOException | UncheckedIOException e) {
            System.err.println("larder: " + e);
            status = 1;
        }
        System.exit(status);
    }
}
