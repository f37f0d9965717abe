package dev.larder.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class WayTest {
    private static final Set<String> SERVICES = Set.of("catalog", "session");

    private static Way of(String path) {
        return Way.of(path, path, SERVICES);
    }

    @Test
    void aPathNamesItsService() {
        assertThat(of("/api/catalog/products")).isEqualTo(new Way.Api("catalog"));
        assertThat(of("/api/session")).isEqualTo(new Way.Api("session"));
        assertThat(of("/api/suite/status")).isEqualTo(new Way.Suite("status"));
        assertThat(of("/api/suite")).isEqualTo(new Way.Suite(""));
        assertThat(of("/services/catalog/q/health/ready"))
                .isEqualTo(new Way.About("catalog", "/q/health/ready"));
        assertThat(of("/q/metrics")).isEqualTo(new Way.Own());
    }

    @Test
    void everythingElseIsThePage() {
        assertThat(of("/")).isEqualTo(new Way.Page(false));
        assertThat(of("/catalog")).isEqualTo(new Way.Page(false));
        assertThat(of("/internal/session/resolve")).isEqualTo(new Way.Page(false));
        assertThat(of("/a.b/c")).isEqualTo(new Way.Page(false));
        assertThat(of("/static/bundle/app-AB12CD34.js")).isEqualTo(new Way.Page(true));
    }

    @Test
    void nobodyIsBehindOtherNames() {
        assertThat(of("/api")).isEqualTo(new Way.Nowhere());
        assertThat(of("/api/other")).isEqualTo(new Way.Nowhere());
        assertThat(of("/services/catalog/api/catalog")).isEqualTo(new Way.Nowhere());
        assertThat(of("/services/catalog/q")).isEqualTo(new Way.Nowhere());
    }

    @Test
    void whatTwoReadersReadDifferentlyIsUnclear() {
        for (String path :
                new String[] {
                    "/api/catalog/..%2Finternal", "/api/catalog/%5c", "/api//catalog", "/api/a;b"
                }) {
            assertThat(of(path)).isEqualTo(new Way.Unclear());
        }
    }
}
