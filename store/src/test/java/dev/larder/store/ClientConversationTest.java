package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Conversation.Speaker;
import org.junit.jupiter.api.Test;

/** What is said about connections themselves: tracking, pauses, what clients are told. */
class ClientConversationTest {
    private static final String NOTHING = "(nothing)";

    private static Speaker tracking(Conversation c, String options) {
        Speaker reader = c.connect();
        reader.ask("HELLO 3");
        assertThat(reader.ask(("CLIENT TRACKING ON " + options).strip())).isEqualTo("OK");
        return reader;
    }

    @Test
    void aReaderIsToldOnceThatItsKeyHasChanged() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a 1");
            Speaker reader = tracking(c, "");
            reader.ask("GET a");
            c.ask("INCR a");
            assertThat(reader.heard()).isEqualTo(">invalidate [a]<");
            c.ask("INCR a");
            assertThat(reader.heard()).isEqualTo(NOTHING);
        }
    }

    @Test
    void itsOwnChangeIsToldAfterItsReply() {
        try (Conversation c = new Conversation()) {
            Speaker reader = tracking(c, "");
            reader.ask("GET a");
            assertThat(reader.ask("SET a 1")).isEqualTo("OK");
            assertThat(reader.heard()).isEqualTo(">invalidate [a]<");
            reader.ask("CLIENT TRACKING ON NOLOOP");
            reader.ask("GET a");
            reader.ask("SET a 2");
            assertThat(reader.heard()).isEqualTo(NOTHING);
        }
    }

    @Test
    void broadcastsGatherWhatChangedBelowAPrefix() {
        try (Conversation c = new Conversation()) {
            Speaker reader = tracking(c, "BCAST PREFIX x: PREFIX y:");
            assertThat(reader.ask("CLIENT TRACKING ON BCAST PREFIX x:1"))
                    .isEqualTo(
                            "-ERR Prefix 'x:1' overlaps with an existing prefix 'x:'. Prefixes for"
                                    + " a single client must not overlap.");
            c.ask("MSET x:b 1 x:a 1 z:a 1 y:a 1");
            assertThat(reader.heard()).isEqualTo(">invalidate [x:a x:b]<");
            assertThat(reader.heard()).isEqualTo(">invalidate [y:a]<");
            assertThat(reader.heard()).isEqualTo(NOTHING);
        }
    }

    @Test
    void withOptinOnlyTheNextCommandIsTracked() {
        try (Conversation c = new Conversation()) {
            Speaker reader = tracking(c, "OPTIN");
            reader.ask("GET a");
            reader.ask("CLIENT CACHING YES");
            reader.ask("GET b");
            reader.ask("GET c");
            c.ask("MSET a 1 b 1 c 1");
            assertThat(reader.heard()).isEqualTo(">invalidate [b]<");
            assertThat(reader.heard()).isEqualTo(NOTHING);
        }
    }

    @Test
    void whatScriptsAndTransactionsReadIsTracked() {
        try (Conversation c = new Conversation()) {
            Speaker reader = tracking(c, "");
            reader.ask("EVAL", "return redis.call('GET', KEYS[1])", "1", "a");
            reader.ask("MULTI");
            reader.ask("GET b");
            reader.ask("EXEC");
            c.ask("SET a 1");
            c.ask("SET b 1");
            assertThat(reader.heard()).isEqualTo(">invalidate [a]<");
            assertThat(reader.heard()).isEqualTo(">invalidate [b]<");
        }
    }

    @Test
    void aFlushAndAnExpiryAreTold() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a 1 PX 10");
            Speaker reader = tracking(c, "");
            reader.ask("GET a");
            c.passes(20);
            c.ask("GET a");
            assertThat(reader.heard()).isEqualTo(">invalidate [a]<");
            c.ask("FLUSHALL");
            assertThat(reader.heard()).isEqualTo(">invalidate (nil)<");
            assertThat(reader.heard()).isEqualTo(NOTHING);
        }
    }

    @Test
    void invalidationsGoWhereTheyAreRedirected() {
        try (Conversation c = new Conversation()) {
            Speaker ear = c.connect();
            ear.ask("SUBSCRIBE __redis__:invalidate");
            Speaker reader = c.connect();
            assertThat(reader.ask("CLIENT TRACKING ON REDIRECT " + ear.id())).isEqualTo("OK");
            reader.ask("GET a");
            c.ask("SET a 1");
            assertThat(ear.heard()).isEqualTo(">message __redis__:invalidate [a]<");
            reader.ask("GET a");
            c.engine().disconnected(ear);
            c.ask("SET a 1");
            assertThat(reader.ask("CLIENT TRACKINGINFO"))
                    .isEqualTo(
                            "{flags ~on broken_redirect~ redirect :" + ear.id() + " prefixes []}");
        }
    }

    @Test
    void theTableForgetsTheOldestKeyAndSaysSo() {
        try (Conversation c = new Conversation()) {
            c.ask("CONFIG SET tracking-table-max-keys 2");
            Speaker reader = tracking(c, "");
            reader.ask("MGET a b");
            reader.ask("GET c");
            assertThat(reader.heard()).isEqualTo(">invalidate [a]<");
            reader.ask("CLIENT TRACKING OFF");
            reader.ask("GET d");
            assertThat(reader.heard()).isEqualTo(NOTHING);
        }
    }

    @Test
    void pausedWritesRunWhenThePauseEnds() {
        try (Conversation c = new Conversation()) {
            c.ask("SET gone x PX 10");
            c.says("CLIENT PAUSE 1000 WRITE", "OK");
            Speaker writer = c.connect();
            assertThat(writer.ask("SET a 1")).isEqualTo(NOTHING);
            c.says("GET a", "(nil)");
            c.passes(20);
            c.says("GET gone", "(nil)");
            c.says("DBSIZE", ":1");
            c.passes(1000);
            c.engine().endBatch();
            assertThat(writer.heard()).isEqualTo("OK");
            c.says("GET a", "1");
        }
    }

    @Test
    void aTransactionThatWritesIsPausedWhole() {
        try (Conversation c = new Conversation()) {
            Speaker writer = c.connect();
            writer.ask("MULTI");
            writer.ask("SET a 1");
            Speaker reader = c.connect();
            reader.ask("MULTI");
            reader.ask("GET a");
            c.says("CLIENT PAUSE 100000 WRITE", "OK");
            assertThat(writer.ask("EXEC")).isEqualTo(NOTHING);
            assertThat(reader.ask("EXEC")).isEqualTo("[(nil)]");
            c.says("CLIENT UNPAUSE", "OK");
            assertThat(writer.heard()).isEqualTo("[OK]");
        }
    }

    @Test
    void clientsAreChosenByFilters() {
        try (Conversation c = new Conversation()) {
            Speaker other = c.connect();
            other.ask("CLIENT SETNAME other");
            assertThat(c.ask("CLIENT LIST ID " + other.id()))
                    .startsWith("id=" + other.id() + " addr=")
                    .contains(" name=other ", " cmd=client|setname ");
            c.says("CLIENT LIST ID x", "-ERR Invalid client ID");
            c.says("CLIENT KILL ID x SKIPME yes", "-ERR client-id should be greater than 0");
            c.says("CLIENT KILL TYPE pubsub", ":0");
            c.says("CLIENT KILL NAME other MAXAGE 1", ":0");
            c.passes(2000);
            c.says("CLIENT KILL NAME other MAXAGE 1", ":1");
            assertThat(other.isClosed()).isTrue();
        }
    }

    @Test
    void readingWithoutTouchingKeepsTheIdleTime() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a 1");
            c.passes(10_000);
            c.ask("CLIENT NO-TOUCH ON");
            c.says("GET a", "1");
            c.says("OBJECT IDLETIME a", ":10");
            c.says("TOUCH a", ":1");
            c.says("OBJECT IDLETIME a", ":0");
            c.passes(5_000);
            c.ask("CLIENT NO-TOUCH OFF");
            c.says("GET a", "1");
            c.says("OBJECT IDLETIME a", ":0");
        }
    }

    @Test
    void aWatchedKeyThatHadNoTimeLeftMayGo() {
        try (Conversation c = new Conversation()) {
            c.ask("SET x 1 PX 5");
            c.engine().database(0).frozen(true);
            c.passes(10);
            c.says("WATCH x", "OK");
            c.engine().database(0).frozen(false);
            c.says("FLUSHALL", "OK");
            c.ask("MULTI");
            c.ask("PING");
            c.says("EXEC", "[PONG]");
        }
    }

    @Test
    void aFlushChangesOnlyWatchedKeysThatWereThere() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a 1");
            c.says("WATCH b", "OK");
            c.says("FLUSHALL", "OK");
            c.ask("MULTI");
            c.says("EXEC", "[]");
            c.ask("SET a 1");
            c.says("WATCH a", "OK");
            c.says("FLUSHDB", "OK");
            c.ask("MULTI");
            c.says("EXEC", "(nil)");
        }
    }

    @Test
    void aWatchedKeyWhoseTimeIsUpHasChanged() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a 1 PX 5");
            c.says("WATCH a", "OK");
            c.passes(10);
            c.ask("MULTI");
            c.says("EXEC", "(nil)");
        }
    }

    @Test
    void monitorsSeeWhatRunsWithoutPasswords() {
        try (Conversation c = new Conversation()) {
            Speaker monitor = c.connect();
            assertThat(monitor.ask("MONITOR")).isEqualTo("OK");
            c.ask("SET", "a\"b", "\u0001\n");
            assertThat(monitor.heard())
                    .isEqualTo("1700000000.000000 [0 127.0.0.1:1] \"SET\" \"a\\\"b\" \"\\x01\\n\"");
            c.ask("AUTH secret");
            assertThat(monitor.heard()).endsWith("\"AUTH\" \"(redacted)\"");
            c.ask("EVAL", "return redis.call('PING')", "0");
            assertThat(monitor.heard()).contains("[0 127.0.0.1:1] \"EVAL\"");
            assertThat(monitor.heard()).endsWith("[0 lua] \"PING\"");
            c.ask("CONFIG GET maxmemory");
            assertThat(monitor.heard()).isEqualTo(NOTHING);
            monitor.ask("RESET");
            monitor.heard();
            c.ask("PING");
            assertThat(monitor.heard()).isEqualTo(NOTHING);
        }
    }

    @Test
    void newAndMissedKeysAreToldOnlyToWhoAskedForThem() {
        try (Conversation c = new Conversation()) {
            Speaker ear = c.connect();
            ear.ask("PSUBSCRIBE __keyevent*");
            c.ask("CONFIG SET notify-keyspace-events EA");
            c.ask("GET a");
            c.ask("SET a 1");
            assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:set a<");
            c.ask("CONFIG SET notify-keyspace-events Enm");
            c.ask("GET b");
            c.ask("SET b 1");
            assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:keymiss b<");
            assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:new b<");
            assertThat(ear.heard()).isEqualTo(NOTHING);
        }
    }

    /** What goes from list to list is heard of at its new place before it is at its old one. */
    @Test
    void eventsOfMovedElementsComeInTheOrderOfARealServer() {
        try (Conversation c = new Conversation()) {
            Speaker ear = c.connect();
            c.ask("RPUSH a 1 2");
            ear.ask("PSUBSCRIBE __keyevent*");
            c.ask("CONFIG SET notify-keyspace-events EA");
            for (String move : new String[] {"LMOVE a b LEFT RIGHT", "BLMOVE a b LEFT RIGHT 0"}) {
                c.ask(move);
                assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:rpush b<");
                assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:lpop a<");
            }
            assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:del a<");
            for (String move : new String[] {"RPOPLPUSH b c", "BRPOPLPUSH b c 0"}) {
                c.ask(move);
                assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:lpush c<");
                assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:rpop b<");
            }
            assertThat(ear.heard()).isEqualTo(">pmessage __keyevent* __keyevent@0__:del b<");
        }
    }

    @Test
    void someCommandsAreNotQueued() {
        try (Conversation c = new Conversation()) {
            c.ask("MULTI");
            c.says("SAVE", "-ERR Command not allowed inside a transaction");
            c.says("EXEC", "-EXECABORT Transaction discarded because of previous errors.");
        }
    }
}
