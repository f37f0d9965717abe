package dev.larder.store.compat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts and functions declare, in every state of a server in which it matters. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScriptFlagsTest {
    private static final String CALL = "return redis.call(unpack(ARGV))";
    private static final List<String> SETS =
            List.of(
                    "",
                    "no-writes",
                    "allow-oom",
                    "allow-stale",
                    "no-cluster",
                    "allow-cross-slot-keys",
                    "no-writes,allow-stale",
                    "allow-oom,allow-stale");
    private static final List<String> COMMANDS =
            List.of("GET x", "SET x 1", "PING", "DEL x", "LPUSH l 1", "PUBLISH c m", "PFCOUNT h");

    private Store store;
    private Peer peer;
    private Wire ours;
    private Wire theirs;
    private SoftAssertions differences;

    @BeforeAll
    void start() throws Exception {
        peer = Peer.start();
        store = Store.start(new StoreConfig().with("port", 0));
        ours = new Wire(store.port());
        theirs = new Wire(peer.port());
    }

    @AfterAll
    void stop() throws IOException {
        if (theirs != null) {
            theirs.close();
            ours.close();
        }
        if (store != null) {
            store.close();
        }
        if (peer != null) {
            peer.close();
        }
    }

    @BeforeEach
    void begin() throws IOException {
        differences = new SoftAssertions();
        both("FLUSHALL");
        both("FUNCTION", "FLUSH");
        for (int i = 0; i < SETS.size(); i++) {
            both("FUNCTION", "LOAD", library("l" + i, "f" + i, SETS.get(i)));
        }
    }

    @AfterEach
    void end() throws IOException {
        both("REPLICAOF", "NO", "ONE");
        for (String option :
                List.of("maxmemory 0", "min-replicas-to-write 0", "replica-serve-stale-data yes")) {
            both(("CONFIG SET " + option).split(" "));
        }
        differences.assertAll();
    }

    private static String library(String name, String function, String flags) {
        String quoted = flags.isEmpty() ? "" : "'" + flags.replace(",", "','") + "'";
        return "#!lua name="
                + name
                + "\nredis.register_function{function_name='"
                + function
                + "',callback=function(k, ARGV) "
                + CALL
                + " end,flags={"
                + quoted
                + "}}";
    }

    private static String script(String flags) {
        return "#!lua flags=" + flags + "\n" + CALL;
    }

    private void both(String... words) throws IOException {
        differences
                .assertThat(ours.ask(words))
                .as(String.join(" ", words))
                .isEqualTo(theirs.ask(words));
    }

    private void ask(String name, String what, String command) throws IOException {
        List<String> words = new ArrayList<>(List.of(name, what, "0"));
        words.addAll(List.of(command.split(" ")));
        both(words.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "CONFIG SET maxmemory 1",
                "CONFIG SET min-replicas-to-write 1",
                "REPLICAOF 127.0.0.1 1",
                "REPLICAOF 127.0.0.1 1; CONFIG SET replica-serve-stale-data no",
                "REPLICAOF 127.0.0.1 1; CONFIG SET replica-serve-stale-data no; CONFIG SET maxmemory 1"
            })
    void declaredIsWhatIsAllowed(String state) throws IOException {
        for (String line : state.isEmpty() ? new String[0] : state.split("; ")) {
            both(line.split(" "));
        }
        for (String command : COMMANDS) {
            for (String name : List.of("EVAL", "EVAL_RO")) {
                ask(name, CALL, command);
                for (String flags : SETS) {
                    ask(name, script(flags), command);
                }
            }
            for (int i = 0; i < SETS.size(); i++) {
                ask("FCALL", "f" + i, command);
                ask("FCALL_RO", "f" + i, command);
            }
        }
    }

    @Test
    void whatIsNoFlagIsRefused() throws IOException {
        for (String flags :
                List.of("nope", "no-writes,nope", "no-writes,", "NO-WRITES", " no-writes")) {
            ask("EVAL", script(flags), "PING");
            both("SCRIPT", "LOAD", script(flags));
            both("FUNCTION", "LOAD", library("bad", "bad", flags));
        }
        for (String line :
                List.of(
                        "#!lua",
                        "#!lua foo=bar",
                        "#!lua name=x",
                        "#!lua flags",
                        "#!python",
                        "#!",
                        "#! lua",
                        "#!LUA",
                        "#!lua flags=no-writes flags=allow-oom")) {
            both("EVAL", line + "\nreturn 1", "0");
            both("EVAL", line, "0");
        }
    }
}
