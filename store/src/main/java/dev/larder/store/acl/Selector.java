package dev.larder.store.acl;

import dev.larder.store.command.AclCategory;
import dev.larder.store.command.Args;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.CommandTable;
import dev.larder.store.command.Flag;
import dev.larder.store.command.Glob;
import dev.larder.store.command.KeyAccess;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One set of permissions: commands, keys and channels. A user has a root selector and any number of
 * others, and may do what one of them allows in full.
 */
final class Selector {
    private static final String ALL = "@all";

    private record KeyPattern(String text, Glob glob, boolean read, boolean write) {
        KeyPattern with(boolean moreRead, boolean moreWrite) {
            return new KeyPattern(text, glob, read || moreRead, write || moreWrite);
        }

        boolean allows(KeyAccess access) {
            return (read || !access.reads()) && (write || !access.writes());
        }

        String rule() {
            return (read && write ? "~" : read ? "%R~" : "%W~") + text;
        }
    }

    private record ChannelPattern(String text, Glob glob) {
        /** A pattern to subscribe to must be the allowed pattern, to the letter. */
        boolean allows(Slice channel, boolean isPattern) {
            return isPattern ? channel.sameAs(Rules.bytes(text)) : glob.matches(channel);
        }
    }

    private final CommandTable table;
    private boolean allKeys;
    private boolean allChannels;
    private boolean allCommands;

    /** Whether commands that come one day are allowed: what began with +@all. */
    private boolean futureCommands;

    private final Set<Command> allowed = new HashSet<>();
    private final Map<Command, List<String>> firstArguments = new HashMap<>();
    private final List<KeyPattern> keys = new ArrayList<>();
    private final List<ChannelPattern> channels = new ArrayList<>();

    /** The rules on commands in the order given, without those that a later one has undone. */
    private final List<String> commandRules = new ArrayList<>();

    Selector(CommandTable table, boolean allChannels) {
        this.table = table;
        this.allChannels = allChannels;
    }

    Selector copy() {
        Selector copy = new Selector(table, allChannels);
        copy.allKeys = allKeys;
        copy.allCommands = allCommands;
        copy.futureCommands = futureCommands;
        copy.allowed.addAll(allowed);
        firstArguments.forEach(
                (command, words) -> copy.firstArguments.put(command, new ArrayList<>(words)));
        copy.keys.addAll(keys);
        copy.channels.addAll(channels);
        copy.commandRules.addAll(commandRules);
        return copy;
    }

    /** A selector from {@code (~a +get)}, its parentheses included. */
    static Selector parse(CommandTable table, boolean allChannels, String rule)
            throws RuleException {
        Selector selector = new Selector(table, allChannels);
        for (String word : rule.substring(1, rule.length() - 1).trim().split("[ \t\r\n]+")) {
            if (!word.isEmpty()) {
                selector.apply(word);
            }
        }
        return selector;
    }

    // Rules.

    void apply(String rule) throws RuleException {
        switch (rule.toLowerCase(Locale.ROOT)) {
            case "allkeys", "~*" -> {
                allKeys = true;
                keys.clear();
            }
            case "resetkeys" -> {
                allKeys = false;
                keys.clear();
            }
            case "allchannels", "&*" -> {
                allChannels = true;
                channels.clear();
            }
            case "resetchannels" -> {
                allChannels = false;
                channels.clear();
            }
            case "allcommands", "+@all" -> everyCommand(true);
            case "nocommands", "-@all" -> everyCommand(false);
            default -> applyToOne(rule);
        }
    }

    private void everyCommand(boolean allow) {
        allCommands = allow;
        futureCommands = allow;
        allowed.clear();
        if (allow) {
            allowed.addAll(table.allWithSubcommands());
        }
        firstArguments.clear();
        commandRules.clear();
    }

    private void applyToOne(String rule) throws RuleException {
        char sign = rule.charAt(0);
        switch (sign) {
            case '~', '%' -> addKeyPattern(rule);
            case '&' -> addChannelPattern(rule.substring(1));
            case '+', '-' -> {
                if (rule.startsWith("@", 1)) {
                    category(rule.substring(2), sign == '+');
                } else {
                    command(rule.substring(1), sign == '+');
                }
            }
            default -> throw RuleException.syntax();
        }
    }

