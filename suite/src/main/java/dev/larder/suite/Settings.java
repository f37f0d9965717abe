package dev.larder.suite;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Where one suite lives and listens. Written to the run folder by {@code up}, so that every later
 * command speaks of the same suite.
 *
 * @param root folder of the repository, with the built modules
 * @param home run state and logs, and the data where nothing else is said
 * @param httpPort of the ui; the services take the ones after it
 * @param storeUrl of a store that is not ours, comma-separated for a cluster; empty: ours is
 *     started
 * @param databaseUrl JDBC URL of a PostgreSQL that is not ours; empty: ours is started
 */
record Settings(
        Path root,
        Path home,
        Path data,
        int httpPort,
        int storePort,
        int databasePort,
        Optional<String> storeUrl,
        Optional<String> databaseUrl,
        String databaseUser,
        String databasePassword) {

    static final int HTTP_PORT = 8080;
    static final int STORE_PORT = 6379;
    static final int DATABASE_PORT = 15432;
    static final String HOST = "127.0.0.1";
    private static final int PORT_MAX = 65_535;

    static Settings of(Path root, Map<String, String> environment, List<String> options) {
        Path home = home(root, environment);
        Path data = home.resolve("data");
        int http = HTTP_PORT;
        int store = STORE_PORT;
        int database = DATABASE_PORT;
        Deque<String> left = new ArrayDeque<>(options);
        while (!left.isEmpty()) {
            String option = left.pop();
            switch (option) {
                case "--data" -> data = Path.of(value(option, left)).toAbsolutePath().normalize();
                case "--http-port" -> http = port(option, value(option, left), PORT_MAX - 16);
                case "--store-port" -> store = port(option, value(option, left), PORT_MAX);
                case "--db-port" -> database = port(option, value(option, left), PORT_MAX);
                default ->
                        throw new Refusal("up does not know '" + option + "'; see ./larder help.");
            }
        }
        return new Settings(
                root,
                home,
                data,
                http,
                store,
                database,
                given(environment, "LARDER_STORE_URL"),
                given(environment, "LARDER_DB_URL"),
                given(environment, "LARDER_DB_USER").orElse("larder"),
                given(environment, "LARDER_DB_PASSWORD").orElse("larder"));
    }

    static Path home(Path root, Map<String, String> environment) {
        return given(environment, "LARDER_HOME")
                .map(folder -> Path.of(folder).toAbsolutePath().normalize())
                .orElse(root.resolve(".larder"));
    }

    /** The settings of the suite that was started from this home, if one was. */
    static Optional<Settings> load(Path root, Path home) {
        Path file = file(home);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Properties p = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            p.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.of(
                new Settings(
                        root,
                        home,
                        Path.of(p.getProperty("data")),
                        Integer.parseInt(p.getProperty("httpPort")),
                        Integer.parseInt(p.getProperty("storePort")),
                        Integer.parseInt(p.getProperty("databasePort")),
                        Optional.ofNullable(p.getProperty("storeUrl")),
                        Optional.ofNullable(p.getProperty("databaseUrl")),
                        p.getProperty("databaseUser"),
                        p.getProperty("databasePassword")));
    }

    void save() {
        Properties p = new Properties();
        p.setProperty("data", data.toString());
        p.setProperty("httpPort", Integer.toString(httpPort));
        p.setProperty("storePort", Integer.toString(storePort));
        p.setProperty("databasePort", Integer.toString(databasePort));
        storeUrl.ifPresent(url -> p.setProperty("storeUrl", url));
        databaseUrl.ifPresent(url -> p.setProperty("databaseUrl", url));
        p.setProperty("databaseUser", databaseUser);
        p.setProperty("databasePassword", databasePassword);
        try {
            // Readable by its owner alone: a password of someone else's database may be in it.
            Path file = OwnerOnly.create(file(home));
            try (Writer writer = Files.newBufferedWriter(file)) {
                p.store(writer, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void forget(Path home) {
        try {
            Files.deleteIfExists(file(home));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port(Part part) {
        return switch (part.kind()) {
            case DATABASE -> databasePort;
            case STORE -> storePort;
            case SERVICE, UI -> httpPort + part.httpOffset();
        };
    }

    /** The option that moves a part to another port. */
    String portOption(Part part) {
        return switch (part.kind()) {
            case DATABASE -> "--db-port";
            case STORE -> "--store-port";
            case SERVICE, UI -> "--http-port";
        };
    }

    /** False where an address outside was given for it: then nothing of ours is started. */
    boolean isOurs(Part part) {
        return switch (part.kind()) {
            case DATABASE -> databaseUrl.isEmpty();
            case STORE -> storeUrl.isEmpty();
            case SERVICE, UI -> true;
        };
    }

    String effectiveStoreUrl() {
        return storeUrl.orElse("redis://" + HOST + ":" + storePort);
    }

    String effectiveDatabaseUrl() {
        return databaseUrl.orElse("jdbc:postgresql://" + HOST + ":" + databasePort + "/larder");
    }

    String url(Part part) {
        return "http://" + HOST + ":" + port(part);
    }

    Path run() {
        return home.resolve("run");
    }

    Path log(Part part) {
        return home.resolve("logs").resolve(part.label() + ".log");
    }

    private static Path file(Path home) {
        return home.resolve("run").resolve("suite.properties");
    }

    private static Optional<String> given(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    private static String value(String option, Deque<String> left) {
        if (left.isEmpty()) {
            throw new Refusal(option + " needs a value.");
        }
        return left.pop();
    }

    private static int port(String option, String text, int max) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= max) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, like any other number that is none.
        }
        throw new Refusal(option + " wants a number from 1 to " + max + ", not '" + text + "'.");
    }
}
