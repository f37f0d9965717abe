package dev.larder.store.compat;

import java.util.Random;

/** Commands by chance whose answers owe nothing to chance or to a clock. */
public final class RandomCommands {
    private static final String[] TEMPLATES = {
        "SET k v",
        "GET k",
        "APPEND k v",
        "STRLEN k",
        "INCRBY k n",
        "DECR k",
        "GETRANGE k n n",
        "SETRANGE k i v",
        "GETSET k v",
        "SETNX k v",
        "MGET k k k",
        "MSET k v k v",
        "MSETNX k v k v",
        "GETDEL k",
        "INCRBYFLOAT k n",
        "SET k v XX GET",
        "SET k v NX",
        "SETBIT k i 1",
        "SETBIT k i 0",
        "GETBIT k i",
        "BITCOUNT k n n",
        "BITCOUNT k n n BIT",
        "BITPOS k 0 n",
        "BITPOS k 1 n n",
        "BITPOS k 0 n n BIT",
        "BITOP AND k k k",
        "BITOP OR k k k",
        "BITOP XOR k k k k",
        "BITOP NOT k k",
        "BITFIELD k INCRBY i5 i n OVERFLOW SAT INCRBY u3 i n GET i13 i",
        "BITFIELD k OVERFLOW FAIL SET u4 i n SET i3 i n GET u60 i",
        "PFADD hll1 v v",
        "PFADD hll2 v v v",
        "PFADD k v",
        "PFCOUNT hll1",
        "PFCOUNT hll1 hll2 hll3",
        "PFMERGE hll3 hll1 hll2",
        "GET hll1",
        "GET hll3",
        "DEL k",
        "DEL k",
        "EXISTS k k",
        "TYPE k",
        "RENAME k k",
        "RENAMENX k k",
        "COPY k k",
        "COPY k k REPLACE",
        "TTL k",
        "PERSIST k",
        "KEYS *",
        "DBSIZE",
        "HSET k v v",
        "HSET k v v v v",
        "HGET k v",
        "HDEL k v v",
        "HGETALL k",
        "HLEN k",
        "HMGET k v v",
        "HINCRBY k v n",
        "HEXISTS k v",
        "HSETNX k v v",
        "HSTRLEN k v",
        "HKEYS k",
        "HVALS k",
        "HINCRBYFLOAT k v n",
        "RPUSH k v",
        "LPUSH k v v",
        "RPUSH k v v v",
        "LPOP k",
        "RPOP k",
        "LPOP k i",
        "LRANGE k n n",
        "LINDEX k n",
        "LSET k n v",
        "LINSERT k BEFORE v v",
        "LINSERT k AFTER v v",
        "LREM k n v",
        "LTRIM k n n",
        "LLEN k",
        "LPOS k v",
        "LPOS k v COUNT i",
        "LPOS k v RANK n",
        "LMOVE k k LEFT RIGHT",
        "LMOVE k k RIGHT LEFT",
        "LPUSHX k v",
        "RPUSHX k v",
        "LMPOP 2 k k LEFT COUNT 2",
        "SADD k v v",
        "SADD k n n n",
        "SREM k v",
        "SMEMBERS k",
        "SISMEMBER k v",
        "SCARD k",
        "SMOVE k k v",
        "SUNIONSTORE k k k",
        "SINTERSTORE k k k",
        "SDIFFSTORE k k k",
        "SUNION k k",
        "SINTER k k",
        "SDIFF k k k",
        "SINTERCARD 2 k k",
        "SMISMEMBER k v n",
        "ZADD k n v",
        "ZADD k n v n v",
        "ZADD k NX n v",
        "ZADD k GT CH n v",
        "ZADD k XX INCR n v",
        "ZREM k v",
        "ZRANGE k n n WITHSCORES",
        "ZRANGE k n n REV",
        "ZRANGEBYSCORE k n n",
        "ZSCORE k v",
        "ZRANK k v",
        "ZREVRANK k v",
        "ZCARD k",
        "ZCOUNT k n n",
        "ZINCRBY k n v",
        "ZPOPMIN k",
        "ZPOPMAX k 2",
        "ZUNIONSTORE k 2 k k",
        "ZINTERSTORE k 2 k k",
        "ZDIFF 2 k k WITHSCORES",
        "ZREMRANGEBYRANK k n n",
        "ZREMRANGEBYSCORE k n n",
        "XADD k i-* v v",
        "XADD k i-i v v v v",
        "XADD k MAXLEN 5 i-* v v",
        "XLEN k",
        "XRANGE k - +",
        "XRANGE k i i",
        "XREVRANGE k i i COUNT 2",
        "XDEL k i-i",
        "XTRIM k MAXLEN i",
        "XTRIM k MINID i",
        "XREAD COUNT 2 STREAMS k i",
        "XGROUP CREATE k g i",
        "XGROUP CREATE k g $ MKSTREAM",
        "XREADGROUP GROUP g v COUNT 2 STREAMS k >",
        "XREADGROUP GROUP g v STREAMS k i",
        "XACK k g i-i",
        "XPENDING k g",
        "XINFO GROUPS k",
        "XINFO STREAM k",
        "XGROUP SETID k g i",
        "XGROUP DELCONSUMER k g v",
        "XCLAIM k g v 0 i-i JUSTID",
        "XAUTOCLAIM k g v 0 i",
        "XSETID k i-i",
        "MULTI",
        "EXEC",
        "DISCARD",
        "WATCH k",
        "UNWATCH",
    };

    private final Random random;

    public RandomCommands(Random random) {
        this.random = random;
    }

    public String[] next() {
        String[] words = TEMPLATES[random.nextInt(TEMPLATES.length)].split(" ");
        for (int i = 1; i < words.length; i++) {
            words[i] =
                    switch (words[i]) {
                        case "k" -> "key" + random.nextInt(6);
                        case "v" -> value();
                        case "n" -> Integer.toString(random.nextInt(13) - 5);
                        case "i" -> Integer.toString(random.nextInt(8));
                        case "i-i" -> random.nextInt(8) + "-" + random.nextInt(3);
                        case "i-*" -> random.nextInt(8) + "-*";
                        default -> words[i];
                    };
        }
        return words;
    }

    private String value() {
        return switch (random.nextInt(12)) {
            case 0 -> "";
            case 1 -> "x".repeat(random.nextInt(100));
            case 2 -> Integer.toString(random.nextInt(100));
            case 3 -> "\u00ff\u0000\r\n";
            default -> String.valueOf((char) ('a' + random.nextInt(6)));
        };
    }
}
