package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is said to the engine and what it answers, family by family; each is replayed at its end.
 */
class ConversationTest {
    @Test
    void strings() {
        try (Conversation c = new Conversation()) {
            c.says("SET k v", "OK");
            c.says("APPEND k w", ":2");
            c.says("SETRANGE k 4 x", ":5");
            c.says("INCR n", ":1");
            c.says("INCRBYFLOAT n 0.5", "1.5");
            c.says("INCR k", "-ERR value is not an integer or out of range");
            c.says("GETDEL n", "1.5");
            c.says("SET e v EX 10", "OK");
            c.says("GETEX e PX 5000", "v");
            c.says("MSET a 1 b 2", "OK");
            c.says("MGET a b z", "[1 2 (nil)]");
            c.says("SETEX s 100 v", "OK");
            c.says("SET s w KEEPTTL", "OK");
        }
    }

    @Test
    void keys() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a 1");
            c.ask("RPUSH l 1 2");
            c.says("RENAME a b", "OK");
            c.says("COPY l m", ":1");
            c.says("COPY l other DB 3", ":1");
            c.says("MOVE m 2", ":1");
            c.says("EXPIRE l 100", ":1");
            c.says("TYPE l", "list");
            c.says("DEL b", ":1");
            c.says("SELECT 2", "OK");
            c.says("SWAPDB 2 0", "OK");
            c.says("DBSIZE", ":1");
            c.says("FLUSHDB", "OK");
        }
    }

    /** A list changes its form as in 7.2: up when an addition does not fit, down at half of it. */
    @Test
    void formsOfLists() {
        try (Conversation c = new Conversation()) {
            String large = "x".repeat(4096);
            c.engine().config().with("list-max-listpack-size", -1);
            for (String grow :
                    new String[] {
                        "RPUSH l " + large,
                        "LINSERT l AFTER a " + large,
                        "LSET l 0 " + large,
                        "LMOVE big l RIGHT RIGHT"
                    }) {
                c.ask("DEL l big");
                c.ask("RPUSH big a " + large);
                c.ask("RPUSH l a");
                c.says("OBJECT ENCODING l", "listpack");
                c.ask(grow);
                c.says("OBJECT ENCODING l", "quicklist");
            }
            for (String shrink : new String[] {"RPOP l", "LREM l 0 " + large, "LTRIM l 0 0"}) {
                c.ask("DEL l");
                c.ask("RPUSH l a " + large);
                c.ask(shrink);
                c.says("OBJECT ENCODING l", "listpack");
            }
            c.ask("DEL l");
            c.ask("RPUSH l " + large + " a");
            c.ask("RPOP l");
            c.says("OBJECT ENCODING l", "quicklist");
            c.says("LSET l 0 a", "OK");
            c.says("OBJECT ENCODING l", "listpack");
            c.engine().config().with("list-max-listpack-size", 3);
            for (String shrink : new String[] {"RPOP l 3", "LREM l 3 a", "LTRIM l 3 3"}) {
                c.ask("DEL l");
                c.ask("RPUSH l a a a d");
                c.says("OBJECT ENCODING l", "quicklist");
                c.ask(shrink);
                c.says("OBJECT ENCODING l", "listpack");
            }
            c.engine().config().with("list-max-listpack-size", 16);
            c.ask("DEL l");
            c.ask("RPUSH l " + "x".repeat(8192));
            c.says("OBJECT ENCODING l", "quicklist");
        }
    }

    /** As in 7.2; servers before it called what is beyond all time negative. */
    @Test
    void timesToWait() {
        try (Conversation c = new Conversation()) {
            String beyond = "-ERR timeout is out of range";
            for (String seconds : new String[] {"1e20", "1e300", "1e4000", "inf", "9.3e15"}) {
                c.says("BLPOP k " + seconds, beyond);
                c.says("BLMOVE a b LEFT LEFT " + seconds, beyond);
                c.says("BZMPOP " + seconds + " 1 z MIN", beyond);
            }
            c.says("BLPOP k 9223372036854775.807", beyond);
            c.says("XREAD BLOCK 9223372036854775807 STREAMS s 0", beyond);
            c.says("WAIT 1 9223372036854775807", beyond);
            c.says("BLPOP k -0.01", "-ERR timeout is negative");
            c.says("BLPOP k 1e5000", "-ERR timeout is not a float or out of range");
            Conversation.Speaker waits = c.connect();
            waits.say("BLPOP k -0.0001");
            c.ask("RPUSH k a");
            assertThat(waits.heard()).isEqualTo("[k a]");
        }
    }

    /** Sizes belong to the pictures of versions 5 and 6; to the others any words are welcome. */
    @Test
    void pictures() {
        try (Conversation c = new Conversation()) {
            assertThat(c.ask("LOLWUT VERSION 99 x")).contains("Redis ver. ");
            assertThat(c.ask("LOLWUT x y")).contains("Redis ver. ");
            c.says("LOLWUT VERSION 5 x", "-ERR value is not an integer or out of range");
        }
    }

    @Test
    void formsOfSets() {
        try (Conversation c = new Conversation()) {
            c.ask("SADD s 1 2 3");
            c.says("OBJECT ENCODING s", "intset");
            c.ask("SADD s a");
            c.says("OBJECT ENCODING s", "listpack");
            String[] words = new String[132];
            words[0] = "SADD";
            words[1] = "t";
            for (int i = 2; i < words.length; i++) {
                words[i] = Integer.toString(i);
            }
            c.ask(words);
            c.says("OBJECT ENCODING t", "intset");
            c.ask("SADD t a");
            c.says("OBJECT ENCODING t", "hashtable");
            words[1] = "u";
            words[2] = "a";
            c.ask(words);
            c.says("OBJECT ENCODING u", "hashtable");
            c.engine().config().with("set-max-intset-entries", 3);
            c.ask("SADD v 1 2 3");
            c.says("OBJECT ENCODING v", "intset");
            c.ask("SADD v 4");
            c.says("OBJECT ENCODING v", "hashtable");
            c.ask("SADD w 1 2 3 4");
            c.says("OBJECT ENCODING w", "listpack");
        }
    }

    @Test
    void hashes() {
        try (Conversation c = new Conversation()) {
            c.says("HSET h a 1 b 2", ":2");
            c.says("HINCRBY h a 5", ":6");
            c.says("HINCRBYFLOAT h a 0.5", "6.5");
            c.says("HINCRBY h a 1", "-ERR hash value is not an integer");
            c.says("HDEL h b", ":1");
            c.says("HGETALL h", "{a 6.5}");
            c.says("HDEL h a", ":1");
            c.says("EXISTS h", ":0");
            for (int i = 0; i < 1000; i++) {
                c.ask("HSET big f" + i + " " + i);
            }
            c.says("OBJECT ENCODING big", "hashtable");
        }
    }

    @Test
    void lists() {
        try (Conversation c = new Conversation()) {
            c.says("RPUSH l a b c", ":3");
            c.says("LPUSH l z", ":4");
            c.says("LINSERT l BEFORE b x", ":5");
            c.says("LREM l 0 a", ":1");
            c.says("LSET l 0 y", "OK");
            c.says("LMOVE l m RIGHT LEFT", "c");
            c.says("LMPOP 2 nothing l LEFT COUNT 2", "[l [y x]]");
            c.says("LTRIM l 5 9", "OK");
            c.says("EXISTS l", ":0");
            c.says("LPOP m 5", "[c]");
        }
    }

    @Test
    void setsAreJournalledWithoutChance() {
        try (Conversation c = new Conversation()) {
            for (int i = 0; i < 200; i++) {
                c.ask("SADD s m" + i + " " + i);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(c.ask("SPOP s")).isNotEqualTo("(nil)");
            }
            c.ask("SPOP s 30");
            c.says("SCARD s", ":350");
            c.says("SMOVE s t m1000", ":0");
            c.says("SUNIONSTORE u s t", ":350");
            c.ask("SPOP u 1000");
            c.says("EXISTS u", ":0");
        }
    }

    @Test
    void sortedSets() {
        try (Conversation c = new Conversation()) {
            c.says("ZADD z 1 a 2 b 3 c", ":3");
            c.says("ZINCRBY z 5 a", ",6.0");
            c.says("ZPOPMIN z", "[b ,2.0]");
            c.says("ZRANGE z 0 -1", "[c a]");
            c.says("ZUNIONSTORE u 2 z z", ":2");
            c.says("ZREMRANGEBYRANK u 0 0", ":1");
        }
    }

    @Test
    void streams() {
        try (Conversation c = new Conversation()) {
            c.says("XADD s * a 1", "1700000000000-0");
            c.says("XADD s * a 2", "1700000000000-1");
            c.passes(5);
            c.says("XADD s * a 3", "1700000000005-0");
            c.says("XGROUP CREATE s g 0", "OK");
            c.says(
                    "XREADGROUP GROUP g ada COUNT 2 STREAMS s >",
                    "[[s [[1700000000000-0 [a 1]] [1700000000000-1 [a 2]]]]]");
            c.says("XACK s g 1700000000000-0", ":1");
            c.passes(1000);
            c.says("XREADGROUP GROUP g ada STREAMS s 0", "[[s [[1700000000000-1 [a 2]]]]]");
            c.says("XPENDING s g - + 9", "[[1700000000000-1 ada :0 :2]]");
            c.passes(50);
            c.says("XAUTOCLAIM s g bob 10 0", "[0-0 [[1700000000000-1 [a 2]]] []]");
            c.says(
                    "XINFO CONSUMERS s g",
                    "[{name ada pending :0 idle :50 inactive :1050}"
                            + " {name bob pending :1 idle :0 inactive :0}]");
            c.says("XREADGROUP GROUP g eve NOACK STREAMS s >", "[[s [[1700000000005-0 [a 3]]]]]");
            c.says("XDEL s 1700000000000-1", ":1");
            c.says("XCLAIM s g eve 0 1700000000000-1", "[]");
            c.says("XPENDING s g", "[:0 (nil) (nil) (nil)]");
            for (int i = 0; i < 500; i++) {
                c.ask("XADD s MAXLEN ~ 100 * n " + i);
            }
            c.ask("XTRIM s MAXLEN 10");
            c.says("XLEN s", ":10");
        }
    }

    @Test
    void readersOfStreamsWait() {
        try (Conversation c = new Conversation()) {
            Conversation.Speaker tail = c.connect();
            Conversation.Speaker ada = c.connect();
            c.ask("XADD s 1-1 old 1");
            c.ask("XGROUP CREATE s g $");
            tail.say("XREAD BLOCK 0 STREAMS s $");
            ada.say("XREADGROUP GROUP g ada BLOCK 0 STREAMS s >");
            assertThat(tail.heard()).isEqualTo("(nothing)");
            c.ask("XADD s 2-1 new 1");
            assertThat(tail.heard()).isEqualTo("[[s [[2-1 [new 1]]]]]");
            assertThat(ada.heard()).isEqualTo("[[s [[2-1 [new 1]]]]]");
            tail.say("XREAD BLOCK 100 STREAMS s $");
            c.passes(101);
            assertThat(tail.heard()).isEqualTo("(nil)");
            ada.say("XREADGROUP GROUP g ada BLOCK 0 STREAMS s >");
            c.says("XGROUP DESTROY s g", ":1");
            assertThat(ada.heard()).startsWith("-NOGROUP");
        }
    }

    @Test
    void transactions() {
        try (Conversation c = new Conversation()) {
            Conversation.Speaker other = c.connect();
            c.says("MULTI", "OK");
            c.says("INCR n", "QUEUED");
            c.says("LPUSH n x", "QUEUED");
            c.says("INCR n", "QUEUED");
            c.says(
                    "EXEC",
                    "[:1 -WRONGTYPE Operation against a key holding the wrong kind of value :2]");
            c.ask("WATCH n");
            other.ask("SET n 9");
            c.ask("MULTI");
            c.ask("GET n");
            c.says("EXEC", "(nil)");
            c.ask("WATCH n");
            other.ask("SET m 9");
            c.ask("MULTI");
            c.ask("GET n");
            c.says("EXEC", "[9]");
            c.ask("MULTI");
            c.says("SET a", "-ERR wrong number of arguments for 'set' command");
            c.says("EXEC", "-EXECABORT Transaction discarded because of previous errors.");
            c.says(
                    "EXEC now",
                    "-EXECABORT Transaction discarded because of: wrong number of arguments for"
                            + " 'exec' command");
        }
    }

    @Test
    void aWatchedKeyThatExpiresHasChanged() {
        try (Conversation c = new Conversation()) {
            c.ask("SET k v PX 100");
            c.ask("WATCH k");
            c.passes(200);
            c.ask("MULTI");
            c.ask("PING");
            c.says("EXEC", "(nil)");
        }
    }

    @Test
    void messages() {
        try (Conversation c = new Conversation()) {
            Conversation.Speaker listener = c.connect();
            assertThat(listener.ask("SUBSCRIBE news")).contains("subscribe news :1");
            assertThat(listener.ask("PSUBSCRIBE n*")).contains("psubscribe n* :2");
            c.says("PUBLISH news hello", ":2");
            assertThat(listener.heard()).contains("message news hello");
            assertThat(listener.heard()).contains("pmessage n* news hello");
            assertThat(listener.ask("GET k")).startsWith("-ERR Can't execute 'get'");
            listener.ask("UNSUBSCRIBE news");
            c.says("PUBLISH news again", ":1");
        }
    }

    @Test
    void waitersAreServedInTheirOrder() {
        try (Conversation c = new Conversation()) {
            Conversation.Speaker first = c.connect();
            Conversation.Speaker second = c.connect();
            Conversation.Speaker third = c.connect();
            first.say("BLPOP l 0");
            second.say("BLMOVE l m LEFT RIGHT 0");
            third.say("BLPOP m l 0");
            c.says("RPUSH l a", ":1");
            assertThat(first.heard()).isEqualTo("[l a]");
            assertThat(second.heard()).isEqualTo("(nothing)");
            first.say("BLPOP l 0");
            // The third, whose turn it is next, finds what the second has moved.
            c.says("RPUSH l b c", ":2");
            assertThat(second.heard()).isEqualTo("b");
            assertThat(third.heard()).isEqualTo("[m b]");
            assertThat(first.heard()).isEqualTo("[l c]");
            c.says("EXISTS l m", ":0");
        }
    }

    @Test
    void blockingPops() {
        try (Conversation c = new Conversation()) {
            Conversation.Speaker first = c.connect();
            Conversation.Speaker second = c.connect();
            first.say("BLPOP l 0");
            second.say("BLPOP l m 0");
            c.says("RPUSH l a", ":1");
            assertThat(first.heard()).isEqualTo("[l a]");
            assertThat(second.heard()).isEqualTo("(nothing)");
            c.ask("SET l text");
            assertThat(second.heard()).isEqualTo("(nothing)");
            c.ask("DEL l");
            c.ask("RPUSH m b");
            assertThat(second.heard()).isEqualTo("[m b]");
            first.say("BLMOVE src dst LEFT RIGHT 1");
            second.say("BLPOP dst 0");
            c.ask("RPUSH src x");
            assertThat(first.heard()).isEqualTo("x");
            assertThat(second.heard()).isEqualTo("[dst x]");
            first.say("BLPOP nothing 0.5");
            c.passes(501);
            assertThat(first.heard()).isEqualTo("(nil)");
        }
    }

    @Test
    void expiry() {
        try (Conversation c = new Conversation()) {
            c.ask("SET a v PX 100");
            c.ask("RPUSH l 1");
            c.says("PEXPIRE l 200", ":1");
            c.says("PTTL l", ":200");
            c.passes(100);
            c.says("GET a", "(nil)");
            c.says("PERSIST l", ":1");
            c.passes(1000);
            c.says("EXISTS l", ":1");
            for (int i = 0; i < 5000; i++) {
                c.ask("SET", "k" + i, "v", "PX", Integer.toString(10 + i % 50));
            }
            c.passes(100);
            while (c.engine().sweepExpired(1_000_000)) {
                // Until nothing is left to sweep.
            }
            c.says("DBSIZE", ":1");
        }
    }

    @Test
    void scripts() {
        try (Conversation c = new Conversation()) {
            assertThat(c.ask("EVAL", "return redis.call('SET',KEYS[1],ARGV[1])", "1", "k", "v"))
                    .isEqualTo("OK");
            assertThat(c.ask("EVAL", "return redis.call('LPUSH','k','v')", "0"))
                    .startsWith("-WRONGTYPE");
            assertThat(c.ask("EVAL", "return redis.call('SUBSCRIBE','k')", "0"))
                    .contains("not allowed from script");
            assertThat(c.ask("EVAL_RO", "return redis.call('SET','k','w')", "0"))
                    .contains("Write commands are not allowed from read-only scripts");
            String sha = c.ask("SCRIPT", "LOAD", "return redis.call('INCR','n')");
            assertThat(c.ask("EVALSHA", sha, "0")).isEqualTo(":1");
            c.ask("MULTI");
            c.ask("EVALSHA", sha, "0");
            c.says("EXEC", "[:2]");
            assertThat(c.ask("EVALSHA", "0".repeat(40), "0")).startsWith("-NOSCRIPT");
            assertThat(c.ask("EVAL", "return redis.call('SPOP','s')", "0")).isEqualTo("(nil)");
        }
    }

    /** The random commands of the comparison with a real server, replayed. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anythingCanBeReplayed(long seed) {
        Random random = new Random(seed);
        dev.larder.store.compat.RandomCommands commands =
                new dev.larder.store.compat.RandomCommands(random);
        try (Conversation c = new Conversation()) {
            for (int i = 0; i < 20_000; i++) {
                c.ask(commands.next());
                if (i % 100 == 0) {
                    c.passes(random.nextInt(50));
                }
            }
        }
    }

    /** What Redis 7.2 and Valkey 8 do otherwise than the real server of the other tests. */
    @Test
    void answersAsServersAfterSevenZero() {
        try (Conversation c = new Conversation()) {
            c.ask("SET s foobar");
            c.says("BITCOUNT s 0", ":26");
            c.says("BITCOUNT s -1", ":4");
            c.ask("XADD x 1-0 a 1");
            c.ask("XADD x 2-0 a 1");
            c.ask("XADD x 3-0 a 1");
            c.ask("XDEL x 3-0");
            c.says(
                    "XSETID x 2-0",
                    "-ERR The ID specified in XSETID is smaller than current"
                            + " max_deleted_entry_id");
            c.says("SWAPDB 99 a", "-ERR invalid second DB index");
            c.says("SWAPDB 99 1", "-ERR DB index is out of range");
            c.ask("SET " + "a".repeat(3000) + " 1");
            c.says("KEYS " + "*?".repeat(3000), "[]");
        }
    }
}
