package dev.larder.store.observe;

import dev.larder.store.command.AclCategory;
import dev.larder.store.command.Command;
import dev.larder.store.command.Flag;
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
                new Reply.Set(List.of()),
                new Reply.Set(keySpecs(command)),
                Reply.array(subcommands));
    }

    private static List<Reply> flags(Command command) {
        List<Reply> flags = new ArrayList<>();
        for (Flag flag : command.flags()) {
            if (flag.infoName() != null) {
                flags.add(Reply.status(flag.infoName()));
            }
        }
        if (command.keys().counted() && !command.has(Flag.MOVABLEKEYS)) {
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

    private static List<Reply> keySpecs(Command command) {
        Syntax.Keys keys = command.keys();
        if (keys.first() == 0) {
            return List.of();
        }
        List<Reply> access = new ArrayList<>();
        command.keyAccess().first().flags().forEach(flag -> access.add(Reply.status(flag)));
        List<Reply> found = new ArrayList<>();
        if (keys.counted()) {
            found.addAll(
                    List.of(
                            Reply.bulk("type"),
                            Reply.bulk("keynum"),
                            Reply.bulk("spec"),
                            Reply.map(
                                    Reply.bulk("keynumidx"),
                                    Reply.integer(0),
                                    Reply.bulk("firstkey"),
                                    Reply.integer(1),
                                    Reply.bulk("keystep"),
                                    Reply.integer(keys.step()))));
        } else {
            int last = keys.last() < 0 ? keys.last() : keys.last() - keys.first();
            found.addAll(
                    List.of(
                            Reply.bulk("type"),
                            Reply.bulk("range"),
                            Reply.bulk("spec"),
                            Reply.map(
                                    Reply.bulk("lastkey"),
                                    Reply.integer(last),
                                    Reply.bulk("keystep"),
                                    Reply.integer(keys.step()),
                                    Reply.bulk("limit"),
                                    Reply.integer(0))));
        }
        int begin = keys.counted() ? keys.first() - 1 : keys.first();
        return List.of(
                Reply.map(
                        Reply.bulk("flags"),
                        new Reply.Set(access),
                        Reply.bulk("begin_search"),
                        Reply.map(
                                Reply.bulk("type"),
                                Reply.bulk("index"),
                                Reply.bulk("spec"),
                                Reply.map(Reply.bulk("index"), Reply.integer(begin))),
                        Reply.bulk("find_keys"),
                        new Reply.Map(found)));
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
}
