package dev.larder.store.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.compat.Wire;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What other connections are told while a script keeps the thread, and how it is ended. */
class BusyScriptTest {
    private static final String BUSY =
            "-BUSY Redis is busy running a script. You can only call %s KILL or SHUTDOWN"
                    + " NOSAVE.\r\n";
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private Store store;
    private Wire caller;
    private Wire other;

    @BeforeEach
    void start() throws IOException {
        store = Store.start(new StoreConfig().with("port", 0).with("busy-reply-threshold", 20));
        caller = new Wire(store.port());
        other = new Wire(store.port());
        assertThat(other.ask("SET", "k", "v")).isEqualTo("+OK\r\n");
    }

    @AfterEach
    void stop() throws IOException {
        caller.close();
        other.close();
        store.close();
    }

    /** Asks until the script is busy. */
    private static void awaitBusy(Wire wire) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!wire.ask("GET", "k").startsWith("-BUSY")) {
            assertThat(System.nanoTime()).as("still not busy").isLessThan(deadline);
        }
    }

    @Test
    void othersHearThatItIsBusyAndMayEndIt() throws IOException {
        caller.send("EVAL", "while true do end", "0");
        awaitBusy(other);
        assertThat(other.ask("GET", "k")).isEqualTo(BUSY.formatted("SCRIPT"));
        assertThat(other.ask("FUNCTION", "KILL")).isEqualTo(BUSY.formatted("SCRIPT"));
        assertThat(other.ask("SHUTDOWN")).isEqualTo(BUSY.formatted("SCRIPT"));
        assertThat(other.ask("SCRIPT", "KILL")).isEqualTo("+OK\r\n");
        assertThat(caller.reply())
                .isEqualTo(
                        "-ERR Script killed by user with SCRIPT KILL... script:"
                                + " 694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7, on"
                                + " @user_script:1.\r\n");
        assertThat(other.ask("SCRIPT", "KILL"))
                .isEqualTo("-NOTBUSY No scripts in execution right now.\r\n");
        assertThat(caller.ask("GET", "k")).isEqualTo("$1\r\nv\r\n");
    }

    @Test
    void whoComesMeanwhileIsHeardToo() throws IOException {
        caller.send("EVAL", "while true do pcall(function() while true do end end) end", "0");
        awaitBusy(other);
        try (Wire late = new Wire(store.port())) {
            assertThat(late.ask("PING")).isEqualTo(BUSY.formatted("SCRIPT"));
            assertThat(late.ask("SCRIPT", "KILL")).isEqualTo("+OK\r\n");
            assertThat(caller.reply()).startsWith("-ERR Script killed by user");
            assertThat(late.ask("PING")).isEqualTo("+PONG\r\n");
        }
    }

    @Test
    void aTransactionThatMeetsItIsDiscarded() throws IOException {
        caller.send("EVAL", "while true do end", "0");
        awaitBusy(other);
        assertThat(other.ask("MULTI")).isEqualTo("+OK\r\n");
        assertThat(other.ask("GET", "k")).startsWith("-BUSY");
        assertThat(other.ask("EXEC"))
                .isEqualTo(
                        "-EXECABORT Transaction discarded because of: "
                                + BUSY.formatted("SCRIPT").substring(1));
        assertThat(other.ask("SCRIPT", "KILL")).isEqualTo("+OK\r\n");
        assertThat(caller.reply()).startsWith("-ERR Script killed by user");
    }

    @Test
    void whatHasWrittenGoesOn() throws IOException {
        caller.send(
                "EVAL",
                "redis.call('SET', KEYS[1], 'w')"
                        + " while redis.call('EXISTS', KEYS[1]) == 1 do end",
                "1",
                "k");
        awaitBusy(other);
        assertThat(other.ask("SCRIPT", "KILL")).startsWith("-UNKILLABLE ");
        // It goes on until the store is closed, which must not wait for it.
        caller.close();
    }

    @Test
    void aFunctionIsDescribedAndEnded() throws IOException {
        assertThat(
                        other.ask(
                                "FUNCTION",
                                "LOAD",
                                "#!lua name=l\nredis.register_function('turn', function() while"
                                        + " true do end end)"))
                .isEqualTo("$1\r\nl\r\n");
        caller.send("FCALL", "turn", "0", "word");
        awaitBusy(other);
        assertThat(other.ask("FUNCTION", "STATS"))
                .contains("$4\r\nturn\r\n")
                .contains("*4\r\n$5\r\nFCALL\r\n$4\r\nturn\r\n$1\r\n0\r\n$4\r\nword\r\n");
        assertThat(other.ask("SCRIPT", "KILL")).isEqualTo(BUSY.formatted("FUNCTION"));
        assertThat(other.ask("FUNCTION", "KILL")).isEqualTo("+OK\r\n");
        assertThat(caller.reply()).startsWith("-ERR Script killed by user");
    }
}
