package dev.larder.store.command;

import java.util.List;

/** The commands of one kind; what they share is said once. */
public record Family(Category category, List<Command> commands) {
    public static Family family(Category category, Command... commands) {
        for (Command command : commands) {
            command.in(category);
        }
        return new Family(category, List.of(commands));
    }
}
