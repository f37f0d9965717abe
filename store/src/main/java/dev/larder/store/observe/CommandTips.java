package dev.larder.store.observe;

import dev.larder.store.command.Command;
import java.util.List;

/**
 * Hints for clients of a cluster and for those who compare answers: where to send a command that
 * names no key or many, how to put the answers together, and what of an answer is not determined.
 */
final class CommandTips {
    private static final String ANY = "nondeterministic_output";
    private static final String ANY_ORDER = "nondeterministic_output_order";
    private static final String NODES = "request_policy:all_nodes";
    private static final String SHARDS = "request_policy:all_shards";
    private static final String BY_SLOT = "request_policy:multi_shard";
    private static final String ALL_OK = "response_policy:all_succeeded";
    private static final String ONE_OK = "response_policy:one_succeeded";
    private static final String SUM = "response_policy:agg_sum";
    private static final String LEAST = "response_policy:agg_min";
    private static final String EACH = "response_policy:agg_logical_and";
    private static final String OWN = "response_policy:special";

    private CommandTips() {}

    static List<String> of(Command row) {
        return switch (row.name()) {
            case "CLIENT|INFO",
                    "CLIENT|LIST",
                    "CLUSTER|BUMPEPOCH",
                    "CLUSTER|COUNT-FAILURE-REPORTS",
                    "CLUSTER|GETKEYSINSLOT",
                    "CLUSTER|INFO",
                    "CLUSTER|LINKS",
                    "CLUSTER|NODES",
                    "CLUSTER|REPLICAS",
                    "CLUSTER|SHARDS",
                    "CLUSTER|SLAVES",
                    "CLUSTER|SLOTS",
                    "DUMP",
                    "HEXPIRETIME",
                    "HPTTL",
                    "HRANDFIELD",
                    "HSCAN",
                    "HTTL",
                    "LASTSAVE",
                    "MIGRATE",
                    "OBJECT|ENCODING",
                    "OBJECT|FREQ",
                    "OBJECT|IDLETIME",
                    "OBJECT|REFCOUNT",
                    "PTTL",
                    "SPOP",
                    "SRANDMEMBER",
                    "SSCAN",
                    "TIME",
                    "TTL",
                    "XADD",
                    "XAUTOCLAIM",
                    "XCLAIM",
                    "XINFO|CONSUMERS",
                    "XPENDING",
                    "XTRIM",
                    "ZRANDMEMBER",
                    "ZSCAN" ->
                    List.of(ANY);
            case "COMMAND",
                    "COMMAND|DOCS",
                    "COMMAND|INFO",
                    "COMMAND|LIST",
                    "FUNCTION|LIST",
                    "HGETALL",
                    "HKEYS",
                    "HVALS",
                    "MODULE|LIST",
                    "SDIFF",
                    "SINTER",
                    "SMEMBERS",
                    "SUNION" ->
                    List.of(ANY_ORDER);
            case "CONFIG|SET", "LATENCY|RESET", "SCRIPT|FLUSH", "SCRIPT|LOAD", "SLOWLOG|RESET" ->
                    List.of(NODES, ALL_OK);
            case "LATENCY|DOCTOR",
                    "LATENCY|GRAPH",
                    "LATENCY|HISTOGRAM",
                    "LATENCY|HISTORY",
                    "LATENCY|LATEST" ->
                    List.of(ANY, NODES, OWN);
            case "SLOWLOG|GET" -> List.of(NODES, ANY);
            case "SLOWLOG|LEN" -> List.of(NODES, SUM, ANY);
            case "DBSIZE" -> List.of(SHARDS, SUM);
            case "FLUSHALL",
                    "FLUSHDB",
                    "FUNCTION|DELETE",
                    "FUNCTION|FLUSH",
                    "FUNCTION|LOAD",
                    "FUNCTION|RESTORE",
                    "MEMORY|PURGE",
                    "PING" ->
                    List.of(SHARDS, ALL_OK);
            case "FUNCTION|KILL", "SCRIPT|KILL" -> List.of(SHARDS, ONE_OK);
            case "FUNCTION|STATS" -> List.of(ANY, SHARDS, OWN);
            case "INFO", "MEMORY|DOCTOR", "MEMORY|MALLOC-STATS", "MEMORY|STATS" ->
                    List.of(ANY, SHARDS, OWN);
            case "KEYS" -> List.of(SHARDS, ANY_ORDER);
            case "RANDOMKEY" -> List.of(SHARDS, ANY);
            case "SCAN" -> List.of(ANY, "request_policy:special");
            case "SCRIPT|EXISTS" -> List.of(SHARDS, EACH);
            case "WAIT", "WAITAOF" -> List.of(SHARDS, LEAST);
            case "DEL", "EXISTS", "TOUCH", "UNLINK" -> List.of(BY_SLOT, SUM);
            case "MGET" -> List.of(BY_SLOT);
            case "MSET" -> List.of(BY_SLOT, ALL_OK);
            case "MSETNX" -> List.of(BY_SLOT, LEAST);
            default -> List.of();
        };
    }
}
