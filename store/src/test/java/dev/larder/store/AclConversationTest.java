package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who may what, in conversations. */
class AclConversationTest {
    @Test
    void everybodyIsTheDefaultUserWhoMayDoAll() {
        try (Conversation c = new Conversation()) {
            c.says("ACL WHOAMI", "default");
            c.says("ACL USERS", "[default]");
            c.says("ACL LIST", "[user default on nopass sanitize-payload ~* &* +@all]");
        }
    }

    @Test
    void aUserMayUseOnlyTheCommandsAndKeysAllowed() {
        try (Conversation c = new Conversation()) {
            c.says("ACL SETUSER ada on >secret ~ada:* -@all +@string -incr +config|get", "OK");
            Conversation.Speaker ada = c.connect();
            assertThat(ada.ask("AUTH ada wrong")).startsWith("-WRONGPASS");
            assertThat(ada.ask("AUTH ada secret")).isEqualTo("OK");
            assertThat(ada.ask("SET ada:k v")).isEqualTo("OK");
            assertThat(ada.ask("SET bob:k v")).isEqualTo("-NOPERM No permissions to access a key");
            assertThat(ada.ask("INCR ada:n"))
                    .isEqualTo("-NOPERM User ada has no permissions to run the 'incr' command");
            assertThat(ada.ask("CONFIG GET port")).startsWith("{port");
            assertThat(ada.ask("CONFIG SET maxmemory 0"))
                    .isEqualTo(
                            "-NOPERM User ada has no permissions to run the 'config|set' command");
            assertThat(ada.ask("ACL WHOAMI")).startsWith("-NOPERM");
            c.says("ACL DELUSER ada nobody", ":1");
            assertThat(ada.isClosed()).isTrue();
        }
    }

    @Test
    void keysMayBeReadOnlyOrWrittenOnly() {
        try (Conversation c = new Conversation()) {
            c.ask("ACL SETUSER rw on nopass %R~r* %W~w* +@all");
            Conversation.Speaker rw = c.connect();
            rw.ask("AUTH rw x");
            assertThat(rw.ask("GET r1")).isEqualTo("(nil)");
            assertThat(rw.ask("GET w1")).startsWith("-NOPERM");
            assertThat(rw.ask("SET w1 v")).isEqualTo("OK");
            assertThat(rw.ask("SET w1 v GET")).startsWith("-NOPERM");
            assertThat(rw.ask("SET r1 v")).startsWith("-NOPERM");
            assertThat(rw.ask("STRLEN w1")).isEqualTo(":1");
            assertThat(rw.ask("COPY r1 w2")).isEqualTo(":0");
            assertThat(rw.ask("COPY w1 r2")).startsWith("-NOPERM");
            c.says(
                    "ACL GETUSER rw",
                    "{flags ~on nopass sanitize-payload~ passwords [] commands +@all"
                            + " keys %R~r* %W~w* channels  selectors []}");
        }
    }

    @Test
    void rulesOnCommandsAreKeptInTheirOrderWithoutWhatIsUndone() {
        try (Conversation c = new Conversation()) {
            c.ask("ACL SETUSER u +@all -@hash -@slow +hget");
            assertThat(commands(c)).isEqualTo("+@all -@hash -@slow +hget");
            c.ask("ACL SETUSER u -@hash");
            assertThat(commands(c)).isEqualTo("+@all -@slow +hget -@hash");
            c.ask("ACL SETUSER u -@all");
            assertThat(commands(c)).isEqualTo("-@all");
            c.ask("ACL SETUSER u +client|list +CLIENT|LIST +config|get +config +acl|list -acl");
            assertThat(commands(c)).isEqualTo("-@all +client|list +config -acl");
        }
    }

    private static String commands(Conversation c) {
        String user = c.ask("ACL GETUSER u");
        return user.substring(user.indexOf("commands ") + 9, user.indexOf(" keys"));
    }

    @Test
    void oneSelectorMustAllowAll() {
        try (Conversation c = new Conversation()) {
            c.ask("ACL SETUSER s on nopass -@all (+@write ~w*) ( +@read ~r* )");
            Conversation.Speaker s = c.connect();
            s.ask("AUTH s x");
            assertThat(s.ask("SET w v")).isEqualTo("OK");
            assertThat(s.ask("GET w")).isEqualTo("-NOPERM No permissions to access a key");
            assertThat(s.ask("PING")).startsWith("-NOPERM User s has no permissions");
            c.says(
                    "ACL SETUSER s (+get",
                    "-ERR Unmatched parenthesis in acl selector starting at" + " '(+get'.");
            c.says("ACL DRYRUN s SET r v", "User s has no permissions to access the 'r' key");
        }
    }

