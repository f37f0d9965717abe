package dev.larder.store.observe;

import dev.larder.store.command.AclCategory;
import dev.larder.store.command.Argument;
import dev.larder.store.command.Command;
import dev.larder.store.command.Flag;
import dev.larder.store.command.KeySpec;
import dev.larder.store.command.Syntax;
import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** What COMMAND INFO and COMMAND DOCS tell of a row; all of it derived from the row. */
final class CommandDescription {
    private CommandDescription() {}

    /** The ten elements of COMMAND INFO. */
    static Reply info(Command command) {
        Syntax.Keys keys = command.keys();
        boolean counted = keys.counted();
        List<Reply> subcommands = new ArrayList<>();
        command.subcommands().forEach(sub -> subcommands.add(info(sub)));
        return Reply.array(
                Reply.bulk(command.lowerName()),
                Reply.integer(command.arity()),
                new Reply.Set(flags(command)),
                Reply.integer(counted ? 0 : keys.first()),
                Reply.integer(counted ? 0 : keys.last()),
                Reply.integer(counted ? 0 : keys.step()),
                new Reply.Set(categories(command)),
                new Reply.Set(CommandTips.of(command).stream().map(Reply::bulk).toList()),
                new Reply.Set(specs(command)),
                Reply.array(subcommands));
    }

    private static List<Reply> flags(Command command) {
        List<Reply> flags = new ArrayList<>();
        for (Flag flag : command.flags()) {
            if (flag.infoName() != null && flag != Flag.MOVABLEKEYS) {
                flags.add(Reply.status(flag.infoName()));
            }
        }
        if (command.movesKeys()) {
            flags.add(Reply.status("movablekeys"));
        }
        return flags;
    }

    private static List<Reply> categories(Command command) {
        List<Reply> replies = new ArrayList<>();
        for (AclCategory category : command.aclCategories()) {
            replies.add(Reply.status("@" + category.lowerName()));
        }
        return replies;
    }

    /** Whether {@code category}, without its {@code @}, is one of the command's. */
    static boolean isOf(Command command, String category) {
        return command.aclCategories().contains(AclCategory.find(category));
    }

    private static List<Reply> specs(Command command) {
        List<KeySpec> specs = command.keySpecs();
        CommandFacts facts = CommandFacts.of(command.lowerName());
        List<Reply> told = new ArrayList<>();
        for (int i = 0; i < specs.size(); i++) {
            told.add(spec(specs.get(i), facts.notes.get(i)));
        }
        return told;
    }

    private static Reply spec(KeySpec spec, String note) {
        Reply begin =
                switch (spec.begin()) {
                    case KeySpec.Index index ->
                            step("index", Reply.bulk("index"), Reply.integer(index.index()));
                    case KeySpec.Keyword word ->
                            step(
                                    "keyword",
                                    Reply.bulk("keyword"),
                                    Reply.bulk(word.keyword()),
                                    Reply.bulk("startfrom"),
                                    Reply.integer(word.startFrom()));
                    case KeySpec.Unknown _ -> step("unknown");
                };
        Reply find =
                switch (spec.find()) {
                    case KeySpec.Range range ->
                            step(
                                    "range",
                                    Reply.bulk("lastkey"),
                                    Reply.integer(range.last()),
                                    Reply.bulk("keystep"),
                                    Reply.integer(range.step()),
                                    Reply.bulk("limit"),
                                    Reply.integer(range.limit()));
                    case KeySpec.Counted counted ->
                            step(
                                    "keynum",
                                    Reply.bulk("keynumidx"),
                                    Reply.integer(0),
                                    Reply.bulk("firstkey"),
                                    Reply.integer(1),
                                    Reply.bulk("keystep"),
                                    Reply.integer(counted.step()));
                    case KeySpec.Unknown _ -> step("unknown");
                };
        List<Reply> fields = new ArrayList<>();
        if (note != null) {
            put(fields, "notes", note);
        }
        fields.add(Reply.bulk("flags"));
        fields.add(new Reply.Set(spec.flags().stream().map(Reply::status).toList()));
        fields.add(Reply.bulk("begin_search"));
        fields.add(begin);
        fields.add(Reply.bulk("find_keys"));
        fields.add(find);
        return new Reply.Map(fields);
    }

    private static Reply step(String type, Reply... pairs) {
        return Reply.map(
                Reply.bulk("type"), Reply.bulk(type), Reply.bulk("spec"), Reply.map(pairs));
    }

