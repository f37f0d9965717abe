package dev.larder.store;

import static dev.larder.store.Option.choice;
import static dev.larder.store.Option.choices;
import static dev.larder.store.Option.memory;
import static dev.larder.store.Option.memoryOrPercent;
import static dev.larder.store.Option.number;
import static dev.larder.store.Option.octal;
import static dev.larder.store.Option.text;
import static dev.larder.store.Option.yesNo;
import static dev.larder.store.OptionChecks.addresses;
import static dev.larder.store.OptionChecks.baseName;
import static dev.larder.store.OptionChecks.directory;
import static dev.larder.store.OptionChecks.eventClasses;
import static dev.larder.store.OptionChecks.hertz;
import static dev.larder.store.OptionChecks.hostname;
import static dev.larder.store.OptionChecks.noCluster;
import static dev.larder.store.OptionChecks.noDefrag;
import static dev.larder.store.OptionChecks.oomScores;
import static dev.larder.store.OptionChecks.percentiles;
import static dev.larder.store.OptionChecks.primary;
import static dev.larder.store.OptionChecks.required;
import static dev.larder.store.OptionChecks.saveOrNot;
import static dev.larder.store.OptionChecks.savePoints;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Every option there is: the names, defaults and bounds of redis-server 7.2. Ours differ in few
 * defaults: {@code bind} is the loopback address, {@code save} is empty, and {@code
 * enable-debug-command} is {@code local}, since nothing in DEBUG can end this server.
 */
