package dev.larder.ui;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/**
 * The store's own words, from its INFO.
 *
 * @param version name and version, e.g. {@code redis 7.0.15}
 * @param hitRatio 0 to 1 since the store began; null before the first read
 */
record StoreFigures(
        String version,
        String mode,
        long opsPerSecond,
        Double hitRatio,
        long keys,
        long usedMemoryBytes,
        long connectedClients,
        long uptimeSeconds) {

    static StoreFigures of(String info) {
        Map<String, String> lines = new HashMap<>();
        info.lines()
                .forEach(
                        line -> {
                            int colon = line.indexOf(':');
                            if (colon > 0) {
                                lines.put(line.substring(0, colon), line.substring(colon + 1));
                            }
                        });
        long hits = number(lines, "keyspace_hits");
        long reads = hits + number(lines, "keyspace_misses");
        long keys = 0;
        for (Map.Entry<String, String> line : lines.entrySet()) {
            if (line.getKey().matches("db\\d+")) {
                keys += keysOf(line.getValue());
            }
        }
        return new StoreFigures(
                version(lines),
                lines.getOrDefault("redis_mode", "standalone"),
                number(lines, "instantaneous_ops_per_sec"),
                reads == 0 ? null : (double) hits / reads,
                keys,
                number(lines, "used_memory"),
                number(lines, "connected_clients"),
                number(lines, "uptime_in_seconds"));
    }

    private static String version(Map<String, String> lines) {
        String name = lines.getOrDefault("server_name", "redis");
        String own = lines.get(name + "_version");
        return own != null
                ? name + " " + own
                : name + " (Redis " + lines.getOrDefault("redis_version", "?") + ")";
    }

    /** From {@code keys=3,expires=1,avg_ttl=0}. */
    private static long keysOf(String database) {
        for (String part : database.split(",")) {
            if (part.startsWith("keys=")) {
                return parsed(part.substring("keys=".length()));
            }
        }
        return 0;
    }

    private static long number(Map<String, String> lines, String name) {
        return parsed(lines.getOrDefault(name, "0"));
    }

    private static long parsed(String number) {
        try {
            return Long.parseLong(number.strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    JsonObject json() {
        return new JsonObject()
                .put("version", version)
                .put("mode", mode)
                .put("opsPerSecond", opsPerSecond)
                .put("hitRatio", hitRatio)
                .put("keys", keys)
                .put("usedMemoryBytes", usedMemoryBytes)
                .put("connectedClients", connectedClients)
                .put("uptimeSeconds", uptimeSeconds);
    }
}