    static Reply docs(Command command) {
        CommandFacts facts = CommandFacts.of(command.lowerName());
        List<Reply> fields =
                new ArrayList<>(
                        List.of(
                                Reply.bulk("summary"),
                                Reply.bulk(command.about()),
                                Reply.bulk("since"),
                                Reply.bulk(command.since()),
                                Reply.bulk("group"),
                                Reply.bulk(
                                        facts.group == null
                                                ? command.category().group()
                                                : facts.group),
                                Reply.bulk("complexity"),
                                Reply.bulk(command.cost())));
        if (!facts.flags.isEmpty()) {
            fields.add(Reply.bulk("doc_flags"));
            fields.add(new Reply.Set(facts.flags.stream().map(Reply::status).toList()));
        }
        if (facts.deprecatedSince != null) {
            put(fields, "deprecated_since", facts.deprecatedSince);
            put(fields, "replaced_by", facts.replacedBy);
        }
        List<Argument> arguments = command.syntax().arguments();
        if (!facts.history.isEmpty()) {
            fields.add(Reply.bulk("history"));
            fields.add(new Reply.Set(history(arguments, facts)));
        }
        if (command.body() != null && !arguments.isEmpty()) {
            Walk walk = new Walk(command.keySpecs().size(), facts);
            fields.add(Reply.bulk("arguments"));
            fields.add(Reply.array(arguments(arguments, walk)));
        }
        if (!command.subcommands().isEmpty()) {
            List<Reply> subcommands = new ArrayList<>();
            for (Command sub : command.subcommands()) {
                subcommands.add(Reply.bulk(sub.lowerName()));
                subcommands.add(docs(sub));
            }
            fields.add(Reply.bulk("subcommands"));
            fields.add(new Reply.Map(subcommands));
        }
        return new Reply.Map(fields);
    }

    private static List<Reply> history(List<Argument> arguments, CommandFacts facts) {
        List<Reply> changes = new ArrayList<>();
        for (CommandFacts.Change change : facts.history) {
            String text = change.text();
            if (text.isEmpty()) {
                List<String> brought = new ArrayList<>();
                collect(arguments, facts.arguments.iterator(), change.since(), brought);
                text = "Takes `" + String.join("`, `", brought) + "`.";
            }
            changes.add(Reply.array(Reply.bulk(change.since()), Reply.bulk(text)));
        }
        return changes;
    }

    /** What is typed for the arguments that {@code since} brought. */
    private static void collect(
            List<Argument> arguments,
            Iterator<CommandFacts.Name> names,
            String since,
            List<String> brought) {
        for (Argument argument : arguments) {
            CommandFacts.Name name = names.next();
            if (since.equals(name.since())) {
                brought.add(argument.token() == null ? name.text() : argument.token());
            }
            collect(argument.arguments(), names, since, brought);
        }
    }

    /**
     * Goes through the arguments of a command, each group before what it holds: gives each key its
     * key spec (what comes after the last one belongs to that too) and each argument its name.
     */
    private static final class Walk {
        private final int specs;
        private final Iterator<CommandFacts.Name> names;
        private int nextSpec;

        Walk(int specs, CommandFacts facts) {
            this.specs = specs;
            this.names = facts.arguments.iterator();
        }

        int nextSpec() {
            return Math.max(0, Math.min(nextSpec++, specs - 1));
        }

        CommandFacts.Name name(Argument argument) {
            return names.hasNext()
                    ? names.next()
                    : new CommandFacts.Name(argument.name(), null, null);
        }
    }

    private static List<Reply> arguments(List<Argument> arguments, Walk walk) {
        List<Reply> described = new ArrayList<>();
        for (Argument argument : arguments) {
            described.add(argument(argument, walk));
        }
        return described;
    }

    private static Reply argument(Argument argument, Walk walk) {
        CommandFacts.Name name = walk.name(argument);
        List<Reply> fields = new ArrayList<>();
        put(fields, "name", name.text());
        put(fields, "type", argument.type().lowerName());
        if (argument.arguments().isEmpty()) {
            put(fields, "display_text", name.text());
        }
        if (argument.type() == Argument.Type.KEY) {
            fields.add(Reply.bulk("key_spec_index"));
            fields.add(Reply.integer(walk.nextSpec()));
        }
        if (argument.token() != null) {
            put(fields, "token", argument.token());
        }
        if (name.since() != null) {
            put(fields, "since", name.since());
        }
        if (name.deprecatedSince() != null) {
            put(fields, "deprecated_since", name.deprecatedSince());
        }
        List<Reply> flags = new ArrayList<>();
        if (argument.optional()) {
            flags.add(Reply.status("optional"));
        }
        if (argument.multiple()) {
            flags.add(Reply.status("multiple"));
        }
        if (argument.multipleToken()) {
            flags.add(Reply.status("multiple_token"));
        }
        if (!flags.isEmpty()) {
            fields.add(Reply.bulk("flags"));
            fields.add(new Reply.Set(flags));
        }
        if (!argument.arguments().isEmpty()) {
            fields.add(Reply.bulk("arguments"));
            fields.add(Reply.array(arguments(argument.arguments(), walk)));
        }
        return new Reply.Map(fields);
    }

    private static void put(List<Reply> fields, String name, String value) {
        fields.add(Reply.bulk(name));
        fields.add(Reply.bulk(value));
    }
}
