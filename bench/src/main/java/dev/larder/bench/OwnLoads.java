package dev.larder.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** The workloads of our own generator. */
final class OwnLoads {
    private static final int MILLION = 1_000_000;
    private static final long SEED = 20_261_124;
    private static final byte[] VALUE = "v".repeat(64).getBytes();

    /** A token bucket: the script that most limiters of requests are. */
    private static final String TOKEN_BUCKET =
            """
            local capacity = tonumber(ARGV[1])
            local per_ms = tonumber(ARGV[2])
            local now = tonumber(ARGV[3])
            local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
            local tokens = tonumber(bucket[1]) or capacity
            local at = tonumber(bucket[2]) or now
            tokens = math.min(capacity, tokens + math.max(0, now - at) * per_ms)
            local allowed = 0
            if tokens >= 1 then
              tokens = tokens - 1
              allowed = 1
            end
            redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
            redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / per_ms))
            return {allowed, math.floor(tokens)}
            """;

    private OwnLoads() {}

    static List<Workload> all() {
        List<Workload> all = new ArrayList<>();
        for (int pipeline : new int[] {1, 16}) {
            all.add(zipfMix(pipeline));
        }
        for (int pipeline : new int[] {1, 16}) {
            all.add(
                    sortedSet(
                            "zadd-1m", "ZADD of a member that is there", pipeline, OwnLoads::zadd));
            all.add(sortedSet("zrank-1m", "ZRANK", pipeline, OwnLoads::zrank));
            all.add(
                    sortedSet(
                            "zrange-1m",
                            "ZRANGE of 10 by rank, WITHSCORES",
                            pipeline,
                            OwnLoads::zrange));
        }
        for (int pipeline : new int[] {1, 16}) {
            all.add(xadd(pipeline));
            all.add(streamCycle(pipeline));
        }
        all.add(pushAndPop());
        for (int pipeline : new int[] {1, 16}) {
            all.add(geoSearch(pipeline));
        }
        for (int subscribers : new int[] {1, 100, 1000}) {
            all.add(publish(subscribers));
        }
        for (int pipeline : new int[] {1, 16}) {
            all.add(script(pipeline));
            all.add(transaction(pipeline));
        }
        for (int connections : new int[] {1, 50, 1000, 10_000}) {
            all.add(connections(connections));
        }
        return all;
    }

    private static Workload zipfMix(int pipeline) {
        return new OwnLoad(
                "zipf-mix-p" + pipeline,
                "80 % GET, 20 % SET EX over 1 M keys by Zipf's law (0.99), 64 B, pipeline "
                        + pipeline,
                50,
                pipeline,
                line ->
                        line.fill(
                                MILLION,
                                (item, into) -> {
                                    into.command(5).word("SET").word("key:", item).word(VALUE);
                                    into.word("EX").number(600 + item % 3000);
                                    return 1;
                                },
                                _ -> {}),
                () -> {
                    SplittableRandom random = new SplittableRandom(SEED);
                    Zipf zipf = new Zipf(MILLION, 0.99);
                    return (_, lanes) -> {
                        long key = zipf.next(random);
                        if (random.nextInt(5) == 0) {
                            lanes[0].command(5).word("SET").word("key:", key).word(VALUE);
                            lanes[0].word("EX").number(60 + random.nextInt(3600));
                        } else {
                            lanes[0].command(2).word("GET").word("key:", key);
                        }
                        return 1;
                    };
                });
    }

    @FunctionalInterface
    private interface Asking {
        void ask(SplittableRandom random, Words into);
    }

    private static Workload sortedSet(String name, String about, int pipeline, Asking asking) {
        return new OwnLoad(
                name + "-p" + pipeline,
                about + ", 1 M members, pipeline " + pipeline,
                50,
                pipeline,
                line -> {
                    SplittableRandom random = new SplittableRandom(SEED);
                    line.fill(
                            MILLION,
                            (item, into) -> {
                                into.command(4).word("ZADD").word("board");
                                into.number(random.nextInt(10_000_000)).word("player:", item);
                                return 1;
                            },
                            _ -> {});
                },
                () -> each(asking));
    }

