package dev.larder.queue;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import dev.larder.kit.LarderBackends;
import dev.larder.kit.OwnStore;
import dev.larder.kit.TestTokens;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A store that goes, and comes back empty. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
@WithTestResource(OwnStore.class)
class StoreAwayTest {

    private static final String JOBS = "/api/queue/queues/checksums/jobs";

    OwnStore store;

    private static ValidatableResponse put() {
        return given().auth()
                .oauth2(TestTokens.of("Ada"))
                .contentType(ContentType.JSON)
                .body(Map.of("type", "checksum", "payload", Map.of("text", "a", "rounds", 1)))
                .post(JOBS)
                .then();
    }

    private static void awaitCompleted(String id) {
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(
                        () ->
                                given().get(JOBS + "/" + id)
                                        .then()
                                        .statusCode(200)
                                        .body("state", equalTo("completed")));
    }

    @Test
    void theQueueWorksOnWhenTheStoreIsBack() {
        String first = put().statusCode(201).extract().path("id");
        awaitCompleted(first);
        store.down();
        long began = System.nanoTime();
        put().statusCode(503)
                .contentType("application/problem+json")
                .header("Retry-After", notNullValue());
        given().get("/api/queue/queues").then().statusCode(503);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
        store.up();
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> given().get(JOBS).then().statusCode(200));
        // What ended before is still known, and new work is done.
        awaitCompleted(first);
        awaitCompleted(put().statusCode(201).extract().path("id"));
    }
}
