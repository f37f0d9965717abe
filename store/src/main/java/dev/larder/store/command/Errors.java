package dev.larder.store.command;

/** The texts of refusals, word for word those of the real servers: clients match on them. */
public final class Errors {
    public static final String SYNTAX = "ERR syntax error";
    public static final String WRONG_TYPE =
            "WRONGTYPE Operation against a key holding the wrong kind of value";
    public static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";
    public static final String VALUE_OUT_OF_RANGE = "ERR value is out of range";
    public static final String NO_OPPOSITE =
            "ERR value is out of range, value must between -9223372036854775807 and"
                    + " 9223372036854775807";
    public static final String NOT_A_FLOAT = "ERR value is not a valid float";
    public static final String NO_SUCH_KEY = "ERR no such key";
    public static final String SAME_OBJECT = "ERR source and destination objects are the same";
    public static final String OUT_OF_RANGE = "ERR index out of range";
    public static final String DB_INDEX = "ERR DB index is out of range";
    public static final String INVALID_DB_INDEX = "ERR invalid DB index";
    public static final String OVERFLOW = "ERR increment or decrement would overflow";
    public static final String NAN_OR_INFINITY = "ERR increment would produce NaN or Infinity";
    public static final String OFFSET = "ERR offset is out of range";
    public static final String STRING_TOO_LONG =
            "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    public static final String INVALID_CURSOR = "ERR invalid cursor";
    public static final String TIMEOUT_NOT_A_FLOAT = "ERR timeout is not a float or out of range";
    public static final String TIMEOUT_NEGATIVE = "ERR timeout is negative";
    public static final String NO_AUTH = "NOAUTH Authentication required.";
    public static final String WRONG_PASS =
            "WRONGPASS invalid username-password pair or user is disabled.";
    public static final String EXEC_ABORT =
            "EXECABORT Transaction discarded because of previous errors.";
    public static final String OUT_OF_MEMORY =
            "OOM command not allowed when used memory > 'maxmemory'.";
    public static final String INTERNAL = "ERR internal error, see the log of the server";

    private Errors() {}

    public static CommandException syntax() {
        return new CommandException(SYNTAX);
    }

    public static CommandException wrongType() {
        return new CommandException(WRONG_TYPE);
    }

    public static CommandException notAnInteger() {
        return new CommandException(NOT_AN_INTEGER);
    }

    /** {@code name} in lower case, {@code parent|child} for a subcommand. */
    public static CommandException wrongNumberOfArguments(String name) {
        return new CommandException("ERR wrong number of arguments for '" + name + "' command");
    }

    public static CommandException invalidExpireTime(String command) {
        return new CommandException("ERR invalid expire time in '" + command + "' command");
    }

    public static CommandException unknownSubcommand(String word, String container) {
        return new CommandException(
                "ERR unknown subcommand '" + clip(word) + "'. Try " + container + " HELP.");
    }

    /** For a subcommand that is given words it does not take. */
    public static CommandException subcommandSyntax(String word, String container) {
        return new CommandException(
                "ERR unknown subcommand or wrong number of arguments for '"
                        + clip(word)
                        + "'. Try "
                        + container
                        + " HELP.");
    }

    /** At most 128 characters of what a client sent, for echoing it in an error. */
    public static String clip(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128);
    }
}