    private static Traffic each(Asking asking) {
        SplittableRandom random = new SplittableRandom(SEED + 1);
        return (_, lanes) -> {
            asking.ask(random, lanes[0]);
            return 1;
        };
    }

    private static void zadd(SplittableRandom random, Words into) {
        into.command(4).word("ZADD").word("board").number(random.nextInt(10_000_000));
        into.word("player:", random.nextInt(MILLION));
    }

    private static void zrank(SplittableRandom random, Words into) {
        into.command(3).word("ZRANK").word("board").word("player:", random.nextInt(MILLION));
    }

    private static void zrange(SplittableRandom random, Words into) {
        int first = random.nextInt(MILLION - 10);
        into.command(5).word("ZRANGE").word("board").number(first).number(first + 9);
        into.word("WITHSCORES");
    }

    private static Workload xadd(int pipeline) {
        return new OwnLoad(
                "xadd-p" + pipeline,
                "XADD MAXLEN ~ 100000 of 2 fields, pipeline " + pipeline,
                50,
                pipeline,
                _ -> {},
                () ->
                        each(
                                (random, into) -> {
                                    into.command(10).word("XADD").word("stream").word("MAXLEN");
                                    into.word("~").number(100_000).word("*");
                                    into.word("sensor").number(random.nextInt(1000));
                                    into.word("value").number(random.nextInt(100_000));
                                }));
    }

    /** A stream, a group and a reader for each connection: added, read, acknowledged. */
    private static Workload streamCycle(int pipeline) {
        int connections = 50;
        return new OwnLoad(
                "xreadgroup-p" + pipeline,
                "XADD, XREADGROUP, XACK of one entry (3 commands), pipeline " + pipeline,
                connections,
                pipeline,
                line -> {
                    for (int i = 0; i < connections; i++) {
                        line.ask("XGROUP", "CREATE", "stream:" + i, "g", "$", "MKSTREAM");
                    }
                },
                () -> {
                    long[] next = new long[connections];
                    return (group, lanes) -> {
                        Words into = lanes[0];
                        String id = ++next[group] + "-0";
                        into.command(8).word("XADD").word("stream:", group).word("MAXLEN");
                        into.word("~").number(1000).word(id).word("job").number(next[group]);
                        into.command(9).word("XREADGROUP").word("GROUP").word("g").word("reader");
                        into.word("COUNT")
                                .number(1)
                                .word("STREAMS")
                                .word("stream:", group)
                                .word(">");
                        into.command(4).word("XACK").word("stream:", group).word("g").word(id);
                        return 3;
                    };
                });
    }

    private static Workload pushAndPop() {
        return new OwnLoad(
                "lpush-brpop",
                "BRPOP that waits on one connection, LPUSH on another (2 commands), 25 pairs",
                25,
                1,
                _ -> {},
                () ->
                        new Traffic() {
                            @Override
                            public int lanes() {
                                return 2;
                            }

                            @Override
                            public int ask(int group, Words[] lanes) {
                                lanes[0].command(3).word("BRPOP").word("queue:", group).number(0);
                                lanes[1].command(3).word("LPUSH").word("queue:", group).word(VALUE);
                                return 2;
                            }
                        });
    }

    private static Workload geoSearch(int pipeline) {
        return new OwnLoad(
                "geosearch-1m-p" + pipeline,
                "GEOSEARCH within 5 km, nearest 10 with distance, 1 M points over 10 by 10 degrees,"
                        + " pipeline "
                        + pipeline,
                50,
                pipeline,
                line -> {
                    SplittableRandom random = new SplittableRandom(SEED);
                    line.fill(
                            MILLION,
                            (item, into) -> {
                                into.command(5).word("GEOADD").word("places");
                                into.word(degrees(random, 5)).word(degrees(random, 45));
                                into.word("place:", item);
                                return 1;
                            },
                            _ -> {});
                },
                () ->
                        each(
                                (random, into) -> {
                                    into.command(12).word("GEOSEARCH").word("places");
                                    into.word("FROMLONLAT").word(degrees(random, 5));
                                    into.word(degrees(random, 45)).word("BYRADIUS").number(5);
                                    into.word("km").word("ASC").word("COUNT").number(10);
                                    into.word("WITHDIST");
                                }));
    }

