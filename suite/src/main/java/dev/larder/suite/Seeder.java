package dev.larder.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Fills a new suite through the services' own batch doors, once. That it was done is written beside
 * what it filled, in the database, only after the last batch; and the service is asked whether it
 * still has anything, because a store may have been emptied. An interrupted loading is begun again.
 */
final class Seeder {

    /** Raised when the generated data changes: then it is loaded anew over the old. */
    private static final int EDITION = 1;

    /** Services refuse tokens that live longer than five minutes; each request has its own. */
    private static final Duration TOKEN_VALID = Duration.ofMinutes(2);

    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);
    private static final int ATTEMPTS = 3;

    /** Makers whose versions of all products are added: 20,400 products in all. */
    private static final int SERIES = 16;

    private static final int PURCHASES = 2_500;
    private static final int PURCHASE_BATCHES = 16;

    private final Settings settings;
    private final PrintStream out;
    private final boolean terminal;
    private final Keys keys;
    private final ObjectMapper json =
            new ObjectMapper()
                    .registerModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();

    Seeder(Settings settings, Keys keys, PrintStream out, boolean terminal) {
        this.settings = settings;
        this.out = out;
        this.terminal = terminal;
        this.keys = keys;
    }

    /**
     * What is loaded by one door.
     *
     * @param name tells it apart, here and in the database
     * @param question address of a document that says at {@code answer} how many there are
     */
    private record Load(
            String name,
            Part part,
            String door,
            List<Batch> batches,
            String question,
            String answer) {}

    /**
     * @param proof address that answers 200 once the batch is in; empty where a batch may be sent
     *     again without harm
     */
    private record Batch(Object body, Optional<String> proof) {}

    /** Loads what is missing; a service that refuses is told, and the suite runs without. */
    void run() {
        try (Connection database = connect()) {
            remember(database);
            List<Load> missing = new ArrayList<>();
            for (Load load : loads()) {
                if (!isLoaded(database, load)) {
                    missing.add(load);
                }
            }
            int whole = missing.stream().mapToInt(load -> load.batches().size()).sum();
            Bar bar = new Bar(out, terminal, whole);
            for (Load load : missing) {
                for (Batch batch : load.batches()) {
                    bar.step(load.name());
                    if (!isIn(load, batch)) {
                        post(load, batch);
                    }
                }
                note(database, load);
            }
            bar.close();
        } catch (SQLException | IOException e) {
            out.println();
            System.err.println(
                    "larder: the starting data could not be loaded: "
                            + e.getMessage()
                            + ". The suite runs; the next ./larder up tries again.");
        }
    }

    private List<Load> loads() {
        List<Load> loads = new ArrayList<>();
        List<Goods.Product> products = Goods.products();
        loads.add(
                new Load(
                        "products",
                        Part.CATALOG,
                        "/api/catalog/products/batch",
                        slices(products, 100).stream()
                                .map(
                                        items ->
                                                new Batch(
                                                        Map.of(
                                                                "categories",
                                                                Goods.categories(),
                                                                "items",
                                                                items),
                                                        Optional.empty()))
                                .toList(),
                        "/api/catalog/products?limit=1",
                        "/total"));
        loads.add(
                grown(
                        "versions of other makers",
                        "/api/catalog/products/variants",
                        IntStream.rangeClosed(1, SERIES)
                                .mapToObj(series -> Map.of("series", series))));
        loads.add(
                grown(
                        "purchases",
                        "/api/catalog/purchases/batch",
                        IntStream.range(0, PURCHASE_BATCHES)
                                .mapToObj(
                                        batch ->
                                                Map.of(
                                                        "first",
                                                        1 + batch * PURCHASES,
                                                        "size",
                                                        PURCHASES))));
        for (Players.Board board : Players.Board.values()) {
            String door = "/api/leaderboard/boards/" + board.id();
            loads.add(
                    new Load(
                            "players of " + board.id(),
                            Part.LEADERBOARD,
                            door + "/scores/batch",
                            slices(Players.of(board), 1000).stream()
                                    .map(items -> scores(board, door, items))
                                    .toList(),
                            door + "/top?limit=1",
                            "/players"));
        }
        loads.add(
                new Load(
                        "cities",
                        Part.GEO,
                        "/api/geo/cities/batch",
                        slices(Places.cities(), 209).stream()
                                .map(items -> new Batch(Map.of("items", items), Optional.empty()))
                                .toList(),
                        "/api/geo/cities?limit=1",
                        "/count"));
        return loads;
    }

    /** What the catalogue makes out of the products that it has; asked twice, it is there once. */
    private static Load grown(String name, String door, Stream<Map<String, Integer>> steps) {
        return new Load(
                name,
                Part.CATALOG,
                door,
                steps.map(step -> new Batch(step, Optional.empty())).toList(),
                "/api/catalog/products?limit=1",
                "/total");
    }

    /** A score handed in twice counts twice where scores are summed. */
    private static Batch scores(Players.Board board, String door, List<Players.Score> items) {
        return new Batch(
                Map.of("items", items),
                board == Players.Board.WEEKLY_COINS
                        ? Optional.of(door + "/players/" + items.getFirst().playerId())
                        : Optional.empty());
    }

    private boolean isIn(Load load, Batch batch) throws IOException {
        return batch.proof().isPresent()
                && send(request(load.part(), batch.proof().get()).GET().build()).statusCode()
                        == 200;
    }

    private boolean isLoaded(Connection database, Load load) throws SQLException, IOException {
        try (PreparedStatement statement =
                database.prepareStatement(
                        "select 1 from suite.loaded where name = ? and edition >= ?")) {
            statement.setString(1, load.name());
            statement.setInt(2, EDITION);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
            }
        }
        HttpResponse<String> response = send(request(load.part(), load.question()).GET().build());
        JsonNode count = json.readTree(response.body()).at(load.answer());
        return response.statusCode() == 200 && count.asLong() > 0;
    }

    private void post(Load load, Batch batch) throws IOException {
        HttpRequest request =
                request(load.part(), load.door())
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        json.writeValueAsString(batch.body())))
                        .build();
        for (int attempt = 1; ; attempt++) {
            HttpResponse<String> response = send(request);
            if (response.statusCode() / 100 == 2) {
                return;
            }
            if (response.statusCode() != 503 || attempt == ATTEMPTS) {
                throw new IOException(
                        "%s answered %d to %s: %s"
                                .formatted(
                                        load.part().label(),
                                        response.statusCode(),
                                        load.door(),
                                        response.body()));
            }
        }
    }

    private HttpRequest.Builder request(Part part, String path) {
        return HttpRequest.newBuilder(URI.create(settings.url(part) + path))
                .timeout(ANSWER_MAX)
                .header(
                        "Authorization",
                        "Bearer " + keys.loaderToken(Clock.systemUTC(), TOKEN_VALID))
                .header("Accept", "application/json");
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Connection connect() throws SQLException {
        Properties account = new Properties();
        account.setProperty("user", settings.databaseUser());
        account.setProperty("password", settings.databasePassword());
        account.setProperty("connectTimeout", "5");
        account.setProperty("socketTimeout", "30");
        return DriverManager.getConnection(settings.effectiveDatabaseUrl(), account);
    }

    private static void remember(Connection database) throws SQLException {
        try (Statement statement = database.createStatement()) {
            statement.execute("create schema if not exists suite");
            statement.execute(
                    "create table if not exists suite.loaded (name text primary key,"
                            + " edition integer not null, at timestamptz not null default now())");
        }
    }

    private static void note(Connection database, Load load) throws SQLException {
        try (PreparedStatement statement =
                database.prepareStatement(
                        "insert into suite.loaded (name, edition) values (?, ?) on conflict (name)"
                                + " do update set edition = excluded.edition, at = now()")) {
            statement.setString(1, load.name());
            statement.setInt(2, EDITION);
            statement.executeUpdate();
        }
    }

    private static <T> List<List<T>> slices(List<T> whole, int size) {
        return IntStream.iterate(0, from -> from < whole.size(), from -> from + size)
                .mapToObj(from -> whole.subList(from, Math.min(whole.size(), from + size)))
                .toList();
    }
}
