package dev.larder.catalog;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import dev.larder.kit.LarderBackends;
import dev.larder.kit.TestTokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The heavy query: what it finds, counts and recommends, and how it is cached. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
class SearchTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject EntityManager entities;

    private static Response search(Object... parameters) {
        Map<String, Object> query = new HashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            query.put((String) parameters[i], parameters[i + 1]);
        }
        return given().queryParams(query).get("/api/catalog/search");
    }

    private static Map<String, Object> item(String name, String category, long cents, int stock) {
        Map<String, Object> item = new HashMap<>(Shelves.item(Shelves.newSku(), name));
        item.put("category", category);
        item.put("priceCents", cents);
        item.put("stock", stock);
        return item;
    }

    private static void load(List<?> items) {
        Shelves.load(
                List.of(
                        Map.of("id", "kitchen", "name", "Kitchen"),
                        Map.of("id", "garden", "name", "Garden")),
                items);
    }

    private static ValidatableResponse grow(String door, Map<String, Object> body) {
        return given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.loader())
                .body(body)
                .post("/api/catalog/" + door)
                .then();
    }

    @Transactional
    void bought(long purchase, List<Long> products) {
        entities.createNativeQuery("insert into catalog.purchase (id, at) values (:id, now())")
                .setParameter("id", purchase)
                .executeUpdate();
        for (long product : products) {
            entities.createNativeQuery(
                            "insert into catalog.purchase_line (purchase_id, product_id, quantity,"
                                    + " price_cents) values (:id, :product, 1, 100)")
                    .setParameter("id", purchase)
                    .setParameter("product", product)
                    .executeUpdate();
        }
    }

    @Test
    void eachFacetLeavesOutItsOwnChoice() {
        load(
                List.of(
                        item("Facetword pan", "kitchen", 400, 0),
                        item("Facetword pot", "kitchen", 1500, 3),
                        item("Facetword rake", "garden", 1600, 3),
                        item("Facetword spade", "garden", 12_000, 0)));
        search("q", "facetword")
                .then()
                .statusCode(200)
                .body("total", equalTo(4))
                .body("items", hasSize(4))
                .body("facets.categories.id", contains("garden", "kitchen"))
                .body("facets.categories.name", contains("Garden", "Kitchen"))
                .body("facets.categories.count", contains(2, 2))
                .body("facets.prices.minCents", contains(0, 1000, 10_000))
                .body("facets.prices.maxCents", contains(499, 1999, null))
                .body("facets.prices.count", contains(1, 2, 1))
                .body("facets.ratings.atLeast", contains(4, 3, 2, 1))
                .body("facets.ratings.count", contains(0, 4, 4, 4))
                .body("facets.inStock", equalTo(2))
                .body("facets.soldOut", equalTo(2));
        search("q", "facetword", "category", "garden", "inStock", true)
                .then()
                .body("total", equalTo(1))
                .body("items.name", contains("Facetword rake"))
                .body("facets.categories.count", contains(1, 1))
                .body("facets.prices.count", contains(1))
                .body("facets.inStock", equalTo(1))
                .body("facets.soldOut", equalTo(1));
        search("q", "facetword", "minPrice", 1500, "maxPrice", 1600, "sort", "price-down")
                .then()
                .body("items.priceCents", contains(1600, 1500))
                .body("facets.prices.count", contains(1, 2, 1));
        search("q", "facetword", "minRating", 4).then().body("total", equalTo(0));
    }

    @Test
    void pagesFollowEachOtherAndAnEmptyOneStillCounts() {
        load(
                List.of(
                        item("Pageword one", "kitchen", 100, 1),
                        item("Pageword two", "kitchen", 200, 1),
                        item("Pageword three", "kitchen", 300, 1)));
        search("q", "pageword", "sort", "price", "limit", 2)
                .then()
                .body("items.priceCents", contains(100, 200))
                .body("total", equalTo(3));
        search("q", "pageword", "sort", "price", "limit", 2, "offset", 2)
                .then()
                .body("items.priceCents", contains(300))
                .body("offset", equalTo(2));
        search("q", "pageword", "limit", 2, "offset", 90)
                .then()
                .body("items", hasSize(0))
                .body("total", equalTo(3));
        search("q", "&|!").then().statusCode(200).body("total", equalTo(0));
    }

    @Test
    void whatWasBoughtAlongIsShownAndWhatMatchesIsNot() {
        long pan = Shelves.product("Alongword pan");
        long lid = Shelves.product("Alongword lid");
        long spoon = Shelves.product("Wooden spoon for it");
        long book = Shelves.product("Book about something else");
        bought(900_001, List.of(pan, lid, spoon));
        bought(900_002, List.of(pan, spoon));
        bought(900_003, List.of(book));
        search("q", "alongword")
                .then()
                .body("items.id", hasItem((int) pan))
                .body("alsoBought.id", contains((int) spoon));
    }

    @Test
    void oneMeaningIsOneEntryWhateverItsSpelling() {
        load(List.of(item("Spellword brass bowl", "kitchen", 100, 1)));
        // Until what the load has changed is told to the caches, an answer may not be kept.
        await().atMost(SOON)
                .until(
                        () -> search("q", "Spellword  brass!").header("Cache-Status"),
                        matchesPattern("larder-store; .*ttl=\\d+.*"));
        search("q", "brass spellword")
                .then()
                .header(
                        "Cache-Status",
                        matchesPattern("larder-store; hit; ttl=\\d+; detail=(warm|hot)"))
                .header("Age", matchesPattern("\\d+"));
    }

    @Test
    void anUnchangedSearchIsNotSentAgain() {
        load(List.of(item("Tagword cup", "kitchen", 100, 1)));
        String tag = search("q", "tagword").header("ETag");
        assertThat(tag).startsWith("W/\"");
        for (String known : List.of(tag, tag.substring(2), "\"other\", " + tag, "*")) {
            given().header("If-None-Match", known)
                    .queryParam("q", "tagword")
                    .get("/api/catalog/search")
                    .then()
                    .statusCode(304)
                    .header("ETag", equalTo(tag))
                    .body(equalTo(""));
        }
        given().header("If-None-Match", "\"other\"")
                .queryParam("q", "tagword")
                .get("/api/catalog/search")
                .then()
                .statusCode(200);
    }

    @Test
    void aChangedProductDropsTheSearchesThatShowIt() {
        long id = Shelves.product("Dropword kettle");
        search("q", "dropword").then().body("items.priceCents", contains(1250));
        int version = given().get("/api/catalog/products/" + id).path("version");
        given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.of("Ada"))
                .body(Shelves.change("Dropword kettle", 777, version))
                .put("/api/catalog/products/" + id)
                .then()
                .statusCode(200);
        search("q", "dropword")
                .then()
                .header("Cache-Status", containsString("fwd=miss"))
                .body("items.priceCents", contains(777));
    }

    @Test
    void aNewProductDropsTheSearchesOfItsCategory() {
        load(List.of(item("Newword fork", "garden", 100, 1)));
        search("q", "newword", "category", "garden").then().body("total", equalTo(1));
        search("q", "newword").then().body("total", equalTo(1));
        load(List.of(item("Newword hoe", "garden", 100, 1)));
        await().atMost(SOON)
                .untilAsserted(
                        () -> {
                            search("q", "newword", "category", "garden")
                                    .then()
                                    .body("total", equalTo(2));
                            search("q", "newword").then().body("total", equalTo(2));
                        });
    }

    @Test
    void badChoicesAreNamed() {
        search("minRating", 6, "limit", 0, "minPrice", -1)
                .then()
                .statusCode(400)
                .body("violations.field", hasItem(containsString("minRating")))
                .body("violations.field", hasItem(containsString("limit")))
                .body("violations.field", hasItem(containsString("minPrice")));
        search("pattern", "sometimes").then().statusCode(400);
        search("sort", "colour").then().statusCode(400);
    }

    @Test
    void theAssortmentGrowsOnceAndIsMarkedAsVariants() {
        long id = Shelves.product("Growword grinder");
        int made =
                grow("products/variants", Map.of("series", 3))
                        .statusCode(200)
                        .extract()
                        .path("accepted");
        assertThat(made).isGreaterThan(0);
        grow("products/variants", Map.of("series", 3)).body("accepted", equalTo(0));
        search("q", "growword")
                .then()
                .body("total", equalTo(2))
                .body("items.name", hasItem("Growword grinder"))
                .body("items.name", hasItem("Casa Moreno Growword grinder"));
        int lines =
                grow("purchases/batch", Map.of("first", 1, "size", 200))
                        .statusCode(200)
                        .extract()
                        .path("accepted");
        assertThat(lines).isGreaterThan(200);
        grow("purchases/batch", Map.of("first", 1, "size", 200)).body("accepted", equalTo(0));
        JsonPath variant = search("q", "casa moreno growword").jsonPath();
        given().get("/api/catalog/products/" + variant.getLong("items[0].id"))
                .then()
                .body("reviewCount", equalTo(variant.getInt("items[0].reviewCount")))
                .body("reviews.size()", equalTo(variant.getInt("items[0].reviewCount")))
                .body("reviews.stars", everyItem(greaterThanOrEqualTo(1)))
                .body("reviews.stars", everyItem(lessThanOrEqualTo(5)))
                .body("prices.priceCents", contains(variant.getInt("items[0].priceCents")))
                .body("id", not(equalTo((int) id)));
        grow("products/variants", Map.of("series", 21)).statusCode(400);
        given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.of("Ada"))
                .body(Map.of("series", 1))
                .post("/api/catalog/products/variants")
                .then()
                .statusCode(403);
    }
}
