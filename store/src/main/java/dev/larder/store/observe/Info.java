package dev.larder.store.observe;

import dev.larder.store.engine.Client;
import dev.larder.store.engine.ConnectionCommands;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Statistics;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.persistence.Persistence;
import dev.larder.store.pubsub.PubSub;
import dev.larder.store.replication.Replication;
import dev.larder.store.script.Functions;
import dev.larder.store.script.Scripts;
import dev.larder.store.tracking.Tracking;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
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
    private final Memory memory;
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
        this.runId = engine.freshId();
        this.memory = new Memory(engine);
        engine.add(Info.class, this);
        DebugCommands.words(engine);
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
        sections.put("latencystats", this::latencystats);
        sections.put("cluster", lines -> lines.put("cluster_enabled", 0));
        sections.put("keyspace", this::keyspace);
    }

    Memory memory() {
        return memory;
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
                                .append(name.equals("cpu") ? "CPU" : capital(name))
                                .append("\r\n")
                                .append(lines.text);
                    }
                });
        return text.toString();
    }

    private static String capital(String name) {
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }

    private void server(Lines lines) {
        long uptime = engine.statistics().uptimeSeconds();
        long now = engine.clock().millis();
        lines.put("redis_version", ConnectionCommands.REDIS_VERSION);
        lines.put("redis_git_sha1", "00000000");
        lines.put("redis_git_dirty", 0);
        lines.put("redis_build_id", "0");
        lines.put("server_name", "larder");
        String version = version();
        if (version != null) {
            lines.put("larder_version", version);
        }
        lines.put("redis_mode", "standalone");
        lines.put(
                "os",
                System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + " "
                        + System.getProperty("os.arch"));
        lines.put("arch_bits", 64);
        lines.put("monotonic_clock", "System.nanoTime");
        lines.put("multiplexing_api", "vertx");
        lines.put("atomicvar_api", "none");
        lines.put("gcc_version", "0.0.0");
        lines.put("java_version", Runtime.version());
        lines.put("process_id", ProcessHandle.current().pid());
        lines.put("process_supervised", "no");
        lines.put("run_id", runId);
        lines.put("tcp_port", port == 0 ? engine.config().port() : port);
        lines.put("server_time_usec", now * 1000);
        lines.put("uptime_in_seconds", uptime);
        lines.put("uptime_in_days", uptime / 86_400);
        lines.put("hz", engine.config().integer("hz"));
        lines.put("configured_hz", engine.config().integer("hz"));
        lines.put("lru_clock", now / 1000 & 0xFFFFFF);
        lines.put("executable", ProcessHandle.current().info().command().orElse(""));
        lines.put(
                "config_file",
                engine.config().file() == null ? "" : engine.config().file().toString());
        lines.put("io_threads_active", 0);
        lines.put("listener0", "name=tcp,bind=" + engine.config().text("bind") + ",port=" + port);
    }

    /** The version of this store as its jar says it; null where it runs from plain classes. */
    private static String version() {
        try (InputStream in =
                Info.class.getResourceAsStream("/META-INF/maven/dev.larder/store/pom.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version");
        } catch (IOException _) {
            return null;
        }
    }

    private void clients(Lines lines) {
        Tracking tracking = engine.part(Tracking.class);
        long subscribers = 0;
        long watching = 0;
        long watched = 0;
        long input = 0;
        long output = 0;
        for (Client client : engine.clients().values()) {
            Client.Buffers buffers = client.buffers();
            input = Math.max(input, buffers.query() + buffers.queryFree());
            output = Math.max(output, buffers.replyBytes());
            subscribers += client.subscriptions() > 0 ? 1 : 0;
            watching += client.watchedKeys() > 0 ? 1 : 0;
            watched += client.watchedKeys();
        }
        lines.put("connected_clients", engine.clients().size());
        lines.put("cluster_connections", 0);
        lines.put("maxclients", engine.config().clientsMax());
        lines.put("client_recent_max_input_buffer", input);
        lines.put("client_recent_max_output_buffer", output);
        lines.put("blocked_clients", engine.waitingClients());
        lines.put("tracking_clients", tracking.clients());
        lines.put("pubsub_clients", subscribers);
        lines.put("watching_clients", watching);
        lines.put("clients_in_timeout_table", engine.timedClients());
        lines.put("total_watched_keys", watched);
        lines.put("total_blocking_keys", engine.waitedKeys());
        lines.put("total_blocking_keys_on_nokey", engine.waitedGroupKeys());
    }

    private void memory(Lines lines) {
        long used = memory.used();
        long committed = memory.committed();
        long resident = memory.resident();
        long peak = memory.peak();
        long net = Math.max(1, used - memory.startup());
        long dataset = Math.max(0, used - memory.overhead());
        long most = engine.config().memoryBytesMax();
        bytes(lines, "used_memory", used);
        bytes(lines, "used_memory_rss", resident);
        bytes(lines, "used_memory_peak", peak);
        lines.put("used_memory_peak_perc", percent(100.0 * used / peak));
        lines.put("used_memory_overhead", memory.overhead());
        lines.put("used_memory_startup", memory.startup());
        lines.put("used_memory_dataset", dataset);
        lines.put("used_memory_dataset_perc", percent(Math.min(100, 100.0 * dataset / net)));
        lines.put("allocator_allocated", used);
        lines.put("allocator_active", committed);
        lines.put("allocator_resident", resident);
        bytes(lines, "total_system_memory", memory.machine());
        scripts(lines);
        bytes(lines, "maxmemory", most);
        lines.put("maxmemory_policy", engine.config().text("maxmemory-policy"));
        lines.put("allocator_frag_ratio", ratio((double) committed / used));
        lines.put("allocator_frag_bytes", committed - used);
        lines.put("allocator_rss_ratio", ratio((double) resident / committed));
        lines.put("allocator_rss_bytes", resident - committed);
        lines.put("rss_overhead_ratio", ratio(1));
        lines.put("rss_overhead_bytes", 0);
        lines.put("mem_fragmentation_ratio", ratio((double) resident / used));
        lines.put("mem_fragmentation_bytes", resident - used);
        lines.put("mem_not_counted_for_evict", 0);
        lines.put("mem_replication_backlog", 0);
        lines.put("mem_total_replication_buffers", memory.replicaBuffers());
        lines.put("mem_clients_slaves", memory.connections(true));
        lines.put("mem_clients_normal", memory.connections(false));
        lines.put("mem_cluster_links", 0);
        lines.put("mem_aof_buffer", 0);
        lines.put("mem_allocator", "jvm");
        lines.put("jvm_heap_used", memory.heapUsed());
        lines.put("jvm_heap_committed", committed);
        lines.put("jvm_heap_max", memory.heapMax());
        lines.put("active_defrag_running", 0);
        lines.put("lazyfree_pending_objects", 0);
        lines.put("lazyfreed_objects", engine.statistics().lazyFreed());
    }

    private void scripts(Lines lines) {
        Scripts scripts = Scripts.of(engine);
        Functions functions = Functions.of(engine);
        long evalBytes = scripts.memoryBytes();
        bytes(lines, "used_memory_lua", evalBytes);
        lines.put("used_memory_vm_eval", evalBytes);
        lines.put("used_memory_scripts_eval", scripts.overheadBytes());
        lines.put("number_of_cached_scripts", scripts.size());
        lines.put("number_of_functions", functions.size());
        lines.put("number_of_libraries", functions.libraries().size());
        lines.put("used_memory_vm_functions", functions.memoryBytes());
        bytes(lines, "used_memory_vm_total", evalBytes + functions.memoryBytes());
        lines.put("used_memory_functions", functions.overheadBytes());
        bytes(lines, "used_memory_scripts", scripts.overheadBytes() + functions.overheadBytes());
    }

    private static void bytes(Lines lines, String field, long bytes) {
        lines.put(field, bytes);
        lines.put(field + "_human", Memory.human(bytes));
    }

    private static String percent(double value) {
        return ratio(value) + "%";
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
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
        lines.put("total_net_repl_input_bytes", statistics.replicaBytesIn());
        lines.put("total_net_repl_output_bytes", statistics.replicaBytesOut());
        lines.put("instantaneous_input_kbps", ratio(statistics.inputPerSecond() / 1024.0));
        lines.put("instantaneous_output_kbps", ratio(statistics.outputPerSecond() / 1024.0));
        lines.put("instantaneous_input_repl_kbps", ratio(0));
        lines.put("instantaneous_output_repl_kbps", ratio(0));
        lines.put("rejected_connections", statistics.rejectedConnections());
        lines.put("sync_full", Replication.of(engine).copies());
        lines.put("sync_partial_ok", 0);
        lines.put("sync_partial_err", 0);
        lines.put("expired_keys", statistics.expiredKeys());
        lines.put("expired_subkeys", statistics.expiredFields());
        lines.put("expired_fields", statistics.expiredFields());
        lines.put("expired_stale_perc", ratio(0));
        lines.put("expired_time_cap_reached_count", 0);
        lines.put("expire_cycle_cpu_milliseconds", statistics.expireNanos() / 1_000_000);
        lines.put("evicted_keys", statistics.evictedKeys());
        lines.put("evicted_clients", statistics.evictedClients());
        lines.put("client_query_buffer_limit_disconnections", statistics.clientsClosedForQuery());
        lines.put("client_output_buffer_limit_disconnections", statistics.clientsClosedForOutput());
        lines.put("evicted_scripts", 0);
        lines.put("total_eviction_exceeded_time", engine.memory().overNanos() / 1_000_000);
        lines.put("current_eviction_exceeded_time", engine.memory().overNowNanos() / 1_000_000);
        lines.put("keyspace_hits", hits);
        lines.put("keyspace_misses", misses);
        lines.put("pubsub_channels", pubSub.channelCount());
        lines.put("pubsub_patterns", pubSub.patternCount());
        lines.put("pubsubshard_channels", pubSub.shardChannelCount());
        lines.put("migrate_cached_sockets", Persistence.of(engine).migrationLinks());
        for (String none :
                List.of(
                        "latest_fork_usec",
                        "total_forks",
                        "slave_expires_tracked_keys",
                        "active_defrag_hits",
                        "active_defrag_misses",
                        "active_defrag_key_hits",
                        "active_defrag_key_misses",
                        "total_active_defrag_time",
                        "current_active_defrag_time")) {
            lines.put(none, 0);
        }
        Tracking tracking = engine.part(Tracking.class);
        lines.put("tracking_total_keys", tracking.keys());
        lines.put("tracking_total_items", tracking.items());
        lines.put("tracking_total_prefixes", tracking.prefixes());
        lines.put("unexpected_error_replies", 0);
        lines.put(
                "total_error_replies",
                statistics.errors().values().stream().mapToLong(Long::longValue).sum());
        lines.put("dump_payload_sanitizations", 0);
        lines.put("total_reads_processed", statistics.reads());
        lines.put("total_writes_processed", statistics.writes());
        lines.put("io_threaded_reads_processed", 0);
        lines.put("io_threaded_writes_processed", 0);
        lines.put("reply_buffer_shrinks", 0);
        lines.put("reply_buffer_expands", 0);
        lines.put("acl_access_denied_auth", engine.acl().deniedLogins());
        lines.put("acl_access_denied_cmd", engine.acl().deniedCommands());
        lines.put("acl_access_denied_key", engine.acl().deniedKeys());
        lines.put("acl_access_denied_channel", engine.acl().deniedChannels());
    }

    private void replication(Lines lines) {
        Replication.of(engine).info().forEach(lines::put);
    }

    /** Seconds that this process has kept a processor busy; the children are none. */
    private void cpu(Lines lines) {
        long all = 0;
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system) {
            all = system.getProcessCpuTime();
        }
        long user = Math.min(all, userNanos());
        lines.put("used_cpu_sys", seconds(all - user));
        lines.put("used_cpu_user", seconds(user));
        lines.put("used_cpu_sys_children", seconds(0));
        lines.put("used_cpu_user_children", seconds(0));
        lines.put("used_cpu_sys_main_thread", seconds(threadNanos(false)));
        lines.put("used_cpu_user_main_thread", seconds(threadNanos(true)));
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.6f", nanos / 1e9);
    }

    /** Of the thread that runs the commands, which is the one that asks. */
    private static long threadNanos(boolean user) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        if (!threads.isCurrentThreadCpuTimeSupported()) {
            return 0;
        }
        long inUser = threads.getCurrentThreadUserTime();
        return user ? inUser : Math.max(0, threads.getCurrentThreadCpuTime() - inUser);
    }

    /** Time in user mode of all threads, as the kernel counts it in hundredths of a second. */
    private static long userNanos() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[11]) * 10_000_000;
        } catch (IOException | RuntimeException _) {
            return Long.MAX_VALUE;
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

    private void latencystats(Lines lines) {
        String wanted = engine.config().text("latency-tracking-info-percentiles");
        String[] percentiles = wanted.isEmpty() ? new String[0] : wanted.split(" ");
        Map<String, String> sorted = new TreeMap<>();
        for (Statistics.OfCommand figures : engine.statistics().commands()) {
            if (figures.histogram() != null) {
                List<String> values = new ArrayList<>();
                for (String each : percentiles) {
                    values.add(
                            String.format(
                                    Locale.ROOT,
                                    "p%s=%.3f",
                                    each,
                                    figures.histogram().percentile(Double.parseDouble(each))
                                            / 1000.0));
                }
                sorted.put(
                        "latency_percentiles_usec_" + figures.command().lowerName(),
                        String.join(",", values));
            }
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
                                + ",avg_ttl="
                                + db.averageTtl()
                                + subkeys(db));
            }
        }
    }
}
