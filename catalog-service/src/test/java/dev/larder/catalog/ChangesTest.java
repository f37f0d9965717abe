package dev.larder.catalog;

import static dev.larder.catalog.Shelves.read;
import static dev.larder.catalog.Shelves.status;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.larder.kit.LarderBackends;
import dev.larder.kit.OwnStore;
import dev.larder.kit.TestTokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows changed behind the service's back, by plain JDBC, and what the caches make of it. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
@WithTestResource(OwnStore.class)
class ChangesTest {

    /** What is promised; far below the TTL of 30 s. */
    private static final Duration WITHIN = Duration.ofSeconds(1);

    private static final Duration SOON = Duration.ofSeconds(20);

    OwnStore store;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    private Connection stranger;

    @BeforeEach
    void connect() throws SQLException {
        stranger = DriverManager.getConnection(url, "postgres", "postgres");
        await().atMost(SOON).until(() -> stats().path("changes.listening"), Boolean.TRUE::equals);
        await().atMost(SOON).until(() -> number("select count(*) from catalog.change") == 0);
    }

    @AfterEach
    void leave() throws SQLException {
        stranger.close();
    }

    private static Response stats() {
        return given().get("/api/catalog/cache/stats");
    }

    /**
     * A product that the store keeps for its whole TTL, as nothing of it is on its way any more.
     */
    private long kept(String name) throws SQLException {
        long id = Shelves.product(name);
        await().atMost(SOON).until(() -> number("select count(*) from catalog.change") == 0);
        await().atMost(SOON).until(() -> status(read(id)), s -> s.contains("; hit;"));
        return id;
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = stranger.createStatement()) {
            statement.execute(sql);
        }
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = stranger.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void aPriceChangedInPsqlShowsWithinASecond() throws SQLException {
        long id = kept("Behindword pan");
        String tag = read(id).header("ETag");
        int version = read(id).path("version");
        run("update catalog.product set price_cents = 4321 where id = " + id);
        await().atMost(WITHIN).until(() -> read(id).path("priceCents"), equalTo(4321));
        assertThat(read(id).header("ETag")).isNotEqualTo(tag);
        assertThat(read(id).<Integer>path("version")).isEqualTo(version + 1);
        assertThat(read(id).<Integer>path("prices[1].priceCents")).isEqualTo(1250);
    }

    @Test
    void aSearchThatShowsTheProductFollowsToo() throws SQLException {
        long id = kept("Searchback pan");
        await().atMost(SOON)
                .until(
                        () -> given().queryParam("q", "searchback").get("/api/catalog/search"),
                        answer -> status(answer).contains("; hit;"));
        run("update catalog.product set stock = 0 where id = " + id);
        await().atMost(WITHIN)
                .until(
                        () ->
                                given().queryParam("q", "searchback")
                                        .get("/api/catalog/search")
                                        .path("items[0].stock"),
                        equalTo(0));
    }

    @Test
    void aReviewWrittenInPsqlMovesTheStars() throws SQLException {
        long id = kept("Starred pan");
        assertThat(read(id).<Integer>path("reviewCount")).isEqualTo(2);
        run(
                "insert into catalog.review (product_id, author, stars, text, at)"
                        + " values (%d, 'Di', 5, 'Good.', now())".formatted(id));
        await().atMost(WITHIN).until(() -> read(id).path("reviewCount"), equalTo(3));
        assertThat(read(id).<Float>path("rating")).isEqualTo(4.0f);
        assertThat(read(id).<String>path("reviews[0].author")).isEqualTo("Di");
    }

