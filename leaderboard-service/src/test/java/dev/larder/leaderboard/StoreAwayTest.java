package dev.larder.leaderboard;

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

    private static final String COINS = "/api/leaderboard/boards/weekly-coins";

    OwnStore store;

    private static ValidatableResponse submit(int score, String id) {
        return given().auth()
                .oauth2(TestTokens.of("Dora"))
                .contentType(ContentType.JSON)
                .body(Map.of("score", score, "submissionId", id))
                .post(COINS + "/scores")
                .then();
    }

    @Test
    void aScoreHandedInWhileTheStoreIsAwayIsKeptAndCountsOnce() {
        submit(10, "before").statusCode(200).body("score", equalTo(10));
        store.down();
        long began = System.nanoTime();
        submit(5, "meanwhile")
                .statusCode(503)
                .contentType("application/problem+json")
                .header("Retry-After", notNullValue());
        given().get(COINS + "/top").then().statusCode(503);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
        store.up();
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(
                        () ->
                                given().get(COINS + "/top")
                                        .then()
                                        .statusCode(200)
                                        .body("items[0].score", equalTo(15)));
        submit(5, "meanwhile")
                .statusCode(200)
                .body("score", equalTo(15))
                .body("previousScore", equalTo(10));
    }
}
