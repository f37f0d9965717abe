package dev.larder.catalog;

import static dev.larder.catalog.Shelves.status;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.matchesPattern;

import dev.larder.kit.LarderBackends;
import dev.larder.kit.TestTokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The patterns by request, batches, warm-up and the doors of those who look after the cache. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
class DoorsTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String KEPT = "larder-store; (hit|fwd=miss; stored); ttl=\\d+; detail=.*";

    @Inject EntityManager entities;

    private static RequestSpecification signedIn() {
        return given().auth().oauth2(TestTokens.of("Ada"));
    }

    private static Response read(long id, String pattern) {
        return given().queryParam("pattern", pattern).get("/api/catalog/products/" + id);
    }

    private static Response change(long id, Object change, String pattern) {
        return signedIn()
                .contentType(ContentType.JSON)
                .queryParam("pattern", pattern)
                .body(change)
                .put("/api/catalog/products/" + id);
    }

    @Transactional
    String nameInTheDatabase(long id) {
        return (String)
                entities.createNativeQuery(
                                "select name from catalog.product where id = :id", String.class)
                        .setParameter("id", id)
                        .getSingleResult();
    }

    @Test
    void everyPatternReadsTheSameEntry() {
        long id = Shelves.product("Patternword pan");
        for (String pattern :
                List.of(
                        "lazy",
                        "read-through",
                        "refresh-ahead",
                        "xfetch",
                        "stale-while-revalidate")) {
            read(id, pattern)
                    .then()
                    .statusCode(200)
                    .header("Cache-Status", matchesPattern(KEPT))
                    .body("name", equalTo("Patternword pan"));
        }
        await().atMost(SOON).until(() -> status(read(id, "lazy")), s -> s.contains("; hit;"));
        assertThat(status(read(id, "xfetch"))).contains("; hit;");
        read(id, "none")
                .then()
                .statusCode(200)
                .header("Cache-Status", equalTo("larder-store; fwd=bypass; detail=cold"))
                .header("Age", equalTo(null));
        assertThat(read(id, "always").statusCode()).isEqualTo(400);
    }

    @Test
    void whatIsReadOftenIsServedHot() {
        long id = Shelves.product("Hotword pan");
        await().atMost(SOON).until(() -> status(read(id, "lazy")), s -> s.endsWith("detail=hot"));
        int version = read(id, "lazy").path("version");
        change(id, Shelves.change("Cooled pan", 5, version), "write-through")
                .then()
                .statusCode(200);
        await().atMost(SOON).until(() -> read(id, "lazy").path("name"), "Cooled pan"::equals);
        given().get("/api/catalog/cache/stats")
                .then()
                .body("hotKeptBy", equalTo("tracking"))
                .body("caches.name", contains("product", "search", "categories"))
                .body("caches[0].hot", greaterThanOrEqualTo(1))
                .body("caches[0].cold", greaterThanOrEqualTo(1))
                .body("caches[0].pattern", equalTo("LAZY"));
    }

    @Test
    void manyProductsComeInOneAnswer() {
        long one = Shelves.product("Batchword pan");
        long two = Shelves.product("Batchword pot");
        given().queryParam("ids", two + "," + one + ",987654399," + one)
                .get("/api/catalog/products/batch")
                .then()
                .statusCode(200)
                .body("items.id", contains((int) two, (int) one))
                .body("missing", contains(987_654_399))
                .header("Cache-Status", containsString("larder-store; fwd=miss; detail=\"hot=0"));
        await().atMost(SOON)
                .until(
                        () ->
                                given().queryParam("ids", one + "," + two)
                                        .queryParam("pattern", "read-through")
                                        .get("/api/catalog/products/batch"),
                        answer -> status(answer).startsWith("larder-store; hit;"));
        given().queryParam("ids", "1,two")
                .get("/api/catalog/products/batch")
                .then()
                .statusCode(400);
        given().get("/api/catalog/products/batch").then().statusCode(400);
    }

    @Test
    void aWeakTagOfAProductIsAsGood() {
        long id = Shelves.product("Weak pan");
        String tag = read(id, "lazy").header("ETag");
        given().header("If-None-Match", "W/" + tag)
                .get("/api/catalog/products/" + id)
                .then()
                .statusCode(304)
                .header("ETag", equalTo(tag));
    }

    @Test
    void anotherMethodIsToldWhatIsAllowed() {
        Response answer = given().patch("/api/catalog/products/1");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.header("Allow")).contains("GET").contains("PUT");
    }

    @Test
    void writeBehindIsSeenAtOnceAndReachesTheDatabase() {
        long id = Shelves.product("Behind pan");
        int version = read(id, "lazy").path("version");
        change(id, Shelves.change("Queued pan", 4_321, version), "write-behind")
                .then()
                .statusCode(202)
                .header("Cache-Status", containsString("detail=queued"))
                .body("version", equalTo(version + 1))
                .body("prices.priceCents", hasItem(4_321));
        assertThat(read(id, "lazy").<String>path("name")).isEqualTo("Queued pan");
        await().atMost(SOON).until(() -> nameInTheDatabase(id), "Queued pan"::equals);
        read(id, "none")
                .then()
                .body("version", equalTo(version + 1))
                .body("priceCents", equalTo(4_321));
        assertThat(read(id, "lazy").<String>path("name")).isEqualTo("Queued pan");
        change(id, Shelves.change("Late pan", 1, version), "write-behind").then().statusCode(409);
        await().atMost(SOON)
                .until(
                        () -> given().get("/api/catalog/cache/stats").path("behind.depth"),
                        equalTo(0));
    }

    @Test
    void aTagTakesItsProductsAlong() {
        long id = Shelves.product("Tagged pan");
        await().atMost(SOON).until(() -> status(read(id, "lazy")), s -> s.contains("; hit;"));
        given().delete("/api/catalog/cache/tags/category:kitchen").then().statusCode(401);
        signedIn().delete("/api/catalog/cache/tags/category:kitchen").then().statusCode(204);
        assertThat(status(read(id, "lazy"))).contains("fwd=miss");
        signedIn().delete("/api/catalog/cache/tags/%7B%7D").then().statusCode(400);
    }

    @Test
    void oneSearchIsForgottenByItsOwnWords() {
        Shelves.product("Forgotword pan");
        await().atMost(SOON)
                .until(
                        () -> given().queryParam("q", "forgotword").get("/api/catalog/search"),
                        answer -> status(answer).contains("; hit;"));
        signedIn()
                .queryParam("q", "Forgotword!")
                .delete("/api/catalog/cache/search")
                .then()
                .statusCode(204);
        assertThat(status(given().queryParam("q", "forgotword").get("/api/catalog/search")))
                .contains("fwd=miss");
    }

    @Test
    void aWarmUpTellsHowFarItIsAndCanBeEnded() {
        Shelves.product("Warm pan");
        given().post("/api/catalog/cache/warm-up").then().statusCode(401);
        signedIn()
                .queryParam("products", 50)
                .post("/api/catalog/cache/warm-up")
                .then()
                .statusCode(202)
                .body("phase", equalTo("RUNNING"))
                .body("of", greaterThanOrEqualTo(2));
        await().atMost(SOON)
                .until(
                        () -> given().get("/api/catalog/cache/warm-up").path("phase"),
                        "DONE"::equals);
        given().get("/api/catalog/cache/warm-up")
                .then()
                .body("done", equalTo(given().get("/api/catalog/cache/warm-up").path("of")));
        assertThat(status(given().get("/api/catalog/search"))).contains("; hit;");
        signedIn()
                .delete("/api/catalog/cache/warm-up")
                .then()
                .statusCode(200)
                .body("phase", equalTo("DONE"));
        signedIn()
                .queryParam("products", -1)
                .post("/api/catalog/cache/warm-up")
                .then()
                .statusCode(400)
                .body("violations.field", hasItems(containsString("products")));
    }

    @Test
    void aWrongFilterIsToldAndNotPassedOver() {
        given().get("/api/catalog/search?inStock=maybe").then().statusCode(400);
        given().get("/api/catalog/search?minPrice=10&maxPrice=5").then().statusCode(400);
        given().get("/api/catalog/search?inStock=true&minPrice=5&maxPrice=10")
                .then()
                .statusCode(200);
    }
}