    @Test
    void whatIsQueuedIsCheckedAgainByExec() {
        try (Conversation c = new Conversation()) {
            c.ask("ACL SETUSER m on nopass ~* +@all");
            Conversation.Speaker m = c.connect();
            m.ask("AUTH m x");
            m.ask("MULTI");
            assertThat(m.ask("SET k v")).isEqualTo("QUEUED");
            assertThat(m.ask("GET k")).isEqualTo("QUEUED");
            c.ask("ACL SETUSER m -set");
            assertThat(m.ask("EXEC"))
                    .startsWith("[-NOPERM ACLs rules changed between")
                    .endsWith("reason: no permission to execute the command or subcommand (nil)]");
            m.ask("MULTI");
            assertThat(m.ask("SET k v")).startsWith("-NOPERM");
            assertThat(m.ask("EXEC")).startsWith("-EXECABORT");
            assertThat(c.ask("ACL LOG")).contains("context multi object set username m");
        }
    }

    @Test
    void aScriptMayWhatItsCallerMay() {
        try (Conversation c = new Conversation()) {
            c.ask("ACL SETUSER l on nopass ~a* +eval +get");
            Conversation.Speaker l = c.connect();
            l.ask("AUTH l x");
            assertThat(l.ask("EVAL", "return redis.call('GET','a')", "0")).isEqualTo("(nil)");
            assertThat(l.ask("EVAL", "return redis.call('SET','a','v')", "0"))
                    .startsWith(
                            "-ERR ACL failure in script: User l has no permissions to run the"
                                    + " 'set' command");
            assertThat(l.ask("EVAL", "return redis.acl_check_cmd('GET','a')", "0")).isEqualTo(":1");
            assertThat(l.ask("EVAL", "return redis.acl_check_cmd('GET','b')", "0"))
                    .isEqualTo("(nil)");
            assertThat(c.ask("ACL LOG")).contains("context lua object set username l");
        }
    }

    @Test
    void whoWaitsIsCheckedWhenHeIsServed() {
        try (Conversation c = new Conversation()) {
            c.ask("ACL SETUSER w on nopass ~* +@all");
            Conversation.Speaker w = c.connect();
            w.ask("AUTH w x");
            w.say("BLPOP l 0");
            c.ask("ACL SETUSER w resetkeys");
            c.ask("RPUSH l v");
            assertThat(w.heard()).isEqualTo("-NOPERM No permissions to access a key");
            assertThat(c.ask("INFO commandstats"))
                    .containsPattern(
                            "cmdstat_blpop:calls=0,usec=0,.*rejected_calls=1,failed_calls=0");
            c.says("LLEN l", ":1");
        }
    }

    @Test
    void channelsAreAllowedByPattern() {
        try (Conversation c = new Conversation()) {
            c.ask("ACL SETUSER p on nopass +@all resetchannels &news:*");
            Conversation.Speaker p = c.connect();
            p.ask("AUTH p x");
            assertThat(p.ask("SUBSCRIBE other"))
                    .isEqualTo("-NOPERM No permissions to access a channel");
            assertThat(p.ask("PSUBSCRIBE news:a*")).startsWith("-NOPERM");
            assertThat(p.ask("PSUBSCRIBE news:*")).contains("psubscribe news:*");
            c.ask("ACL SETUSER p resetchannels");
            assertThat(p.isClosed()).isTrue();
        }
    }

    @Test
    void theDefaultUserMayNeedAPassword() {
        try (Conversation c = new Conversation()) {
            c.says(
                    "AUTH x",
                    "-ERR AUTH <password> called without any password configured for the"
                            + " default user. Are you sure your configuration is correct?");
            c.ask("CONFIG SET requirepass secret");
            Conversation.Speaker late = c.connect();
            assertThat(late.ask("PING")).isEqualTo("-NOAUTH Authentication required.");
            assertThat(late.ask("HELLO 3")).startsWith("-NOAUTH HELLO must be called");
            assertThat(late.ask("HELLO 3 AUTH default secret")).contains("proto :3");
            assertThat(c.ask("CONFIG", "SET", "requirepass", "")).isEqualTo("OK");
        }
    }

    @Test
    void theLogCountsWhatIsAlikeAndKeepsWhatItMay() {
        try (Conversation c = new Conversation()) {
            c.ask("ACL SETUSER g on nopass");
            Conversation.Speaker g = c.connect();
            g.ask("AUTH g x");
            g.ask("GET k");
            g.ask("GET k");
            c.passes(1500);
            assertThat(c.ask("ACL LOG"))
                    .startsWith("[{count :2 reason command context toplevel object get username g")
                    .contains("age-seconds ,1.5 client-info id=2 ")
                    .contains(" cmd=get user=g ")
                    .contains("entry-id :0 timestamp-created :1700000000000");
            c.ask("CONFIG SET acllog-max-len 1");
            g.ask("SET k v");
            assertThat(c.ask("ACL LOG")).doesNotContain("object get");
            c.says("ACL LOG RESET", "OK");
            c.says("ACL LOG", "[]");
        }
    }
}
