package dev.larder.store.engine;

import dev.larder.store.command.Args;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/**
 * Which clients CLIENT LIST shows and CLIENT KILL closes: those to whom every option applies. The
 * options are those of Redis 7.2, MAXAGE of 7.4, and the further ones of Valkey 9, each of which
 * but SKIPME and MAXAGE can be turned round by {@code NOT-}.
 */
final class ClientFilter {
    private static final String NOT = "NOT-";

    private Predicate<Client> wanted = _ -> true;
    private boolean skipsMe;

    private ClientFilter(boolean skipsMe) {
        this.skipsMe = skipsMe;
    }

    /**
     * Reads options from the word at {@code from} to the last one.
     *
     * @param skipsMe whether the asking client is left out unless SKIPME says otherwise
     * @throws CommandException for what is no option
     */
    static ClientFilter parse(Engine engine, Args args, int from, boolean skipsMe) {
        ClientFilter filter = new ClientFilter(skipsMe);
        int at = from;
        while (at < args.count()) {
            if (at + 1 == args.count()) {
                throw Errors.syntax();
            }
            at = filter.option(engine, args, at);
        }
        return filter;
    }

    boolean matches(Client client, Client asking) {
        return !(skipsMe && client == asking) && wanted.test(client);
    }

    /** Takes one option with its values; returns where the next one stands. */
    private int option(Engine engine, Args args, int at) {
        String name = args.text(at).toUpperCase(Locale.ROOT);
        boolean not = name.startsWith(NOT);
        String plain = not ? name.substring(NOT.length()) : name;
        String value = args.text(at + 1);
        int next = at + 2;
        Predicate<Client> option;
        switch (plain) {
            case "ID" -> {
                Set<Long> ids = new HashSet<>();
                ids.add(id(args, at + 1));
                while (next < args.count() && isNumber(args.text(next))) {
                    ids.add(id(args, next++));
                }
                option = client -> ids.contains(client.id());
            }
            case "TYPE" -> {
                String type = type(value);
                option = client -> type.equals(typeOf(client));
            }
            case "USER" -> {
                if (engine.acl().find(value) == null) {
                    throw new CommandException("ERR No such user '" + value + "'");
                }
                option = client -> client.user().name().equals(value);
            }
            case "ADDR" -> option = client -> client.address().equals(value);
            case "LADDR" -> option = client -> client.localAddress().equals(value);
            case "IP" -> option = client -> hostOf(client.address()).equals(value);
            case "NAME" -> option = client -> client.name().equals(value);
            case "LIB-NAME" -> option = client -> client.libraryName().equals(value);
            case "LIB-VER" -> option = client -> client.libraryVersion().equals(value);
            case "CAPA" -> {
                if (!value.equals("r")) {
                    throw new CommandException(
                            "ERR Unknown capability found in the provided filter: " + value);
                }
                option = Client::isRedirectable;
            }
            case "FLAGS" -> {
                requireFlags(value);
                option = client -> hasFlags(client, value);
            }
            case "DB" -> {
                long database = args.integer(at + 1, 0, engine.databases() - 1L, Errors.DB_INDEX);
                option = client -> client.database() == database;
            }
            case "IDLE" -> {
                LongPredicate idle = atLeast(args, at + 1, "idle");
                option = client -> idle.test(engine.clock().millis() - client.lastCommandAt());
            }
            case "MAXAGE" -> {
                requirePlain(not);
                LongPredicate age = atLeast(args, at + 1, "maxage");
                option = client -> age.test(engine.clock().millis() - client.createdAt());
            }
            case "SKIPME" -> {
                requirePlain(not);
                if (!args.is(at + 1, "YES") && !args.is(at + 1, "NO")) {
                    throw Errors.syntax();
                }
                skipsMe = args.is(at + 1, "YES");
                option = _ -> true;
            }
            default -> throw Errors.syntax();
        }
        wanted = wanted.and(not ? option.negate() : option);
        return next;
    }

    private static void requirePlain(boolean not) {
        if (not) {
            throw Errors.syntax();
        }
    }

    private static long id(Args args, int at) {
        return args.integer(at, 1, Long.MAX_VALUE, "ERR client-id should be greater than 0");
    }

    private static boolean isNumber(String word) {
        return !word.isEmpty() && word.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static LongPredicate atLeast(Args args, int at, String option) {
        long seconds = args.integer(at, "ERR " + option + " is not an integer or out of range");
        if (seconds <= 0) {
            throw new CommandException("ERR " + option + " should be greater than 0");
        }
        return millis -> millis / 1000 >= seconds;
    }

    private static void requireFlags(String flags) {
        for (int i = 0; i < flags.length(); i++) {
            if ("OSMPxbtRBdcuAUreTINi".indexOf(flags.charAt(i)) < 0) {
                throw new CommandException(
                        "ERR Unknown flags found in the provided filter: " + flags);
            }
        }
    }

    private static boolean hasFlags(Client client, String flags) {
        String has = ClientCommands.flags(client);
        return flags.chars().allMatch(flag -> has.indexOf(flag) >= 0);
    }

    private static String hostOf(String address) {
        int colon = address.lastIndexOf(':');
        return colon < 0 ? address : address.substring(0, colon);
    }

    /** The type of clients that {@code word} names. */
    static String type(String word) {
        String type = word.toLowerCase(Locale.ROOT);
        return switch (type) {
            case "normal", "pubsub", "master", "replica" -> type;
            case "slave" -> "replica";
            case "primary" -> "master";
            default -> throw new CommandException("ERR Unknown client type '" + word + "'");
        };
    }

    static String typeOf(Client client) {
        if (client.isMaster()) {
            return "master";
        }
        return client.isReplica() ? "replica" : client.subscriptions() > 0 ? "pubsub" : "normal";
    }
}
