package dev.larder.ui;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StoreFiguresTest {

    @Test
    void readsWhatAStoreSaysOfItself() {
        StoreFigures figures =
                StoreFigures.of(
                        """
                        # Server\r
                        redis_version:7.0.15\r
                        redis_mode:cluster\r
                        uptime_in_seconds:12\r
                        connected_clients:3\r
                        used_memory:1048576\r
                        instantaneous_ops_per_sec:42\r
                        keyspace_hits:3\r
                        keyspace_misses:1\r
                        # Keyspace\r
                        db0:keys=5,expires=1,avg_ttl=0\r
                        db1:keys=2,expires=0,avg_ttl=0\r
                        """);
        assertThat(figures)
                .isEqualTo(
                        new StoreFigures("redis 7.0.15", "cluster", 42, 0.75, 7, 1_048_576, 3, 12));
    }

    @Test
    void namesAStoreThatOnlySpeaksLikeOne() {
        assertThat(StoreFigures.of("server_name:larder\r\nredis_version:7.2.4\r\n").version())
                .isEqualTo("larder (Redis 7.2.4)");
        assertThat(
                        StoreFigures.of(
                                        "server_name:valkey\r\nvalkey_version:8.1.1\r\n"
                                                + "redis_version:7.2.4\r\n")
                                .version())
                .isEqualTo("valkey 8.1.1");
    }

    @Test
    void aStoreThatWasNeverReadHasNoRatio() {
        assertThat(StoreFigures.of("keyspace_hits:0\r\n").hitRatio()).isNull();
        assertThat(StoreFigures.of("").keys()).isZero();
    }
}
