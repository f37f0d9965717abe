package dev.larder.suite;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The embedded PostgreSQL: made once in the data folder, durable (fsync and synchronous_commit are
 * on), with the role and database {@code larder}.
 *
 * <p>{@code pg_ctl} starts it, because it gives the server a session of its own: a Ctrl+C in the
 * terminal is for the launcher, which stops the services before their database.
 */
final class Postgres {

    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final Duration INITIALIZE_MAX = Duration.ofSeconds(120);
    private static final int PASSWORD_BYTES = 24;
    private static final String ROOT_ADVICE =
            "PostgreSQL does not run as root, and this machine does not allow 'unshare --user':"
                    + " run ./larder as an ordinary user, or set LARDER_DB_URL.";

    private final Path programs;
    private final Path cluster;
    private final Path log;
    private final int port;

    Postgres(Settings settings) throws IOException {
        programs = Archive.unpacked(settings.root().resolve(".larder").resolve("programs"));
        cluster = settings.data().resolve("postgres");
        log = settings.log(Part.POSTGRES);
        port = settings.databasePort();
    }

    /** Starts the server, making its folder first where there is none; returns its process. */
    ProcessHandle start() throws IOException {
        if (Files.notExists(cluster)) {
            initialize();
        }
        refuseOtherVersion();
        clearStaleLock();
        String options =
                String.join(
                        " ",
                        List.of(
                                "-p " + port,
                                "-h " + Settings.HOST,
                                "-k ''",
                                "-c max_connections=200",
                                "-c shared_buffers=64MB",
                                "-c fsync=on",
                                "-c synchronous_commit=on",
                                "-c log_timezone=UTC",
                                "-c timezone=UTC",
                                "-c log_checkpoints=off"));
        int exit =
                run(
                        START_MAX,
                        program("pg_ctl"),
                        "start",
                        "-D",
                        cluster.toString(),
                        "-l",
                        log.toString(),
                        "-w",
                        "-t",
                        Long.toString(START_MAX.toSeconds() - 5),
                        "-o",
                        options);
        Optional<ProcessHandle> server = server();
        if (exit != 0 || server.isEmpty()) {
            throw new StartFailure(Part.POSTGRES, "did not start");
        }
        return server.get();
    }

    /** Ends the server, clients or not; nothing committed is lost. */
    static void stop(ProcessHandle server, Duration patience) throws IOException {
        // SIGINT is PostgreSQL's fast shutdown; a SIGTERM would wait for the last client to leave.
        signal(server, "INT");
        try {
            server.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException e) {
            // SIGQUIT: its children too; the next start recovers from the log.
            signal(server, "QUIT");
        }
    }

    private static void signal(ProcessHandle server, String name) throws IOException {
        new ProcessBuilder("kill", "-" + name, Long.toString(server.pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .onExit()
                .join();
    }

    /** Made beside its place and moved there whole, so a half-made folder is never started. */
    private void initialize() throws IOException {
        Path draft = cluster.resolveSibling("postgres.part");
        Archive.remove(draft);
        OwnerOnly.folder(cluster.getParent());
        byte[] secret = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(secret);
        Path password =
                OwnerOnly.create(
                        cluster.resolveSibling("keys").resolve("postgres-superuser-password"));
        Files.writeString(password, HexFormat.of().formatHex(secret));
        int made =
                run(
                        INITIALIZE_MAX,
                        program("initdb"),
                        "-D",
                        draft.toString(),
                        "-U",
                        "postgres",
                        "-A",
                        "scram-sha-256",
                        "--pwfile=" + password,
                        "-E",
                        "UTF8",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--locale=C");
        if (made != 0) {
            throw new StartFailure(Part.POSTGRES, "could not make its data folder " + draft);
        }
        single(draft, "create role larder login password 'larder'");
        single(draft, "create database larder owner larder");
        Files.move(draft, cluster);
    }

    /** One statement before anybody can connect: a server without a socket reads it. */
    private void single(Path folder, String sql) throws IOException {
        Path statement = Files.createTempFile("larder", ".sql");
        try {
            Files.writeString(statement, sql + "\n");
            ProcessBuilder builder =
                    builder(
                            List.of(
                                    program("postgres"),
                                    "--single",
                                    "-D",
                                    folder.toString(),
                                    "postgres"));
            builder.redirectInput(statement.toFile());
            if (await(builder.start(), INITIALIZE_MAX) != 0) {
                throw new StartFailure(Part.POSTGRES, "refused: " + sql);
            }
        } finally {
            Files.delete(statement);
        }
    }

    private void refuseOtherVersion() throws IOException {
        String made = Files.readString(cluster.resolve("PG_VERSION")).strip();
        // "postgres (PostgreSQL) 18.6": a folder belongs to the major version.
        String ours = output(program("postgres"), "--version").replaceAll("^\\D*(\\d+).*$", "$1");
        if (!made.equals(ours)) {
            throw new Refusal(
                    "%s was made by PostgreSQL %s, this is %s: give another --data folder, or move it with pg_upgrade."
                            .formatted(cluster, made, ours));
        }
    }

    /** A killed machine leaves a lock whose number may belong to anyone by now. */
    private void clearStaleLock() throws IOException {
        Optional<ProcessHandle> holder = server();
        if (holder.isEmpty()) {
            Files.deleteIfExists(cluster.resolve("postmaster.pid"));
            return;
        }
        throw new Refusal(
                "the data folder %s is in use by PostgreSQL, process %d: ./larder down stops it, or give another --data folder."
                        .formatted(cluster, holder.get().pid()));
    }

    /** The server that runs on our folder, by its lock file. */
    private Optional<ProcessHandle> server() throws IOException {
        Path lock = cluster.resolve("postmaster.pid");
        if (Files.notExists(lock)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(lock);
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                .filter(
                        process ->
                                process.info()
                                        .command()
                                        .map(command -> command.endsWith("/postgres"))
                                        .orElse(false));
    }

    private String program(String name) {
        return programs.resolve("bin").resolve(name).toString();
    }

    private int run(Duration patience, String... command) throws IOException {
        return await(builder(Arrays.asList(command)).start(), patience);
    }

    private ProcessBuilder builder(List<String> command) throws IOException {
        // A pg_ctl that hears a Ctrl+C would leave a server behind that nobody knows of.
        List<String> whole = new ArrayList<>(Launch.detached());
        whole.addAll(asAnybody());
        whole.addAll(command);
        Files.createDirectories(log.getParent());
        return new ProcessBuilder(whole)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }

    private static int await(Process process, Duration patience) throws IOException {
        try {
            if (process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
            process.destroyForcibly();
            return -1;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * PostgreSQL refuses root. In a user namespace of its own root is nobody, and owns its files.
     */
    private static List<String> asAnybody() throws IOException {
        if (!"0".equals(output("id", "-u"))) {
            return List.of();
        }
        if (!"65534".equals(output("unshare", "--user", "id", "-u"))) {
            throw new Refusal(ROOT_ADVICE);
        }
        return List.of("unshare", "--user");
    }

    private static String output(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .collect(Collectors.joining());
        } catch (IOException e) {
            return "";
        }
    }
}
