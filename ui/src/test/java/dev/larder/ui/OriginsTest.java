package dev.larder.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class OriginsTest {
    private final Origins origins = new Origins(Set.of("https://larder.example"));

    @Test
    void theAddressThePageCameFromIsOurs() {
        assertThat(origins.isOurs("http://localhost:8080", "same-origin", "localhost:8080"))
                .isTrue();
        assertThat(origins.isOurs("https://HOST", null, "host")).isTrue();
        assertThat(origins.isOurs("https://larder.example", "cross-site", "10.0.0.1:8080"))
                .isTrue();
    }

    @Test
    void othersAreNot() {
        for (String other :
                new String[] {
                    "http://localhost:8081",
                    "http://localhost",
                    "http://localhost:8080.evil.example",
                    "http://evil@localhost:8080",
                    "file://localhost:8080",
                    "null",
                    "",
                    "%%"
                }) {
            assertThat(origins.isOurs(other, null, "localhost:8080")).as(other).isFalse();
        }
        assertThat(origins.isOurs("http://localhost", null, null)).isFalse();
    }

    @Test
    void withoutAnOriginTheBrowserHasAnotherWord() {
        assertThat(origins.isOurs(null, null, "a")).isTrue();
        assertThat(origins.isOurs(null, "same-origin", "a")).isTrue();
        assertThat(origins.isOurs(null, "none", "a")).isTrue();
        assertThat(origins.isOurs(null, "cross-site", "a")).isFalse();
        assertThat(origins.isOurs(null, "same-site", "a")).isFalse();
    }
}
