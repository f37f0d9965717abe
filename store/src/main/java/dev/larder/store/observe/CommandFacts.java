package dev.larder.store.observe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What clients may learn of a command besides what its row says: read once from {@code
 * command-docs.txt}, whose first lines tell its form.
 */
final class CommandFacts {
    /** An argument by its real name, with the versions that had it first and advised against it. */
    record Name(String text, String since, String deprecatedSince) {
        private static Name of(String word) {
            int outdated = word.indexOf('!');
            String rest = outdated < 0 ? word : word.substring(0, outdated);
            int at = rest.indexOf('@');
            return new Name(
                    at < 0 ? rest : rest.substring(0, at),
                    at < 0 ? null : rest.substring(at + 1),
                    outdated < 0 ? null : word.substring(outdated + 1));
        }
    }

    /** A version and what it brought; without a text, the arguments that it brought. */
    record Change(String since, String text) {}

    private static final CommandFacts NONE = new CommandFacts();

    private static final class All {
        static final Map<String, CommandFacts> BY_NAME = read();
    }

    final List<String> flags = new ArrayList<>();
    final List<Name> arguments = new ArrayList<>();
    final List<Change> history = new ArrayList<>();
    final Map<Integer, String> notes = new HashMap<>();

    /** Where the documentation has it apart from its family; null elsewhere. */
    String group;

    String deprecatedSince;
    String replacedBy;

    private CommandFacts() {}

    /** Of a command by its name in lower case. */
    static CommandFacts of(String name) {
        return All.BY_NAME.getOrDefault(name, NONE);
    }

    private static Map<String, CommandFacts> read() {
        Map<String, CommandFacts> all = new HashMap<>();
        try (InputStream in = CommandFacts.class.getResourceAsStream("command-docs.txt")) {
            CommandFacts current = null;
            for (String line :
                    new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                if (line.startsWith("  ")) {
                    current.read(line.strip());
                } else if (!line.startsWith("#")) {
                    current = new CommandFacts();
                    all.put(line, current);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private void read(String line) {
        String[] parts = line.split(" ", 2);
        String rest = parts[1];
        String first = rest.split(" ", 2)[0];
        String behind = rest.substring(first.length()).strip();
        switch (parts[0]) {
            case "flags" -> flags.addAll(List.of(rest.split(" ")));
            case "arguments" -> {
                for (String word : rest.split(" ")) {
                    arguments.add(Name.of(word));
                }
            }
            case "deprecated" -> {
                deprecatedSince = first;
                replacedBy = behind;
            }
            case "group" -> group = rest;
            case "history" -> history.add(new Change(first, behind));
            case "note" -> notes.put(Integer.parseInt(first), behind);
            default -> throw new IllegalStateException("command-docs.txt: " + line);
        }
    }
}
