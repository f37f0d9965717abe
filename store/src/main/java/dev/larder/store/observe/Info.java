package dev.larder.store.observe;

import dev.larder.store.engine.ConnectionCommands;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Statistics;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.persistence.Persistence;
import dev.larder.store.pubsub.PubSub;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The text of INFO: sections of {@code field:value} lines under the names that tools read. Memory
 * is that of the whole Java heap, garbage included, since that is what the process takes.
 */
public final class Info {
    private static final List<String> OPTIONAL = List.of("commandstats", "latencystats", "debug");

    private final Engine engine;
    private final int port;
    private final String runId;
    private String replicationId;
    private final Map<String, Consumer<Lines>> sections = new LinkedHashMap<>();

    /** The lines of one section. */
    private static final class Lines {
        private final StringBuilder text = new StringBuilder();

        void put(String field, Object value) {
            text.append(field).append(':').append(value).append("\r\n");
        }
    }

    public Info(Engine engine, int port) {
        this.engine = engine;
        this.port = port;
        this.runId = runId(engine);
        this.replicationId = runId(engine);
        engine.add(Info.class, this);
        DebugCommands.words(engine, this);
        sections.put("server", this::server);
        sections.put("clients", this::clients);
        sections.put("memory", this::memory);
        sections.put("persistence", this::persistence);
        sections.put("stats", this::stats);
        sections.put("replication", this::replication);
        sections.put("cpu", this::cpu);
        sections.put("modules", lines -> {});
        sections.put("commandstats", this::commandstats);
        sections.put("errorstats", this::errorstats);
        sections.put("cluster", lines -> lines.put("cluster_enabled", 0));
        sections.put("keyspace", this::keyspace);
    }

