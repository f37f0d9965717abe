package dev.larder.store.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sorted sets answer as those of a real server do, refusals included, in RESP2 and RESP3. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SortedSetConversationTest {
    private static final String CONVERSATION =
            """
            ZADD k 1 a 2 b 3 c
            ZADD k XX CH 5 a 1 nobody
            ZADD k NX 9 a 4 d
            ZADD k GT CH 1 a 9 b
            ZADD k LT CH 1 a 99 b
            ZADD k INCR 2.5 a
            ZADD k NX INCR 2 a
            ZADD k NX XX 1 a
            ZADD k NX GT 1 a
            ZADD k GT LT 1 a
            ZADD k INCR 1 a 2 b
            ZADD k 1
            ZADD k 1 a 2
            ZADD k one a
            ZADD k nan a
            ZADD k XX INCR 1 nobody
            ZADD none XX INCR 1 a
            ZADD none XX 1 a
            EXISTS none
            ZADD k inf up -inf down
            ZINCRBY k -inf up
            ZINCRBY k 1e3 a
            ZINCRBY k x a
            ZSCORE k a
            ZSCORE k nobody
            ZSCORE none a
            ZMSCORE k a nobody up
            ZMSCORE none a
            ZRANK k b
            ZREVRANK k b
            ZRANK k nobody
            ZRANK none a
            ZRANGE k 0 -1
            ZRANGE k 0 -1 WITHSCORES
            ZRANGE k -3 100 REV WITHSCORES
            ZRANGE k 3 1
            ZRANGE k a b
            ZRANGE k (1 +inf BYSCORE
            ZRANGE k +inf (1 BYSCORE REV LIMIT 1 2 WITHSCORES
            ZRANGE k 1 2 LIMIT 0 1
            ZRANGE k - + BYLEX WITHSCORES
            ZRANGE k x 1 BYSCORE
            ZRANGE k a + BYLEX
            ZRANGE k 0 -1 NONSENSE
            ZRANGE k 0 -1 BYSCORE BYLEX
            ZRANGEBYSCORE k -inf +inf WITHSCORES LIMIT 1 2
            ZRANGEBYSCORE k -inf +inf LIMIT -1 2
            ZRANGEBYSCORE k -inf +inf LIMIT 1 -1
            ZRANGEBYSCORE k -inf +inf LIMIT 1
            ZREVRANGEBYSCORE k +inf -inf
            ZREVRANGE k 0 1 WITHSCORES
            ZCOUNT k (1 5
            ZCOUNT k x 5
            ZCOUNT none 1 5
            ZADD lex 0 a 0 b 0 c 0 "" 0 aa
            ZRANGEBYLEX lex - +
            ZRANGEBYLEX lex [a (c
            ZRANGEBYLEX lex + -
            ZRANGEBYLEX lex ( +
            ZREVRANGEBYLEX lex + [b LIMIT 0 1
            ZLEXCOUNT lex [a [b
            ZLEXCOUNT lex a b
            ZREMRANGEBYLEX lex [aa (b
            ZRANGESTORE to k 0 2
            ZRANGESTORE to k 0 2 WITHSCORES
            ZRANGE to 0 -1 WITHSCORES
            ZRANGESTORE to none 0 2
            EXISTS to
            ZREM k a nobody
            ZREMRANGEBYRANK k 0 0
            ZREMRANGEBYSCORE k (3 inf
            ZREMRANGEBYSCORE k x 1
            ZCARD k
            ZCARD none
            ZADD p 1 a 2 b 3 c 4 d 5 e 6 f
            ZPOPMIN p
            ZPOPMAX p 2
            ZPOPMIN p 0
            ZPOPMIN p -1
            ZPOPMIN p x
            ZPOPMIN p 1 2
            ZPOPMIN none 2
            ZMPOP 2 none p MAX COUNT 2
            ZMPOP 1 none MIN
            ZMPOP 0 p MIN
            ZMPOP x p MIN
            ZMPOP 1 p SOME
            ZMPOP 1 p MIN COUNT 0
            ZMPOP 1 p MIN COUNT
            ZMPOP 3 p MIN
            BZPOPMIN none p 1
            BZPOPMAX none 0.01
            BZPOPMIN p -1
            BZPOPMIN p x
            BZMPOP 0.01 1 none MIN
            BZMPOP x 1 none MIN
            EXISTS p
            ZADD x 1 a 2 b 3 c
            ZADD y 10 b 20 c 30 d
            SADD plain b c z
            ZUNION 2 x y WITHSCORES
            ZUNION 3 x y plain WEIGHTS 1 2 3 AGGREGATE MAX WITHSCORES
            ZINTER 3 x y plain AGGREGATE MIN WITHSCORES
            ZINTER 2 x y
            ZINTER 2 x none
            ZDIFF 2 x y WITHSCORES
            ZDIFF 2 x x
            ZDIFF 2 x y WEIGHTS 1 2
            ZUNIONSTORE to 2 x y WEIGHTS 2 0.5
            ZRANGE to 0 -1 WITHSCORES
            ZINTERSTORE to 2 to plain
            ZDIFFSTORE to 2 x x
            EXISTS to
            ZUNION 0 x
            ZUNION x x
            ZUNION 3 x y
            ZUNION 2 x y WEIGHTS 1
            ZUNION 2 x y WEIGHTS 1 y
            ZUNION 2 x y AGGREGATE AVG
            ZUNIONSTORE to 2 x y WITHSCORES
            ZUNIONSTORE to 0 x
            ZINTERCARD 2 x y
            ZINTERCARD 2 x y LIMIT 1
            ZINTERCARD 2 x y LIMIT -1
            ZINTERCARD 2 x y WITHSCORES
            ZRANDMEMBER none
            ZRANDMEMBER none 3
            ZADD one 7 only
            ZRANDMEMBER one
            ZRANDMEMBER one 5 WITHSCORES
            ZRANDMEMBER one -3 WITHSCORES
            ZRANDMEMBER one -3
            ZRANDMEMBER x 5 SCORES
            ZRANDMEMBER x y
            ZSCAN x 0
            ZSCAN x 0 MATCH [ab] COUNT 5
            ZSCAN none 0
            ZSCAN x cursor
            ZSCAN x 0 COUNT 0
            SET text 1
            ZADD text 1 a
            ZRANGE text 0 -1
            ZUNION 2 x text
            ZUNIONSTORE to 2 text x
            ZSCAN text 0
            BZPOPMIN text 1
            OBJECT ENCODING x
            ZRANGE x
            """;

    private BothServers both;

    @BeforeAll
    void start() throws IOException {
        Assumptions.assumeTrue(
                BothServers.installed().isPresent(), "no redis-server is installed here");
        both = new BothServers(BothServers.installed().get());
    }

    @AfterAll
    void stop() throws IOException {
        if (both != null) {
            both.close();
        }
    }

    @BeforeEach
    void empty() {
        both.say("FLUSHALL");
        both.say("CONFIG SET zset-max-listpack-entries 128");
    }

    private void speak(int protocol) {
        both.say(List.of("HELLO", "" + protocol), _ -> "hello");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyCommandAnswersAsThere(int protocol) {
        speak(protocol);
        CONVERSATION.lines().forEach(both::say);
    }

    @ParameterizedTest
    @CsvSource({"2, 128, 1", "2, 4, 2", "3, 4, 3"})
    void aLongWildTalkIsTheSame(int protocol, int entriesMax, int seed) {
        speak(protocol);
        both.say("CONFIG SET zset-max-listpack-entries " + entriesMax);
        both.say("SADD plain m1 m2 m3 4 5");
        both.say("SET text 1");
        Talk talk = new Talk(seed);
        for (int i = 0; i < 4000; i++) {
            List<String> words = talk.words();
            both.say(
                    words,
                    words.getFirst().equals("ZRANDMEMBER")
                            ? SortedSetConversationTest::sorted
                            : UnaryOperator.identity());
        }
    }

    private static Object sorted(Object reply) {
        if (!(reply instanceof List<?> items)) {
            return reply;
        }
        List<Object> sorted = new ArrayList<>(items);
        sorted.sort(Comparator.comparing(Object::toString));
        return sorted;
    }

    @Test
    void withscoreOfZrankIsThatOfRedis72() throws IOException {
        speak(2);
        both.say("ZADD k 1 a 2.5 b");
        assertThat(both.askOurs("ZRANK k b WITHSCORE")).isEqualTo(List.of("*", ":1", "$2.5"));
        assertThat(both.askOurs("ZREVRANK k b withscore")).isEqualTo(List.of("*", ":0", "$2.5"));
        assertThat(both.askOurs("ZRANK k nobody WITHSCORE")).isEqualTo("*-1");
        assertThat(both.askOurs("ZRANK k b NOSCORE")).isEqualTo("-ERR syntax error");
    }

    @Test
    void whoWaitsIsServedByWhatComes() throws Exception {
        both.say("DEL a b to");
        try (BothServers.Waiter waiter = both.waiter("BZPOPMAX a b 20")) {
            both.say("ZADD b 1 x 2 y");
            waiter.sameAnswer();
        }
        both.say("ZRANGE b 0 -1");
        try (BothServers.Waiter waiter = both.waiter("BZMPOP 20 2 to none MIN COUNT 3")) {
            both.say("ZUNIONSTORE to 1 b");
            waiter.sameAnswer();
        }
        both.say("EXISTS to");
    }

    /** Commands made by chance: mostly sensible, about few members of few keys. */
    private static final class Talk {
        private final SplittableRandom random;

        Talk(int seed) {
            random = new SplittableRandom(seed);
        }

        private String one(String... choices) {
            return choices[random.nextInt(choices.length)];
        }

        private String key() {
            return one("a", "b", "c", "d");
        }

        private String member() {
            return one("m" + random.nextInt(30), "" + random.nextInt(-3, 9), "x", "\u00ff\u0001");
        }

        private String score() {
            return one(
                    "" + random.nextInt(-9, 9),
                    "" + random.nextInt(-999, 999) / 4.0,
                    "inf",
                    "-inf");
        }

        private String bound() {
            return one("", "(") + one("" + random.nextInt(-9, 9), "inf", "-inf", "1.5");
        }

        private String rank() {
            return "" + random.nextInt(-12, 12);
        }

        private String[] maybe(String... words) {
            return random.nextInt(3) == 0 ? words : new String[0];
        }

        private static List<String> words(Object... parts) {
            List<String> words = new ArrayList<>();
            for (Object part : parts) {
                if (part instanceof String[] several) {
                    Collections.addAll(words, several);
                } else {
                    words.add(part.toString());
                }
            }
            return words;
        }

        private String[] limit() {
            return maybe("LIMIT", "" + random.nextInt(-1, 4), "" + random.nextInt(-1, 4));
        }

        private String[] sources(boolean difference) {
            List<String> words = new ArrayList<>();
            int keys = random.nextInt(1, 4);
            words.add("" + keys);
            for (int i = 0; i < keys; i++) {
                words.add(one("a", "b", "c", "d", "plain"));
            }
            if (!difference && random.nextBoolean()) {
                words.add("WEIGHTS");
                for (int i = 0; i < keys; i++) {
                    words.add(one("1", "2", "0.5", "-1"));
                }
            }
            if (!difference && random.nextBoolean()) {
                words.addAll(List.of("AGGREGATE", one("MIN", "MAX")));
            }
            return words.toArray(String[]::new);
        }

        List<String> words() {
            String[] scores = maybe("WITHSCORES");
            return switch (random.nextInt(20)) {
                case 0, 1, 2, 3 ->
                        words("ZADD", key(), score(), member(), maybe(score(), member()));
                case 4 ->
                        words(
                                "ZADD",
                                key(),
                                maybe(one("NX", "XX")),
                                maybe(one("GT", "LT")),
                                maybe("CH"),
                                maybe("INCR"),
                                score(),
                                member());
                case 5 -> words("ZINCRBY", key(), score(), member());
                case 6 -> words("ZREM", key(), member(), member());
                case 7 -> words(one("ZRANK", "ZREVRANK", "ZSCORE", "ZMSCORE"), key(), member());
                case 8 -> words("ZRANGE", key(), rank(), rank(), maybe("REV"), scores);
                case 9 -> words("ZRANGE", key(), bound(), bound(), "BYSCORE", limit(), scores);
                case 10 ->
                        words("ZRANGE", key(), bound(), bound(), "BYSCORE", "REV", limit(), scores);
                case 11 -> words("ZCOUNT", key(), bound(), bound());
                case 12 -> words("ZRANGESTORE", key(), key(), bound(), bound(), "BYSCORE", limit());
                case 13 -> words("ZREMRANGEBYSCORE", key(), "(3", "(4.5");
                case 14 -> words("ZREMRANGEBYRANK", key(), rank(), one("-9", "1"));
                case 15 -> words(one("ZPOPMIN", "ZPOPMAX"), key(), maybe("2"));
                case 16 ->
                        words("ZMPOP", "2", key(), key(), one("MIN", "MAX"), maybe("COUNT", "2"));
                case 17 -> words(one("ZUNION", "ZINTER"), sources(false), scores);
                case 18 -> words(one("ZUNIONSTORE", "ZINTERSTORE"), key(), sources(false));
                default ->
                        random.nextBoolean()
                                ? words("ZDIFF", sources(true), scores)
                                : words("ZRANDMEMBER", key(), "100", scores);
            };
        }
    }
}
