package dev.larder.store.command;

/**
 * A refused command: the caller's mistake or a state that forbids it, never a bug. It carries no
 * stack, because nobody reads one and taking it would cost more than the command.
 */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** {@code text} is the error as the client sees it, its code first. */
    public CommandException(String text) {
        super(text, null, false, false);
    }
}
