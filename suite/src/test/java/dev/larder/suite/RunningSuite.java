package dev.larder.suite;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * A suite as {@code ./larder up} starts it, from what the other modules have packaged: on free
 * ports, with a folder of its own and its starting data. Every command is a process of its own, as
 * from a shell.
 */
public final class RunningSuite implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    // Below the ports that a system gives away by itself.
    private static final int PORT_MIN = 20_000;
    private static final int PORT_MAX = 30_000;
    private static final int APPLICATIONS =
            (int) Arrays.stream(Part.values()).filter(Part::isApplication).count();

    private final Path home;
    private final int httpPort;
    private final Map<String, String> environment;

    /** What a command said and how it ended. */
    record Outcome(int status, String said) {}

    private RunningSuite(Path home, int httpPort, Map<String, String> environment) {
        this.home = home;
        this.httpPort = httpPort;
        this.environment = environment;
    }

    /** A folder and free ports, with nothing started yet. */
    static RunningSuite prepared(Map<String, String> environment) {
        for (Part part : Part.values()) {
            assumeTrue(
                    !part.isApplication()
                            || Files.exists(
                                    part.applicationFolder(root()).resolve("quarkus-run.jar")),
                    part.label() + " is not packaged: ./mvnw verify from the root does that first");
        }
        try {
            return new RunningSuite(
                    Files.createTempDirectory("larder-suite"),
                    freePorts(APPLICATIONS + 3),
                    environment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Started, filled and ready. */
    public static RunningSuite start(Map<String, String> environment) {
        RunningSuite suite = prepared(environment);
        Outcome up = suite.up();
        if (up.status() != 0) {
            suite.close();
            throw new IllegalStateException("the suite did not start:\n" + up.said());
        }
        return suite;
    }

    /** Address of the ui, without a slash at the end. */
    public String baseUrl() {
        return "http://" + Settings.HOST + ":" + httpPort;
    }

    Outcome up(String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "up",
                                "--detach",
                                "--http-port",
                                Integer.toString(httpPort),
                                "--store-port",
                                Integer.toString(storePort()),
                                "--db-port",
                                Integer.toString(databasePort())));
        command.addAll(Arrays.asList(more));
        return run(command.toArray(String[]::new));
    }

    int httpPort() {
        return httpPort;
    }

    int storePort() {
        return httpPort + APPLICATIONS;
    }

    int databasePort() {
        return httpPort + APPLICATIONS + 1;
    }

    /** A port beside the others that nothing of the suite uses. */
    int sparePort() {
        return httpPort + APPLICATIONS + 2;
    }

    Path log(Part part) {
        return home.resolve("logs").resolve(part.label() + ".log");
    }

    Settings settings() {
        return Settings.load(root(), home).orElseThrow();
    }

    /** The {@code state} of a part by {@code status --json}. */
    String state(Part part) {
        for (JsonNode component : status().path("components")) {
            if (component.path("name").asText().equals(part.label())) {
                return component.path("state").asText();
            }
        }
        return "unknown";
    }

    JsonNode status() {
        try {
            return JSON.readTree(run("status", "--json").said());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process of a part of ours. */
    ProcessHandle process(Part part) {
        return Running.read(home.resolve("run"), part.label())
                .flatMap(Running::process)
                .orElseThrow();
    }

    /** Every process that was started for this suite and is alive. */
    List<ProcessHandle> processes() {
        List<ProcessHandle> alive = new ArrayList<>();
        for (String name :
                IntStream.range(0, Part.values().length + 1)
                        .mapToObj(i -> i == 0 ? Up.LAUNCHER : Part.values()[i - 1].label())
                        .toList()) {
            Optional<ProcessHandle> process =
                    Running.read(home.resolve("run"), name).flatMap(Running::process);
            process.ifPresent(alive::add);
            process.ifPresent(p -> p.descendants().forEach(alive::add));
        }
        return alive;
    }

    /** Runs a command of {@code ./larder} to its end. */
    Outcome run(String... arguments) {
        try {
            Process process = command(arguments).start();
            process.getOutputStream().close();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    ProcessBuilder command(String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-Dlarder.root=" + root(),
                                Larder.class.getName()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("LARDER_"));
        builder.environment().put("LARDER_HOME", home.toString());
        builder.environment().putAll(environment);
        return builder;
    }

    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("mvnw")) ? here : here.getParent();
    }

    /** The first of some ports in a row that nobody listens on. */
    static int freePorts(int count) {
        while (true) {
            int first = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
            if (IntStream.range(first, first + count).allMatch(Suite::isFree)) {
                return first;
            }
        }
    }

    /** Stops everything and removes the folder. */
    @Override
    public void close() {
        Outcome down = run("down");
        if (down.status() != 0) {
            throw new IllegalStateException("the suite did not stop:\n" + down.said());
        }
        try {
            Archive.remove(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
