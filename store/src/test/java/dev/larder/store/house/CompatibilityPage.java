package dev.larder.store.house;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.command.Command;
import dev.larder.store.keyspace.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes docs/compatibility.md from the command table and the options. Run its main from the folder
 * of the module, or with the path of the page, to write it anew.
 */
public final class CompatibilityPage {
    static final Path PLACE = Path.of("../docs/compatibility.md");

    private static final String INTRODUCTION =
            """
            # Compatibility

            This page is written from the command table by `CompatibilityPage` in the tests of `store`;
            a test fails when it is stale. Do not edit it.

            The store follows Redis 7.2 and says so (`redis_version:7.2.4`), with what Valkey 8 has
            besides and some of what came later; *since* is the version of Redis, or of Valkey where the
            command is its own. A command without a remark is meant to answer as there, in RESP2 and
            RESP3; the conversations in `store/src/test` are run against a redis-server too.

            ## The server as a whole
            - The base of an append-only file is a data file always (`aof-use-rdb-preamble`). Where there
              is no append-only file yet, a data file is loaded and becomes the first base.
            - One shard on one thread. No cluster mode yet: its commands are known and refused, as the
              tables say.
            - Replication, in both roles, with stores and with real servers that know the format of 7.2.
              As a replica it goes on where a real master's backlog allows it; as a master it keeps no
              backlog, so that whoever has lost the connection is sent everything. The data file for a
              new replica is made, and one that a master has sent is loaded, while other clients wait.
            - No modules. Keys and values are on the Java heap: `used_memory` and its kin are its figures.
            - Letting go of a large value takes no time, so LATENCY seldom knows an `expire-cycle`.
            - Other defaults: `bind` is 127.0.0.1, `save` is empty, `enable-debug-command` is `local`.
            """;

    private CompatibilityPage() {}

    public static void main(String[] args) throws IOException {
        Path place = args.length > 0 ? Path.of(args[0]) : PLACE;
        Files.writeString(place, text());
        System.out.println("wrote " + place);
    }

    static String text() {
        List<Command> rows =
                new ArrayList<>(
                        Store.engine(new StoreConfig(), new Clock(() -> 0))
                                .table()
                                .allWithSubcommands());
        StringBuilder page = new StringBuilder(INTRODUCTION);
        page.append("\n## Options without effect\n");
        page.append("Accepted, kept, shown and written back, but nothing comes of them:\n");
        page.append(
                StoreConfig.inert().stream()
                        .sorted()
                        .map(name -> "`" + name + "`")
                        .collect(Collectors.joining(", ")));
        page.append(".\n\n## Commands that are not there\n");
        List<String> missing = missing(rows);
        page.append(
                missing.isEmpty()
                        ? "None of redis-server 7.0's.\n"
                        : "Of redis-server 7.0's: "
                                + missing.stream()
                                        .map(name -> "`" + shown(name) + "`")
                                        .collect(Collectors.joining(", "))
                                + ".\n");
        Map<String, List<Command>> groups = new TreeMap<>();
        for (Command row : rows) {
            groups.computeIfAbsent(row.category().group(), _ -> new ArrayList<>()).add(row);
        }
        long count = rows.stream().filter(row -> row.body() != null).count();
        page.append("\n## Commands that are: ").append(count).append('\n');
        groups.forEach((group, commands) -> table(page, group, commands));
        return page.toString();
    }

    private static void table(StringBuilder page, String group, List<Command> commands) {
        page.append("\n### ").append(group).append('\n');
        page.append("| Command | Since | State | Remark |\n|---|---|---|---|\n");
        commands.stream()
                .filter(row -> row.body() != null)
                .sorted(Comparator.comparing(Command::name))
                .forEach(
                        row ->
                                page.append("| `")
                                        .append(shown(row.name()))
                                        .append("` | ")
                                        .append(row.since())
                                        .append(" | ")
                                        .append(state(row))
                                        .append(" | ")
                                        .append(row.difference().replace("|", "\\|"))
                                        .append(" |\n"));
    }

    private static String state(Command row) {
        if (row.difference().isEmpty()) {
            return "as there";
        }
        return row.difference().startsWith("Refused") ? "refused" : "differs";
    }

    private static String shown(String name) {
        return name.toUpperCase(java.util.Locale.ROOT).replace('|', ' ');
    }

    /** What redis-server 7.0.15 has and we have not. */
    private static List<String> missing(List<Command> rows) {
        List<String> names = rows.stream().map(Command::lowerName).toList();
        try (InputStream in =
                CompatibilityPage.class.getResourceAsStream("command-info-7.0.15.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" ")[0])
                    .filter(name -> !names.contains(name))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