final class Options {
    static final List<Option> ALL =
            List.of(
                    yesNo("rdbchecksum", true).immutable(),
                    yesNo("daemonize", false).immutable().inert(),
                    yesNo("io-threads-do-reads", false).immutable().inert(),
                    yesNo("always-show-logo", false).immutable().inert(),
                    yesNo("protected-mode", true),
                    yesNo("rdbcompression", true),
                    yesNo("rdb-del-sync-files", false).inert(),
                    yesNo("activerehashing", true).inert(),
                    yesNo("stop-writes-on-bgsave-error", true),
                    yesNo("set-proc-title", true).immutable().inert(),
                    yesNo("dynamic-hz", true).inert(),
                    yesNo("lazyfree-lazy-eviction", false),
                    yesNo("lazyfree-lazy-expire", false),
                    yesNo("lazyfree-lazy-server-del", false),
                    yesNo("lazyfree-lazy-user-del", false),
                    yesNo("lazyfree-lazy-user-flush", false),
                    yesNo("repl-disable-tcp-nodelay", false).inert(),
                    yesNo("repl-diskless-sync", true).inert(),
                    yesNo("aof-rewrite-incremental-fsync", true).inert(),
                    yesNo("no-appendfsync-on-rewrite", false),
                    yesNo("cluster-require-full-coverage", true).inert(),
                    yesNo("rdb-save-incremental-fsync", true),
                    yesNo("aof-load-truncated", true),
                    yesNo("aof-use-rdb-preamble", true).inert(),
                    yesNo("aof-timestamp-enabled", false),
                    yesNo("cluster-replica-no-failover", false)
                            .alias("cluster-slave-no-failover")
                            .inert(),
                    yesNo("replica-lazy-flush", false).alias("slave-lazy-flush").inert(),
                    yesNo("replica-serve-stale-data", true).alias("slave-serve-stale-data"),
                    yesNo("replica-read-only", true).alias("slave-read-only"),
                    yesNo("replica-ignore-maxmemory", true).alias("slave-ignore-maxmemory"),
                    yesNo("jemalloc-bg-thread", true).inert(),
                    choice("activedefrag", "no", "yes", "no")
                            .reads((value, _) -> noDefrag(value))
                            .inert(),
                    yesNo("syslog-enabled", false).immutable().inert(),
                    choice("cluster-enabled", "no", "yes", "no")
                            .reads((value, _) -> noCluster(value))
                            .immutable(),
                    yesNo("appendonly", false).refusedWhileLoading(),
                    yesNo("cluster-allow-reads-when-down", false).inert(),
                    yesNo("cluster-allow-pubsubshard-when-down", true).inert(),
                    yesNo("crash-log-enabled", true).inert(),
                    yesNo("crash-memcheck-enabled", true).inert(),
                    yesNo("use-exit-on-panic", false).hidden().inert(),
                    yesNo("disable-thp", true).immutable().inert(),
                    yesNo("cluster-allow-replica-migration", true).inert(),
                    yesNo("replica-announced", true).inert(),
                    yesNo("latency-tracking", true),
                    yesNo("aof-disable-auto-gc", false).inert(),
                    yesNo("replica-ignore-disk-write-errors", false).inert(),
                    text("aclfile", "").immutable(),
                    text("unixsocket", "").immutable(),
                    text("pidfile", "").immutable().inert(),
                    text("replica-announce-ip", "").alias("slave-announce-ip"),
                    text("masteruser", "").secret(),
                    text("cluster-announce-ip", "").inert(),
                    text("cluster-config-file", "nodes.conf").immutable().inert(),
                    text("cluster-announce-hostname", "")
                            .reads((value, _) -> hostname(value))
                            .inert(),
                    text("cluster-announce-human-nodename", "").inert(),
                    text("syslog-ident", "redis").immutable().inert(),
                    text("dbfilename", "dump.rdb")
                            .guarded()
                            .reads((value, _) -> baseName("dbfilename", value, "a filename")),
                    text("appendfilename", "appendonly.aof")
                            .immutable()
                            .reads(
                                    (value, _) ->
                                            baseName(
                                                    "appendfilename",
                                                    required("appendfilename", value),
                                                    "a filename")),
                    text("appenddirname", "appendonlydir")
                            .immutable()
                            .reads(
                                    (value, _) ->
                                            baseName(
                                                    "appenddirname",
                                                    required("appenddirname", value),
                                                    "a dirname")),
                    text("server_cpulist", "").immutable().inert(),
                    text("bio_cpulist", "").immutable().inert(),
                    text("aof_rewrite_cpulist", "").immutable().inert(),
                    text("bgsave_cpulist", "").immutable().inert(),
                    text("ignore-warnings", "").inert(),
                    text("locale-collate", "").inert(),
                    text("proc-title-template", "{title} {listen-addr} {server-mode}").inert(),
                    text("bind-source-addr", "").inert(),
                    text("logfile", "").immutable(),
                    text("masterauth", "").secret(),
                    text("requirepass", "").secret(),
                    choice("supervised", "no", "upstart", "systemd", "auto", "no")
                            .immutable()
                            .inert(),
                    choice(
                                    "syslog-facility",
                                    "local0",
                                    "user",
                                    "local0",
                                    "local1",
                                    "local2",
                                    "local3",
                                    "local4",
                                    "local5",
                                    "local6",
                                    "local7")
                            .immutable()
                            .inert(),
                    choice("repl-diskless-load", "disabled", "disabled", "on-empty-db", "swapdb")
                            .refusedWhileLoading()
                            .inert(),
                    choice("loglevel", "notice", "debug", "verbose", "notice", "warning"),
                    choice(
                            "maxmemory-policy",
                            "noeviction",
                            "volatile-lru",
                            "volatile-lfu",
                            "volatile-random",
                            "volatile-ttl",
                            "allkeys-lru",
                            "allkeys-lfu",
                            "allkeys-random",
                            "noeviction"),
                    choice("appendfsync", "everysec", "everysec", "always", "no"),
                    choice("oom-score-adj", "no", "no", "yes", "relative", "absolute")
                            .reads((value, _) -> value.equals("relative") ? "yes" : value)
                            .inert(),
                    choice("acl-pubsub-default", "resetchannels", "allchannels", "resetchannels"),
                    choice("sanitize-dump-payload", "no", "no", "yes", "clients"),
                    choice("enable-protected-configs", "no", "no", "yes", "local").immutable(),
                    choice("enable-debug-command", "local", "no", "yes", "local").immutable(),
                    choice("enable-module-command", "no", "no", "yes", "local").immutable().inert(),
                    choice(
                                    "cluster-preferred-endpoint-type",
                                    "ip",
                                    "ip",
                                    "hostname",
                                    "unknown-endpoint")
                            .inert(),
                    choice(
                                    "propagation-error-behavior",
                                    "ignore",
                                    "ignore",
                                    "panic",
                                    "panic-on-replicas")
                            .inert(),
                    choices(
                                    "shutdown-on-sigint",
                                    "default",
                                    "default",
                                    "save",
                                    "nosave",
                                    "now",
                                    "force")
                            .reads((value, _) -> saveOrNot(value)),
                    choices(
                                    "shutdown-on-sigterm",
                                    "default",
                                    "default",
                                    "save",
                                    "nosave",
                                    "now",
                                    "force")
                            .reads((value, _) -> saveOrNot(value)),
                    number("databases", 16, 1, Integer.MAX_VALUE).immutable(),
                    number("port", 6379, 0, 65_535),
                    number("io-threads", 1, 1, 128).immutable().inert(),
                    number("auto-aof-rewrite-percentage", 100, 0, Integer.MAX_VALUE),
                    number("cluster-replica-validity-factor", 10, 0, Integer.MAX_VALUE)
                            .alias("cluster-slave-validity-factor")
                            .inert(),
                    number("list-max-listpack-size", -2, Integer.MIN_VALUE, Integer.MAX_VALUE)
                            .alias("list-max-ziplist-size"),
                    number("tcp-keepalive", 300, 0, Integer.MAX_VALUE),
                    number("cluster-migration-barrier", 1, 0, Integer.MAX_VALUE).inert(),
                    number("active-defrag-cycle-min", 1, 1, 99).inert(),
                    number("active-defrag-cycle-max", 25, 1, 99).inert(),
                    number("active-defrag-threshold-lower", 10, 0, 1000).inert(),
                    number("active-defrag-threshold-upper", 100, 0, 1000).inert(),
                    number("lfu-log-factor", 10, 0, Integer.MAX_VALUE),
                    number("lfu-decay-time", 1, 0, Integer.MAX_VALUE),
                    number("replica-priority", 100, 0, Integer.MAX_VALUE).alias("slave-priority"),
                    number("repl-diskless-sync-delay", 5, 0, Integer.MAX_VALUE).inert(),
                    number("maxmemory-samples", 5, 1, Integer.MAX_VALUE),
                    number("maxmemory-eviction-tenacity", 10, 0, 100),
                    number("timeout", 0, 0, Integer.MAX_VALUE),
                    number("replica-announce-port", 0, 0, 65_535).alias("slave-announce-port"),
                    number("tcp-backlog", 511, 0, Integer.MAX_VALUE).immutable(),
                    number("cluster-port", 0, 0, 65_535).immutable().inert(),
                    number("cluster-announce-bus-port", 0, 0, 65_535).inert(),
                    number("cluster-announce-port", 0, 0, 65_535).inert(),
                    number("cluster-announce-tls-port", 0, 0, 65_535).inert(),
                    number("repl-timeout", 60, 1, Integer.MAX_VALUE),
                    number("repl-ping-replica-period", 10, 1, Integer.MAX_VALUE)
                            .alias("repl-ping-slave-period"),
                    number("list-compress-depth", 0, 0, Integer.MAX_VALUE),
                    number("rdb-key-save-delay", 0, Integer.MIN_VALUE, Integer.MAX_VALUE).hidden(),
                    number("key-load-delay", 0, Integer.MIN_VALUE, Integer.MAX_VALUE).hidden(),
                    number("active-expire-effort", 1, 1, 10),
                    number("hz", 10, 0, Integer.MAX_VALUE).reads((value, _) -> hertz(value)),
                    number("min-replicas-to-write", 0, 0, Integer.MAX_VALUE)
                            .alias("min-slaves-to-write"),
                    number("min-replicas-max-lag", 10, 0, Integer.MAX_VALUE)
                            .alias("min-slaves-max-lag"),
                    number("watchdog-period", 0, 0, Integer.MAX_VALUE).hidden().inert(),
                    number("shutdown-timeout", 10, 0, Integer.MAX_VALUE),
                    number("repl-diskless-sync-max-replicas", 0, 0, Integer.MAX_VALUE).inert(),
                    number("maxclients", 10_000, 1, 4_294_967_295L).unsigned(),
                    octal("unixsocketperm", 0, 0777).unsigned().immutable(),
                    number("socket-mark-id", 0, 0, 4_294_967_295L).unsigned().immutable().inert(),
                    number("active-defrag-max-scan-fields", 1000, 1, Long.MAX_VALUE).inert(),
                    number("slowlog-max-len", 128, 0, Long.MAX_VALUE),
                    number("acllog-max-len", 128, 0, Long.MAX_VALUE),
                    number("busy-reply-threshold", 5000, 0, Long.MAX_VALUE).alias("lua-time-limit"),
                    number("cluster-node-timeout", 15_000, 0, Long.MAX_VALUE).inert(),
                    number("slowlog-log-slower-than", 10_000, -1, Long.MAX_VALUE),
                    number("latency-monitor-threshold", 0, 0, Long.MAX_VALUE),
                    memory("proto-max-bulk-len", 536_870_912, 1_048_576, Long.MAX_VALUE),
                    number("stream-node-max-entries", 100, 0, Long.MAX_VALUE),
                    memory("repl-backlog-size", 1_048_576, 1, Long.MAX_VALUE).inert(),
                    memory("maxmemory", 0, 0, -1L).unsigned(),
                    memory("cluster-link-sendbuf-limit", 0, 0, -1L).unsigned().inert(),
                    number("hash-max-listpack-entries", 512, 0, Long.MAX_VALUE)
                            .unsigned()
                            .alias("hash-max-ziplist-entries"),
                    number("set-max-intset-entries", 512, 0, Long.MAX_VALUE).unsigned(),
                    number("set-max-listpack-entries", 128, 0, Long.MAX_VALUE).unsigned(),
                    number("set-max-listpack-value", 64, 0, Long.MAX_VALUE).unsigned(),
                    number("zset-max-listpack-entries", 128, 0, Long.MAX_VALUE)
                            .unsigned()
                            .alias("zset-max-ziplist-entries"),
                    memory("active-defrag-ignore-bytes", 104_857_600, 1, Long.MAX_VALUE)
                            .unsigned()
                            .inert(),
                    memory("hash-max-listpack-value", 64, 0, Long.MAX_VALUE)
                            .unsigned()
                            .alias("hash-max-ziplist-value"),
                    memory("stream-node-max-bytes", 4096, 0, Long.MAX_VALUE).unsigned(),
                    memory("zset-max-listpack-value", 64, 0, Long.MAX_VALUE)
                            .unsigned()
                            .alias("zset-max-ziplist-value"),
                    memory("hll-sparse-max-bytes", 3000, 0, Long.MAX_VALUE).unsigned(),
                    number("tracking-table-max-keys", 1_000_000, 0, Long.MAX_VALUE).unsigned(),
                    memory("client-query-buffer-limit", 1_073_741_824, 1_048_576, Long.MAX_VALUE)
                            .unsigned(),
                    memoryOrPercent("maxmemory-clients", 0, 100),
                    number("repl-backlog-ttl", 3_600, 0, Long.MAX_VALUE).inert(),
                    memory("auto-aof-rewrite-min-size", 67_108_864, 0, Long.MAX_VALUE),
                    number(
                                    "loading-process-events-interval-bytes",
                                    2_097_152,
                                    1024,
                                    Integer.MAX_VALUE)
                            .hidden(),
                    text("dir", Path.of("").toAbsolutePath().toString())
                            .guarded()
                            .refusedWhileLoading()
                            .reads((value, _) -> directory(value)),
                    text("save", "").reads((value, _) -> savePoints(value)),
                    text(
                                    "client-output-buffer-limit",
                                    "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60")
                            .reads(OptionChecks::bufferLimits),
                    text("oom-score-adj-values", "0 200 800")
                            .reads((value, _) -> oomScores(value))
                            .inert(),
                    text("notify-keyspace-events", "").reads((value, _) -> eventClasses(value)),
                    number("tls-port", 0, 0, 65_535),
                    number("tls-session-cache-size", 20 * 1024, 0, Integer.MAX_VALUE).inert(),
                    number("tls-session-cache-timeout", 300, 0, Integer.MAX_VALUE).inert(),
                    yesNo("tls-cluster", false).inert(),
                    yesNo("tls-replication", false).inert(),
                    choice("tls-auth-clients", "yes", "no", "yes", "optional"),
                    yesNo("tls-prefer-server-ciphers", false).inert(),
                    yesNo("tls-session-caching", true).inert(),
                    text("tls-cert-file", ""),
                    text("tls-key-file", ""),
                    text("tls-key-file-pass", "").secret(),
                    text("tls-client-cert-file", "").immutable().inert(),
                    text("tls-client-key-file", "").immutable().inert(),
                    text("tls-client-key-file-pass", "").secret().inert(),
                    text("tls-dh-params-file", "").immutable().inert(),
                    text("tls-ca-cert-file", ""),
                    text("tls-ca-cert-dir", ""),
                    text("tls-protocols", "").immutable(),
                    text("tls-ciphers", ""),
                    text("tls-ciphersuites", ""),
                    text("bind", "127.0.0.1").reads((value, _) -> addresses(value)),
                    text("replicaof", "")
                            .alias("slaveof")
                            .immutable()
                            .reads((value, _) -> primary(value)),
                    text("latency-tracking-info-percentiles", "50 99 99.9")
                            .reads((value, _) -> percentiles(value)));

    private static final Map<String, Option> BY_NAME = new HashMap<>();

    static {
        for (Option option : ALL) {
            BY_NAME.put(option.name(), option);
            if (option.alias() != null) {
                BY_NAME.put(option.alias(), option);
            }
        }
    }

    private Options() {}

    /** The option of this name or alias in any case, or null. */
    static Option find(String name) {
        return BY_NAME.get(name.toLowerCase(Locale.ROOT));
    }
}
