package dev.larder.store.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.compat.Peer;
import dev.larder.store.compat.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store as replica of another, of a chain of stores, and of a real server. */
class ReplicaTest {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    @TempDir Path folder;

    private Store store() {
        return Store.start(new StoreConfig().with("port", 0).with("dir", folder).with("save", ""));
    }

    private static String[] words(String line) {
        return line.split(" ");
    }

    /** Asks until the answer has that part in it; commands that wait pass the time between. */
    private static void awaits(Wire of, String question, String part) throws IOException {
        long until = System.nanoTime() + PATIENCE_NANOS;
        String answer = of.ask(words(question));
        while (!answer.contains(part) && System.nanoTime() < until) {
            of.ask("XREAD", "BLOCK", "20", "STREAMS", "no-such-stream", "$");
            answer = of.ask(words(question));
        }
        assertThat(answer).contains(part);
    }

    private static void follow(Wire replica, int port) throws IOException {
        assertThat(replica.ask("REPLICAOF", "127.0.0.1", Integer.toString(port))).contains("OK");
        awaits(replica, "INFO replication", "master_link_status:up");
    }

    private static void fill(Wire master) throws IOException {
        for (String line :
                List.of(
                        "SET text 1",
                        "RPUSH list a b c",
                        "SADD numbers 1 2 3",
                        "SADD words a b c",
                        "HSET hash a 1 b 2",
                        "ZADD sorted 1 a 2.5 b",
                        "XADD stream * a 1",
                        "XGROUP CREATE stream g 0",
                        "XREADGROUP GROUP g me STREAMS stream >",
                        "PFADD log a b",
                        "SET passing 1 PX 100000",
                        "SELECT 3",
                        "SET elsewhere 1",
                        "SELECT 0")) {
            master.ask(words(line));
        }
        master.ask(
                "FUNCTION",
                "LOAD",
                "#!lua name=l\nredis.register_function('f', function() return 1 end)");
    }

    private static void change(Wire master) throws IOException {
        for (String line :
                List.of(
                        "INCR text",
                        "MULTI",
                        "LPOP list",
                        "SELECT 3",
                        "INCR elsewhere",
                        "EXEC",
                        "SPOP words",
                        "HDEL hash a",
                        "SELECT 0",
                        "EXPIRE hash 1000",
                        "ZINCRBY sorted 1 a",
                        "XACK stream g 0-1",
                        "XADD stream MAXLEN 1 * b 2",
                        "GETDEL passing")) {
            master.ask(words(line));
        }
        master.ask(
                "EVAL",
                "redis.call('set', KEYS[1], 1) return redis.call('incr', KEYS[1])",
                "1",
                "text");
    }

    private static void same(Wire master, Wire replica) throws IOException {
        assertThat(master.ask("WAIT", "1", "10000")).contains("1");
        assertThat(replica.ask("DEBUG", "DIGEST")).isEqualTo(master.ask("DEBUG", "DIGEST"));
    }

    private static long figure(Wire of, String name) throws IOException {
        String answer = of.ask("INFO", "everything");
        String line =
                answer.lines()
                        .filter(each -> each.startsWith(name + ":"))
                        .findFirst()
                        .orElseThrow();
        return Long.parseLong(line.substring(name.length() + 1).strip());
    }

    @Test
    void whatGoesToAReplicaIsCounted() throws IOException {
        try (Store first = store();
                Store second = store();
                Wire master = new Wire(first.port());
                Wire replica = new Wire(second.port())) {
            assertThat(figure(master, "mem_clients_slaves")).isZero();
            assertThat(figure(master, "total_net_repl_output_bytes")).isZero();
            follow(replica, first.port());
            master.ask("SET", "large", "x".repeat(100_000));
            same(master, replica);
            assertThat(figure(master, "total_net_repl_output_bytes"))
                    .isBetween(100_000L, figure(master, "total_net_output_bytes"));
            assertThat(figure(replica, "total_net_repl_input_bytes"))
                    .isBetween(100_000L, figure(replica, "total_net_input_bytes"));
            assertThat(figure(master, "mem_clients_slaves")).isPositive();
            assertThat(figure(master, "mem_clients_normal")).isPositive();
        }
    }

    @Test
    void followsAnotherStore() throws IOException {
        try (Store first = store();
                Store second = store();
                Wire master = new Wire(first.port());
                Wire replica = new Wire(second.port())) {
            fill(master);
            replica.ask("SET", "old", "1");
            follow(replica, first.port());
            same(master, replica);
            assertThat(replica.ask("EXISTS", "old")).contains("0");
            assertThat(replica.ask("FCALL_RO", "f", "0")).contains("READONLY");
            assertThat(replica.ask("SET", "text", "9")).contains("READONLY");
            assertThat(replica.ask("EVAL", "return redis.call('set', 'x', 1)", "0"))
                    .contains("READONLY");
            assertThat(replica.ask("ROLE")).contains("slave").contains("connected");
            assertThat(master.ask("CLIENT", "LIST", "TYPE", "replica")).contains("flags=S");
            assertThat(replica.ask("CLIENT", "LIST", "TYPE", "master")).contains("flags=M");
            change(master);
            same(master, replica);
            try (Wire listener = new Wire(second.port())) {
                assertThat(listener.ask("SUBSCRIBE", "channel")).contains("channel");
                master.ask("PUBLISH", "channel", "hello");
                assertThat(listener.reply()).contains("hello");
            }
            master.ask("CLIENT", "KILL", "TYPE", "replica");
            master.ask("SET", "meanwhile", "1");
            awaits(replica, "GET meanwhile", "1");
            replica.ask("CLIENT", "KILL", "TYPE", "master");
            change(master);
            awaits(replica, "INFO replication", "master_link_status:up");
            awaits(master, "INFO replication", "connected_slaves:1");
            same(master, replica);
            assertThat(replica.ask("REPLICAOF", "NO", "ONE")).contains("OK");
            assertThat(replica.ask("ROLE")).contains("master");
            assertThat(replica.ask("SET", "text", "9")).contains("OK");
        }
    }

