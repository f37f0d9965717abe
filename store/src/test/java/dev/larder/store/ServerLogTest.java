package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store that runs alone writes: its log, and why it does not start. */
class ServerLogTest {
    private static String logged(Level level, String message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new ServerLog(out, () -> false).publish(new LogRecord(level, message));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aRecordIsOneLineAsTheRealServersWriteIt() {
        assertThat(logged(Level.INFO, "DB saved\non disk"))
                .matches(
                        ProcessHandle.current().pid()
                                + ":M \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3}"
                                + " \\* DB saved\\\\non disk\\R");
        assertThat(logged(Level.WARNING, "x")).contains(" # x");
        assertThat(logged(Level.CONFIG, "x")).contains(" - x");
        assertThat(logged(Level.FINE, "x")).contains(" . x");
    }

    @Test
    void aFolderThatIsMissingIsNamed(@TempDir Path folder) {
        String missing = folder.resolve("none").toString();
        assertThatThrownBy(() -> StoreConfig.parse(List.of("--dir", missing)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(missing)
                .hasMessageContaining("No such file or directory");
    }
}
