package dev.larder.caching;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReadCountsTest {

    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final ReadCounts counts = new ReadCounts(10_000, WINDOW, 0);

    @Test
    void countsEachKeyForItself() {
        assertThat(counts.count("a", 1)).isEqualTo(1);
        assertThat(counts.count("a", 2)).isEqualTo(2);
        assertThat(counts.count("b", 3)).isEqualTo(1);
        assertThat(counts.count("a", 4)).isEqualTo(3);
    }

    @Test
    void stopsAtItsHighest() {
        for (int i = 0; i < 1_000; i++) {
            counts.count("a", 1);
        }
        assertThat(counts.count("a", 1)).isEqualTo(127);
    }

    @Test
    void halvesAtTheEndOfEachWindow() {
        for (int i = 0; i < 40; i++) {
            counts.count("a", 1);
        }
        assertThat(counts.count("a", WINDOW.toNanos())).isEqualTo(21);
        assertThat(counts.count("a", 4 * WINDOW.toNanos())).isEqualTo(3);
        assertThat(counts.count("a", 400 * WINDOW.toNanos())).isEqualTo(1);
    }

    @Test
    void aCrowdOfOtherKeysMakesFewOfThemHot() {
        int hot = 0;
        for (int i = 0; i < 10_000; i++) {
            if (counts.count("product " + i, 1) >= 2) {
                hot++;
            }
        }
        assertThat(hot).isLessThan(300);
    }
}
