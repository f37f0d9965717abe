package dev.larder.store.command;

import dev.larder.store.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** The commands of one kind; what they share is said once. */
public record Family(Category category, List<Command> commands) {
    /**
     * A family of these rows. A container that has no HELP of its own gets one, which is written
     * from the syntax lines of its subcommands.
     */
    public static Family family(Category category, Command... rows) {
        List<Command> commands = new ArrayList<>(List.of(rows));
        for (Command row : rows) {
            if (row.name().indexOf('|') < 0) {
                List<Command> subcommands = subcommands(row, rows);
                String help = row.name() + "|HELP";
                if (!subcommands.isEmpty()
                        && subcommands.stream().noneMatch(sub -> sub.name().equals(help))) {
                    commands.add(help(row, subcommands));
                }
            }
        }
        commands.forEach(command -> command.in(category));
        return new Family(category, List.copyOf(commands));
    }

    private static List<Command> subcommands(Command container, Command... rows) {
        return java.util.Arrays.stream(rows)
                .filter(row -> row.name().startsWith(container.name() + "|"))
                .toList();
    }

    private static Command help(Command container, List<Command> subcommands) {
        return Command.command(container.name() + "|HELP", "")
                .is(Flag.LOADING, Flag.STALE)
                .since(
                        switch (container.name()) {
                            case "SLOWLOG", "PUBSUB" -> "6.2.0";
                            case "LATENCY" -> "2.8.13";
                            case "MEMORY" -> "4.0.0";
                            case "FUNCTION" -> "7.0.0";
                            default -> "5.0.0";
                        })
                .about("Tells what the subcommands do.")
                .does(_ -> lines(container, subcommands));
    }

    private static Reply lines(Command container, List<Command> subcommands) {
        List<Reply> lines = new ArrayList<>();
        lines.add(
                Reply.status(
                        container.name()
                                + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
        if (container.body() != null) {
            lines.add(Reply.status("(no subcommand)"));
            lines.add(Reply.status("    " + container.about()));
        }
        for (Command sub : subcommands) {
            String name = sub.name().substring(sub.name().indexOf('|') + 1);
            lines.add(Reply.status((name + " " + sub.form()).strip()));
            lines.add(Reply.status("    " + sub.about()));
        }
        lines.add(Reply.status("HELP"));
        lines.add(Reply.status("    Print this help."));
        return Reply.array(lines);
    }
}