    private static String runId(Engine engine) {
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            id.append(Character.forDigit(engine.random().nextInt(16), 16));
        }
        return id.toString();
    }

    /** DEBUG CHANGE-REPL-ID. */
    void changeReplicationId() {
        replicationId = runId(engine);
    }

    /** The named sections, or the default ones for none; names that are not known give nothing. */
    String text(List<String> wanted) {
        List<String> names = new ArrayList<>();
        if (wanted.isEmpty()) {
            names.add("default");
        }
        wanted.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        boolean everything = names.contains("all") || names.contains("everything");
        boolean usual = names.contains("default");
        StringBuilder text = new StringBuilder();
        sections.forEach(
                (name, writer) -> {
                    if (everything || usual && !OPTIONAL.contains(name) || names.contains(name)) {
                        Lines lines = new Lines();
                        writer.accept(lines);
                        if (!text.isEmpty()) {
                            text.append("\r\n");
                        }
                        text.append("# ")
                                .append(name.substring(0, 1).toUpperCase(Locale.ROOT))
                                .append(name, 1, name.length())
                                .append("\r\n")
                                .append(lines.text);
                    }
                });
        return text.toString();
    }

    private void server(Lines lines) {
        long uptime = engine.statistics().uptimeSeconds();
        lines.put("redis_version", ConnectionCommands.REDIS_VERSION);
        lines.put("server_name", "larder");
        lines.put("redis_mode", "standalone");
        lines.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        lines.put("arch_bits", 64);
        lines.put("multiplexing_api", "vertx");
        lines.put("java_version", Runtime.version());
        lines.put("process_id", ProcessHandle.current().pid());
        lines.put("run_id", runId);
        lines.put("tcp_port", port);
        lines.put("server_time_usec", engine.clock().millis() * 1000);
        lines.put("uptime_in_seconds", uptime);
        lines.put("uptime_in_days", uptime / 86_400);
        lines.put("hz", engine.config().integer("hz"));
    }

    private void clients(Lines lines) {
        PubSub pubSub = engine.part(PubSub.class);
        long subscribers =
                engine.clients().values().stream().filter(c -> c.subscriptions() > 0).count();
        lines.put("connected_clients", engine.clients().size());
        lines.put("cluster_connections", 0);
        lines.put("maxclients", engine.config().integer("maxclients"));
        lines.put("blocked_clients", engine.waitingClients());
        lines.put("pubsub_clients", subscribers);
        lines.put("pubsub_channels", pubSub.channelCount());
    }

    private void memory(Lines lines) {
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        lines.put("used_memory", heap.getUsed());
        lines.put("used_memory_human", human(heap.getUsed()));
        lines.put("used_memory_rss", heap.getCommitted());
        lines.put("used_memory_peak", heap.getCommitted());
        lines.put("total_system_memory", heap.getMax());
        lines.put("maxmemory", engine.config().integer("maxmemory"));
        lines.put("maxmemory_human", human(engine.config().integer("maxmemory")));
        lines.put("maxmemory_policy", engine.config().text("maxmemory-policy"));
        lines.put("mem_allocator", "jvm");
    }

    private static String human(long bytes) {
        if (bytes < 1024) {
            return bytes + "B";
        }
        String units = "KMGTP";
        double value = bytes / 1024.0;
        int unit = 0;
        while (value >= 1024 && unit < units.length() - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.2f%c", value, units.charAt(unit));
    }

    private void persistence(Lines lines) {
        Persistence.of(engine).info().forEach(lines::put);
    }

    private void stats(Lines lines) {
        Statistics statistics = engine.statistics();
        long hits = 0;
        long misses = 0;
        for (int i = 0; i < engine.databases(); i++) {
            hits += engine.database(i).hits();
            misses += engine.database(i).misses();
        }
        PubSub pubSub = engine.part(PubSub.class);
        lines.put("total_connections_received", statistics.connections());
        lines.put("total_commands_processed", statistics.processed());
        lines.put("instantaneous_ops_per_sec", statistics.operationsPerSecond());
        lines.put("total_net_input_bytes", statistics.bytesIn());
        lines.put("total_net_output_bytes", statistics.bytesOut());
        lines.put("rejected_connections", statistics.rejectedConnections());
        lines.put("expired_keys", statistics.expiredKeys());
        lines.put("expired_subkeys", statistics.expiredFields());
        lines.put("expired_fields", statistics.expiredFields());
        lines.put("evicted_keys", 0);
        lines.put("keyspace_hits", hits);
        lines.put("keyspace_misses", misses);
        lines.put("pubsub_channels", pubSub.channelCount());
        lines.put("pubsub_patterns", pubSub.patternCount());
        lines.put("pubsubshard_channels", pubSub.shardChannelCount());
        lines.put(
                "total_error_replies",
                statistics.errors().values().stream().mapToLong(Long::longValue).sum());
        lines.put("acl_access_denied_auth", engine.acl().deniedLogins());
        lines.put("acl_access_denied_cmd", engine.acl().deniedCommands());
        lines.put("acl_access_denied_key", engine.acl().deniedKeys());
        lines.put("acl_access_denied_channel", engine.acl().deniedChannels());
    }

    private void replication(Lines lines) {
        lines.put("role", "master");
        lines.put("connected_slaves", 0);
        lines.put("master_failover_state", "no-failover");
        lines.put("master_replid", replicationId);
        lines.put("master_repl_offset", 0);
    }

    private void cpu(Lines lines) {
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system) {
            lines.put(
                    "used_cpu_user",
                    String.format(Locale.ROOT, "%.6f", system.getProcessCpuTime() / 1e9));
        }
    }

    private void commandstats(Lines lines) {
        Map<String, String> sorted = new TreeMap<>();
        for (Statistics.OfCommand figures : engine.statistics().commands()) {
            double perCall = figures.calls() == 0 ? 0 : (double) figures.micros() / figures.calls();
            sorted.put(
                    "cmdstat_" + figures.command().lowerName(),
                    String.format(
                            Locale.ROOT,
                            "calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
                            figures.calls(),
                            figures.micros(),
                            perCall,
                            figures.rejected(),
                            figures.failed()));
        }
        sorted.forEach(lines::put);
    }

    private void errorstats(Lines lines) {
        engine.statistics()
                .errors()
                .forEach((code, count) -> lines.put("errorstat_" + code, "count=" + count));
    }

    /** Said by Redis 7.4 and by Valkey 9, each in its own word; nothing where there are none. */
    private static String subkeys(Keyspace db) {
        int keys = db.keysWithExpiringFields();
        return keys == 0 ? "" : ",subexpiry=" + keys + ",keys_with_volatile_items=" + keys;
    }

    private void keyspace(Lines lines) {
        for (int i = 0; i < engine.databases(); i++) {
            Keyspace db = engine.database(i);
            if (db.size() > 0) {
                lines.put(
                        "db" + i,
                        "keys="
                                + db.size()
                                + ",expires="
                                + db.expiring()
                                + ",avg_ttl=0"
                                + subkeys(db));
            }
        }
    }
}
