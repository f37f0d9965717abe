package dev.larder.store.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The page says what the table says. */
class CompatibilityPageTest {
    @Test
    void isNotStale() throws IOException {
        assertThat(Files.readString(CompatibilityPage.PLACE))
                .as("run the main of CompatibilityPage in store to write it anew")
                .isEqualTo(CompatibilityPage.text());
    }
}
