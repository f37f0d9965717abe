package dev.larder.kit;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A store that is away is a 503 that says when to come back, and its return is noticed. */
@QuarkusTest
@WithTestResource(LarderBackends.class)
@WithTestResource(OutageTest.OwnStore.class)
class OutageTest {
    private Store store;

    /** A store of this test alone, which it may stop. */
    public static final class OwnStore implements QuarkusTestResourceLifecycleManager {
        private Store own;

        @Override
        public Map<String, String> start() {
            own = Store.start(new StoreConfig().with("port", 0));
            return Map.of("quarkus.redis.hosts", own.url());
        }

        @Override
        public void inject(Object test) {
            if (test instanceof OutageTest outage) {
                outage.store = own;
            }
        }

        @Override
        public int order() {
            return 100;
        }

        @Override
        public void stop() {
            own.close();
        }
    }

    @Test
    void theStoreGoesAndComes() {
        given().get("/echo/store").then().statusCode(200);
        int port = store.port();
        store.close();
        given().get("/echo/store")
                .then()
                .statusCode(503)
                .contentType(Problem.MEDIA_TYPE)
                .header("Retry-After", equalTo(Problems.RETRY_AFTER_SECONDS))
                .body("detail", containsString("store"));
        try (Store _ = Store.start(new StoreConfig().with("port", port))) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> given().get("/echo/store").statusCode() == 200);
        }
    }
}
