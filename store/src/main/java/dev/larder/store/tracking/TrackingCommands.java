package dev.larder.store.tracking;

import static dev.larder.store.command.Family.family;
import static dev.larder.store.engine.ClientCommands.client;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** CLIENT TRACKING and the subcommands around it. */
public final class TrackingCommands {
    public static final Family ALL =
            family(
                    Category.CONNECTION,
                    client(
                                    "TRACKING",
                                    "<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix"
                                            + " ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]")
                            .since("6.0.0")
                            .cost("O(1). Some options may introduce additional complexity.")
                            .about("Controls server-assisted client-side caching.")
                            .does(TrackingCommands::tracking),
                    client("CACHING", "<YES | NO>")
                            .since("6.0.0")
                            .about("Says whether the keys of the next command are tracked.")
                            .does(TrackingCommands::caching),
                    client("GETREDIR", "")
                            .since("6.0.0")
                            .about("Returns the client ID that invalidations are redirected to.")
                            .does(call -> Reply.integer(Client.of(call).redirect())),
                    client("TRACKINGINFO", "")
                            .since("6.2.0")
                            .about("Returns information about tracking for the connection.")
                            .does(TrackingCommands::trackinginfo));

    private TrackingCommands() {}

    static Reply tracking(Call call) {
        Args args = call.args();
        long redirect = 0;
        boolean broadcast = false;
        boolean optIn = false;
        boolean optOut = false;
        boolean noLoop = false;
        List<Slice> prefixes = new ArrayList<>();
        for (int i = 3; i < args.count(); i++) {
            boolean more = i + 1 < args.count();
            if (args.is(i, "REDIRECT") && more) {
                if (redirect != 0) {
                    throw new CommandException(
                            "ERR A client can only redirect to a single other client");
                }
                redirect = args.integer(++i);
                if (!Engine.of(call).clients().containsKey(redirect)) {
                    throw new CommandException(
                            "ERR The client ID you want redirect to does not exist");
                }
            } else if (args.is(i, "PREFIX") && more) {
                prefixes.add(new Slice(args.bytes(++i)));
            } else {
                switch (args.text(i).toUpperCase(Locale.ROOT)) {
                    case "BCAST" -> broadcast = true;
                    case "OPTIN" -> optIn = true;
                    case "OPTOUT" -> optOut = true;
                    case "NOLOOP" -> noLoop = true;
                    default -> throw Errors.syntax();
                }
            }
        }
        Client client = Client.of(call);
        Tracking tracking = Tracking.of(call);
        if (args.is(2, "OFF")) {
            tracking.disable(client);
            return Reply.OK;
        }
        if (!args.is(2, "ON")) {
            throw Errors.syntax();
        }
        Tracking.Wish wish = new Tracking.Wish(broadcast, optIn, optOut, noLoop, redirect);
        requireCompatible(wish, tracking.wish(client), prefixes);
        tracking.enable(client, wish, prefixes);
        return Reply.OK;
    }

    private static void requireCompatible(
            Tracking.Wish wish, Tracking.Wish before, List<Slice> prefixes) {
        if (!wish.broadcast && !prefixes.isEmpty()) {
            throw new CommandException("ERR PREFIX option requires BCAST mode to be enabled");
        }
        if (before != null && before.broadcast != wish.broadcast) {
            throw new CommandException(
                    "ERR You can't switch BCAST mode on/off before disabling tracking for this"
                            + " client, and then re-enabling it with a different mode.");
        }
        if (wish.broadcast && (wish.optIn || wish.optOut)) {
            throw new CommandException("ERR OPTIN and OPTOUT are not compatible with BCAST");
        }
        if (wish.optIn && wish.optOut) {
            throw new CommandException("ERR You can't specify both OPTIN mode and OPTOUT mode");
        }
        if (before != null && (wish.optIn && before.optOut || wish.optOut && before.optIn)) {
            throw new CommandException(
                    "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this"
                            + " client, and then re-enabling it with a different mode.");
        }
        if (wish.broadcast) {
            requireApart(prefixes, before == null ? Set.of() : before.prefixes);
        }
    }

    /** No key may lie below two prefixes of one client, or it would be told twice. */
    private static void requireApart(List<Slice> prefixes, Set<Slice> existing) {
        for (int i = 0; i < prefixes.size(); i++) {
            Slice prefix = prefixes.get(i);
            for (Slice other : existing) {
                requireApart(prefix, other, "an existing");
            }
            for (Slice other : prefixes.subList(i + 1, prefixes.size())) {
                requireApart(prefix, other, "another provided");
            }
        }
    }

    private static void requireApart(Slice prefix, Slice other, String which) {
        if (Tracking.startsWith(prefix, other) || Tracking.startsWith(other, prefix)) {
            throw new CommandException(
                    "ERR Prefix '"
                            + prefix
                            + "' overlaps with "
                            + which
                            + " prefix '"
                            + other
                            + "'. Prefixes for a single client must not overlap.");
        }
    }

    static Reply caching(Call call) {
        Tracking.Wish wish = Tracking.of(call).wish(Client.of(call));
        if (wish == null) {
            throw new CommandException(
                    "ERR CLIENT CACHING can be called only when the client is in tracking mode with"
                            + " OPTIN or OPTOUT mode enabled");
        }
        boolean yes = call.args().is(2, "YES");
        if (!yes && !call.args().is(2, "NO")) {
            throw Errors.syntax();
        }
        if (yes && !wish.optIn) {
            throw new CommandException(
                    "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
        }
        if (!yes && !wish.optOut) {
            throw new CommandException(
                    "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
        }
        wish.caching = true;
        return Reply.OK;
    }

    static Reply trackinginfo(Call call) {
        Client client = Client.of(call);
        Tracking.Wish wish = Tracking.of(call).wish(client);
        List<Reply> flags = new ArrayList<>();
        List<Reply> prefixes = new ArrayList<>();
        if (wish == null) {
            flags.add(Reply.bulk("off"));
        } else {
            flags.add(Reply.bulk("on"));
            add(flags, wish.broadcast, "bcast");
            add(flags, wish.optIn, "optin");
            add(flags, wish.optIn && wish.caching, "caching-yes");
            add(flags, wish.optOut, "optout");
            add(flags, wish.optOut && wish.caching, "caching-no");
            add(flags, wish.noLoop, "noloop");
            add(flags, wish.broken, "broken_redirect");
            wish.prefixes.stream()
                    .map(Slice::toBytes)
                    .sorted(
                            Comparator.comparing(
                                    (byte[] prefix) -> prefix, Arrays::compareUnsigned))
                    .forEach(prefix -> prefixes.add(Reply.bulk(prefix)));
        }
        return Reply.map(
                Reply.bulk("flags"),
                new Reply.Set(flags),
                Reply.bulk("redirect"),
                Reply.integer(client.redirect()),
                Reply.bulk("prefixes"),
                Reply.array(prefixes));
    }

    private static void add(List<Reply> flags, boolean is, String flag) {
        if (is) {
            flags.add(Reply.bulk(flag));
        }
    }
}
