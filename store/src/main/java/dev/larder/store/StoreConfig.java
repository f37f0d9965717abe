package dev.larder.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The settings of a store, under the names and with the defaults of redis-server. An option that is
 * not known here is refused by name and line. Belongs to the thread of its store once it runs.
 *
 * <p>What commands ask for at every call has an accessor of its own, which reads a field; {@link
 * #integer} and {@link #text} look the name up.
 */
public final class StoreConfig {
    private static final String UNKNOWN =
            "ERR Unknown option or number of arguments for CONFIG SET - '";

    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, Long> numbers = new HashMap<>();
    private final Map<String, List<Consumer<String>>> appliers = new HashMap<>();
    private final List<String> userLines = new ArrayList<>();
    private Supplier<List<String>> users;
    private Path file;
    private boolean saveRead;

    // Read at every command, or nearly so; kept equal to the values by refresh().
    private long hashListpackEntriesMax;
    private long hashListpackValueBytesMax;
    private long setIntsetEntriesMax;
    private long setListpackEntriesMax;
    private long setListpackValueBytesMax;
    private long zsetListpackEntriesMax;
    private long zsetListpackValueBytesMax;
    private int listListpackSize;
    private int listCompressDepth;
    private long streamNodeBytesMax;
    private long streamNodeEntriesMax;
    private long hllSparseBytesMax;
    private long protoBulkBytesMax;
    private long queryBufferBytesMax;
    private long memoryBytesMax;
    private int memorySamples;
    private int lfuLogFactor;
    private int lfuDecayMinutes;
    private long busyReplyMillis;
    private long slowlogMicros;
    private long latencyMonitorMillis;
    private boolean latencyTracking;
    private int expireEffort;
    private long idleSecondsMax;
    private long clientsMax;
    private boolean lazyUserDel;
    private String expiryDeletion;
    private String evictionDeletion;

    /** Every default. */
    public StoreConfig() {
        Options.ALL.forEach(option -> put(option, option.initial()));
        refresh();
    }

    private void put(Option option, String value) {
        values.put(option.name(), value);
        if (option.isNumber()) {
            numbers.put(option.name(), option.number(value));
        }
    }

    private void refresh() {
        hashListpackEntriesMax = integer("hash-max-listpack-entries");
        hashListpackValueBytesMax = integer("hash-max-listpack-value");
        setIntsetEntriesMax = integer("set-max-intset-entries");
        setListpackEntriesMax = integer("set-max-listpack-entries");
        setListpackValueBytesMax = integer("set-max-listpack-value");
        zsetListpackEntriesMax = integer("zset-max-listpack-entries");
        zsetListpackValueBytesMax = integer("zset-max-listpack-value");
        listListpackSize = (int) integer("list-max-listpack-size");
        listCompressDepth = (int) integer("list-compress-depth");
        streamNodeBytesMax = integer("stream-node-max-bytes");
        streamNodeEntriesMax = integer("stream-node-max-entries");
        hllSparseBytesMax = integer("hll-sparse-max-bytes");
        protoBulkBytesMax = integer("proto-max-bulk-len");
        queryBufferBytesMax = integer("client-query-buffer-limit");
        memoryBytesMax = integer("maxmemory");
        memorySamples = (int) integer("maxmemory-samples");
        lfuLogFactor = (int) integer("lfu-log-factor");
        lfuDecayMinutes = (int) integer("lfu-decay-time");
        busyReplyMillis = integer("busy-reply-threshold");
        slowlogMicros = integer("slowlog-log-slower-than");
        latencyMonitorMillis = integer("latency-monitor-threshold");
        latencyTracking = isYes("latency-tracking");
        expireEffort = (int) integer("active-expire-effort");
        idleSecondsMax = integer("timeout");
        clientsMax = integer("maxclients");
        lazyUserDel = isYes("lazyfree-lazy-user-del");
        expiryDeletion = isYes("lazyfree-lazy-expire") ? "UNLINK" : "DEL";
        evictionDeletion = isYes("lazyfree-lazy-eviction") ? "UNLINK" : "DEL";
    }

    // At the start.

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
            config.file = Path.of(words.getFirst()).toAbsolutePath();
            config.read(config.file);
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
            if (value.isEmpty() && name.indexOf(' ') > 0) {
                value.add(name.substring(name.indexOf(' ') + 1));
                name = name.substring(0, name.indexOf(' '));
            }
            if (name.equals("--user")) {
                config.userLines.add(String.join(" ", value));
            } else {
                config.setAtStart(name.substring(2), String.join(" ", value), "command line");
            }
        }
        return config;
    }

    private void read(Path from) throws IOException {
        int number = 0;
        for (String line : Files.readAllLines(from)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String where = from + ", line " + number;
            List<String> words;
            try {
                words = ConfigFile.words(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(e.getMessage() + " (" + where + ")", e);
            }
            List<String> value = words.subList(1, words.size());
            switch (words.getFirst().toLowerCase(java.util.Locale.ROOT)) {
                case "include" -> {
                    for (String other : value) {
                        read(Path.of(other));
                    }
                }
                case "user" -> userLines.add(String.join(" ", value));
                default -> setAtStart(words.getFirst(), String.join(" ", value), where);
            }
        }
    }

    private void setAtStart(String name, String value, String where) {
        Option option = Options.find(name);
        if (option == null) {
            throw new IllegalArgumentException("unknown option '" + name + "' (" + where + ")");
        }
        try {
            put(
                    option,
                    option.canonical(
                            option.name().equals("save") ? savePoints(value) : value,
                            values.get(option.name())));
            refresh();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "option '"
                            + name
                            + "'"
                            + (option.isSecret() ? "" : " \"" + value + "\"")
                            + ": "
                            + e.getMessage()
                            + " ("
                            + where
                            + ")",
                    e);
        }
    }

    /** Several save lines add up, and an empty one forgets them, as in redis.conf. */
    private String savePoints(String value) {
        String bare = value.equals("\"\"") || value.equals("''") ? "" : value;
        String before = saveRead ? values.get("save") : "";
        saveRead = true;
        return bare.isEmpty() || before.isEmpty() ? bare : before + " " + bare;
    }

    /** The lines of the configuration file that define users, each without the word user. */
    public List<String> userLines() {
        return userLines;
    }

    /** Sets an option by code, as for a test. */
    public StoreConfig with(String name, Object value) {
        setAtStart(name, value.toString(), "StoreConfig.with");
        return this;
    }

    // While it runs.

    /**
     * Has {@code applier} told of a new value of {@code name}, after it was set. It may refuse it
     * by {@link IllegalArgumentException}; then all that was set with it goes back.
     */
    public void onChange(String name, Consumer<String> applier) {
        appliers.computeIfAbsent(name, _ -> new ArrayList<>()).add(applier);
    }

    /** Who gives the lines that define users, for CONFIG REWRITE. */
    public void usersFrom(Supplier<List<String>> source) {
        users = source;
    }

    /**
     * Sets options of a running store, all or none.
     *
     * @param names as the client wrote them; {@code newValues} in the same order
     * @param mayChangeGuarded whether this client may set options of protected kind
     * @throws IllegalArgumentException with the error for the client, code included
     */
    public void set(List<String> names, List<String> newValues, boolean mayChangeGuarded) {
        List<Option> chosen = new ArrayList<>();
        for (String name : names) {
            Option option = Options.find(name);
            if (option == null) {
                throw new IllegalArgumentException(UNKNOWN + name + "'");
            }
            if (option.isImmutable()) {
                throw failed(name, "can't set immutable config");
            }
            if (option.isGuarded() && !mayChangeGuarded) {
                throw failed(name, "can't set protected config");
            }
            if (chosen.contains(option)) {
                throw failed(name, "duplicate parameter");
            }
            chosen.add(option);
        }
        Map<Option, String> before = new LinkedHashMap<>();
        Option current = null;
        try {
            for (int i = 0; i < chosen.size(); i++) {
                current = chosen.get(i);
                String old = values.get(current.name());
                String value = current.canonical(newValues.get(i), old);
                before.put(current, old);
                put(current, value);
            }
            refresh();
            for (Option option : chosen) {
                current = option;
                if (!values.get(option.name()).equals(before.get(option))) {
                    apply(option);
                }
            }
        } catch (IllegalArgumentException e) {
            before.forEach(this::put);
            refresh();
            before.keySet().forEach(this::applyAgain);
            throw failed(current.name(), e.getMessage());
        }
    }

    private void apply(Option option) {
        appliers.getOrDefault(option.name(), List.of())
                .forEach(applier -> applier.accept(values.get(option.name())));
    }

    /** Goes back to a value that was in force before; whoever took it then takes it now. */
    private void applyAgain(Option option) {
        try {
            apply(option);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("cannot go back to " + option.name(), e);
        }
    }

    private static IllegalArgumentException failed(String name, String reason) {
        return new IllegalArgumentException(
                "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason);
    }

    /** Whether the value of this option is a password, to be kept out of logs. */
    public boolean isSecret(String name) {
        Option option = Options.find(name);
        return option != null && option.isSecret();
    }

    /** Whether it is an option that exists, under this name or as an alias. */
    public boolean isKnown(String name) {
        return Options.find(name) != null;
    }

    /**
     * Every name with its value, aliases included and hidden ones left out, in the order of the
     * table.
     */
    public Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        for (Option option : Options.ALL) {
            if (!option.isHidden()) {
                all.put(option.name(), values.get(option.name()));
                if (option.alias() != null) {
                    all.put(option.alias(), values.get(option.name()));
                }
            }
        }
        return all;
    }

    /** The names of the options that are accepted and have no effect here. */
    public static List<String> inert() {
        return Options.ALL.stream().filter(Option::isInert).map(Option::name).toList();
    }

    /** The configuration file that was read, or null. */
    public Path file() {
        return file;
    }

    /**
     * Writes the values in force into the configuration file, which keeps its comments and order.
     *
     * @param everything also options that stand at their default
     * @throws IllegalStateException where there is no such file
     */
    public void rewrite(boolean everything) throws IOException {
        if (file == null) {
            throw new IllegalStateException("The server is running without a config file");
        }
        boolean own = users != null && values.get("aclfile").isEmpty();
        ConfigFile.rewrite(file, values, own ? users.get() : null, everything);
    }

    // What the values are.

    /** The value of an option as CONFIG GET prints it; null for one that does not exist. */
    public String text(String name) {
        String value = values.get(name);
        if (value != null) {
            return value;
        }
        Option option = Options.find(name);
        return option == null ? null : values.get(option.name());
    }

    /** The number an option is set to; bytes for a size, and a share in percent is negative. */
    public long integer(String name) {
        return numbers.get(name);
    }

    public boolean isYes(String name) {
        return values.get(name).equals("yes");
    }

    public int port() {
        return (int) integer("port");
    }

    public long hashListpackEntriesMax() {
        return hashListpackEntriesMax;
    }

    public long hashListpackValueBytesMax() {
        return hashListpackValueBytesMax;
    }

    public long setIntsetEntriesMax() {
        return setIntsetEntriesMax;
    }

    public long setListpackEntriesMax() {
        return setListpackEntriesMax;
    }

    public long setListpackValueBytesMax() {
        return setListpackValueBytesMax;
    }

    public long zsetListpackEntriesMax() {
        return zsetListpackEntriesMax;
    }

    public long zsetListpackValueBytesMax() {
        return zsetListpackValueBytesMax;
    }

    /** Elements of a node of a list when positive; -1 to -5 for 4, 8, 16, 32 or 64 KB. */
    public int listListpackSize() {
        return listListpackSize;
    }

    public int listCompressDepth() {
        return listCompressDepth;
    }

    public long streamNodeBytesMax() {
        return streamNodeBytesMax;
    }

    public long streamNodeEntriesMax() {
        return streamNodeEntriesMax;
    }

    public long hllSparseBytesMax() {
        return hllSparseBytesMax;
    }

    /** {@code proto-max-bulk-len}: also the most that a string may hold. */
    public long protoBulkBytesMax() {
        return protoBulkBytesMax;
    }

    /** {@code client-query-buffer-limit}. */
    public long queryBufferBytesMax() {
        return queryBufferBytesMax;
    }

    /** {@code maxmemory}; 0 for no limit. */
    public long memoryBytesMax() {
        return memoryBytesMax;
    }

    /** {@code maxmemory-samples}. */
    public int memorySamples() {
        return memorySamples;
    }

    public int lfuLogFactor() {
        return lfuLogFactor;
    }

    public int lfuDecayMinutes() {
        return lfuDecayMinutes;
    }

    /** {@code busy-reply-threshold}: from then on a running script may be killed. */
    public long busyReplyMillis() {
        return busyReplyMillis;
    }

    /** {@code slowlog-log-slower-than}; negative for never. */
    public long slowlogMicros() {
        return slowlogMicros;
    }

    /** {@code latency-monitor-threshold}; 0 for never. */
    public long latencyMonitorMillis() {
        return latencyMonitorMillis;
    }

    /** Whether the times of commands are kept for percentiles. */
    public boolean latencyTracking() {
        return latencyTracking;
    }

    /** {@code active-expire-effort}, 1 to 10. */
    public int expireEffort() {
        return expireEffort;
    }

    /** {@code timeout}: an idle client is closed then; 0 for never. */
    public long idleSecondsMax() {
        return idleSecondsMax;
    }

    public long clientsMax() {
        return clientsMax;
    }

    /** {@code lazyfree-lazy-user-del}: DEL as UNLINK. */
    public boolean lazyUserDel() {
        return lazyUserDel;
    }

    /** {@code lazyfree-lazy-expire}: the command that tells of a key whose time is over. */
    public String expiryDeletion() {
        return expiryDeletion;
    }

    /** {@code lazyfree-lazy-eviction}: the command that tells of a key that was evicted. */
    public String evictionDeletion() {
        return evictionDeletion;
    }
}
