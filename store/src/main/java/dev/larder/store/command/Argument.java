package dev.larder.store.command;

import java.util.List;

/**
 * An argument of a command as COMMAND DOCS describes it, read from the syntax line.
 *
 * @param token the word that is typed before it, or null
 * @param arguments what a choice chooses from, or a block consists of
 */
public record Argument(
        String name,
        Type type,
        String token,
        boolean optional,
        boolean multiple,
        boolean multipleToken,
        List<Argument> arguments) {
    /** Under the names of COMMAND DOCS. */
    public enum Type {
        STRING,
        INTEGER,
        DOUBLE,
        KEY,
        PATTERN,
        UNIX_TIME,
        PURE_TOKEN,
        ONEOF,
        BLOCK;

        /** As COMMAND DOCS writes it. */
        public String lowerName() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }

        /** What a word of a syntax line stands for. */
        static Type of(String word) {
            return switch (word) {
                case "key", "source", "destination" -> KEY;
                case "pattern" -> PATTERN;
                case "unix-time-seconds", "unix-time-milliseconds", "timestamp", "ms-time" ->
                        UNIX_TIME;
                case "timeout",
                        "score",
                        "double",
                        "longitude",
                        "latitude",
                        "radius",
                        "width",
                        "height" ->
                        DOUBLE;
                case "bit",
                        "bits",
                        "client-id",
                        "cluster-bus-port",
                        "config-epoch",
                        "entries-added",
                        "frequency",
                        "increment",
                        "len",
                        "ms",
                        "num-matches",
                        "weight",
                        "count",
                        "cursor",
                        "database",
                        "db",
                        "decrement",
                        "destination-db",
                        "end",
                        "end-slot",
                        "entries-read",
                        "index",
                        "index1",
                        "index2",
                        "integer",
                        "limit",
                        "maxlen",
                        "milliseconds",
                        "min-match-len",
                        "numkeys",
                        "numlocal",
                        "numreplicas",
                        "offset",
                        "port",
                        "protover",
                        "rank",
                        "seconds",
                        "slot",
                        "start",
                        "start-slot",
                        "stop",
                        "ttl",
                        "version" ->
                        INTEGER;
                default -> STRING;
            };
        }
    }

    Argument asOptional() {
        return new Argument(name, type, token, true, multiple, multipleToken, arguments);
    }

    Argument asMultiple(boolean withToken) {
        return new Argument(name, type, token, optional, true, withToken, arguments);
    }

    Argument behind(String word) {
        return new Argument(name, type, word, optional, multiple, multipleToken, arguments);
    }

    static Argument word(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        Type type = Type.of(colon < 0 ? text : text.substring(colon + 1));
        return new Argument(name, type, null, false, false, false, List.of());
    }

    static Argument token(String text) {
        String name = text.toLowerCase(java.util.Locale.ROOT);
        return new Argument(name, Type.PURE_TOKEN, text, false, false, false, List.of());
    }

    /** One of several, or all of several in turn; named after the first. */
    static Argument of(Type type, List<Argument> arguments) {
        String name = arguments.getFirst().name() + (type == Type.ONEOF ? "-choice" : "-block");
        return new Argument(name, type, null, false, false, false, List.copyOf(arguments));
    }
}
