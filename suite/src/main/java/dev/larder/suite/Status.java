package dev.larder.suite;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Says of every part whether it runs and serves, and what it takes. */
final class Status {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path root;
    private final Path home;
    private final PrintStream out;

    Status(Path root, Path home, PrintStream out) {
        this.root = root;
        this.home = home;
        this.out = out;
    }

    /**
     * What {@code status --json} prints.
     *
     * @param state running, partly (some part is down or not ready) or stopped
     */
    record Report(String state, String url, String data, List<Component> components) {}

    /**
     * @param state ready, starting (runs but does not serve yet), down or elsewhere
     * @param residentBytes memory of its processes, 0 where there is none of ours
     * @param aotCache used, unused (there is none, or the JVM refused it) or none (not a JVM)
     */
    record Component(
            String name,
            String kind,
            String state,
            String address,
            Long pid,
            String since,
            long residentBytes,
            String aotCache) {}

    /** Exit status 0 when everything serves, 3 when something is down, 4 when nothing runs. */
    int run(boolean json) throws IOException {
        Report report = report();
        if (json) {
            out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report));
        } else {
            print(report);
        }
        return switch (report.state()) {
            case "running" -> 0;
            case "partly" -> 3;
            default -> 4;
        };
    }

    Report report() throws IOException {
        Optional<Settings> found = Settings.load(root, home);
        if (found.isEmpty()) {
            return new Report("stopped", null, null, List.of());
        }
        Settings settings = found.get();
        Suite suite = new Suite(settings, new Launch(settings, Keys.in(settings.data())));
        Map<Long, Long> memory = residentBytesByProcess();
        List<Component> components =
                Arrays.stream(Part.values())
                        .parallel()
                        .map(part -> component(settings, suite, memory, part))
                        .toList();
        boolean whole =
                components.stream()
                        .allMatch(c -> c.state().equals("ready") || c.state().equals("elsewhere"));
        return new Report(
                whole ? "running" : "partly",
                settings.url(Part.UI),
                settings.data().toString(),
                components);
    }

    private static Component component(
            Settings settings, Suite suite, Map<Long, Long> memory, Part part) {
        boolean serves = suite.isReady(part);
        if (!settings.isOurs(part)) {
            String address =
                    part == Part.STORE
                            ? Suite.withoutPassword(settings.effectiveStoreUrl())
                            : settings.effectiveDatabaseUrl();
            return new Component(
                    part.label(),
                    kind(part),
                    serves ? "elsewhere" : "down",
                    address,
                    null,
                    null,
                    0,
                    "none");
        }
        Optional<Running> running = Running.read(settings.run(), part.label());
        Optional<ProcessHandle> process = running.flatMap(Running::process);
        String state = process.isEmpty() ? "down" : serves ? "ready" : "starting";
        long bytes =
                process.map(
                                p ->
                                        memory.getOrDefault(p.pid(), 0L)
                                                + p.descendants()
                                                        .mapToLong(
                                                                child ->
                                                                        memory.getOrDefault(
                                                                                child.pid(), 0L))
                                                        .sum())
                        .orElse(0L);
        return new Component(
                part.label(),
                kind(part),
                state,
                Settings.HOST + ":" + settings.port(part),
                process.map(ProcessHandle::pid).orElse(null),
                process.flatMap(p -> p.info().startInstant()).map(Object::toString).orElse(null),
                bytes,
                part == Part.POSTGRES
                        ? "none"
                        : running.flatMap(Running::aotLog).filter(AotCache::wasTaken).isPresent()
                                ? "used"
                                : "unused");
    }

    private void print(Report report) {
        if (report.state().equals("stopped")) {
            out.println("Nothing is running; ./larder up starts it.");
            return;
        }
        for (Component c : report.components()) {
            out.printf(
                    Locale.ROOT,
                    "  %-12s %-9s %-24s %s%n",
                    c.name(),
                    c.state(),
                    c.address(),
                    c.pid() == null
                            ? ""
                            : "pid %-7d %4d MB%s"
                                    .formatted(
                                            c.pid(),
                                            c.residentBytes() >> 20,
                                            c.aotCache().equals("used") ? "  AOT cache" : ""));
        }
        long sum = report.components().stream().mapToLong(Component::residentBytes).sum();
        out.printf(Locale.ROOT, "Larder is at %s · %d MB resident%n", report.url(), sum >> 20);
    }

    private static String kind(Part part) {
        return part.kind().name().toLowerCase(Locale.ROOT);
    }

    /** By {@code ps}, which Linux and macOS both have and both give kilobytes. */
    private static Map<Long, Long> residentBytesByProcess() throws IOException {
        Process ps =
                new ProcessBuilder("ps", "-A", "-o", "pid=,rss=")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String text = new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        List<String[]> rows = new ArrayList<>();
        text.lines().map(line -> line.strip().split("\\s+")).forEach(rows::add);
        return rows.stream()
                .filter(row -> row.length == 2)
                .collect(
                        Collectors.toMap(
                                row -> Long.parseLong(row[0]),
                                row -> Long.parseLong(row[1]) << 10,
                                Long::sum,
                                TreeMap::new));
    }
}
