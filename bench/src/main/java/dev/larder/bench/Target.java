package dev.larder.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server that is measured: our store or its peer, started here or found running. */
final class Target implements AutoCloseable {
    private static final String LOCALHOST = "127.0.0.1";
    private static final int START_SECONDS_MAX = 30;

    /** More than the 10,000 of the largest workload. */
    private static final String CONNECTIONS_MAX = "10100";

    /** What /proc counts processor time in. */
    private static final long NANOS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / ticksPerSecond();

    /** How a server is started: a label, a command without port, a log. */
    record Recipe(String label, List<String> command, Path log) {

        /** The command as a person would type it: no folder of this machine. */
        String shown() {
            List<String> words = new ArrayList<>();
            for (String word : command) {
                // Where it lies on this machine says nothing to the reader.
                String name = word.replaceFirst("(^|=)/.*/", "$1");
                words.add(name.isEmpty() ? "\"\"" : name);
            }
            return String.join(" ", words);
        }

        Target start() throws IOException {
            int port = freePort();
            List<String> whole = new ArrayList<>(command);
            whole.addAll(List.of("--port", Integer.toString(port)));
            Files.createDirectories(log.getParent());
            // What another run has left behind is not to be loaded.
            Path folder = Files.createTempDirectory("larder-bench");
            folder.toFile().deleteOnExit();
            Process process =
                    new ProcessBuilder(whole)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            Target target =
                    new Target(label, LOCALHOST, port, OptionalLong.of(process.pid()), process);
            target.awaitFirstPong(log);
            return target;
        }
    }

    private final String label;
    private final String host;
    private final int port;
    private final OptionalLong pid;
    private final Process process;

    private Target(String label, String host, int port, OptionalLong pid, Process process) {
        this.label = label;
        this.host = host;
        this.port = port;
        this.pid = pid;
        this.process = process;
    }

    /** Our store, as the launcher starts it but for the size of its heap, from least to most. */
    static Recipe ours(Path root, String least, String most, Path logs) throws IOException {
        Path jar;
        try (Stream<Path> files = Files.list(root.resolve("store").resolve("target"))) {
            jar =
                    files.filter(
                                    file ->
                                            file.getFileName()
                                                    .toString()
                                                    .matches(
                                                            "store-[0-9][^/]*(?<!-tests|-sources)\\.jar"))
                            .findFirst()
                            .orElseThrow(() -> new Refusal("the store is not built"));
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xms" + least, "-Xmx" + most));
        command.addAll(Arrays.asList(jvmFlags()));
        Path cache = jar.resolveSibling("app.aot");
        if (Files.isRegularFile(cache)) {
            command.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off"));
        }
        String more = System.getenv("LARDER_JVM_OPTS");
        if (more != null && !more.isBlank()) {
            command.addAll(List.of(more.strip().split("\\s+")));
        }
        command.addAll(List.of("-jar", jar.toString(), "--bind", LOCALHOST));
        command.addAll(List.of("--save", "", "--appendonly", "no"));
        command.addAll(List.of("--maxclients", CONNECTIONS_MAX));
        return new Recipe("ours", command, logs.resolve("bench-store.log"));
    }

    /** A real server: the one of this path, or {@code redis-server} of the PATH. */
    static Optional<Recipe> peer(Optional<String> path, Path logs) {
        Optional<Path> program =
                path.isPresent()
                        ? path.map(text -> Path.of(text).toAbsolutePath())
                        : onPath("redis-server");
        if (path.isPresent() && !Files.isExecutable(program.get())) {
            throw new Refusal("there is no program " + path.get() + " to compare with");
        }
        return program.map(
                file ->
                        new Recipe(
                                "peer",
                                List.of(
                                        file.toString(),
                                        "--save",
                                        "",
                                        "--appendonly",
                                        "no",
                                        "--bind",
                                        LOCALHOST,
                                        "--maxclients",
                                        CONNECTIONS_MAX),
                                logs.resolve("bench-peer.log")));
    }

    /** A server that runs already. Where it is on this machine its processor time can be read. */
    static Target running(String host, int port) throws IOException {
        Target target = new Target("peer", host, port, OptionalLong.empty(), null);
        OptionalLong pid = OptionalLong.empty();
        String found = target.info("process_id").orElse("");
        if (isThisMachine(host) && found.matches("\\d+")) {
            long number = Long.parseLong(found);
            if (Files.isReadable(Path.of("/proc", found, "stat"))) {
                pid = OptionalLong.of(number);
            }
        }
        return new Target("peer", host, port, pid, null);
    }

    String label() {
        return label;
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    long pid() {
        return pid.orElseThrow();
    }

    boolean hasProcess() {
        return pid.isPresent();
    }

    Line line() throws IOException {
        return new Line(host, port);
    }

    /** Its name and version, as it says. */
    String version() throws IOException {
        for (String name : List.of("valkey", "larder", "dragonfly", "redis")) {
            Optional<String> version = info(name + "_version");
            if (version.isPresent()) {
                return name + " " + version.get();
            }
        }
        return "unknown";
    }

    Optional<String> info(String field) throws IOException {
        try (Line line = line()) {
            return line.ask("INFO")
                    .lines()
                    .filter(text -> text.startsWith(field + ":"))
                    .map(text -> text.substring(field.length() + 1).strip())
                    .findFirst();
        }
    }

    /** Processor time it has used since it started, user and system; 0 where it cannot be read. */
    long processorNanos() throws IOException {
        if (pid.isEmpty()) {
            return 0;
        }
        return processorTicks(Files.readString(Path.of("/proc", "" + pid(), "stat")))
                * NANOS_PER_TICK;
    }

    /** utime + stime of a line of /proc/PID/stat; the name before them may hold anything. */
    static long processorTicks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    long residentBytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", "" + pid(), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        }
    }

    boolean isAlive() {
        return process == null || process.isAlive();
    }

    @Override
    public void close() {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void awaitFirstPong(Path log) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
        while (true) {
            try (Line line = line()) {
                line.ask("PING");
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    close();
                    throw new Refusal(label + " did not start; it said:\n" + Files.readString(log));
                }
                pause();
            }
        }
    }

    private void pause() {
        try {
            process.waitFor(1, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static Optional<Path> onPath(String program) {
        String path = System.getenv("PATH");
        return Arrays.stream((path == null ? "" : path).split(java.io.File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private static boolean isThisMachine(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** What the launcher starts the store with, but for the size of its heap. */
    static String[] jvmFlags() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Target.class.getResourceAsStream("/bench.properties")) {
            properties.load(in);
        }
        return properties.getProperty("store.jvm").split(",");
    }

    private static long ticksPerSecond() {
        try {
            Process getconf = new ProcessBuilder("getconf", "CLK_TCK").start();
            return Long.parseLong(new String(getconf.getInputStream().readAllBytes()).strip());
        } catch (IOException | NumberFormatException e) {
            return 100;
        }
    }
}
