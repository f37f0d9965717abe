package dev.larder.store.acl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Users as lines: {@code user ada on >secret ~* +@all}, in an ACL file or a configuration file. */
final class UserFile {
    private UserFile() {}

    /**
     * Makes the users that the lines of a configuration file define, each without the word user.
     *
     * @throws IllegalArgumentException naming the rule that cannot be applied
     */
    static void loadConfigured(Acl acl, List<String> lines) {
        Set<String> defined = new HashSet<>();
        for (String line : lines) {
            String[] words = line.strip().split("[ \t]+");
            String name = words[0];
            if (!defined.add(name)) {
                throw new IllegalArgumentException(
                        "Duplicate user found. A user can only be defined once in config files");
            }
            User user = acl.find(name);
            try {
                if (user == null) {
                    user = acl.newUser(name);
                    acl.add(user);
                } else {
                    user.apply("reset");
                }
                for (String rule : merged(words, 1)) {
                    applyConfigured(user, rule);
                }
            } catch (RuleException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
    }

    private static void applyConfigured(User user, String rule) {
        try {
            user.apply(rule);
        } catch (RuleException e) {
            throw new IllegalArgumentException(
                    "Error loading ACL rule '"
                            + Rules.text(rule)
                            + "' for the user named '"
                            + user.name()
                            + "': "
                            + e.getMessage(),
                    e);
        }
    }

    private static List<String> merged(String[] words, int from) throws RuleException {
        return Rules.merged(
                List.of(words).subList(from, words.length).stream().map(Rules::ofText).toList());
    }

    /**
     * Reads an ACL file into {@code users}.
     *
     * @return all that is wrong with it, in one line, or null; then nothing has changed
     */
    static String load(Acl acl, String file) {
        return load(acl, file, null);
    }

    static String load(Acl acl, String file, Session asking) {
        String text;
        try {
            text = Files.readString(acl.path(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            String why = e instanceof NoSuchFileException ? "No such file or directory" : e + "";
            return "Error loading ACLs, opening file '" + file + "': " + why;
        }
        Map<String, User> users = new HashMap<>();
        StringBuilder errors = new StringBuilder();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].strip();
            if (!line.isEmpty()) {
                read(acl, line.split(" +"), file + ":" + (i + 1), i + 1, users, errors);
            }
        }
        if (!errors.isEmpty()) {
            return errors.append(
                            "WARNING: ACL errors detected, no change to the previously active ACL"
                                    + " rules was performed")
                    .toString();
        }
        acl.replaceAll(users, asking);
        return null;
    }

    private static void read(
            Acl acl,
            String[] words,
            String where,
            int number,
            Map<String, User> users,
            StringBuilder errors) {
        if (!words[0].equals("user") || words.length < 2) {
            errors.append(where)
                    .append(" should start with user keyword followed by the username. ");
            return;
        }
        String name = words[1];
        if (Rules.hasSpaces(name)) {
            errors.append("'" + where + ": username '" + name + "' contains invalid characters. ");
            return;
        }
        User user = acl.newUser(name);
        if (users.putIfAbsent(name, user) != null) {
            errors.append("WARNING: Duplicate user '" + name + "' found on line " + number + ". ");
            return;
        }
        List<String> rules;
        try {
            rules = merged(words, 2);
        } catch (RuleException _) {
            errors.append(where).append(": Unmatched parenthesis in selector definition.");
            return;
        }
        boolean told = false;
        for (String rule : rules) {
            try {
                user.apply(rule.strip());
            } catch (RuleException e) {
                if (e.isUnknownName()) {
                    errors.append(where + ": Error in applying operation '" + Rules.text(rule))
                            .append("': " + e.getMessage() + ". ");
                } else if (!told) {
                    // The rule may hold a password, so it is not repeated.
                    errors.append(where + ": " + e.getMessage() + ". ");
                    told = true;
                }
            }
        }
    }

    /** Writes every user to the ACL file, which is replaced whole or not at all. */
    static void save(Acl acl, String file) throws IOException {
        StringBuilder text = new StringBuilder();
        for (User user : acl.users()) {
            text.append("user ").append(user.name()).append(' ');
            text.append(Rules.text(user.rules())).append('\n');
        }
        Path target = acl.path(file);
        Path draft =
                Files.createTempFile(target.getParent(), target.getFileName().toString(), ".tmp");
        try {
            Files.writeString(draft, text.toString(), StandardCharsets.UTF_8);
            try {
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException _) {
                Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
