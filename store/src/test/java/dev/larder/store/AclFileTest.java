package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users in files: those of ACL SAVE and ACL LOAD, and those of a configuration file. */
class AclFileTest {
    @TempDir private Path dir;

    /** A connection that says lines and hears lines. */
    private static final class Talk implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;

        Talk(Store store, String... lines) throws IOException {
            socket = new Socket("127.0.0.1", store.port());
            in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (String line : lines) {
                assertThat(ask(line)).as(line).doesNotStartWith("-");
            }
        }

        String ask(String line) throws IOException {
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
            return hear();
        }

        /** The next line; null where the connection is closed. */
        String hear() throws IOException {
            return in.readLine();
        }

        /** Hears until a line that ends so; false where the connection is closed before. */
        boolean hears(String end) throws IOException {
            String line = hear();
            while (line != null && !line.endsWith(end)) {
                line = hear();
            }
            return line != null;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private StoreConfig withUsers(String... lines) throws IOException {
        Files.write(dir.resolve("users.acl"), List.of(lines));
        return new StoreConfig().with("port", 0).with("dir", dir).with("aclfile", "users.acl");
    }

    @Test
    void loadClosesOnlyWhoIsConcerned() throws IOException {
        StoreConfig config =
                withUsers(
                        "user alice on nopass ~* &* +@all",
                        "user doug on nopass ~* &test* +@all",
                        "",
                        "user mortimer on nopass +ping");
        try (Store store = Store.start(config);
                Talk admin = new Talk(store);
                Talk alice = new Talk(store, "AUTH alice x", "SUBSCRIBE test1");
                Talk doug = new Talk(store, "AUTH doug x", "SUBSCRIBE test1");
                Talk mortimer = new Talk(store, "AUTH mortimer x")) {
            withUsers("user alice on nopass ~* &* +@all", "user doug on nopass +@all");
            assertThat(admin.ask("ACL LOAD")).isEqualTo("+OK");
            assertThat(admin.ask("PUBLISH test1 hello")).isEqualTo(":1");
            assertThat(alice.hears("hello")).isTrue();
            assertThat(doug.hears("hello")).isFalse();
            assertThat(mortimer.hear()).isNull();
            assertThat(admin.ask("ACL WHOAMI")).isEqualTo("$7");
        }
    }

    @Test
    void whoIsGoneFromTheFileHearsTheAnswerToHisLoad() throws IOException {
        StoreConfig config = withUsers("user gone on nopass ~* +@all");
        try (Store store = Store.start(config);
                Talk gone = new Talk(store, "AUTH gone x")) {
            withUsers("user other on nopass ~* +@all");
            assertThat(gone.ask("ACL LOAD")).isEqualTo("+OK");
            assertThat(gone.hear()).isNull();
        }
    }

    @Test
    void whatIsSavedIsLoadedAgain() throws IOException {
        StoreConfig config = withUsers();
        String rules =
                "user ada on sanitize-payload"
                        + " #2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90"
                        + " %R~r* ~k* resetchannels &c -@all +@read -get +select|0"
                        + " (%W~w* resetchannels -@all +set)";
        try (Store store = Store.start(config);
                Talk talk = new Talk(store)) {
            assertThat(
                            talk.ask(
                                    "ACL SETUSER ada on >alice %R~r* ~k* &c +@read -get +select|0"
                                            + " (%W~w* +set)"))
                    .isEqualTo("+OK");
            assertThat(talk.ask("ACL SAVE")).isEqualTo("+OK");
            assertThat(Files.readAllLines(dir.resolve("users.acl"))).contains(rules);
            assertThat(talk.ask("ACL LOAD")).isEqualTo("+OK");
            assertThat(talk.ask("ACL SAVE")).isEqualTo("+OK");
            assertThat(Files.readAllLines(dir.resolve("users.acl")))
                    .containsExactly(rules, "user default on nopass sanitize-payload ~* &* +@all");
        }
    }

    @Test
    void aFaultyFileChangesNothing() throws IOException {
        StoreConfig config = withUsers("user alice on nopass ~* +@all");
        try (Store store = Store.start(config);
                Talk talk = new Talk(store)) {
            withUsers(
                    "user bob on +nosuch",
                    "user eve >secret nonsense more",
                    "user bob on",
                    "somebody on");
            assertThat(talk.ask("ACL LOAD"))
                    .isEqualTo(
                            "-ERR users.acl:1: Error in applying operation '+nosuch': Unknown"
                                    + " command or category name in ACL. users.acl:2: Syntax error."
                                    + " WARNING: Duplicate user 'bob' found on line 3."
                                    + " users.acl:4 should start with user keyword followed by the"
                                    + " username. WARNING: ACL errors detected, no change to the"
                                    + " previously active ACL rules was performed");
            assertThat(talk.ask("AUTH alice x")).isEqualTo("+OK");
        }
    }

    @Test
    void usersOfAConfigurationFileAreMadeAtTheStart() throws IOException {
        Path file =
                Files.write(
                        dir.resolve("store.conf"),
                        List.of("port 0", "user ada on >secret ~a* +get", "user default off"));
        Engine engine =
                Store.engine(StoreConfig.parse(List.of(file.toString())), new Clock(() -> 0));
        assertThat(engine.acl().find("ada").isEnabled()).isTrue();
        assertThat(engine.acl().defaultUser().isEnabled()).isFalse();
    }

    @Test
    void usersThatCannotBeMadeEndTheStart() {
        assertThatThrownBy(() -> start("--user", "ada", "+nosuch"))
                .hasMessage(
                        "Error loading ACL rule '+nosuch' for the user named 'ada': Unknown command"
                                + " or category name in ACL");
        assertThatThrownBy(() -> start("--user", "ada", "--user", "ada"))
                .hasMessageStartingWith("Duplicate user found.");
        assertThatThrownBy(() -> start("--user", "ada", "--aclfile", "users.acl"))
                .hasMessageStartingWith("Configuring Redis with users defined in redis.conf");
        assertThatThrownBy(() -> start("--aclfile", "nowhere.acl"))
                .hasMessageEndingWith("opening file 'nowhere.acl': No such file or directory");
    }

    private static void start(String... words) throws IOException {
        Store.engine(StoreConfig.parse(List.of(words)), new Clock(() -> 0));
    }
}
