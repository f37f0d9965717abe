package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whoever walks through the keys removes those whose time is over. */
class ScanConversationTest {
    private static long size(Conversation c) {
        return c.engine().database(0).size();
    }

    @Test
    void scanRemovesWhatIsOverAndWanted() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a 1 PX 10");
            c.ask("SET b 1 PX 10");
            c.ask("RPUSH l 1");
            c.ask("PEXPIRE l 10");
            c.ask("SET stays 1");
            c.passes(11);
            assertThat(size(c)).isEqualTo(4);
            c.says("SCAN 0 MATCH b*", "[0 []]");
            assertThat(size(c)).isEqualTo(3);
            c.says("SCAN 0 TYPE list", "[0 []]");
            assertThat(size(c)).isEqualTo(2);
            c.says("SCAN 0", "[0 [stays]]");
            assertThat(size(c)).isEqualTo(1);
        }
    }

    @Test
    void takesForACursorWhatStrtoulTakes() {
        try (Conversation c = new Conversation()) {
            c.says("SCAN -1", "[0 []]");
            c.says("SCAN +0", "[0 []]");
            c.says("SCAN x", "-ERR invalid cursor");
            c.says("SCAN 18446744073709551616", "-ERR invalid cursor");
        }
    }

    @Test
    void randomKeyNeverIsOneThatIsOver() {
        try (Conversation c = new Conversation()) {
            for (int i = 0; i < 300; i++) {
                c.ask("SET k" + i + " v PX 10");
            }
            c.ask("SET stays 1");
            c.passes(11);
            c.says("RANDOMKEY", "stays");
            c.ask("DEL stays");
            c.says("RANDOMKEY", "(nil)");
            assertThat(size(c)).isZero();
        }
    }
}
