package dev.larder.store.engine;

import dev.larder.store.command.Call;
import dev.larder.store.reply.Reply;
import java.util.HashSet;
import java.util.Set;

/** CLIENT NO-TOUCH: what such a client reads keeps the time of its last use, unless by TOUCH. */
final class NoTouch implements Onlooker, Engine.ClientObserver {
    private final Engine engine;
    private final Set<Client> clients = new HashSet<>();

    NoTouch(Engine engine) {
        this.engine = engine;
        engine.add(NoTouch.class, this);
    }

    static NoTouch of(Call call) {
        return Engine.of(call).part(NoTouch.class);
    }

    void set(Client client, boolean on) {
        client.untouching = on;
        if (on && clients.add(client) && clients.size() == 1) {
            engine.watch(this);
        }
        if (!on && clients.remove(client) && clients.isEmpty()) {
            engine.unwatch(this);
            // The command that says so has itself begun without touching, and is not seen to end.
            for (int i = 0; i < engine.databases(); i++) {
                engine.database(i).untouched(false);
            }
        }
    }

    @Override
    public void before(Call call, Client client) {
        if (clients.contains(client) && !call.command().name().equals("TOUCH")) {
            call.db().untouched(true);
        }
    }

    @Override
    public void after(Call call, Client client, Reply reply) {
        call.db().untouched(false);
    }

    @Override
    public void disconnected(Client client) {
        set(client, false);
    }
}
