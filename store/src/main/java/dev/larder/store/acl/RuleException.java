package dev.larder.store.acl;

/** A rule that cannot be applied; its message is the real server's. */
final class RuleException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean unknownName;

    private RuleException(String message, boolean unknownName) {
        super(message, null, false, false);
        this.unknownName = unknownName;
    }

    RuleException(String message) {
        this(message, false);
    }

    static RuleException syntax() {
        return new RuleException("Syntax error");
    }

    static RuleException unknownCommand() {
        return new RuleException("Unknown command or category name in ACL", true);
    }

    /** Whether it names a command or category that does not exist: no secret is in that. */
    boolean isUnknownName() {
        return unknownName;
    }
}
