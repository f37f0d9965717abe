package dev.larder.store.engine;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.Flag;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * CLIENT PAUSE: for a time, commands of clients are kept and run afterwards, all of them or those
 * that may write. Meanwhile no key expires and none is evicted, so that the data stand still.
 */
public final class Pause implements Onlooker, Engine.ClientObserver {
    /** A kept request. Its client asks nothing more until it has been answered. */
    private record Held(Client client, Args args) {}

    private final Engine engine;
    private final Deque<Held> held = new ArrayDeque<>();
    private BiPredicate<Command, Args> scriptWrites = (_, _) -> true;
    private boolean paused;
    private boolean all;
    private long until;

    Pause(Engine engine) {
        this.engine = engine;
        engine.add(Pause.class, this);
    }

    static Pause of(Call call) {
        return Engine.of(call).part(Pause.class);
    }

    /** Whether the data stand still: nothing may expire or be evicted. */
    public boolean isPaused() {
        return paused;
    }

    /** Milliseconds since 1970 at which it ends by itself. */
    public long until() {
        return until;
    }

    int heldClients() {
        return held.size();
    }

    /** Who knows whether a call of EVAL, EVALSHA or FCALL may write, by the script's own flags. */
    public void askForScripts(BiPredicate<Command, Args> judge) {
        scriptWrites = judge;
    }

    /** A second pause makes the first one longer or stricter, never shorter or milder. */
    void begin(long end, boolean everything) {
        if (end <= engine.clock().millis()) {
            return;
        }
        all = everything || paused && all;
        until = paused ? Math.max(until, end) : end;
        paused = true;
        freeze(true);
        engine.watch(this);
        engine.wakeAt(until);
    }

    private void freeze(boolean yes) {
        for (int i = 0; i < engine.databases(); i++) {
            engine.database(i).frozen(yes);
        }
        engine.memory().hold(yes);
    }

    /** Ends the pause where its time is over. */
    void expire() {
        if (paused && engine.clock().millis() >= until) {
            end();
        }
    }

    void end() {
        if (!paused) {
            return;
        }
        paused = false;
        all = false;
        freeze(false);
        engine.unwatch(this);
        engine.later(this::release);
    }

    /** Runs what was kept, in the order in which it came; all of it again waits if it must. */
    private void release() {
        List<Held> kept = new ArrayList<>(held);
        held.clear();
        for (Held each : kept) {
            if (each.client.isClosing()) {
                continue;
            }
            each.client.held = false;
            each.client.holdPushes();
            engine.execute(each.client, each.args);
            each.client.releasePushes();
            each.client.resume();
        }
    }

    @Override
    public boolean holds(Client client, Command command, Args args) {
        expire();
        if (!paused || !all && !mayWrite(client, command, args)) {
            return false;
        }
        client.held = true;
        held.add(new Held(client, args.copy()));
        return true;
    }

    private boolean mayWrite(Client client, Command command, Args args) {
        if (command.name().equals("EXEC") && client.inTransaction()) {
            for (Client.Queued queued : client.queue) {
                if (mayWrite(queued.command(), queued.args())) {
                    return true;
                }
            }
            return false;
        }
        return mayWrite(command, args);
    }

    private boolean mayWrite(Command command, Args args) {
        if (!command.writes() && !command.has(Flag.MAY_REPLICATE)) {
            return false;
        }
        return command.category() != Category.SCRIPTING || scriptWrites.test(command, args);
    }

    @Override
    public void disconnected(Client client) {
        held.removeIf(each -> each.client == client);
    }
}
