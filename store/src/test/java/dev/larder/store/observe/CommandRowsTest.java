package dev.larder.store.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.command.Argument;
import dev.larder.store.command.Command;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.reply.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What COMMAND INFO and COMMAND DOCS say of each row, beside what a real server said. */
class CommandRowsTest {
    /**
     * Rows that are otherwise since 7.2: blocking commands may run in a script, ZRANK has
     * WITHSCORE, GETKEYS takes a command without arguments.
     */
    private static final Set<String> ROWS_OF_7_2 =
            Set.of(
                    "blmove",
                    "blpop",
                    "brpop",
                    "brpoplpush",
                    "bzpopmax",
                    "bzpopmin",
                    "command|getkeys",
                    "command|getkeysandflags",
                    "zrank",
                    "zrevrank");

    /**
     * Rows whose arguments are described otherwise. Since 7.2: BITOP names its operations, GEOHASH,
     * GEOPOS and PFMERGE need no member, ZRANK has WITHSCORE. Newer still: SET has IFEQ, HSCAN has
     * NOVALUES, BGSAVE has CANCEL. Ours: nested the other way round (CONFIG GET, PSUBSCRIBE,
     * FAILOVER, MODULE LOADEX, XINFO STREAM, XTRIM, GEOSEARCH, BITFIELD, SORT, GEORADIUS), or by
     * other names (CLIENT KILL, CLIENT LIST, ACL CAT, LCS, XSETID, ZRANGESTORE); arguments that the
     * real server does not describe at all (COMMAND, DEBUG, QUIT, REPLCONF), or with an empty word
     * (MIGRATE).
     */
    private static final Set<String> ARGUMENTS_OTHERWISE =
            Set.of(
                    "acl|cat",
                    "bgsave",
                    "bitcount",
                    "bitfield",
                    "bitfield_ro",
                    "bitop",
                    "client|kill",
                    "client|list",
                    "command",
                    "command|getkeys",
                    "command|getkeysandflags",
                    "config|get",
                    "debug",
                    "failover",
                    "geohash",
                    "geopos",
                    "georadius",
                    "georadiusbymember",
                    "geosearch",
                    "geosearchstore",
                    "hscan",
                    "lcs",
                    "migrate",
                    "module|loadex",
                    "pfmerge",
                    "psubscribe",
                    "quit",
                    "replconf",
                    "set",
                    "sort",
                    "sort_ro",
                    "xinfo|stream",
                    "xsetid",
                    "xtrim",
                    "zrangestore",
                    "zrank",
                    "zrevrank");

    /** Rows of which 7.2 tells otherwise: a history that went on, a version that was mended. */
    private static final Set<String> DOCS_OF_7_2 = Set.of("client|pause", "zrank", "zrevrank");

    private static final List<Command> ROWS =
            Store.engine(new StoreConfig(), new Clock(() -> 0)).table().allWithSubcommands();

