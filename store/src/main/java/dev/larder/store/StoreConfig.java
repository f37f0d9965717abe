package dev.larder.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The settings of a store, under the names and with the defaults of redis-server. An option that is
 * not known here is refused by name and line. Belongs to the thread of its store once it runs.
 */
public final class StoreConfig {
    /** What a value may be, and how it is written back. */
    private enum Kind {
        TEXT,
        INTEGER,
        MEMORY,
        YES_NO
    }

    private record Option(Kind kind, String initial, boolean mutable, long least, long most) {}

    private static final Map<String, Option> OPTIONS = new LinkedHashMap<>();
    private static final Pattern MEMORY = Pattern.compile("(-?\\d+)([a-z]*)");

    static {
        text("bind", "127.0.0.1", false);
        integer("port", 6379, false, 0, 65535);
        text("requirepass", "", true);
        integer("databases", 16, false, 1, 1024);
        integer("timeout", 0, true, 0, Integer.MAX_VALUE);
        integer("tcp-keepalive", 300, true, 0, Integer.MAX_VALUE);
        integer("tcp-backlog", 511, false, 0, Integer.MAX_VALUE);
        integer("maxclients", 10_000, true, 1, 1_000_000);
        memory("maxmemory", "0", true);
        text("maxmemory-policy", "noeviction", true);
        integer("maxmemory-samples", 5, true, 1, 64);
        memory("proto-max-bulk-len", "512mb", true);
        memory("client-query-buffer-limit", "1gb", true);
        text(
                "client-output-buffer-limit",
                "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
                true);
        integer("hash-max-listpack-entries", 512, true, 0, Integer.MAX_VALUE);
        integer("hash-max-listpack-value", 64, true, 0, Integer.MAX_VALUE);
        integer("set-max-intset-entries", 512, true, 0, Integer.MAX_VALUE);
        integer("set-max-listpack-entries", 128, true, 0, Integer.MAX_VALUE);
        integer("set-max-listpack-value", 64, true, 0, Integer.MAX_VALUE);
        integer("zset-max-listpack-entries", 128, true, 0, Integer.MAX_VALUE);
        integer("zset-max-listpack-value", 64, true, 0, Integer.MAX_VALUE);
        integer("list-max-listpack-size", -2, true, -5, Integer.MAX_VALUE);
        integer("list-compress-depth", 0, true, 0, Integer.MAX_VALUE);
        memory("stream-node-max-bytes", "4096", true);
        integer("stream-node-max-entries", 100, true, 0, Integer.MAX_VALUE);
        integer("busy-reply-threshold", 5000, true, 0, Long.MAX_VALUE);
        integer("lua-time-limit", 5000, true, 0, Long.MAX_VALUE);
        integer("hz", 10, true, 1, 500);
        text("notify-keyspace-events", "", true);
        text("save", "", true);
        text("appendonly", "no", true);
        text("appendfsync", "everysec", true);
        text("dir", ".", true);
        text("dbfilename", "dump.rdb", true);
        yesNo("rdbcompression", "yes", true);
        yesNo("rdbchecksum", "yes", false);
        yesNo("stop-writes-on-bgsave-error", "yes", true);
        text("loglevel", "notice", true);
        text("logfile", "", false);
        text("daemonize", "no", false);
        text("protected-mode", "yes", true);
        text("cluster-enabled", "no", false);
        integer("slowlog-log-slower-than", 10_000, true, -1, Long.MAX_VALUE);
        integer("slowlog-max-len", 128, true, 0, Integer.MAX_VALUE);
        integer("latency-monitor-threshold", 0, true, 0, Long.MAX_VALUE);
    }

    private final Map<String, String> values = new LinkedHashMap<>();

    /** The values that are numbers, read once: commands ask for them at every call. */
    private final Map<String, Long> numbers = new HashMap<>();

    /** Every default. */
    public StoreConfig() {
        OPTIONS.forEach((name, option) -> put(name, option, option.initial()));
    }

    private void put(String name, Option option, String value) {
        values.put(name, value);
        if (option.kind() == Kind.INTEGER || option.kind() == Kind.MEMORY) {
            numbers.put(name, Long.parseLong(value));
        }
    }

    private static void text(String name, String initial, boolean mutable) {
        OPTIONS.put(name, new Option(Kind.TEXT, initial, mutable, 0, 0));
    }

    private static void yesNo(String name, String initial, boolean mutable) {
        OPTIONS.put(name, new Option(Kind.YES_NO, initial, mutable, 0, 0));
    }

    private static void integer(String name, long initial, boolean mutable, long least, long most) {
        OPTIONS.put(name, new Option(Kind.INTEGER, Long.toString(initial), mutable, least, most));
    }

