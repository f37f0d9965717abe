package dev.larder.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * One service instance with a heavy query, read from PostgreSQL each time, from the store, from the
 * JVM, and from the store by Quarkus' own Redis cache: called in the service, and over HTTP. All in
 * one process, in turns.
 */
final class CachingBench {
    private static final int READERS = 16;

    /** Different queries; all of them are cached before the measurement. */
    private static final int WORDS = 32;

    private static final double SECONDS = 4;
    private static final Duration START_MAX = Duration.ofSeconds(120);
    private static final Duration ANSWER_MAX = Duration.ofMinutes(10);

    private enum Way {
        NONE("PostgreSQL each time"),
        QUARKUS("quarkus-redis-cache"),
        WARM("caching, from the store (warm)"),
        HOT("caching, from the JVM (hot)");

        private final String title;

        Way(String title) {
            this.title = title;
        }
    }

    /** Of one round: calls a second, times in microseconds. */
    private record Measured(double perSecond, double p50, double p99, double cpuMicros) {}

    private final Path root;
    private final Options options;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    CachingBench(Path root, Options options) {
        this.root = root;
        this.options = options;
    }

    void run(Path logs) throws IOException {
        String machine = Machine.described();
        Files.createDirectories(logs);
        Path folder = Files.createTempDirectory("larder-bench");
        Target.Recipe store = Target.ours(root, "64m", options.heap(), logs);
        System.out.println("Starting PostgreSQL, the store and the service");
        try (EmbeddedPostgres database =
                        EmbeddedPostgres.builder()
                                .setOverrideWorkingDirectory(folder.toFile())
                                .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                                .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                                .start();
                Target running = store.start()) {
            int port = Target.freePort();
            Process service =
                    service(
                            logs,
                            port,
                            "redis://127.0.0.1:" + running.port(),
                            database.getJdbcUrl("postgres", "postgres"));
            try {
                awaitServing(service, port);
                report(machine, measured(port));
            } finally {
                service.destroy();
                service.waitFor(20, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal("interrupted");
        }
    }

    private Process service(Path logs, int port, String store, String database) throws IOException {
        Path jar = root.resolve("caching-bench/target/quarkus-app/quarkus-run.jar");
        if (Files.notExists(jar)) {
            throw new Refusal("the service to be measured is not built");
        }
        ProcessBuilder start =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms256m",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-jar",
                        jar.toString());
        start.environment().put("LARDER_HTTP_PORT", Integer.toString(port));
        start.environment().put("LARDER_STORE_URL", store);
        start.environment().put("LARDER_DB_URL", database);
        return start.redirectErrorStream(true)
                .redirectOutput(logs.resolve("bench-caching.log").toFile())
                .start();
    }

    private void awaitServing(Process service, int port) throws InterruptedException {
        long until = System.nanoTime() + START_MAX.toNanos();
        while (System.nanoTime() - until < 0) {
            if (!service.isAlive()) {
                throw new Refusal("the service ended; see .larder/logs/bench-caching.log");
            }
            try {
                get(port, Way.NONE, 0);
                return;
            } catch (IOException e) {
                // Not listening yet.
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new Refusal("the service does not serve; see .larder/logs/bench-caching.log");
    }

    private Map<Way, List<Measured[]>> measured(int port) throws IOException, InterruptedException {
        Map<Way, List<Measured[]>> all = new EnumMap<>(Way.class);
        double seconds = options.quick() ? 1 : SECONDS;
        // The first round, uncounted, is for the compiler.
        for (int round = 0; round <= options.rounds(); round++) {
            for (Way way : Way.values()) {
                Measured inside = inside(port, way, seconds);
                Measured outside = outside(port, way, seconds);
                System.out.printf(
                        Locale.ROOT,
                        "%s %-32s %,10.0f calls/s  p99 %,9.0f µs   HTTP %,8.0f/s  p99 %,9.0f µs%n",
                        round == 0 ? "warming" : "round " + round + "/" + options.rounds(),
                        way.title,
                        inside.perSecond(),
                        inside.p99(),
                        outside.perSecond(),
                        outside.p99());
                if (round > 0) {
                    all.computeIfAbsent(way, w -> new ArrayList<>())
                            .add(new Measured[] {inside, outside});
                }
            }
        }
        return all;
    }

    private Measured inside(int port, Way way, double seconds)
            throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://127.0.0.1:%d/measure/%s?threads=%d&seconds=%s&words=%d"
                                                        .formatted(
                                                                port, way, READERS, seconds,
                                                                WORDS)))
                                .timeout(ANSWER_MAX)
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new Refusal("the service answers " + answer.statusCode() + answer.body());
        }
        long queries = (long) number(answer.body(), "queries");
        if (way != Way.NONE && queries > 0) {
            throw new Refusal(way + " asked the database " + queries + " times while measured");
        }
        return new Measured(
                number(answer.body(), "callsPerSecond"),
                number(answer.body(), "p50"),
                number(answer.body(), "p99"),
                number(answer.body(), "cpuMicros"));
    }

    private Measured outside(int port, Way way, double seconds)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        long until = began + (long) (seconds * 1e9);
        Histogram all = new Histogram(60_000_000_000L, 3);
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Histogram>> running = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                SplittableRandom random = new SplittableRandom(i);
                running.add(
                        readers.submit(
                                () -> {
                                    Histogram mine = new Histogram(60_000_000_000L, 3);
                                    long now = System.nanoTime();
                                    do {
                                        get(port, way, random.nextInt(WORDS));
                                        long after = System.nanoTime();
                                        mine.recordValue(after - now);
                                        now = after;
                                    } while (now - until < 0);
                                    return mine;
                                }));
            }
            for (Future<Histogram> one : running) {
                all.add(one.get(ANSWER_MAX.toSeconds(), TimeUnit.SECONDS));
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("a reader over HTTP failed: " + e.getCause(), e);
        }
        double span = (System.nanoTime() - began) / 1e9;
        return new Measured(
                all.getTotalCount() / span,
                all.getValueAtPercentile(50) / 1e3,
                all.getValueAtPercentile(99) / 1e3,
                0);
    }

    private void get(int port, Way way, int word) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer =
                client.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://127.0.0.1:"
                                                        + port
                                                        + "/search/"
                                                        + way
                                                        + "/word"
                                                        + word))
                                .timeout(ANSWER_MAX)
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new Refusal("the service answers " + answer.statusCode());
        }
    }

    /** Of an object with numbers that this project's own service writes. */
    private static double number(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":([-0-9.E+]+)").matcher(json);
        if (!found.find()) {
            throw new Refusal("the service tells no " + name + ": " + json);
        }
        return Double.parseDouble(found.group(1));
    }

    private void report(String machine, Map<Way, List<Measured[]>> all) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("## Caching in front of a heavy query");
        lines.add("");
        lines.add(machine);
        lines.add("");
        lines.add(
                "One service instance, "
                        + READERS
                        + " readers, "
                        + WORDS
                        + " queries in turns by chance; medians of "
                        + options.rounds()
                        + " rounds, each way in each round. Ratios are to PostgreSQL each time.");
        lines.add("");
        lines.add(
                "| read from | calls/s | × | p50 | p99 | p99 to PostgreSQL's | CPU per call |"
                        + " HTTP: requests/s | p99 |");
        lines.add("|---|---|---|---|---|---|---|---|---|");
        double baseRate = median(all.get(Way.NONE), 0, Measured::perSecond);
        double baseP99 = median(all.get(Way.NONE), 0, Measured::p99);
        for (Way way : Way.values()) {
            List<Measured[]> rounds = all.get(way);
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "| %s | %,.0f | %,.1f | %s | %s | 1/%,.0f | %,.1f µs | %,.0f | %s |",
                            way.title,
                            median(rounds, 0, Measured::perSecond),
                            median(rounds, 0, Measured::perSecond) / baseRate,
                            time(median(rounds, 0, Measured::p50)),
                            time(median(rounds, 0, Measured::p99)),
                            baseP99 / median(rounds, 0, Measured::p99),
                            median(rounds, 0, Measured::cpuMicros),
                            median(rounds, 1, Measured::perSecond),
                            time(median(rounds, 1, Measured::p99))));
        }
        lines.add("");
        lines.add(
                String.format(
                        Locale.ROOT,
                        "Warm against quarkus-redis-cache: %.2f × the calls, %.2f × the CPU per"
                                + " call, over HTTP %.2f × the requests.",
                        ratio(all, 0, Measured::perSecond),
                        ratio(all, 0, Measured::cpuMicros),
                        ratio(all, 1, Measured::perSecond)));
        lines.forEach(System.out::println);
        if (options.write()) {
            Document.write(root, "caching", lines);
        }
    }

    private interface Figure {
        double of(Measured measured);
    }

    private static double ratio(Map<Way, List<Measured[]>> all, int where, Figure figure) {
        return median(all.get(Way.WARM), where, figure)
                / median(all.get(Way.QUARKUS), where, figure);
    }

    private static double median(List<Measured[]> rounds, int where, Figure figure) {
        return Spread.of(rounds.stream().mapToDouble(round -> figure.of(round[where]))).median();
    }

    private static String time(double micros) {
        return micros < 1_000
                ? String.format(Locale.ROOT, "%.1f µs", micros)
                : String.format(Locale.ROOT, "%,.1f ms", micros / 1e3);
    }
}
