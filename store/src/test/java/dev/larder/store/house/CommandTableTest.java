package dev.larder.store.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.command.AclCategory;
import dev.larder.store.command.Command;
import dev.larder.store.command.Syntax;
import dev.larder.store.keyspace.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Every row is complete, and agrees with what a real server says of the same command. */
class CommandTableTest {
    private record Recorded(int arity, int first, int last, int step, String specs) {}

    /** Rows as they are since 7.2: WITHSCORE, and a command without a key for GETKEYS. */
    private static final Set<String> DIFFERENT_ARITY =
            Set.of("ZRANK", "ZREVRANK", "COMMAND|GETKEYS", "COMMAND|GETKEYSANDFLAGS");

    private static final List<Command> ROWS =
            Store.engine(new StoreConfig(), new Clock(() -> 0)).table().allWithSubcommands();

    private static Map<String, Recorded> recorded() throws IOException {
        Map<String, Recorded> recorded = new HashMap<>();
        try (InputStream in =
                CommandTableTest.class.getResourceAsStream("command-info-7.0.15.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.startsWith("#")) {
                    String[] parts = line.split(" ");
                    recorded.put(
                            parts[0],
                            new Recorded(
                                    Integer.parseInt(parts[1]),
                                    Integer.parseInt(parts[2]),
                                    Integer.parseInt(parts[3]),
                                    Integer.parseInt(parts[4]),
                                    parts[5]));
                }
            }
        }
        return recorded;
    }

    @Test
    void everyRowIsComplete() {
        SoftAssertions all = new SoftAssertions();
        for (Command row : ROWS) {
            all.assertThat(row.about()).as("about %s", row.name()).endsWith(".");
            all.assertThat(row.since()).as("since %s", row.name()).matches("\\d+\\.\\d+\\.\\d+");
            all.assertThat(row.cost()).as("cost of %s", row.name()).isNotBlank();
            all.assertThat(row.category()).as("category of %s", row.name()).isNotNull();
            all.assertThat(row.body() != null || !row.subcommands().isEmpty())
                    .as("%s does something", row.name())
                    .isTrue();
        }
        all.assertAll();
    }

    @Test
    void namesAreUnique() {
        assertThat(ROWS).extracting(Command::name).doesNotHaveDuplicates();
    }

    @Test
    void aritiesAreThoseOfARealServer() throws IOException {
        Map<String, Recorded> recorded = recorded();
        SoftAssertions all = new SoftAssertions();
        int compared = 0;
        for (Command row : ROWS) {
            Recorded theirs = recorded.get(row.lowerName());
            if (theirs != null && !DIFFERENT_ARITY.contains(row.name())) {
                all.assertThat(row.arity()).as(row.toString()).isEqualTo(theirs.arity());
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(150);
        all.assertAll();
    }

    @Test
    void keysStandWhereARealServerHasThem() throws IOException {
        Map<String, Recorded> recorded = recorded();
        SoftAssertions all = new SoftAssertions();
        for (Command row : ROWS) {
            Recorded theirs = recorded.get(row.lowerName());
            if (theirs == null) {
                continue;
            }
            Syntax.Keys keys = row.keys();
            if (keys.counted()) {
                all.assertThat(theirs.specs())
                        .as(row.toString())
                        .contains("index:" + (keys.first() - 1) + "/keynum:0,1," + keys.step());
            } else {
                all.assertThat(List.of(keys.first(), keys.last(), keys.step()))
                        .as(row.toString())
                        .isEqualTo(List.of(theirs.first(), theirs.last(), theirs.step()));
            }
        }
        all.assertAll();
    }

    /** Rows whose categories or flags are others since 7.2. */
    private static final Set<String> DIFFERENT_ACCESS = Set.of();

    @Test
    void categoriesAndAccessToKeysAreThoseOfARealServer() throws IOException {
        Map<String, String[]> recorded = new HashMap<>();
        try (InputStream in =
                CommandTableTest.class.getResourceAsStream("command-acl-7.0.15.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.startsWith("#")) {
                    String[] parts = line.split(" ");
                    recorded.put(parts[0], parts);
                }
            }
        }
        SoftAssertions all = new SoftAssertions();
        for (Command row : ROWS) {
            String[] theirs = recorded.get(row.lowerName());
            if (theirs == null || DIFFERENT_ACCESS.contains(row.name())) {
                continue;
            }
            all.assertThat(
                            row.aclCategories().stream()
                                    .map(AclCategory::lowerName)
                                    .collect(Collectors.joining(",")))
                    .as("categories of %s", row.name())
                    .isEqualTo(theirs[1]);
            if (!theirs[2].equals("-")) {
                String[] specs =
                        theirs[2].replaceAll(",(incomplete|variable_flags)", "").split(";");
                all.assertThat(String.join(",", row.keyAccess().first().flags()))
                        .as("first key of %s", row.name())
                        .isEqualTo(specs[0]);
                all.assertThat(String.join(",", row.keyAccess().others().flags()))
                        .as("other keys of %s", row.name())
                        .isEqualTo(specs[specs.length - 1]);
            }
        }
        all.assertAll();
    }
}