    private static Map<String, String> recorded(String name) throws IOException {
        Map<String, String> recorded = new HashMap<>();
        try (InputStream in = CommandRowsTest.class.getResourceAsStream(name)) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.startsWith("#")) {
                    String[] parts = line.split(" ", 2);
                    recorded.put(parts[0], parts[1]);
                }
            }
        }
        return recorded;
    }

    private static String text(Reply reply) {
        return switch (reply) {
            case Reply.Status status -> status.text();
            case Reply.Bulk bulk -> new String(bulk.bytes(), StandardCharsets.UTF_8);
            case Reply.Int number -> Long.toString(number.value());
            case Reply.Array array -> "[" + texts(array.items(), " ") + "]";
            case Reply.Set set ->
                    "{"
                            + String.join(
                                    " ",
                                    new TreeSet<>(
                                            set.items().stream()
                                                    .map(CommandRowsTest::text)
                                                    .toList()))
                            + "}";
            case Reply.Map map -> "(" + pairs(map.keysAndValues()) + ")";
            default -> throw new IllegalArgumentException(reply.toString());
        };
    }

    private static String texts(List<Reply> items, String between) {
        return items.stream().map(CommandRowsTest::text).collect(Collectors.joining(between));
    }

    private static String pairs(List<Reply> keysAndValues) {
        boolean group =
                texts(keysAndValues, " ").matches("name \\S+ type (oneof|block|pure-token).*");
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            String key = text(keysAndValues.get(i));
            boolean recorded =
                    !Set.of("display_text", "since", "deprecated_since", "notes").contains(key);
            if (recorded && (!group || !key.equals("name"))) {
                pairs.add(key + "=" + text(keysAndValues.get(i + 1)));
            }
        }
        return String.join(" ", pairs);
    }

    @Test
    void rowsAreThoseOfARealServer() throws IOException {
        Map<String, String> theirs = recorded("command-rows-7.0.15.txt");
        List<String> different = new ArrayList<>();
        int compared = 0;
        for (Command row : ROWS) {
            String name = row.lowerName();
            if (theirs.containsKey(name) && !ROWS_OF_7_2.contains(name)) {
                List<Reply> info = ((Reply.Array) CommandDescription.info(row)).items();
                String ours = texts(info.subList(1, 9), " ");
                compared++;
                if (!ours.equals(theirs.get(name))) {
                    different.add(name + "\n  " + theirs.get(name) + "\n  " + ours);
                }
            }
        }
        assertThat(different).isEmpty();
        assertThat(compared).isGreaterThan(330);
    }

    @Test
    void argumentsAreThoseOfARealServer() throws IOException {
        Map<String, String> theirs = recorded("command-arguments-7.0.15.txt");
        List<String> different = new ArrayList<>();
        int compared = 0;
        for (Command row : ROWS) {
            String name = row.lowerName();
            if (theirs.containsKey(name) && !ARGUMENTS_OTHERWISE.contains(name)) {
                String ours = "[]";
                List<Reply> docs = ((Reply.Map) CommandDescription.docs(row)).keysAndValues();
                for (int i = 0; i < docs.size(); i += 2) {
                    if (text(docs.get(i)).equals("arguments")) {
                        ours = text(docs.get(i + 1));
                    }
                }
                compared++;
                // Words are joined by a dash or an underscore, as it came.
                if (!ours.replace('-', '_').equals(theirs.get(name).replace('-', '_'))) {
                    different.add(name + "\n  " + theirs.get(name) + "\n  " + ours);
                }
            }
        }
        assertThat(different).isEmpty();
        assertThat(compared).isGreaterThan(300);
    }

    /** What is told of a row and of its arguments besides their shape. */
    @Test
    void docsAreThoseOfARealServer() throws IOException {
        Map<String, String> theirs = recorded("command-docs-7.0.15.txt");
        List<String> different = new ArrayList<>();
        for (Command row : ROWS) {
            String name = row.lowerName();
            if (theirs.containsKey(name) && !DOCS_OF_7_2.contains(name)) {
                boolean otherwise = ARGUMENTS_OTHERWISE.contains(name);
                String shown = theirs.get(name);
                String wanted = otherwise ? shown.replaceAll(" arguments=.*", "") : shown;
                String ours = docs(row, otherwise);
                if (!ours.equals(wanted.replace('_', '-'))) {
                    different.add(name + "\n  " + wanted + "\n  " + ours);
                }
            }
        }
        assertThat(different).isEmpty();
    }

    /** Names are given for all arguments of a command or for none. */
    @Test
    void everyArgumentHasItsName() {
        for (Command row : ROWS) {
            int named = CommandFacts.of(row.lowerName()).arguments.size();
            if (named > 0) {
                assertThat(count(row.syntax().arguments())).as(row.name()).isEqualTo(named);
            }
        }
    }

    private static int count(List<Argument> arguments) {
        int count = 0;
        for (Argument argument : arguments) {
            count += 1 + count(argument.arguments());
        }
        return count;
    }

    private static String docs(Command row, boolean withoutArguments) {
        Map<String, Reply> docs = fields(CommandDescription.docs(row));
        List<Reply> info = ((Reply.Array) CommandDescription.info(row)).items();
        List<Reply> specs = ((Reply.Set) info.get(8)).items();
        List<String> noted = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            if (fields(specs.get(i)).containsKey("notes")) {
                noted.add(Integer.toString(i));
            }
        }
        List<String> versions = new ArrayList<>();
        for (Reply change : items(docs.get("history"))) {
            versions.add(text(((Reply.Array) change).items().getFirst()));
        }
        versions.sort(null);
        List<String> names = new ArrayList<>();
        names(items(docs.get("arguments")), names);
        return ("group="
                        + text(docs.get("group"))
                        + " since="
                        + text(docs.get("since"))
                        + " flags="
                        + items(docs.get("doc_flags")).stream()
                                .map(CommandRowsTest::text)
                                .collect(Collectors.joining(","))
                        + " deprecated="
                        + (docs.containsKey("deprecated_since")
                                ? text(docs.get("deprecated_since"))
                                : "")
                        + " history="
                        + String.join(",", versions)
                        + " notes="
                        + String.join(",", noted)
                        + (withoutArguments ? "" : " arguments=" + String.join(",", names)))
                .replace('_', '-');
    }

    private static void names(List<Reply> arguments, List<String> names) {
        for (Reply argument : arguments) {
            Map<String, Reply> fields = fields(argument);
            String name = text(fields.get("name"));
            if (fields.containsKey("since")) {
                name += "@" + text(fields.get("since"));
            }
            if (fields.containsKey("deprecated_since")) {
                name += "!" + text(fields.get("deprecated_since"));
            }
            names.add(name);
            names(items(fields.get("arguments")), names);
        }
    }

    private static List<Reply> items(Reply reply) {
        return switch (reply) {
            case null -> List.of();
            case Reply.Set set -> set.items();
            case Reply.Array array -> array.items();
            default -> throw new IllegalArgumentException(reply.toString());
        };
    }

    private static Map<String, Reply> fields(Reply map) {
        Map<String, Reply> fields = new HashMap<>();
        List<Reply> pairs = ((Reply.Map) map).keysAndValues();
        for (int i = 0; i < pairs.size(); i += 2) {
            fields.put(text(pairs.get(i)), pairs.get(i + 1));
        }
        return fields;
    }
}
