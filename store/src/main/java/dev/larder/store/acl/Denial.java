package dev.larder.store.acl;

/**
 * Why a user may not run a command.
 *
 * @param position of the word that must not be named, for a key or a channel
 */
public record Denial(Reason reason, int position) {
    /** The reasons, the less telling first. */
    public enum Reason {
        COMMAND("no permission to execute the command or subcommand"),
        KEY("no permission to touch the specified keys"),
        CHANNEL("no permission to access one of the channels used as arguments");

        private final String atExec;

        Reason(String atExec) {
            this.atExec = atExec;
        }

        /** As EXEC says it of a command that was allowed when it was queued. */
        public String atExec() {
            return atExec;
        }
    }

    static final Denial OF_COMMAND = new Denial(Reason.COMMAND, 0);

    /** Whether this one tells more than {@code other}, or as much of a later word. */
    boolean tellsMoreThan(Denial other) {
        int difference = reason.compareTo(other.reason);
        return difference > 0 || difference == 0 && position > other.position;
    }
}
