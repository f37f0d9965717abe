package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import dev.larder.store.script.Functions;
import dev.larder.store.script.Scripts;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** MEMORY: what takes how much. */
public final class MemoryCommands {
    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("MEMORY", "<subcommand> [argument ...]")
                            .since("4.0.0")
                            .cost("Depends on subcommand.")
                            .about("A container for memory diagnostics commands."),
                    memory("DOCTOR", "", "Says in words what the figures mean.")
                            .differs("Words of its own, about a JVM.")
                            .does(MemoryCommands::doctor),
                    memory("MALLOC-STATS", "", "Tells how the heap is divided.")
                            .differs("The pools of the JVM instead of an allocator.")
                            .does(_ -> pools()),
                    memory("PURGE", "", "Asks the JVM to collect garbage.")
                            .differs("Asks the JVM to collect garbage.")
                            .does(MemoryCommands::purge),
                    memory("STATS", "", "Tells what takes how much.")
                            .differs("Figures of the allocator are those of the Java heap.")
                            .does(MemoryCommands::stats),
                    memory("USAGE", "key [SAMPLES count]", "Tells the bytes that a key takes.")
                            .shownAs("<key> [SAMPLES <count>]")
                            .is(Flag.READONLY)
                            .cost("O(N) where N is the number of samples.")
                            .differs(
                                    "Bytes on the Java heap by layout; every element is counted, so SAMPLES changes nothing.")
                            .does(MemoryCommands::usage));

    private MemoryCommands() {}

    private static Command memory(String name, String syntax, String about) {
        return command("MEMORY|" + name, syntax).since("4.0.0").about(about);
    }

    private static Memory of(Call call) {
        return Engine.of(call).part(Info.class).memory();
    }

    static Reply usage(Call call) {
        for (int i = 3; i < call.count(); i += 2) {
            if (!call.args().is(i, "SAMPLES") || i + 1 == call.count()) {
                throw Errors.syntax();
            }
            if (call.args().integer(i + 1) < 0) {
                throw Errors.syntax();
            }
        }
        long bytes = call.db().memoryBytes(call.arg(2));
        return bytes == 0 ? Reply.Nil.BULK : Reply.integer(bytes);
    }

    /** Figures of an allocator that a JVM has not are those of its heap. */
    static Reply stats(Call call) {
        Memory memory = of(call);
        Engine engine = Engine.of(call);
        long used = memory.used();
        long committed = memory.committed();
        long resident = memory.resident();
        long dataset = Math.max(0, used - memory.overhead());
        long net = Math.max(1, used - memory.startup());
        List<Reply> pairs = new ArrayList<>();
        put(pairs, "peak.allocated", memory.peak());
        put(pairs, "total.allocated", used);
        put(pairs, "startup.allocated", memory.startup());
        put(pairs, "replication.backlog", 0);
        put(pairs, "clients.slaves", memory.connections(true));
        put(pairs, "clients.normal", memory.connections(false));
        put(pairs, "cluster.links", 0);
        put(pairs, "aof.buffer", 0);
        put(pairs, "lua.caches", Scripts.of(Engine.of(call)).overheadBytes());
        put(pairs, "functions.caches", Functions.of(Engine.of(call)).overheadBytes());
        for (int i = 0; i < engine.databases(); i++) {
            if (engine.database(i).size() > 0) {
                pairs.add(Reply.bulk("db." + i));
                pairs.add(
                        Reply.map(
                                Reply.bulk("overhead.hashtable.main"),
                                Reply.integer(memory.overhead(i)),
                                Reply.bulk("overhead.hashtable.expires"),
                                Reply.integer(0),
                                Reply.bulk("overhead.hashtable.slot-to-keys"),
                                Reply.integer(0)));
            }
        }
        put(pairs, "overhead.total", memory.overhead());
        put(pairs, "keys.count", memory.keys());
        put(pairs, "keys.bytes-per-key", memory.keys() == 0 ? 0 : net / memory.keys());
        put(pairs, "dataset.bytes", dataset);
        ratio(pairs, "dataset.percentage", Math.min(100, 100.0 * dataset / net));
        ratio(pairs, "peak.percentage", 100.0 * used / memory.peak());
        put(pairs, "allocator.allocated", used);
        put(pairs, "allocator.active", committed);
        put(pairs, "allocator.resident", resident);
        ratio(pairs, "allocator-fragmentation.ratio", (double) committed / used);
        put(pairs, "allocator-fragmentation.bytes", committed - used);
        ratio(pairs, "allocator-rss.ratio", (double) resident / committed);
        put(pairs, "allocator-rss.bytes", resident - committed);
        ratio(pairs, "rss-overhead.ratio", 1);
        put(pairs, "rss-overhead.bytes", 0);
        ratio(pairs, "fragmentation", (double) resident / used);
        put(pairs, "fragmentation.bytes", resident - used);
        return new Reply.Map(pairs);
    }

    private static void put(List<Reply> pairs, String name, long value) {
        pairs.add(Reply.bulk(name));
        pairs.add(Reply.integer(value));
    }

    private static void ratio(List<Reply> pairs, String name, double value) {
        pairs.add(Reply.bulk(name));
        pairs.add(new Reply.Num(value));
    }

    private static Reply text(String lines) {
        return new Reply.Verbatim("txt", lines.getBytes(StandardCharsets.UTF_8));
    }

    static Reply doctor(Call call) {
        Memory memory = of(call);
        List<String> advice = new ArrayList<>();
        if (memory.used() > memory.heapMax() / 10 * 9) {
            advice.add("The heap is nearly full: give the JVM more (-Xmx) or set maxmemory.");
        }
        if (call.config().memoryBytesMax() > memory.heapMax()) {
            advice.add("maxmemory is more than the heap can hold, so it will never be reached.");
        }
        if (memory.peak() > memory.used() / 2 * 3) {
            advice.add("It was much fuller once; what was given back belongs to the JVM still.");
        }
        if (memory.keys() > 0 && call.config().memoryBytesMax() == 0) {
            advice.add("maxmemory is not set: a heap that is full refuses writes for good.");
        }
        if (advice.isEmpty()) {
            return text("Nothing is wrong with the memory of this store.\n");
        }
        StringBuilder report = new StringBuilder("The memory of this store could do better:\n\n");
        advice.forEach(line -> report.append(" * ").append(line).append('\n'));
        return text(report.toString());
    }

    private static Reply pools() {
        StringBuilder lines =
                new StringBuilder("Pools of the JVM, in bytes: used, committed, max\n");
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            lines.append(
                    String.format(
                            Locale.ROOT,
                            "%-34s %14d %14d %14d%n",
                            pool.getName(),
                            pool.getUsage().getUsed(),
                            pool.getUsage().getCommitted(),
                            pool.getUsage().getMax()));
        }
        return text(lines.toString());
    }

    /** A whole collection holds up every client, so it is done where no command waits for it. */
    static Reply purge(Call call) {
        Thread.ofVirtual().name("purge").start(System::gc);
        return Reply.OK;
    }
}
