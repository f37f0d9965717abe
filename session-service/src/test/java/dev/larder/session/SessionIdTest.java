package dev.larder.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SessionIdTest {
    @Test
    void idsAreLongAndDiffer() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String secret = SessionId.random().secret();
            assertThat(secret).hasSize(32);
            assertThat(seen.add(secret)).isTrue();
        }
    }

    @Test
    void theKeyIsAHashAndTheTextShowsNoSecret() {
        SessionId id = SessionId.random();
        assertThat(id.key()).hasSize(64).doesNotContain(id.secret());
        assertThat(id.toString()).doesNotContain(id.secret());
        assertThat(SessionId.parse(id.secret()).orElseThrow().key()).isEqualTo(id.key());
    }

    @Test
    void whatCannotBeAnIdIsNone() {
        assertThat(SessionId.parse(null)).isEmpty();
        assertThat(SessionId.parse("")).isEmpty();
        assertThat(SessionId.parse("short")).isEmpty();
        assertThat(SessionId.parse("a".repeat(31) + "!")).isEmpty();
        assertThat(SessionId.parse("a".repeat(33))).isEmpty();
    }
}
