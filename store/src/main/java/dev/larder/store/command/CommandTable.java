package dev.larder.store.command;

import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All commands by name. A name that stands twice is refused when the table is made. Looking one up
 * reads the bytes of the request and allocates nothing.
 */
public final class CommandTable {
    private static final int NAME_LENGTH_MAX = 32;

    private final Map<String, Command> byName = new LinkedHashMap<>();
    private final Map<String, Command> bySubname = new LinkedHashMap<>();
    private Command[] slots = new Command[1024];
    private byte[][] names = new byte[1024][];

    public CommandTable(List<Family> families) {
        for (Family family : families) {
            for (Command command : family.commands()) {
                add(command);
            }
        }
    }

    private void add(Command command) {
        int bar = command.name().indexOf('|');
        if (bar >= 0) {
            Command parent = byName.get(command.name().substring(0, bar));
            if (parent == null) {
                throw new IllegalStateException("no container for " + command.name());
            }
            parent.adopt(command);
            if (bySubname.put(command.name(), command) != null) {
                throw new IllegalStateException("command " + command.name() + " stands twice");
            }
            return;
        }
        if (byName.put(command.name(), command) != null) {
            throw new IllegalStateException("command " + command.name() + " stands twice");
        }
        byte[] name = command.name().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        int at = hash(name, 0, name.length) & slots.length - 1;
        while (slots[at] != null) {
            at = at + 1 & slots.length - 1;
        }
        slots[at] = command;
        names[at] = name;
    }

    /** Folds case by clearing bit 5, which is exact for letters and harmless for the rest. */
    private static int hash(byte[] bytes, int from, int count) {
        int hash = count;
        for (int i = from; i < from + count; i++) {
            hash = hash * 31 + (bytes[i] & 0xDF);
        }
        return hash ^ hash >>> 15;
    }

    /** The command of this name in any case, or null; a container for a name with subcommands. */
    public Command find(Slice name) {
        if (name.length() > NAME_LENGTH_MAX) {
            return null;
        }
        int at = hash(name.array(), name.offset(), name.length()) & slots.length - 1;
        while (slots[at] != null) {
            if (matches(names[at], name)) {
                return slots[at];
            }
            at = at + 1 & slots.length - 1;
        }
        return null;
    }

    private static boolean matches(byte[] upper, Slice name) {
        if (upper.length != name.length()) {
            return false;
        }
        byte[] array = name.array();
        int offset = name.offset();
        for (int i = 0; i < upper.length; i++) {
            int b = array[offset + i];
            if (b != upper[i] && (b < 'a' || b > 'z' || b - 32 != upper[i])) {
                return false;
            }
        }
        return true;
    }

    /** The subcommand of {@code container} that {@code word} names in any case, or null. */
    public Command findSub(Command container, Slice word) {
        if (word.length() > NAME_LENGTH_MAX) {
            return null;
        }
        return bySubname.get(container.name() + "|" + word.toString().toUpperCase(Locale.ROOT));
    }

    /**
     * By a name as COMMAND INFO takes it: {@code get}, {@code config|get}; null for an unknown one.
     */
    public Command find(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.indexOf('|') < 0 ? byName.get(upper) : bySubname.get(upper);
    }

    /** Commands without their subcommands. */
    public Collection<Command> all() {
        return byName.values();
    }

    /** Commands and subcommands. */
    public List<Command> allWithSubcommands() {
        List<Command> all = new ArrayList<>(byName.values());
        all.addAll(bySubname.values());
        return all;
    }
}
