package dev.larder.store.command;

import java.util.ArrayList;
import java.util.List;

/**
 * One place where a command has keys, as COMMAND INFO tells it: how to find where they begin, how
 * to find them from there, and what is done with them. Follows from the syntax line of a row and
 * from its {@link KeyAccess}; the few commands whose keys stand behind a word state theirs here.
 */
public record KeySpec(Begin begin, Find find, List<String> flags) {
    /** Where keys begin. */
    public sealed interface Begin {}

    /** At a fixed place. */
    public record Index(int index) implements Begin {}

    /** Behind a word, looked for from a place on; from the end when negative. */
    public record Keyword(String keyword, int startFrom) implements Begin {}

    /** Somewhere that only the command itself knows. */
    public record Unknown() implements Begin, Find {}

    /** Which words from there on are keys. */
    public sealed interface Find {}

    /**
     * Up to {@code last}, counted from the first, or from the end when negative; with a limit of 2
     * the first half of what is left.
     */
    public record Range(int last, int step, int limit) implements Find {}

    /** As many as the first word says. */
    public record Counted(int step) implements Find {}

    static List<KeySpec> of(Command row) {
        KeyAccess.Pair access = row.keyAccess();
        List<String> first = access.first().flags();
        List<String> others = access.others().flags();
        return switch (row.name()) {
            case "XREAD" -> List.of(streams(1, first));
            case "XREADGROUP" -> List.of(streams(4, first));
            case "GEORADIUS" -> radius(6, first, others);
            case "GEORADIUSBYMEMBER" -> radius(5, first, others);
            case "SORT" -> List.of(single(1, first), somewhere(first), somewhere(others));
            case "SORT_RO" -> List.of(single(1, first), somewhere(first));
            case "MIGRATE" ->
                    List.of(
                            single(3, first),
                            with(
                                    new KeySpec(
                                            new Keyword("KEYS", -2), new Range(-1, 1, 0), first),
                                    "incomplete"));
            case "SET", "BITFIELD" -> List.of(with(single(1, first), "variable_flags"));
            default -> derived(row, access);
        };
    }

    private static KeySpec single(int index, List<String> flags) {
        return new KeySpec(new Index(index), new Range(0, 1, 0), flags);
    }

    private static KeySpec streams(int from, List<String> flags) {
        return new KeySpec(new Keyword("STREAMS", from), new Range(-1, 1, 2), flags);
    }

    private static List<KeySpec> radius(int from, List<String> first, List<String> others) {
        List<KeySpec> specs = new ArrayList<>();
        specs.add(single(1, first));
        for (String word : List.of("STORE", "STOREDIST")) {
            specs.add(new KeySpec(new Keyword(word, from), new Range(0, 1, 0), others));
        }
        return specs;
    }

    private static KeySpec somewhere(List<String> flags) {
        return new KeySpec(new Unknown(), new Unknown(), flags);
    }

    private static KeySpec with(KeySpec spec, String flag) {
        List<String> flags = new ArrayList<>(spec.flags());
        flags.add(flag);
        return new KeySpec(spec.begin(), spec.find(), flags);
    }

    /** Keys that are treated alike are one place; a first one treated apart is its own. */
    private static List<KeySpec> derived(Command row, KeyAccess.Pair access) {
        Syntax.Keys keys = row.keys();
        if (keys.first() == 0) {
            return List.of();
        }
        List<String> first = access.first().flags();
        if (keys.counted()) {
            return List.of(
                    new KeySpec(new Index(keys.first() - 1), new Counted(keys.step()), first));
        }
        boolean apart = access.first() != access.others();
        int countAt = row.syntax().positionOf("numkeys", row.nameWords());
        if (apart && countAt > 0) {
            return List.of(
                    single(keys.first(), first),
                    new KeySpec(new Index(countAt), new Counted(1), access.others().flags()));
        }
        if (apart && keys.last() != keys.first()) {
            int last = keys.last() < 0 ? keys.last() : keys.last() - keys.first() - 1;
            return List.of(
                    single(keys.first(), first),
                    new KeySpec(
                            new Index(keys.first() + 1),
                            new Range(last, keys.step(), 0),
                            access.others().flags()));
        }
        int last = keys.last() < 0 ? keys.last() : keys.last() - keys.first();
        return List.of(
                new KeySpec(new Index(keys.first()), new Range(last, keys.step(), 0), first));
    }

    /** Whether the keys cannot be found by counting words. */
    boolean isMovable() {
        return !(begin instanceof Index) || !(find instanceof Range);
    }
}