    private static void memory(String name, String initial, boolean mutable) {
        OPTIONS.put(
                name,
                new Option(
                        Kind.MEMORY,
                        Long.toString(memoryBytes(initial)),
                        mutable,
                        0,
                        Long.MAX_VALUE));
    }

    /**
     * Reads the command line of redis-server: a configuration file first where there is one, then
     * options as {@code --name value …}.
     *
     * @throws IllegalArgumentException naming the option and the line, for what is not known
     */
    public static StoreConfig parse(List<String> words) throws IOException {
        StoreConfig config = new StoreConfig();
        int at = 0;
        if (!words.isEmpty() && !words.getFirst().startsWith("--")) {
            config.read(Path.of(words.getFirst()));
            at = 1;
        }
        while (at < words.size()) {
            String name = words.get(at++);
            if (!name.startsWith("--")) {
                throw new IllegalArgumentException("an option begins with --, not '" + name + "'");
            }
            List<String> value = new ArrayList<>();
            while (at < words.size() && !words.get(at).startsWith("--")) {
                value.add(words.get(at++));
            }
            config.setAtStart(name.substring(2), String.join(" ", value), "command line");
        }
        return config;
    }

    private void read(Path file) throws IOException {
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String[] parts = text.split("\\s+", 2);
            String value = parts.length == 1 ? "" : unquoted(parts[1].strip());
            setAtStart(parts[0], value, file + ", line " + number);
        }
    }

    private static String unquoted(String value) {
        return value.length() >= 2
                        && (value.startsWith("\"") && value.endsWith("\"")
                                || value.startsWith("'") && value.endsWith("'"))
                ? value.substring(1, value.length() - 1)
                : value;
    }

    private void setAtStart(String name, String value, String where) {
        String lower = name.toLowerCase(Locale.ROOT);
        Option option = OPTIONS.get(lower);
        if (option == null) {
            throw new IllegalArgumentException("unknown option '" + name + "' (" + where + ")");
        }
        try {
            put(lower, option, canonical(option, lower.equals("save") ? save(value) : value));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "option '" + name + "': " + e.getMessage() + " (" + where + ")", e);
        }
    }

    /** Several save lines add up, and an empty one forgets them, as in redis.conf. */
    private String save(String value) {
        String bare = unquoted(value);
        String before = values.get("save");
        return bare.isEmpty() || before.isEmpty() ? bare : before + " " + bare;
    }

    private static String canonical(Option option, String value) {
        return switch (option.kind()) {
            case TEXT -> value;
            case YES_NO -> {
                if (!value.equals("yes") && !value.equals("no")) {
                    throw new IllegalArgumentException("argument must be 'yes' or 'no'");
                }
                yield value;
            }
            case INTEGER -> bounded(option, parseInteger(value));
            case MEMORY -> bounded(option, memoryBytes(value));
        };
    }

    private static long parseInteger(String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("argument couldn't be parsed into an integer", e);
        }
    }

    private static String bounded(Option option, long value) {
        if (value < option.least() || value > option.most()) {
            throw new IllegalArgumentException(
                    "argument must be between "
                            + option.least()
                            + " and "
                            + option.most()
                            + " inclusive");
        }
        return Long.toString(value);
    }

    /** Bytes of a size such as {@code 1gb} (2^30) or {@code 1g} (10^9), as redis.conf counts. */
    private static long memoryBytes(String value) {
        var matcher = MEMORY.matcher(value.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("argument must be a memory value");
        }
        long number = Long.parseLong(matcher.group(1));
        long unit =
                switch (matcher.group(2)) {
                    case "", "b" -> 1;
                    case "k" -> 1000;
                    case "kb" -> 1024;
                    case "m" -> 1_000_000;
                    case "mb" -> 1L << 20;
                    case "g" -> 1_000_000_000;
                    case "gb" -> 1L << 30;
                    default ->
                            throw new IllegalArgumentException("argument must be a memory value");
                };
        return Math.multiplyExact(number, unit);
    }

    /** Sets an option by code, as for a test. */
    public StoreConfig with(String name, Object value) {
        setAtStart(name, value.toString(), "StoreConfig.with");
        return this;
    }

    /**
     * Sets an option of a running store.
     *
     * @throws IllegalArgumentException with a sentence for the client
     */
    public void set(String name, String value) {
        Option option = OPTIONS.get(name);
        if (option == null) {
            throw new IllegalArgumentException("Unknown option");
        }
        if (!option.mutable()) {
            throw new IllegalArgumentException("can't set immutable config");
        }
        put(name, option, canonical(option, value));
    }

    public boolean isKnown(String name) {
        return OPTIONS.containsKey(name);
    }

    /** All names with their values, in the order of the table. */
    public Map<String, String> all() {
        return values;
    }

    public String text(String name) {
        return values.get(name);
    }

    public long integer(String name) {
        return numbers.get(name);
    }

    public int port() {
        return (int) integer("port");
    }
}
