package dev.larder.store.command;

import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A row of the command table: what may be asked, in which form, and what is done then. Everything a
 * client can learn by COMMAND is derived from it.
 */
public final class Command {
    /** What is done: read everything, change, reply. Refuses by {@link CommandException}. */
    @FunctionalInterface
    public interface Body {
        Reply run(Call call);
    }

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final int number = NUMBERS.getAndIncrement();
    private final String name;
    private final Syntax syntax;
    private final EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
    private final List<Command> subcommands = new ArrayList<>();
    private Category category;
    private String since = "1.0.0";
    private String cost = "O(1)";
    private String about = "";
    private String difference = "";
    private String form;
    private Body body;
    private Syntax.Keys keys;
    private Function<Args, int[]> keyFinder;
    private Set<AclCategory> aclCategories;
    private KeyAccess.Pair keyAccess;
    private int arity;
    private boolean writes;
    private boolean refusesInScript;

    private Command(String name, Syntax syntax) {
        this.name = name;
        this.syntax = syntax;
        int words = name.indexOf('|') < 0 ? 1 : 2;
        this.arity = syntax.arity(words);
        this.keys = syntax.keys(words);
    }

    /** A row. A subcommand is named {@code PARENT|CHILD}. */
    public static Command command(String name, String syntax) {
        return new Command(name, Syntax.parse(syntax));
    }

    public Command is(Flag... more) {
        flags.addAll(List.of(more));
        writes = flags.contains(Flag.WRITE);
        refusesInScript = flags.contains(Flag.NOSCRIPT);
        return this;
    }

    /** The version of Redis, or of Valkey where it says so, that had it first. */
    public Command since(String version) {
        since = version;
        return this;
    }

    public Command cost(String order) {
        cost = order;
        return this;
    }

    public Command about(String sentence) {
        about = sentence;
        return this;
    }

    /** What HELP of its container shows of a subcommand, where that is not the syntax line. */
    public Command shownAs(String words) {
        form = words;
        return this;
    }

    /** What HELP of its container shows of it. */
    String form() {
        return form == null ? syntax.shown() : form;
    }

    /** Says in what it is not as the real servers have it, and why, for docs/compatibility.md. */
    public Command differs(String why) {
        difference = why;
        return this;
    }

    /** In what it is not as the real servers have it; empty where nothing is known. */
    public String difference() {
        return difference;
    }

    /**
     * States the place of the keys, where the syntax line cannot: first and last as in COMMAND
     * INFO.
     */
    public Command keys(int first, int last, int step) {
        keys = new Syntax.Keys(first, last, step, false);
        return this;
    }

    /** Finds the places of the keys among the words, where no range can say it. */
    public Command keysFoundBy(Function<Args, int[]> finder) {
        keyFinder = finder;
        return this;
    }

    /** States the arity, where the syntax line cannot. */
    public Command arity(int words) {
        arity = words;
        return this;
    }

    public Command does(Body what) {
        body = what;
        return this;
    }

    Command in(Category family) {
        category = family;
        return this;
    }

    /** Rows are shared by every table that lists them, so one may be adopted again. */
    void adopt(Command subcommand) {
        if (!subcommands.contains(subcommand)) {
            subcommands.add(subcommand);
        }
    }

    /** The name in upper case; {@code PARENT|CHILD} for a subcommand. */
    public String name() {
        return name;
    }

    /** The name as COMMAND INFO and error texts write it. */
    public String lowerName() {
        return name.toLowerCase(Locale.ROOT);
    }

    /** A small number that no other row of this JVM has, for tables by command. */
    public int number() {
        return number;
    }

    public Syntax syntax() {
        return syntax;
    }

    public Set<Flag> flags() {
        return flags;
    }

    public boolean has(Flag flag) {
        return flags.contains(flag);
    }

    public boolean writes() {
        return writes;
    }

    public boolean refusesInScript() {
        return refusesInScript;
    }

    public Category category() {
        return category;
    }

    /** The categories of access control it belongs to, in the order of ACL CAT. */
    public Set<AclCategory> aclCategories() {
        if (aclCategories == null) {
            aclCategories = AclCategory.of(this);
        }
        return aclCategories;
    }

    /** What it does with its first key, and with the others, whatever its options are. */
    public KeyAccess.Pair keyAccess() {
        if (keyAccess == null) {
            keyAccess = KeyAccess.of(this);
        }
        return keyAccess;
    }

    /** What one call does with the first key it names, and with the others. */
    public KeyAccess.Pair keyAccess(Args args) {
        return new KeyAccess.Pair(KeyAccess.ofFirst(this, args), keyAccess().others());
    }

    public String since() {
        return since;
    }

    public String cost() {
        return cost;
    }

    public String about() {
        return about;
    }

    public Body body() {
        return body;
    }

    public int arity() {
        return subcommands.isEmpty() || body != null ? arity : -2;
    }

    public List<Command> subcommands() {
        return subcommands;
    }

    /** How many words the name is: a subcommand's has two. */
    int nameWords() {
        return name.indexOf('|') < 0 ? 1 : 2;
    }

    /** The places where it has keys, as COMMAND INFO tells them. */
    public List<KeySpec> keySpecs() {
        return KeySpec.of(this);
    }

    /** Whether its keys cannot be found by counting words. */
    public boolean movesKeys() {
        return has(Flag.MOVABLEKEYS) || keySpecs().stream().anyMatch(KeySpec::isMovable);
    }

    public Syntax.Keys keys() {
        return keys;
    }

    public boolean acceptsCount(int words) {
        return arity >= 0 ? words == arity : words >= -arity;
    }

    /** The places of the keys among the words of one call; none where it has none. */
    public int[] keyPositions(Args args) {
        if (keyFinder != null) {
            return keyFinder.apply(args);
        }
        if (keys.first() == 0) {
            return new int[0];
        }
        int last = keys.last() < 0 ? args.count() + keys.last() : keys.last();
        if (keys.counted()) {
            long count = args.integer(keys.first() - 1);
            if (count < 1 || count > args.count() - keys.first()) {
                throw new CommandException("ERR Invalid number of keys");
            }
            last = keys.first() + (int) count - 1;
        }
        List<Integer> found = new ArrayList<>();
        for (int i = keys.first(); i <= last && i < args.count(); i += keys.step()) {
            found.add(i);
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public String toString() {
        return name + " " + syntax;
    }
}
