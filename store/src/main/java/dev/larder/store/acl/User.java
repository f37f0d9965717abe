package dev.larder.store.acl;

import dev.larder.store.command.Args;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandTable;
import dev.larder.store.value.Slice;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Who may connect, by which passwords, and what he may do then. */
public final class User {
    private static final int HASH_CHARS = 64;

    /** The server itself, as when it reads its own journal: it asks nobody's leave. */
    public static final User SERVER = server();

    private final String name;
    private final CommandTable table;
    private final boolean allChannelsByDefault;
    private final Set<String> passwords = new LinkedHashSet<>();
    private final List<Selector> selectors = new ArrayList<>();
    private boolean enabled;
    private boolean nopass;
    private boolean sanitizesPayload = true;
    private boolean unlimited;

    User(String name, CommandTable table, boolean allChannelsByDefault) {
        this.name = name;
        this.table = table;
        this.allChannelsByDefault = allChannelsByDefault;
        selectors.add(new Selector(table, allChannelsByDefault));
    }

    private static User server() {
        User server = new User("", null, true);
        server.unlimited = true;
        return server;
    }

    /** A user of the same permissions, with a name of its own. */
    User copy(String copyName, boolean allChannels) {
        User copy = new User(copyName, table, allChannels);
        copy.take(this);
        return copy;
    }

    /** Takes over all that {@code other} may do, and its passwords. */
    void take(User other) {
        passwords.clear();
        passwords.addAll(other.passwords);
        selectors.clear();
        other.selectors.forEach(selector -> selectors.add(selector.copy()));
        enabled = other.enabled;
        nopass = other.nopass;
        sanitizesPayload = other.sanitizesPayload;
        unlimited = other.unlimited;
    }

    public String name() {
        return name;
    }

    public boolean isEnabled() {
        return enabled;
    }

    /** Whether every password is right. */
    public boolean needsNoPassword() {
        return nopass;
    }

    /** Whether there is nothing to check: every command, key and channel is allowed. */
    public boolean isUnlimited() {
        return unlimited;
    }

    List<Selector> selectors() {
        return selectors;
    }

    Selector root() {
        return selectors.getFirst();
    }

    Set<String> passwords() {
        return passwords;
    }

    // Rules.

    /** Applies one rule: {@code on}, {@code >secret}, {@code ~key*}, {@code (+get ~b)}. */
    void apply(String rule) throws RuleException {
        if (rule.isEmpty()) {
            return;
        }
        switch (rule.toLowerCase(Locale.ROOT)) {
            case "on" -> enabled = true;
            case "off" -> enabled = false;
            case "skip-sanitize-payload" -> sanitizesPayload = false;
            case "sanitize-payload" -> sanitizesPayload = true;
            case "nopass" -> {
                nopass = true;
                passwords.clear();
            }
            case "resetpass" -> {
                nopass = false;
                passwords.clear();
            }
            case "clearselectors" -> selectors.subList(1, selectors.size()).clear();
            case "reset" -> reset();
            default -> applyOther(rule);
        }
        unlimited = selectors.stream().anyMatch(Selector::allowsEverything);
    }

    private void reset() throws RuleException {
        apply("resetpass");
        root().apply("resetkeys");
        root().apply(allChannelsByDefault ? "allchannels" : "resetchannels");
        root().apply("-@all");
        enabled = false;
        sanitizesPayload = true;
        selectors.subList(1, selectors.size()).clear();
    }

    private void applyOther(String rule) throws RuleException {
        String rest = rule.substring(1);
        switch (rule.charAt(0)) {
            case '>' -> addPassword(hash(Rules.bytes(rest)));
            case '#' -> addPassword(requireHash(rest));
            case '<' -> removePassword(hash(Rules.bytes(rest)));
            case '!' -> removePassword(requireHash(rest));
            case '(' -> {
                if (!rule.endsWith(")")) {
                    throw RuleException.syntax();
                }
                selectors.add(Selector.parse(table, allChannelsByDefault, rule));
            }
            default -> root().apply(rule);
        }
    }

    private void addPassword(String hash) {
        passwords.add(hash);
        nopass = false;
    }

    private void removePassword(String hash) throws RuleException {
        if (!passwords.remove(hash)) {
            throw new RuleException(
                    "The password you are trying to remove from the user does not exist");
        }
    }

    private static String requireHash(String text) throws RuleException {
        boolean hex = text.length() == HASH_CHARS;
        for (int i = 0; hex && i < text.length(); i++) {
            char c = text.charAt(i);
            hex = c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
        }
        if (!hex) {
            throw new RuleException(
                    "The password hash must be exactly 64 characters and contain only lowercase"
                            + " hexadecimal characters");
        }
        return text;
    }

    private static String hash(byte[] password) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(password));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Whether {@code password} is one of his; compared in a time that tells nothing. */
    boolean accepts(byte[] password) {
        if (nopass) {
            return true;
        }
        byte[] given = hash(password).getBytes(StandardCharsets.US_ASCII);
        boolean found = false;
        for (String right : passwords) {
            found |= MessageDigest.isEqual(given, right.getBytes(StandardCharsets.US_ASCII));
        }
        return found;
    }

    // Checks.

    /**
     * Why he may not run these words; null where he may. Of what the selectors say, the most
     * telling.
     */
    public Denial denial(Command command, Args args) {
        Denial worst = Denial.OF_COMMAND;
        for (Selector selector : selectors) {
            Denial denial = selector.denial(command, args);
            if (denial == null) {
                return null;
            }
            if (denial.tellsMoreThan(worst)) {
                worst = denial;
            }
        }
        return worst;
    }

    /** Whether he may run these words and read every key besides, as SORT with BY or GET needs. */
    public boolean mayReadEveryKey(Command command, Args args) {
        return unlimited
                || selectors.stream()
                        .anyMatch(
                                selector ->
                                        selector.readsEveryKey()
                                                && selector.denial(command, args) == null);
    }

    boolean mayListenTo(Slice channel, boolean isPattern) {
        return selectors.stream().anyMatch(selector -> selector.allowsChannel(channel, isPattern));
    }

    /** Whether this user may listen to all that {@code other} may. */
    boolean listensToAllOf(User other) {
        if (selectors.stream().anyMatch(Selector::allowsEveryChannel)) {
            return true;
        }
        Set<String> mine = new LinkedHashSet<>();
        selectors.forEach(selector -> mine.addAll(selector.channelTexts()));
        return other.selectors.stream()
                .noneMatch(
                        selector ->
                                selector.allowsEveryChannel()
                                        || !mine.containsAll(selector.channelTexts()));
    }

    // Descriptions.

    List<String> flags() {
        List<String> flags = new ArrayList<>();
        flags.add(enabled ? "on" : "off");
        if (nopass) {
            flags.add("nopass");
        }
        flags.add(sanitizesPayload ? "sanitize-payload" : "skip-sanitize-payload");
        return flags;
    }

    /** The rules that make the same user again, in one line. */
    String rules() {
        StringBuilder line = new StringBuilder(String.join(" ", flags()));
        passwords.forEach(hash -> line.append(" #").append(hash));
        line.append(' ').append(root().rules());
        for (Selector selector : selectors.subList(1, selectors.size())) {
            line.append(" (").append(selector.rules()).append(')');
        }
        return line.toString();
    }
}
