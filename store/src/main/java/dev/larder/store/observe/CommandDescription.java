package dev.larder.store.observe;

import dev.larder.store.command.AclCategory;
import dev.larder.store.command.Argument;
import dev.larder.store.command.Command;
import dev.larder.store.command.Flag;
import dev.larder.store.command.KeySpec;
import dev.larder.store.command.Syntax;
import dev.larder.store.reply.Reply;
import java.util.ArrayList;
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
                new Reply.Set(command.keySpecs().stream().map(CommandDescription::spec).toList()),
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

    private static Reply spec(KeySpec spec) {
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
        return Reply.map(
                Reply.bulk("flags"),
                new Reply.Set(spec.flags().stream().map(Reply::status).toList()),
                Reply.bulk("begin_search"),
                begin,
                Reply.bulk("find_keys"),
                find);
    }

    private static Reply step(String type, Reply... pairs) {
        return Reply.map(
                Reply.bulk("type"), Reply.bulk(type), Reply.bulk("spec"), Reply.map(pairs));
    }

    static Reply docs(Command command) {
        List<Reply> fields =
                new ArrayList<>(
                        List.of(
                                Reply.bulk("summary"),
                                Reply.bulk(command.about()),
                                Reply.bulk("since"),
                                Reply.bulk(command.since()),
                                Reply.bulk("group"),
                                Reply.bulk(command.category().group()),
                                Reply.bulk("complexity"),
                                Reply.bulk(command.cost())));
        if (command.body() != null && !command.syntax().arguments().isEmpty()) {
            SpecCounter specs = new SpecCounter(command.keySpecs().size());
            fields.add(Reply.bulk("arguments"));
            fields.add(Reply.array(arguments(command.syntax().arguments(), specs)));
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

    /** Gives each key argument its key spec; what comes after the last one belongs to that too. */
    private static final class SpecCounter {
        private final int count;
        private int next;

        SpecCounter(int count) {
            this.count = count;
        }

        int next() {
            return Math.max(0, Math.min(next++, count - 1));
        }
    }

    private static List<Reply> arguments(List<Argument> arguments, SpecCounter specs) {
        List<Reply> described = new ArrayList<>();
        for (Argument argument : arguments) {
            described.add(argument(argument, specs));
        }
        return described;
    }

    private static Reply argument(Argument argument, SpecCounter specs) {
        List<Reply> fields = new ArrayList<>();
        put(fields, "name", argument.name());
        put(fields, "type", argument.type().lowerName());
        if (argument.type() == Argument.Type.KEY) {
            fields.add(Reply.bulk("key_spec_index"));
            fields.add(Reply.integer(specs.next()));
        }
        if (argument.token() != null) {
            put(fields, "token", argument.token());
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
            fields.add(Reply.array(arguments(argument.arguments(), specs)));
        }
        return new Reply.Map(fields);
    }

    private static void put(List<Reply> fields, String name, String value) {
        fields.add(Reply.bulk(name));
        fields.add(Reply.bulk(value));
    }
}
