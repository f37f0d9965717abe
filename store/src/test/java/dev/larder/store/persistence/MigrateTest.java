package dev.larder.store.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.compat.Wire;
import java.io.IOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys move from one store to another, or stay and say why. */
class MigrateTest {
    private Store source;
    private Store target;
    private Wire here;
    private Wire there;
    private String port;

    @BeforeEach
    void start() throws IOException {
        source = Store.start(new StoreConfig().with("port", 0));
        target = Store.start(new StoreConfig().with("port", 0));
        here = new Wire(source.port());
        there = new Wire(target.port());
        there.ask("SELECT", "9");
        port = Integer.toString(target.port());
    }

    @AfterEach
    void stop() throws IOException {
        here.close();
        there.close();
        source.close();
        target.close();
    }

    private String migrate(String key, String... more) throws IOException {
        String[] words = new String[6 + more.length];
        System.arraycopy(
                new String[] {"MIGRATE", "127.0.0.1", port, key, "9", "5000"}, 0, words, 0, 6);
        System.arraycopy(more, 0, words, 6, more.length);
        return here.ask(words);
    }

    @Test
    void movesAKeyWithItsTime() throws IOException {
        here.ask("SET", "k", "some value", "EX", "100");
        assertThat(migrate("k")).isEqualTo("+OK\r\n");
        assertThat(here.ask("EXISTS", "k")).isEqualTo(":0\r\n");
        assertThat(there.ask("GET", "k")).isEqualTo("$10\r\nsome value\r\n");
        assertThat(there.ask("TTL", "k")).isIn(":100\r\n", ":99\r\n");
        assertThat(here.ask("INFO", "stats")).contains("migrate_cached_sockets:1");
        assertThat(migrate("k")).isEqualTo("+NOKEY\r\n");
    }

    @Test
    void copiesAndReplaces() throws IOException {
        here.ask("RPUSH", "l", "a", "b");
        there.ask("SET", "l", "in the way");
        assertThat(migrate("l", "COPY"))
                .isEqualTo(
                        "-ERR Target instance replied with error: BUSYKEY Target key name already"
                                + " exists.\r\n");
        assertThat(migrate("l", "COPY", "REPLACE")).isEqualTo("+OK\r\n");
        assertThat(here.ask("LLEN", "l")).isEqualTo(":2\r\n");
        assertThat(there.ask("LLEN", "l")).isEqualTo(":2\r\n");
    }

    @Test
    void removesOnlyWhatHasArrived() throws IOException {
        here.ask("MSET", "a", "1", "b", "2", "c", "3");
        there.ask("SET", "b", "busy");
        assertThat(migrate("", "KEYS", "a", "b", "nothing", "c")).startsWith("-ERR Target");
        assertThat(here.ask("EXISTS", "a", "b", "c")).isEqualTo(":1\r\n");
        assertThat(there.ask("MGET", "a", "b", "c"))
                .isEqualTo("*3\r\n$1\r\n1\r\n$4\r\nbusy\r\n$1\r\n3\r\n");
        assertThat(migrate("named", "KEYS", "a")).contains("must be set to the empty string");
    }

    @Test
    void logsIn() throws IOException {
        here.ask("SET", "k", "v");
        there.ask("CONFIG", "SET", "requirepass", "secret");
        assertThat(migrate("k")).contains("NOAUTH");
        assertThat(migrate("k", "AUTH", "wrong")).contains("WRONGPASS");
        assertThat(here.ask("EXISTS", "k")).isEqualTo(":1\r\n");
        assertThat(migrate("k", "AUTH2", "default", "secret")).isEqualTo("+OK\r\n");
        assertThat(there.ask("GET", "k")).isEqualTo("$1\r\nv\r\n");
    }

    @Test
    void saysThatTheTargetIsAway() throws IOException {
        here.ask("SET", "k", "v");
        assertThat(migrate("k", "COPY")).isEqualTo("+OK\r\n");
        // A server that takes the connection and never answers.
        try (ServerSocket silent = new ServerSocket(0)) {
            String mute = Integer.toString(silent.getLocalPort());
            assertThat(here.ask("MIGRATE", "127.0.0.1", mute, "k", "0", "50"))
                    .startsWith("-IOERR error or timeout");
        }
        try (ServerSocket free = new ServerSocket(0)) {
            port = Integer.toString(free.getLocalPort());
        }
        assertThat(migrate("k")).isEqualTo("-IOERR error or timeout connecting to the client\r\n");
        assertThat(here.ask("EXISTS", "k")).isEqualTo(":1\r\n");
    }
}