    private void addKeyPattern(String rule) throws RuleException {
        if (allKeys) {
            throw new RuleException(
                    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and"
                            + " does not have any effect. Try 'resetkeys' to start with an empty"
                            + " list of patterns");
        }
        boolean read = rule.charAt(0) == '~';
        boolean write = read;
        int at = 1;
        if (rule.charAt(0) == '%') {
            for (; at < rule.length() && rule.charAt(at) != '~'; at++) {
                char letter = Character.toUpperCase(rule.charAt(at));
                if (letter == 'R' && !read) {
                    read = true;
                } else if (letter == 'W' && !write) {
                    write = true;
                } else {
                    throw RuleException.syntax();
                }
            }
            if (at == rule.length() || !read && !write) {
                throw RuleException.syntax();
            }
            at++;
        }
        String text = rule.substring(at);
        if (Rules.hasSpaces(text)) {
            throw RuleException.syntax();
        }
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).text().equals(text)) {
                keys.set(i, keys.get(i).with(read, write));
                return;
            }
        }
        keys.add(new KeyPattern(text, glob(text), read, write));
    }

    private static Glob glob(String text) {
        return new Glob(new Slice(Rules.bytes(text)));
    }

    private void addChannelPattern(String text) throws RuleException {
        if (allChannels) {
            throw new RuleException(
                    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid"
                            + " and does not have any effect. Try 'resetchannels' to start with an"
                            + " empty list of channels");
        }
        if (Rules.hasSpaces(text)) {
            throw RuleException.syntax();
        }
        if (channels.stream().noneMatch(pattern -> pattern.text().equals(text))) {
            channels.add(new ChannelPattern(text, glob(text)));
        }
    }

    private void category(String name, boolean allow) throws RuleException {
        AclCategory category = AclCategory.find(name);
        if (category == null) {
            throw RuleException.unknownCommand();
        }
        for (Command command : table.allWithSubcommands()) {
            if (command.aclCategories().contains(category)) {
                change(command, allow);
            }
        }
        remember("@" + category.lowerName(), allow);
    }

    private void command(String name, boolean allow) throws RuleException {
        int bar = name.lastIndexOf('|');
        if (bar < 0 || !allow) {
            Command command = named(name);
            change(command, allow);
            remember(command.lowerName(), allow);
            return;
        }
        Command parent = named(name.substring(0, bar));
        if (parent.name().indexOf('|') >= 0) {
            throw new RuleException("Allowing first-arg of a subcommand is not supported");
        }
        String word = name.substring(bar + 1);
        if (word.isEmpty()) {
            throw RuleException.syntax();
        }
        if (!parent.subcommands().isEmpty()) {
            change(named(name), true);
        } else {
            List<String> words = firstArguments.computeIfAbsent(parent, _ -> new ArrayList<>());
            if (words.stream().noneMatch(word::equalsIgnoreCase)) {
                words.add(word);
            }
        }
        remember(name.toLowerCase(Locale.ROOT), true);
    }

    private Command named(String name) throws RuleException {
        Command command = table.find(name);
        if (command == null) {
            throw RuleException.unknownCommand();
        }
        return command;
    }

    /** Allows or denies a command and, with a container, all its subcommands. */
    private void change(Command command, boolean allow) {
        set(command, allow);
        firstArguments.remove(command);
        command.subcommands().forEach(sub -> set(sub, allow));
    }

    private void set(Command command, boolean allow) {
        if (allow) {
            allowed.add(command);
        } else {
            allowed.remove(command);
            allCommands = false;
        }
    }

    /** Notes a rule on a command; what was said of it or of a part of it before is forgotten. */
    private void remember(String name, boolean allow) {
        commandRules.removeIf(
                rule -> rule.substring(1).equals(name) || rule.startsWith(name + "|", 1));
        commandRules.add((allow ? "+" : "-") + name);
    }

    // Checks.

    boolean allowsEverything() {
        return allCommands && allKeys && allChannels;
    }

    /** Why these words may not be run; null where they may. */
    Denial denial(Command command, Args args) {
        if (!allCommands && !command.has(Flag.NO_AUTH) && !allowsCommand(command, args)) {
            return Denial.OF_COMMAND;
        }
        if (!allKeys) {
            Denial denied = deniedKey(command, args);
            if (denied != null) {
                return denied;
            }
        }
        return allChannels ? null : deniedChannel(command, args);
    }

    private boolean allowsCommand(Command command, Args args) {
        if (allowed.contains(command)) {
            return true;
        }
        List<String> words = firstArguments.get(command);
        return words != null
                && args.count() > 1
                && words.stream().anyMatch(Rules.rule(args.bytes(1))::equalsIgnoreCase);
    }

    private Denial deniedKey(Command command, Args args) {
        if (!command.acceptsCount(args.count())) {
            return null;
        }
        int[] positions;
        try {
            positions = command.keyPositions(args);
        } catch (CommandException _) {
            // It will be refused for that itself.
            return null;
        }
        KeyAccess.Pair access = command.keyAccess(args);
        for (int i = 0; i < positions.length; i++) {
            KeyAccess what = i == 0 ? access.first() : access.others();
            if (what != KeyAccess.NOT_KEY && !allowsKey(args.slice(positions[i]), what)) {
                return new Denial(Denial.Reason.KEY, positions[i]);
            }
        }
        return null;
    }

    private boolean allowsKey(Slice key, KeyAccess access) {
        for (KeyPattern pattern : keys) {
            if (pattern.allows(access) && pattern.glob().matches(key)) {
                return true;
            }
        }
        return false;
    }

    private Denial deniedChannel(Command command, Args args) {
        int last;
        boolean patterns = false;
        switch (command.name()) {
            case "PUBLISH", "SPUBLISH" -> last = 1;
            case "SUBSCRIBE", "SSUBSCRIBE" -> last = args.count() - 1;
            case "PSUBSCRIBE" -> {
                last = args.count() - 1;
                patterns = true;
            }
            default -> {
                return null;
            }
        }
        for (int i = 1; i <= Math.min(last, args.count() - 1); i++) {
            if (!allowsChannel(args.slice(i), patterns)) {
                return new Denial(Denial.Reason.CHANNEL, i);
            }
        }
        return null;
    }

    boolean allowsChannel(Slice channel, boolean isPattern) {
        if (allChannels) {
            return true;
        }
        for (ChannelPattern pattern : channels) {
            if (pattern.allows(channel, isPattern)) {
                return true;
            }
        }
        return false;
    }

    /** Whether every key may be read. */
    boolean readsEveryKey() {
        return allKeys
                || keys.stream().anyMatch(pattern -> pattern.read() && pattern.text().equals("*"));
    }

    boolean allowsEveryChannel() {
        return allChannels;
    }

    /** The channel patterns as they were given. */
    List<String> channelTexts() {
        return channels.stream().map(ChannelPattern::text).toList();
    }

    // Descriptions.

    /** As ACL GETUSER shows them: {@code -@all +get}. */
    String commandRules() {
        String start = (futureCommands ? "+" : "-") + ALL;
        return commandRules.isEmpty() ? start : start + " " + String.join(" ", commandRules);
    }

    String keyRules() {
        return allKeys ? "~*" : String.join(" ", keys.stream().map(KeyPattern::rule).toList());
    }

    String channelRules() {
        return allChannels
                ? "&*"
                : String.join(" ", channels.stream().map(pattern -> "&" + pattern.text()).toList());
    }

    /** As one line of rules that makes the same selector again. */
    String rules() {
        StringBuilder line = new StringBuilder(keyRules());
        if (!line.isEmpty()) {
            line.append(' ');
        }
        if (!allChannels) {
            line.append("resetchannels ");
        }
        String channelRules = channelRules();
        if (!channelRules.isEmpty()) {
            line.append(channelRules).append(' ');
        }
        return line.append(commandRules()).toString();
    }
}
