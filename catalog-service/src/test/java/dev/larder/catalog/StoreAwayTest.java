package dev.larder.catalog;

import static dev.larder.catalog.Shelves.read;
import static dev.larder.catalog.Shelves.status;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.larder.kit.LarderBackends;
import dev.larder.kit.OwnStore;
import dev.larder.kit.TestTokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A store and a PostgreSQL that come and go, and a TTL short enough to see it end. */
@QuarkusTest
@TestProfile(StoreAwayTest.ShortTtl.class)
@WithTestResource(LarderBackends.class)
@WithTestResource(OwnStore.class)
@WithTestResource(OwnPostgres.class)
class StoreAwayTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    public static final class ShortTtl implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("larder.catalog.cache.ttl", "1s");
        }
    }

    OwnStore store;

    OwnPostgres postgres;

    @Test
    void withTheStoreAwayTheDatabaseServesAndTheStoreIsUsedAgainOnItsReturn() {
        long id = Shelves.product("Steady pan");
        read(id);
        store.down();
        try {
            // What this JVM holds is served until it has noticed.
            Awaitility.await()
                    .atMost(SOON)
                    .until(
                            () -> status(read(id)),
                            "larder-store; fwd=bypass; detail=store-away"::equals);
            Response bypass = read(id);
            assertThat(bypass.<String>path("name")).isEqualTo("Steady pan");

            int version = bypass.path("version");
            given().contentType(ContentType.JSON)
                    .auth()
                    .oauth2(TestTokens.of("Ada"))
                    .body(Shelves.change("Steadier pan", 1, version))
                    .put("/api/catalog/products/" + id)
                    .then()
                    .statusCode(200)
                    .body("name", equalTo("Steadier pan"));
            assertThat(read(id).<String>path("name")).isEqualTo("Steadier pan");

            given().get("/api/catalog/cache/stats")
                    .then()
                    .statusCode(200)
                    .body("entries", equalTo(null));
            given().auth()
                    .oauth2(TestTokens.of("Ada"))
                    .delete("/api/catalog/cache")
                    .then()
                    .statusCode(503)
                    .contentType("application/problem+json");
        } finally {
            store.up();
        }
        Awaitility.await().atMost(SOON).until(() -> status(read(id)), s -> s.contains("; hit;"));
        assertThat(read(id).<String>path("name")).isEqualTo("Steadier pan");
    }

    @Test
    void withPostgresAwayWhatIsKeptIsServedStaleAndWritesAreRefusedByName() throws IOException {
        long id = Shelves.product("Lasting pan");
        int version = read(id).path("version");
        given().queryParam("q", "lasting").get("/api/catalog/search").then().statusCode(200);
        Awaitility.await().atMost(SOON).until(() -> status(read(id)), s -> s.contains("; hit;"));
        postgres.down();
        try {
            Awaitility.await()
                    .atMost(SOON)
                    .until(() -> status(read(id)), s -> s.endsWith("-stale"));
            assertThat(read(id).<String>path("name")).isEqualTo("Lasting pan");
            given().contentType(ContentType.JSON)
                    .auth()
                    .oauth2(TestTokens.of("Ada"))
                    .body(Shelves.change("Lost pan", 1, version))
                    .put("/api/catalog/products/" + id)
                    .then()
                    .statusCode(503)
                    .header("Retry-After", equalTo("2"))
                    .body("detail", containsString("PostgreSQL"));
            given().get("/api/catalog/products/987654001").then().statusCode(503);
        } finally {
            postgres.up();
        }
        Awaitility.await()
                .atMost(SOON)
                .until(() -> status(read(id)), s -> s.contains("fwd=miss; stored"));
        given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.of("Ada"))
                .body(Shelves.change("Found pan", 1, version))
                .put("/api/catalog/products/" + id)
                .then()
                .statusCode(200);
        assertThat(read(id).<String>path("name")).isEqualTo("Found pan");
    }

    @Test
    void writeBehindAcceptsWhilePostgresIsAwayAndDeliversOnItsReturn() throws IOException {
        long id = Shelves.product("Patient pan");
        int version = read(id).path("version");
        Awaitility.await().atMost(SOON).until(() -> status(read(id)), s -> s.contains("; hit;"));
        postgres.down();
        try {
            given().contentType(ContentType.JSON)
                    .auth()
                    .oauth2(TestTokens.of("Ada"))
                    .queryParam("pattern", "write-behind")
                    .body(Shelves.change("Queued pan", 1, version))
                    .put("/api/catalog/products/" + id)
                    .then()
                    .statusCode(202);
            assertThat(read(id).<String>path("name")).isEqualTo("Queued pan");
        } finally {
            postgres.up();
        }
        Awaitility.await()
                .atMost(SOON)
                .until(
                        () ->
                                given().queryParam("pattern", "none")
                                        .get("/api/catalog/products/" + id),
                        answer ->
                                answer.statusCode() == 200
                                        && "Queued pan".equals(answer.path("name")));
    }
}
