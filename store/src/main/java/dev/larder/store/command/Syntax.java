package dev.larder.store.command;

import java.util.ArrayList;
import java.util.List;

/**
 * The syntax line of a command, read: {@code key [NX | XX] score member [score member ...]}. Arity
 * and the positions of keys follow from it, so neither is written a second time.
 *
 * <p>A word in lower case is an argument, one in upper case a token to be typed as it is; {@code [
 * ]} is optional, {@code < | >} a choice, {@code ...} repeats the group it ends. An argument named
 * {@code key}, or {@code name:key}, is a key; one named {@code numkeys} counts the keys that
 * follow.
 */
public final class Syntax {
    private sealed interface Node {}

    private record Word(String text) implements Node {
        /** Typed as it is: nothing in it is in lower case. */
        boolean isToken() {
            return text.equals(text.toUpperCase(java.util.Locale.ROOT));
        }

        boolean isKey() {
            return text.equals("key") || text.endsWith(":key");
        }
    }

    private record Group(List<List<Node>> choices, boolean optional, boolean repeats)
            implements Node {}

    /**
     * Where the keys stand. {@code first} counts from 1 (the word after the name; 0: no keys),
     * {@code last} from the end when negative. Where {@code counted}, the word at {@code first - 1}
     * says how many keys there are.
     */
    public record Keys(int first, int last, int step, boolean counted) {
        public static final Keys NONE = new Keys(0, 0, 0, false);
    }

    private final List<Node> nodes;
    private final String line;

    private Syntax(String line, List<Node> nodes) {
        this.line = line;
        this.nodes = nodes;
    }

    public static Syntax parse(String line) {
        Parser parser = new Parser(line);
        List<Node> nodes = parser.sequence();
        if (parser.at < parser.tokens.length) {
            throw new IllegalArgumentException("unbalanced syntax line: " + line);
        }
        return new Syntax(line, nodes);
    }

    /** The line without the types of its words, for those who read it. */
    public String shown() {
        return line.replaceAll(":[a-z-]+", "");
    }

    /** The line itself. */
    public String line() {
        return line;
    }

    /**
     * The arity as COMMAND INFO counts it for a name of {@code nameWords} words: exact when
     * positive, the least when negative.
     */
    public int arity(int nameWords) {
        int least = nameWords + least(nodes);
        return isExact(nodes) ? least : -least;
    }

    private static int least(List<Node> nodes) {
        int least = 0;
        for (Node node : nodes) {
            least +=
                    switch (node) {
                        case Word _ -> 1;
                        case Group group when group.optional() -> 0;
                        case Group group ->
                                group.choices().stream().mapToInt(Syntax::least).min().orElse(0);
                    };
        }
        return least;
    }

