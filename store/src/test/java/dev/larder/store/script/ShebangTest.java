package dev.larder.store.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** How the first line of a source is read. */
class ShebangTest {
    private static Shebang of(String source) {
        return Shebang.of(source.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void wordsMayBeQuoted() {
        assertThat(of("#!lua name=\"f\\x6fo\" flags='a b'\nrest").words())
                .containsExactly("#!lua", "name=foo", "flags=a b");
        assertThat(of("#!lua \t name=foo\r\n").words()).containsExactly("#!lua", "name=foo");
    }

    @Test
    void whatIsNotClosedHasNoWords() {
        assertThat(of("#!lua name=\"foo\n").words()).isEmpty();
        assertThat(of("#!lua name=\"foo\"bar\n").words()).isEmpty();
    }

    @Test
    void withoutALineFeedThereIsNone() {
        assertThat(of("#!lua name=foo")).isNull();
    }
}