    @Test
    void aDeletedProductIsGoneAndABulkChangeDropsEverything() throws SQLException {
        long id = kept("Doomed pan");
        long other = kept("Bulk pan");
        run("delete from catalog.product where id = " + id);
        await().atMost(WITHIN)
                .until(() -> given().get("/api/catalog/products/" + id).statusCode(), equalTo(404));
        run(
                "insert into catalog.product (sku, category_id, name, description, price_cents,"
                        + " currency, stock) select 'BULK-' || n, 'kitchen', 'Bulk thing', '', 1,"
                        + " 'EUR', 1 from generate_series(1, 1500) n");
        run(
                "update catalog.product set price_cents = 99 where sku like 'BULK-%'"
                        + " or id = "
                        + other);
        await().atMost(WITHIN).until(() -> read(other).path("priceCents"), equalTo(99));
        run("delete from catalog.product where sku like 'BULK-%'");
    }

    @Test
    void whatIsWrittenThroughIsNotDroppedAgain() throws SQLException {
        long id = kept("Through pan");
        int version = read(id).path("version");
        given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.of("Ada"))
                .body(Shelves.change("Through and through", 5, version))
                .put("/api/catalog/products/" + id)
                .then()
                .statusCode(200);
        await().atMost(SOON).until(() -> number("select count(*) from catalog.change") == 0);
        assertThat(status(read(id))).contains("; hit;");
        assertThat(read(id).<String>path("name")).isEqualTo("Through and through");
    }

    @Test
    void whatIsWrittenAroundIsForgotten() throws SQLException {
        long id = kept("Around pan");
        int version = read(id).path("version");
        given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.of("Ada"))
                .queryParam("pattern", "write-around")
                .body(Shelves.change("Around and around", 5, version))
                .put("/api/catalog/products/" + id)
                .then()
                .statusCode(200)
                .header("Cache-Status", equalTo("larder-store; fwd=method; detail=cold"));
        Response next = read(id);
        assertThat(status(next)).contains("fwd=miss");
        assertThat(next.<String>path("name")).isEqualTo("Around and around");
    }

    @Test
    void aListenerThatIsCutOffMissesNothing() throws SQLException {
        long id = kept("Cut pan");
        int failures = stats().path("changes.failures");
        assertThat(
                        number(
                                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                        + " where application_name = 'change-capture'"))
                .isEqualTo(1);
        run("update catalog.product set name = 'Mended pan' where id = " + id);
        await().atMost(SOON).until(() -> read(id).path("name"), equalTo("Mended pan"));
        assertThat(stats().<Integer>path("changes.failures")).isGreaterThan(failures);
        await().atMost(SOON).until(() -> stats().path("changes.listening"), Boolean.TRUE::equals);
        run("update catalog.product set name = 'Newly mended pan' where id = " + id);
        await().atMost(WITHIN).until(() -> read(id).path("name"), equalTo("Newly mended pan"));
    }

    @Test
    void changesWaitInTheDatabaseWhileTheStoreIsAway() throws SQLException {
        long id = kept("Waiting pan");
        store.down();
        try {
            run("update catalog.product set name = 'Patient pan' where id = " + id);
            assertThat(read(id).<String>path("name")).isEqualTo("Patient pan");
            await().atMost(SOON).until(() -> stats().<Integer>path("changes.failures"), n -> n > 0);
            assertThat(number("select count(*) from catalog.change")).isEqualTo(1);
        } finally {
            store.up();
        }
        await().atMost(SOON).until(() -> number("select count(*) from catalog.change") == 0);
        await().atMost(SOON).until(() -> status(read(id)), s -> s.contains("; hit;"));
        assertThat(read(id).<String>path("name")).isEqualTo("Patient pan");
    }

    @Test
    void theMetersTellOfTheChanges() throws SQLException {
        long id = kept("Metered change");
        run("update catalog.product set stock = 1 where id = " + id);
        await().atMost(WITHIN).until(() -> read(id).path("stock"), equalTo(1));
        given().get("/q/metrics")
                .then()
                .body(containsString("larder_changes_taken_total"))
                .body(containsString("larder_changes_behind_seconds"))
                .body(containsString("larder_changes_listening"));
    }
}