    @Test
    void handsOnToItsOwnReplica() throws IOException {
        try (Store first = store();
                Store second = store();
                Store third = store();
                Wire master = new Wire(first.port());
                Wire middle = new Wire(second.port());
                Wire last = new Wire(third.port())) {
            fill(master);
            follow(middle, first.port());
            master.ask("SELECT", "5");
            master.ask("SET", "a", "1");
            master.ask("WAIT", "1", "10000");
            follow(last, second.port());
            master.ask("SET", "b", "1");
            master.ask("SELECT", "0");
            change(master);
            master.ask("SET", "done", "yes");
            awaits(last, "GET done", "yes");
            assertThat(last.ask("DEBUG", "DIGEST")).isEqualTo(master.ask("DEBUG", "DIGEST"));
        }
    }

    @Test
    void leavesExpiryToItsMaster() throws IOException {
        try (Store first = store();
                Store second = store();
                Wire master = new Wire(first.port());
                Wire replica = new Wire(second.port())) {
            follow(replica, first.port());
            master.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
            master.ask("SET", "short", "1", "PX", "500");
            master.ask("WAIT", "1", "10000");
            assertThat(replica.ask("GET", "short")).contains("1");
            awaits(replica, "EXISTS short", "0");
            assertThat(replica.ask("DBSIZE")).contains("1");
            master.ask("GET", "short");
            master.ask("SET", "after", "1");
            awaits(replica, "DBSIZE", "1");
            same(master, replica);
        }
    }

    @Test
    void asksForReplicasBeforeItWrites() throws IOException {
        try (Store first = store();
                Store second = store();
                Wire master = new Wire(first.port());
                Wire replica = new Wire(second.port())) {
            master.ask("CONFIG", "SET", "min-replicas-to-write", "1");
            assertThat(master.ask("SET", "a", "1")).contains("NOREPLICAS");
            follow(replica, first.port());
            awaits(master, "SET a 1", "OK");
            assertThat(master.ask("WAIT", "2", "30")).contains("1");
            replica.ask("CONFIG", "SET", "replica-serve-stale-data", "no");
            assertThat(replica.ask("GET", "a")).contains("1");
            replica.ask("REPLICAOF", "127.0.0.1", "1");
            assertThat(replica.ask("GET", "a")).contains("MASTERDOWN");
            replica.ask("CONFIG", "SET", "replica-serve-stale-data", "yes");
            assertThat(replica.ask("WAIT", "1", "1")).contains("WAIT cannot be used");
        }
    }

    @Test
    void runsScriptsByWhatTheyDeclare() throws IOException {
        try (Store store = store();
                Wire client = new Wire(store.port())) {
            client.ask("REPLICAOF", "127.0.0.1", "1");
            assertThat(client.ask("EVAL", "#!lua\nreturn 1", "0")).contains("READONLY");
            assertThat(client.ask("EVAL", "#!lua flags=no-writes\nreturn 1", "0")).contains(":1");
            client.ask("CONFIG", "SET", "replica-serve-stale-data", "no");
            assertThat(client.ask("EVAL", "return 1", "0")).contains("MASTERDOWN");
            String lenient = "#!lua flags=allow-stale,no-writes\nreturn redis.call(";
            assertThat(client.ask("EVAL", lenient + "'get', 'x')", "0"))
                    .contains("Can not execute the command on a stale replica");
            assertThat(client.ask("EVAL", lenient + "'echo', 'foo')", "0")).contains("foo");
        }
    }

    @Test
    void aTransactionThatEndsItsOwnHistoryGoesNowhere() throws IOException {
        try (Store first = store();
                Store second = store();
                Wire master = new Wire(first.port());
                Wire replica = new Wire(second.port())) {
            follow(replica, first.port());
            master.ask("SET", "before", "1");
            master.ask("WAIT", "1", "10000");
            master.ask("MULTI");
            master.ask("SET", "within", "1");
            master.ask("REPLICAOF", "127.0.0.1", "1");
            master.ask("SET", "also", "1");
            master.ask("EXEC");
            assertThat(master.ask("SET", "after", "1")).contains("READONLY");
            awaits(replica, "INFO replication", "master_link_status:down");
            assertThat(replica.ask("EXISTS", "before", "within", "also")).contains("1");
        }
    }

    @Test
    void followsARealServer() throws IOException, InterruptedException {
        for (String diskless : List.of("yes", "no")) {
            try (Peer real =
                            Peer.start(
                                    "--repl-diskless-sync",
                                    diskless,
                                    "--repl-diskless-sync-delay",
                                    "0",
                                    "--dir",
                                    folder.toString(),
                                    "--requirepass",
                                    "secret");
                    Store store = store();
                    Wire master = new Wire(real.port());
                    Wire replica = new Wire(store.port())) {
                master.ask("AUTH", "secret");
                replica.ask("CONFIG", "SET", "masterauth", "secret");
                fill(master);
                follow(replica, real.port());
                awaits(master, "INFO replication", "state=online");
                same(master, replica);
                change(master);
                same(master, replica);
                replica.ask("CLIENT", "KILL", "TYPE", "master");
                change(master);
                awaits(replica, "INFO replication", "master_link_status:up");
                awaits(master, "INFO replication", "state=online");
                same(master, replica);
            }
        }
    }
}
