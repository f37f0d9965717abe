package dev.larder.suite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** How one part is started: its command, its environment, its folder and its log. */
final class Launch {

    /** A log of the last runs is set aside when it has grown past this. */
    private static final long LOG_BYTES_MAX = 8L << 20;

    private static final List<String> STORE_HEAP = List.of("-Xms32m", "-Xmx512m");

    /** Ends instead of limping on; no part of what an AOT cache depends on. */
    private static final List<String> COMMON_FLAGS =
            List.of("-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8");

    private final Settings settings;
    private final Keys keys;
    private final String java;
    private final Optional<String> extraFlags;

    Launch(Settings settings, Keys keys) {
        this.settings = settings;
        this.keys = keys;
        this.java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        this.extraFlags = Optional.ofNullable(System.getenv("LARDER_JVM_OPTS"));
    }

    /** Starts the part on its own port. */
    Running start(Part part) throws IOException {
        if (part == Part.POSTGRES) {
            setAside(settings.log(part));
            return Running.of(new Postgres(settings).start(), Optional.empty());
        }
        return start(part, settings.port(part), settings.log(part));
    }

    /** Starts an instance of a store or application on the port given. */
    Running start(Part part, int port, Path log) throws IOException {
        setAside(log);
        Path folder =
                part == Part.STORE
                        ? settings.root().resolve("store").resolve("target")
                        : part.applicationFolder(settings.root());
        Optional<Path> cache = AotCache.of(folder);
        List<String> command = new ArrayList<>(detached());
        command.add(java);
        if (part == Part.STORE) {
            command.addAll(STORE_HEAP);
        }
        command.addAll(flags(part == Part.STORE ? "store" : "application"));
        command.addAll(COMMON_FLAGS);
        extraFlags.ifPresent(flags -> command.addAll(List.of(flags.strip().split("\\s+"))));
        Path cacheLog = settings.run().resolve(log.getFileName() + ".aot");
        cache.ifPresent(file -> command.addAll(AotCache.use(file, cacheLog)));
        command.add("-Dlarder.part=" + part.label());
        if (part == Part.STORE) {
            command.addAll(
                    List.of(
                            "-jar",
                            storeJar(folder).getFileName().toString(),
                            "--port",
                            Integer.toString(port),
                            "--bind",
                            Settings.HOST));
        } else {
            command.addAll(List.of("-jar", "quarkus-run.jar"));
        }
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(environment(part, port));
        return Running.of(builder.start().toHandle(), cache.map(file -> cacheLog));
    }

    /** Refuses, naming the module, what was not built. */
    void requireBuilt() {
        for (Part part : Part.values()) {
            if (part.isApplication()
                    && Files.notExists(
                            part.applicationFolder(settings.root()).resolve("quarkus-run.jar"))) {
                throw new Refusal(part.label() + " is not built yet; ./larder up builds it.");
            }
        }
    }

    Map<String, String> environment(Part part, int port) {
        Map<String, String> environment = new TreeMap<>();
        if (!part.isApplication()) {
            return environment;
        }
        environment.put("LARDER_HTTP_PORT", Integer.toString(port));
        environment.put("LARDER_HTTP_HOST", Settings.HOST);
        environment.put("LARDER_STORE_URL", settings.effectiveStoreUrl());
        environment.put("LARDER_JWT_PUBLIC_KEY", keys.publicKey().toUri().toString());
        if (settings.effectiveStoreUrl().contains(",")) {
            environment.put("LARDER_STORE_TYPE", "cluster");
        }
        if (part == Part.SESSION) {
            environment.put("LARDER_JWT_PRIVATE_KEY", keys.privateKey().toUri().toString());
        }
        // Nine processes start on two cores at once: a first connection may well take longer than
        // one that is asked for at rest.
        environment.put("QUARKUS_FLYWAY_CONNECT_RETRIES", "10");
        environment.put("LARDER_DB_URL", settings.effectiveDatabaseUrl());
        environment.put("LARDER_DB_USER", settings.databaseUser());
        environment.put("LARDER_DB_PASSWORD", settings.databasePassword());
        if (part == Part.UI) {
            for (Part service : Part.values()) {
                if (service.kind() == Part.Kind.SERVICE) {
                    environment.put("LARDER_" + service.name() + "_URL", settings.url(service));
                }
            }
        }
        return environment;
    }

    /**
     * Ctrl+C and a closed terminal speak to every process in front of it. They are the launcher's
     * to hear, which then stops its children in order; a JVM leaves a signal ignored that was
     * ignored when it began.
     */
    static List<String> detached() {
        return List.of("/bin/sh", "-c", "trap '' HUP INT QUIT; exec \"$@\"", "larder");
    }

    /** As the pom names them: an AOT cache holds only for the flags it was made with. */
    private static List<String> flags(String whose) throws IOException {
        Properties jvm = new Properties();
        try (InputStream in = Launch.class.getResourceAsStream("/jvm.properties")) {
            jvm.load(in);
        }
        return List.of(jvm.getProperty(whose).split(","));
    }

    static Path storeJar(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                Optional<Path> jar =
                        files.filter(
                                        file ->
                                                file.getFileName()
                                                        .toString()
                                                        .matches(
                                                                "store-[0-9][^/]*(?<!-tests|-sources)\\.jar"))
                                .findFirst();
                if (jar.isPresent()) {
                    return jar.get();
                }
            }
        }
        throw new Refusal("the store is not built yet; ./larder up builds it.");
    }

    private static void setAside(Path log) throws IOException {
        Files.createDirectories(log.getParent());
        if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
            Files.move(
                    log,
                    log.resolveSibling(log.getFileName() + ".1"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
