package dev.larder.catalog;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.larder.kit.LarderBackends;
import dev.larder.kit.TestTokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(LarderBackends.class)
class CatalogTest {

    private static final String HIT = "larder-store; hit; ttl=\\d+; detail=(warm|hot)";
    private static final String MISS =
            "larder-store; fwd=miss; stored; ttl=(2[789]|30); detail=cold";
    private static final String PROBLEM = "application/problem+json";

    private static ValidatableResponse read(long id) {
        return given().get("/api/catalog/products/" + id).then();
    }

    private static ValidatableResponse change(long id, Object change) {
        return given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.of("Ada"))
                .body(change)
                .put("/api/catalog/products/" + id)
                .then();
    }

    @Test
    void theFirstReadMissesAndTheNextHits() {
        long id = Shelves.product("Copper pan");
        read(id).statusCode(200)
                .header("Cache-Status", matchesPattern(MISS))
                .header("Age", equalTo(null))
                .body("id", equalTo((int) id))
                .body("name", equalTo("Copper pan"))
                .body("category", equalTo("kitchen"))
                .body("priceCents", equalTo(1250))
                .body("rating", equalTo(3.5f))
                .body("reviewCount", equalTo(2))
                .body("reviews.author", contains("Cy", "Bo"))
                .body("updatedAt", notNullValue());
        read(id).statusCode(200)
                .header("Cache-Status", matchesPattern(HIT))
                .header("Age", matchesPattern("\\d+"))
                .body("reviews.at", contains("2026-06-01T10:00:00Z", "2026-05-01T10:00:00Z"));
    }

    @Test
    void aWriteIsTheNextHit() {
        long id = Shelves.product("Dented pan");
        int version = read(id).extract().path("version");
        change(id, Shelves.change("Mended pan", 900, version))
                .statusCode(200)
                .header("Cache-Status", startsWith("larder-store; fwd=method; stored; ttl="))
                .body("version", equalTo(version + 1));
        read(id).header("Cache-Status", matchesPattern(HIT))
                .body("name", equalTo("Mended pan"))
                .body("priceCents", equalTo(900))
                .body("version", equalTo(version + 1));
    }

    @Test
    void aChangeOfAnOldVersionIsRefused() {
        long id = Shelves.product("Contested pan");
        int version = read(id).extract().path("version");
        change(id, Shelves.change("Mine", 1, version)).statusCode(200);
        change(id, Shelves.change("Yours", 2, version))
                .statusCode(409)
                .contentType(PROBLEM)
                .body("detail", containsString("version " + (version + 1)));
        read(id).body("name", equalTo("Mine"));
    }

    @Test
    void anUnchangedProductIsNotSentAgain() {
        long id = Shelves.product("Still pan");
        String tag = read(id).extract().header("ETag");
        given().header("If-None-Match", tag)
                .get("/api/catalog/products/" + id)
                .then()
                .statusCode(304)
                .header("ETag", equalTo(tag))
                .header("Cache-Status", matchesPattern(HIT));
        int version = read(id).extract().path("version");
        change(id, Shelves.change("Moved pan", 1, version)).statusCode(200);
        given().header("If-None-Match", tag)
                .get("/api/catalog/products/" + id)
                .then()
                .statusCode(200)
                .header("ETag", not(equalTo(tag)));
    }

    @Test
    void anUnknownProductIsRememberedAsUnknown() {
        read(987_654_321).statusCode(404).contentType(PROBLEM);
        read(987_654_321).statusCode(404).header("Cache-Status", matchesPattern(HIT + "-negative"));
        change(987_654_322, Shelves.change("x", 1, 1)).statusCode(404).contentType(PROBLEM);
    }

    @Test
    void aBadChangeNamesEveryField() {
        long id = Shelves.product("Strict pan");
        change(id, Map.of("name", " ", "description", "", "priceCents", -1, "stock", 2_000_000))
                .statusCode(400)
                .contentType(PROBLEM)
                .body(
                        "violations.field",
                        hasItems(
                                containsString("name"),
                                containsString("priceCents"),
                                containsString("stock"),
                                containsString("version")));
    }

    @Test
    void aBadPageIsRefused() {
        given().queryParam("limit", 101)
                .queryParam("offset", -1)
                .get("/api/catalog/products")
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body(
                        "violations.field",
                        hasItems(containsString("limit"), containsString("offset")));
    }

    @Test
    void changesAreForTheSignedIn() {
        long id = Shelves.product("Guarded pan");
        given().contentType(ContentType.JSON)
                .body(Shelves.change("x", 1, 1))
                .put("/api/catalog/products/" + id)
                .then()
                .statusCode(401)
                .contentType(PROBLEM);
        given().delete("/api/catalog/cache").then().statusCode(401);
        given().delete("/api/catalog/cache/products/" + id).then().statusCode(401);
    }

    @Test
    void theBatchDoorIsForTheLoader() {
        Map<String, Object> batch = Map.of("items", List.of());
        given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.of("Ada"))
                .body(batch)
                .post("/api/catalog/products/batch")
                .then()
                .statusCode(403)
                .contentType(PROBLEM);
        given().contentType(ContentType.JSON)
                .body(batch)
                .post("/api/catalog/products/batch")
                .then()
                .statusCode(401)
                .contentType(PROBLEM);
    }

    @Test
    void loadingTwiceReplacesAndTheStoreForgets() {
        String sku = Shelves.newSku();
        Shelves.load(List.of(Shelves.item(sku, "First pan")));
        int id =
                given().queryParam("q", sku)
                        .get("/api/catalog/products")
                        .then()
                        .body("total", equalTo(1))
                        .extract()
                        .path("items[0].id");
        read(id).body("name", equalTo("First pan"));
        Shelves.load(List.of(Shelves.item(sku, "Second pan")));
        read(id).header("Cache-Status", matchesPattern(MISS))
                .body("name", equalTo("Second pan"))
                .body("version", equalTo(2))
                .body("reviewCount", equalTo(2));
    }

    @Test
    void aBatchThatContradictsItselfIsRefusedWhole() {
        String sku = Shelves.newSku();
        given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.loader())
                .body(
                        Map.of(
                                "categories", List.of(Map.of("id", "kitchen", "name", "Kitchen")),
                                "items", List.of(Shelves.item(sku, "a"), Shelves.item(sku, "b"))))
                .post("/api/catalog/products/batch")
                .then()
                .statusCode(400)
                .contentType(PROBLEM)
                .body("violations.field", hasItem("items[1].sku"));
        given().queryParam("q", sku)
                .get("/api/catalog/products")
                .then()
                .body("total", equalTo(0))
                .body("items", hasSize(0));
    }

    @Test
    void wordsAreFoundByTheirStemAndByTheirBeginning() {
        long id = Shelves.product("Zanzibar kettles");
        for (String q : List.of("zanz", "KETTLE zanzibar", "kettles zanzib", "'zanzibar' & !|(")) {
            given().queryParam("q", q)
                    .queryParam("category", "kitchen")
                    .get("/api/catalog/products")
                    .then()
                    .statusCode(200)
                    .body("total", equalTo(1))
                    .body("items[0].id", equalTo((int) id));
        }
        given().queryParam("q", "zanzibar")
                .queryParam("category", "garden")
                .get("/api/catalog/products")
                .then()
                .body("total", equalTo(0));
        given().queryParam("q", "&|!")
                .get("/api/catalog/products")
                .then()
                .statusCode(200)
                .body("total", equalTo(0));
    }

    @Test
    void pagesDoNotOverlapAndCountAll() {
        Shelves.load(
                List.of(
                        Shelves.item(Shelves.newSku(), "Quartet one"),
                        Shelves.item(Shelves.newSku(), "Quartet two"),
                        Shelves.item(Shelves.newSku(), "Quartet three")));
        List<String> first = quartet(0);
        List<String> second = quartet(2);
        assertThat(first).hasSize(2).doesNotContainAnyElementsOf(second);
        assertThat(second).hasSize(1);
    }

    private static List<String> quartet(int offset) {
        return given().queryParam("q", "quartet")
                .queryParam("offset", offset)
                .queryParam("limit", 2)
                .get("/api/catalog/products")
                .then()
                .body("total", equalTo(3))
                .body("offset", equalTo(offset))
                .extract()
                .path("items.sku");
    }

    @Test
    void categoriesCountTheirProducts() {
        Shelves.product("Counted pan");
        given().get("/api/catalog/categories")
                .then()
                .statusCode(200)
                .body("items.find { it.id == 'kitchen' }.name", equalTo("Kitchen"))
                .body("items.find { it.id == 'kitchen' }.products", greaterThanOrEqualTo(1));
    }

    @Test
    void flushingMakesTheNextReadAMissAndTheStatsCount() {
        long one = Shelves.product("Flushed pan");
        long two = Shelves.product("Flushed pot");
        read(one);
        read(two);
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .delete("/api/catalog/cache/products/" + one)
                .then()
                .statusCode(204);
        read(one).header("Cache-Status", matchesPattern(MISS));
        read(two).header("Cache-Status", matchesPattern(HIT));
        given().auth()
                .oauth2(TestTokens.of("Ada"))
                .delete("/api/catalog/cache")
                .then()
                .statusCode(204);
        given().get("/api/catalog/cache/stats")
                .then()
                .statusCode(200)
                .body("entries", equalTo(0))
                .body("ttlSeconds", equalTo(30))
                .body("hits", greaterThanOrEqualTo(1))
                .body("misses", greaterThanOrEqualTo(3))
                .body("databaseReads", greaterThanOrEqualTo(3))
                .body("hitRatio", notNullValue());
        read(two).header("Cache-Status", matchesPattern(MISS));
    }

    @Test
    void theMetersCountTheSameEvents() {
        read(Shelves.product("Metered pan"));
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString("larder_cache_events_total{cache=\"product\",event=\"miss\""));
    }
}
