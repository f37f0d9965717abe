package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.command.Glob;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** CONFIG: the settings of a running store. */
public final class ConfigCommands {
    private static final Flag[] ADMIN = {Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE};

    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("CONFIG", "<subcommand> [argument ...]")
                            .since("2.0.0")
                            .cost("Depends on subcommand.")
                            .about("A container for server configuration commands."),
                    command("CONFIG|GET", "parameter [parameter ...]")
                            .shownAs("<pattern>")
                            .is(ADMIN)
                            .since("2.0.0")
                            .cost("O(N) when N is the number of parameters given")
                            .about("Tells the values of the options whose names match.")
                            .does(ConfigCommands::get),
                    command("CONFIG|SET", "parameter value [parameter value ...]")
                            .shownAs("<directive> <value>")
                            .is(ADMIN)
                            .since("2.0.0")
                            .cost("O(N) when N is the number of parameters given")
                            .about("Sets options, all or none.")
                            .does(ConfigCommands::set),
                    command("CONFIG|RESETSTAT", "")
                            .is(ADMIN)
                            .since("2.0.0")
                            .about("Sets what INFO counts back to nothing.")
                            .does(ConfigCommands::resetStatistics),
                    command("CONFIG|REWRITE", "")
                            .is(ADMIN)
                            .since("2.8.0")
                            .about("Writes the options in force into the configuration file.")
                            .does(ConfigCommands::rewrite));

    private ConfigCommands() {}

    static Reply get(Call call) {
        Map<String, String> all = call.config().all();
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 2; i < call.count(); i++) {
            String name = call.args().text(i);
            if (name.matches("[^\\[*?]*")) {
                if (call.config().isKnown(name)) {
                    found.putIfAbsent(name, call.config().text(name));
                }
                continue;
            }
            Glob pattern = new Glob(call.arg(i));
            all.forEach(
                    (each, value) -> {
                        if (pattern.matches(Slice.of(each), true)) {
                            found.putIfAbsent(each, value);
                        }
                    });
        }
        List<Reply> pairs = new ArrayList<>();
        found.forEach(
                (name, value) -> {
                    pairs.add(Reply.bulk(name));
                    pairs.add(Reply.bulk(value));
                });
        return new Reply.Map(pairs);
    }

    static Reply set(Call call) {
        if (call.count() % 2 != 0) {
            throw Errors.syntax();
        }
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int i = 2; i < call.count(); i += 2) {
            names.add(call.args().text(i));
            values.add(call.args().text(i + 1));
        }
        boolean guarded =
                DebugCommands.isAllowed(call, call.config().text("enable-protected-configs"));
        try {
            call.config().set(names, values, guarded);
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage());
        }
        return Reply.OK;
    }

    static Reply resetStatistics(Call call) {
        Engine.of(call).statistics().reset();
        Engine.of(call).acl().resetCounts();
        Engine.of(call).memory().forgetOver();
        for (int i = 0; i < call.host().databases(); i++) {
            call.host().database(i).resetLookups();
        }
        return Reply.OK;
    }

    static Reply rewrite(Call call) {
        try {
            call.config().rewrite(false);
        } catch (IllegalStateException e) {
            throw new CommandException("ERR " + e.getMessage());
        } catch (IOException e) {
            throw new CommandException("ERR Rewriting config file: " + e.getMessage());
        }
        return Reply.OK;
    }
}
