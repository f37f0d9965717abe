package dev.larder.store.observe;

import dev.larder.store.engine.Client;
import dev.larder.store.engine.ClientCommands;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.MemoryLimit;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The memory of this process. What is used is what the data and the server take by reckoning, which
 * is what {@code maxmemory} limits; what lies on the Java heap, garbage included, is told beside
 * it; what is resident is what the kernel says.
 */
final class Memory {
    private final Engine engine;

    Memory(Engine engine) {
        this.engine = engine;
        engine.inBackground(
                _ -> {
                    engine.memory().usedBytes();
                    return false;
                });
    }

    private static MemoryUsage heap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    }

    long used() {
        return engine.memory().usedBytes();
    }

    long heapUsed() {
        return heap().getUsed();
    }

    long committed() {
        return heap().getCommitted();
    }

    long heapMax() {
        return heap().getMax();
    }

    long startup() {
        return MemoryLimit.BASE_BYTES;
    }

    /** The most that was ever seen used. */
    long peak() {
        return engine.memory().peakBytes();
    }

    /** Resident bytes of the process; those of the heap where the kernel does not say. */
    long resident() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException | NumberFormatException _) {
            return committed();
        }
        return committed();
    }

    /** Bytes of the machine. */
    long machine() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : heapMax();
    }

    /** Bytes of the table of a database and of what it keeps about each key. */
    long overhead(int database) {
        return engine.database(database).slots() * 12;
    }

    long overhead() {
        long bytes = startup() + clients();
        for (int i = 0; i < engine.databases(); i++) {
            bytes += engine.database(i).size() == 0 ? 0 : overhead(i);
        }
        return bytes;
    }

    long clients() {
        return engine.clients().values().stream().mapToLong(Memory::of).sum();
    }

    /** Bytes of all connections with their buffers: of replicas, or of other clients. */
    long connections(boolean ofReplicas) {
        return engine.clients().values().stream()
                .filter(client -> client.isReplica() == ofReplicas)
                .mapToLong(ClientCommands::memoryBytes)
                .sum();
    }

    /** Bytes that wait to be sent to replicas. */
    long replicaBuffers() {
        return engine.clients().values().stream()
                .filter(Client::isReplica)
                .mapToLong(client -> client.buffers().replyBytes())
                .sum();
    }

    /** About what a connection takes by itself. */
    private static long of(Client client) {
        return 1024 + 64L * client.subscriptions();
    }

    long keys() {
        long keys = 0;
        for (int i = 0; i < engine.databases(); i++) {
            keys += engine.database(i).size();
        }
        return keys;
    }

    static String human(long bytes) {
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
}