    private static String degrees(SplittableRandom random, int from) {
        return String.format(Locale.ROOT, "%.6f", from + 10 * random.nextDouble());
    }

    /** One operation is over when the last subscriber has the message. */
    private static Workload publish(int subscribers) {
        return new OwnLoad(
                "publish-" + subscribers,
                "PUBLISH of 64 B until all of " + subscribers + " subscribers have it",
                1,
                1,
                _ -> {},
                () ->
                        new Traffic() {
                            @Override
                            public int lanes() {
                                return 1 + subscribers;
                            }

                            @Override
                            public int greet(int group, int lane, Words into) {
                                if (lane == 0) {
                                    return 0;
                                }
                                into.command(2).word("SUBSCRIBE").word("channel:", group);
                                return 1;
                            }

                            @Override
                            public int ask(int group, Words[] lanes) {
                                lanes[0].command(3).word("PUBLISH").word("channel:", group);
                                lanes[0].word(VALUE);
                                return 1 + subscribers;
                            }
                        });
    }

    private static Workload script(int pipeline) {
        return new OwnLoad(
                "evalsha-p" + pipeline,
                "EVALSHA of a token bucket (HMGET, HSET, PEXPIRE), 10,000 buckets, pipeline "
                        + pipeline,
                50,
                pipeline,
                line -> line.ask("SCRIPT", "LOAD", TOKEN_BUCKET),
                () -> {
                    String digest = sha1(TOKEN_BUCKET);
                    long[] now = {1_700_000_000_000L};
                    return each(
                            (random, into) -> {
                                into.command(7).word("EVALSHA").word(digest).number(1);
                                into.word("bucket:", random.nextInt(10_000));
                                into.number(100).word("0.1").number(now[0]++);
                            });
                });
    }

    private static Workload transaction(int pipeline) {
        return new OwnLoad(
                "multi-5-p" + pipeline,
                "MULTI, SET, GET, INCR, HSET, ZADD, EXEC (7 requests), pipeline " + pipeline,
                50,
                pipeline,
                _ -> {},
                () -> {
                    SplittableRandom random = new SplittableRandom(SEED);
                    return (_, lanes) -> {
                        int item = random.nextInt(10_000);
                        Words into = lanes[0];
                        into.command(1).word("MULTI");
                        into.command(3).word("SET").word("s:", item).word(VALUE);
                        into.command(2).word("GET").word("s:", random.nextInt(10_000));
                        into.command(2).word("INCR").word("n:", item);
                        into.command(4).word("HSET").word("h:", item).word("f").word(VALUE);
                        into.command(4).word("ZADD").word("z").number(item).word("m:", item);
                        into.command(1).word("EXEC");
                        return 7;
                    };
                });
    }

    private static Workload connections(int connections) {
        return new OwnLoad(
                "connections-" + connections,
                "GET of 64 B, 100,000 keys, pipeline 1, connections: " + connections,
                connections,
                1,
                line ->
                        line.fill(
                                100_000,
                                (item, into) -> {
                                    into.command(3).word("SET").word("key:", item).word(VALUE);
                                    return 1;
                                },
                                _ -> {}),
                () ->
                        each(
                                (random, into) ->
                                        into.command(2)
                                                .word("GET")
                                                .word("key:", random.nextInt(100_000))));
    }

    static String sha1(String script) {
        try {
            byte[] digest =
                    java.security.MessageDigest.getInstance("SHA-1").digest(script.getBytes());
            return java.util.HexFormat.of().formatHex(digest);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
