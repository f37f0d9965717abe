package dev.larder.store.observe;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Onlooker;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * MONITOR: shows whoever asks for it every command that runs, as a line of time, database, client
 * and quoted words. Commands for administrators are not shown, and passwords are hidden.
 */
public final class Monitor implements Onlooker, Engine.ClientObserver {
    public static final Family ALL =
            family(
                    Category.SERVER,
                    command("MONITOR", "")
                            .is(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE)
                            .is(Flag.DANGEROUS)
                            .since("1.0.0")
                            .cost("O(1) for each command that runs")
                            .about("Listens for all requests received by the server in real-time.")
                            .does(call -> Engine.of(call).part(Monitor.class).begin(call)));

    private static final String HIDDEN = "(redacted)";

    private final Engine engine;
    private final Set<Client> monitors = new LinkedHashSet<>();
    private int scriptDepth;

    public Monitor(Engine engine) {
        this.engine = engine;
        engine.add(Monitor.class, this);
    }

    private Reply begin(Call call) {
        Client client = Client.of(call);
        if (engine.transactions().isExecuting()) {
            throw new CommandException("ERR MONITOR isn't allowed for DENY BLOCKING client");
        }
        if (monitors.add(client)) {
            client.monitor(true);
            if (monitors.size() == 1) {
                scriptDepth = 0;
                engine.watch(this);
            }
        }
        return Reply.OK;
    }

    @Override
    public void disconnected(Client client) {
        if (monitors.remove(client)) {
            client.monitor(false);
            if (monitors.isEmpty()) {
                engine.unwatch(this);
            }
        }
    }

    /** A script is shown before the commands it runs, any other command after it has run. */
    @Override
    public void before(Call call, Client client) {
        if (isScript(call.command())) {
            show(call, client);
            scriptDepth++;
        }
    }

    @Override
    public void after(Call call, Client client, Reply reply) {
        Command command = call.command();
        if (isScript(command)) {
            scriptDepth = Math.max(0, scriptDepth - 1);
        } else if (!command.has(Flag.SKIP_MONITOR) && !command.has(Flag.ADMIN)) {
            show(call, client);
        }
    }

    private static boolean isScript(Command command) {
        return command.category() == Category.SCRIPTING
                && (command.name().startsWith("EVAL") || command.name().startsWith("FCALL"));
    }

    private void show(Call call, Client client) {
        if (engine.isRetrying()) {
            return;
        }
        Reply line = Reply.status(line(call, client));
        for (Client monitor : List.copyOf(monitors)) {
            monitor.push(line);
        }
    }

    private String line(Call call, Client client) {
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "%d.%03d000", call.now() / 1000, call.now() % 1000));
        line.append(" [").append(call.db().index()).append(' ');
        line.append(scriptDepth > 0 ? "lua" : client.address()).append(']');
        Args args = call.args();
        for (int i = 0; i < args.count(); i++) {
            line.append(" \"");
            if (Secrets.hides(call, i)) {
                line.append(HIDDEN);
            } else {
                quote(args.slice(i), line);
            }
            line.append('"');
        }
        return line.toString();
    }

    /** The bytes as a string of C; what is not printable is written in hexadecimal. */
    private static void quote(Slice word, StringBuilder into) {
        for (int i = 0; i < word.length(); i++) {
            int b = word.at(i) & 0xFF;
            switch (b) {
                case '\\', '"' -> into.append('\\').append((char) b);
                case '\n' -> into.append("\\n");
                case '\r' -> into.append("\\r");
                case '\t' -> into.append("\\t");
                case 7 -> into.append("\\a");
                case '\b' -> into.append("\\b");
                default -> {
                    if (b >= ' ' && b <= '~') {
                        into.append((char) b);
                    } else {
                        into.append(String.format(Locale.ROOT, "\\x%02x", b));
                    }
                }
            }
        }
    }
}
