package dev.larder.catalog;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.kit.TestTokens;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Loads products through the batch door, each test its own, and reads them. */
final class Shelves {

    private static final AtomicInteger SKUS = new AtomicInteger();

    private Shelves() {}

    static String newSku() {
        return "TEST-%05d".formatted(SKUS.incrementAndGet());
    }

    static Map<String, Object> item(String sku, String name) {
        return Map.of(
                "sku",
                sku,
                "name",
                name,
                "category",
                "kitchen",
                "description",
                "Made by a test.",
                "priceCents",
                1250,
                "currency",
                "EUR",
                "stock",
                7,
                "reviews",
                List.of(
                        review("Bo", 5, "2026-05-01T10:00:00Z"),
                        review("Cy", 2, "2026-06-01T10:00:00Z")));
    }

    private static Map<String, Object> review(String author, int stars, String at) {
        return Map.of("author", author, "stars", stars, "text", "So it is.", "at", at);
    }

    static void load(List<?> items) {
        load(List.of(Map.of("id", "kitchen", "name", "Kitchen")), items);
    }

    static void load(List<?> categories, List<?> items) {
        given().contentType(ContentType.JSON)
                .auth()
                .oauth2(TestTokens.loader())
                .body(Map.of("categories", categories, "items", items))
                .post("/api/catalog/products/batch")
                .then()
                .statusCode(200);
    }

    /** Loads one product and answers its id. */
    static long product(String name) {
        String sku = newSku();
        load(List.of(item(sku, name)));
        return given().queryParam("q", sku)
                .get("/api/catalog/products")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath()
                .getLong("items.find { it.sku == '" + sku + "' }.id");
    }

    static Map<String, Object> change(String name, long priceCents, long version) {
        return Map.of(
                "name", name,
                "description", "Changed.",
                "priceCents", priceCents,
                "stock", 3,
                "version", version);
    }

    static Response read(long id) {
        Response answer = given().get("/api/catalog/products/" + id);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer;
    }

    static String status(Response answer) {
        return answer.header("Cache-Status");
    }
}