    private static boolean isExact(List<Node> nodes) {
        for (Node node : nodes) {
            if (node instanceof Group group) {
                int least = least(group.choices().getFirst());
                boolean same =
                        group.choices().stream().allMatch(c -> isExact(c) && least(c) == least);
                if (group.optional() || group.repeats() || !same) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Where the keys stand, for a name of {@code nameWords} words. */
    public Keys keys(int nameWords) {
        int position = nameWords;
        for (int i = 0; i < nodes.size(); i++) {
            switch (nodes.get(i)) {
                case Word word when word.text().equals("numkeys") -> {
                    return new Keys(position + 1, -1, 1, true);
                }
                case Word word when word.isKey() -> {
                    return keysFrom(i, position);
                }
                case Word _ -> position++;
                case Group group when !group.optional() && !group.repeats() ->
                        position += least(group.choices().getFirst());
                case Group _ -> {
                    return Keys.NONE;
                }
            }
        }
        return Keys.NONE;
    }

    private Keys keysFrom(int node, int position) {
        int last = position;
        int next = node + 1;
        int step = 1;
        while (next < nodes.size() && nodes.get(next) instanceof Word word && word.isKey()) {
            last++;
            next++;
        }
        int between = next;
        while (between < nodes.size() && nodes.get(between) instanceof Word) {
            between++;
        }
        if (between < nodes.size()
                && nodes.get(between) instanceof Group group
                && group.repeats()
                && group.choices().getFirst().getFirst() instanceof Word word
                && word.isKey()) {
            step = least(group.choices().getFirst());
            int after = least(nodes.subList(between + 1, nodes.size()));
            return new Keys(position, -1 - after, step, false);
        }
        return new Keys(position, last, step, false);
    }

    /** The place of a plain word that stands before anything optional; 0 where it does not. */
    int positionOf(String word, int nameWords) {
        int position = nameWords;
        for (Node node : nodes) {
            if (!(node instanceof Word plain)) {
                return 0;
            }
            if (plain.text().equals(word)) {
                return position;
            }
            position++;
        }
        return 0;
    }

    /** The arguments, as COMMAND DOCS describes them. */
    public List<Argument> arguments() {
        return arguments(nodes);
    }

    private static List<Argument> arguments(List<Node> nodes) {
        List<Argument> found = new ArrayList<>();
        int at = 0;
        while (at < nodes.size()) {
            switch (nodes.get(at)) {
                case Word word when word.isToken() -> {
                    // A token belongs to the words behind it: one, or several as a block.
                    int end = at + 1;
                    while (end < nodes.size() && belongsToToken(nodes, at, end)) {
                        end++;
                    }
                    List<Argument> behind = arguments(nodes.subList(at + 1, end));
                    if (behind.isEmpty()
                            && end < nodes.size()
                            && nodes.get(end) instanceof Group group
                            && !group.optional()
                            && !group.repeats()) {
                        behind = arguments(nodes.subList(end, ++end));
                    }
                    found.add(
                            switch (behind.size()) {
                                case 0 -> Argument.token(word.text());
                                case 1 -> behind.getFirst().behind(word.text());
                                default ->
                                        Argument.of(Argument.Type.BLOCK, behind)
                                                .behind(word.text());
                            });
                    at = end;
                }
                case Word word -> {
                    found.add(Argument.word(word.text()));
                    at++;
                }
                case Group group -> {
                    add(group, found);
                    at++;
                }
            }
        }
        return found;
    }

    private static boolean belongsToToken(List<Node> nodes, int token, int at) {
        return switch (nodes.get(at)) {
            case Word word -> !word.isToken();
            case Group group ->
                    at > token + 1
                            && group.repeats()
                            && group.choices().getFirst().getFirst() instanceof Word word
                            && !word.isToken();
        };
    }

    /** A group that repeats what stands before it makes that multiple. */
    private static void add(Group group, List<Argument> found) {
        List<Argument> choices = new ArrayList<>();
        for (List<Node> choice : group.choices()) {
            List<Argument> parts = arguments(choice);
            choices.add(
                    parts.size() == 1 ? parts.getFirst() : Argument.of(Argument.Type.BLOCK, parts));
        }
        Argument all =
                choices.size() == 1
                        ? choices.getFirst()
                        : Argument.of(Argument.Type.ONEOF, choices);
        if (group.repeats()) {
            List<Argument> repeated =
                    all.type() == Argument.Type.BLOCK && all.token() == null
                            ? all.arguments()
                            : List.of(all);
            int from = found.size() - repeated.size();
            if (from >= 0 && found.subList(from, found.size()).equals(repeated)) {
                found.subList(from, found.size()).clear();
                found.add(all.asMultiple(all.token() != null));
                return;
            }
            all = all.asMultiple(false);
        }
        found.add(group.optional() ? all.asOptional() : all);
    }

    @Override
    public String toString() {
        return line;
    }

    private static final class Parser {
        private final String[] tokens;
        private int at;

        Parser(String line) {
            String spaced =
                    line.replace("[", " [ ")
                            .replace("]", " ] ")
                            .replace("<", " < ")
                            .replace(">", " > ")
                            .replace("|", " | ")
                            .strip();
            tokens = spaced.isEmpty() ? new String[0] : spaced.split("\\s+");
        }

        List<Node> sequence() {
            List<Node> nodes = new ArrayList<>();
            while (at < tokens.length && !"]>|...".contains(tokens[at])) {
                String token = tokens[at];
                if (token.equals("[") || token.equals("<")) {
                    nodes.add(group(token.equals("[")));
                } else {
                    nodes.add(new Word(token));
                    at++;
                }
            }
            return nodes;
        }

        private Group group(boolean optional) {
            at++;
            List<List<Node>> choices = new ArrayList<>();
            boolean repeats = false;
            choices.add(sequence());
            while (!tokens[at].equals(optional ? "]" : ">")) {
                if (tokens[at].equals("...")) {
                    repeats = true;
                    at++;
                } else {
                    at++;
                    choices.add(sequence());
                }
            }
            at++;
            return new Group(choices, optional, repeats);
        }
    }
}
