package dev.larder.store.tracking;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Onlooker;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Server-assisted client-side caching: who has read which key and is to be told when it changes, or
 * who asked to be told of every change below a prefix. See the <a
 * href="https://redis.io/docs/latest/develop/reference/client-side-caching/">reference</a>.
 *
 * <p>Looks on only while at least one client tracks.
 */
public final class Tracking implements Onlooker, Engine.ClientObserver {
    /*
     * The table knows the ids of those who have read a key, not the clients: one who goes is left in
     * it until the key changes or is evicted, so that going costs nothing. A key is forgotten when
     * its readers were told, since they then no longer hold it.
     *
     * In which database a key was read is not kept: a client is told of a key by its name alone, and
     * rather once too often.
     *
     * What a client's own command has invalidated is told after its reply, and what is told by
     * prefix after all commands that came together, in one message.
     */
    static final Slice CHANNEL = Slice.of("__redis__:invalidate");

    private static final String MAX_KEYS = "tracking-table-max-keys";

    /** What one client wants to know. */
    static final class Wish {
        final boolean broadcast;
        final boolean optIn;
        final boolean optOut;
        final boolean noLoop;
        final long redirect;
        final Set<Slice> prefixes = new LinkedHashSet<>();
        boolean caching;
        boolean broken;

        Wish(boolean broadcast, boolean optIn, boolean optOut, boolean noLoop, long redirect) {
            this.broadcast = broadcast;
            this.optIn = optIn;
            this.optOut = optOut;
            this.noLoop = noLoop;
            this.redirect = redirect;
        }

        private String flags() {
            return "t" + (broken ? "R" : "") + (broadcast ? "B" : "");
        }
    }

    /** Who listens to a prefix, and which keys below it have changed since they were told. */
    private static final class Broadcast {
        final Set<Client> listeners = new LinkedHashSet<>();

        /** Each key with the client that changed it last; null where it went by itself. */
        final Map<Slice, Client> changed =
                new TreeMap<>((a, b) -> a.compareTo(b.array(), b.offset(), b.length()));
    }

    private final Engine engine;
    private final Map<Client, Wish> wishes = new HashMap<>();
    private final Map<Slice, Set<Long>> readers = new LinkedHashMap<>();
    private final Map<Slice, Broadcast> prefixes = new LinkedHashMap<>();

    /** What the running client is to be told after its command; null for everything. */
    private final List<Slice> pending = new ArrayList<>();

    /** What a command has invalidated is being told; its reply has not been sent yet. */
    private boolean telling;

    private boolean everything;
    private long items;
    private Client running;
    private int depth;

    public Tracking(Engine engine) {
        this.engine = engine;
        engine.add(Tracking.class, this);
    }

    static Tracking of(Call call) {
        return Engine.of(call).part(Tracking.class);
    }

    // What INFO tells.

    public int clients() {
        return wishes.size();
    }

    /** How many keys the table holds. */
    public int keys() {
        return readers.size();
    }

    /** How many readers the table holds, over all keys. */
    public long items() {
        return items;
    }

    public int prefixes() {
        return prefixes.size();
    }

    // Who wants to know.

    /** What {@code client} wants to know, or null. */
    Wish wish(Client client) {
        return wishes.get(client);
    }

    /** Tracks for {@code client} from now on; prefixes it had before stay. */
    void enable(Client client, Wish wish, List<Slice> more) {
        Wish before = wishes.put(client, wish);
        if (before != null) {
            wish.prefixes.addAll(before.prefixes);
            wish.caching = before.caching;
        }
        if (wish.broadcast) {
            List<Slice> asked = more.isEmpty() ? List.of(new Slice()) : more;
            for (Slice prefix : asked) {
                wish.prefixes.add(prefix);
                prefixes.computeIfAbsent(prefix, _ -> new Broadcast()).listeners.add(client);
            }
        }
        client.tracks(wish.flags(), wish.redirect);
        if (before == null && wishes.size() == 1) {
            depth = 1;
            running = client;
            engine.watch(this);
        }
    }

    void disable(Client client) {
        Wish wish = wishes.remove(client);
        if (wish == null) {
            return;
        }
        for (Slice prefix : wish.prefixes) {
            Broadcast broadcast = prefixes.get(prefix);
            broadcast.listeners.remove(client);
            if (broadcast.listeners.isEmpty()) {
                prefixes.remove(prefix);
            }
        }
        client.tracks("", -1);
        if (wishes.isEmpty()) {
            engine.unwatch(this);
            readers.clear();
            pending.clear();
            items = 0;
            depth = 0;
            running = null;
        }
    }

    @Override
    public void disconnected(Client client) {
        disable(client);
        if (running == client) {
            running = null;
        }
    }

    // What is read.

    @Override
    public void before(Call call, Client client) {
        depth++;
        running = client;
    }

    @Override
    public void after(Call call, Client client, Reply reply) {
        depth--;
        Wish wish = wishes.get(client);
        if (wish != null && isRemembered(wish, call.command())) {
            remember(client, call);
        }
        if (everything) {
            everything = false;
            tellAllOfEverything();
        }
        if (depth > 0) {
            return;
        }
        depth = 0;
        running = null;
        if (wish == null) {
            pending.clear();
            return;
        }
        telling = true;
        for (Slice key : pending) {
            tell(client, wish, key);
        }
        telling = false;
        pending.clear();
        if (!client.inTransaction() && !call.command().name().startsWith("CLIENT")) {
            wish.caching = false;
        }
    }

    private static boolean isRemembered(Wish wish, Command command) {
        if (wish.broadcast || wish.optIn && !wish.caching || wish.optOut && wish.caching) {
            return false;
        }
        // A script's own keys are not what it read; the commands it runs come by here themselves.
        return command.has(Flag.READONLY)
                && !command.has(Flag.PUBSUB)
                && command.category() != Category.SCRIPTING;
    }

    private void remember(Client client, Call call) {
        int[] places;
        try {
            places = call.command().keyPositions(call.args());
        } catch (CommandException _) {
            return; // It was refused for the same reason.
        }
        for (int place : places) {
            Set<Long> ids = readers.get(call.args().slice(place));
            if (ids == null) {
                ids = new HashSet<>(2);
                readers.put(new Slice(call.args().bytes(place)), ids);
            }
            if (ids.add(client.id())) {
                items++;
            }
        }
    }

    // What changes.

    @Override
    public void touched(int database, Slice key) {
        changed(key, running);
    }

    @Override
    public void expired(int database, Slice key) {
        changed(key, null);
    }

    private void changed(Slice key, Client by) {
        prefixes.forEach(
                (prefix, broadcast) -> {
                    if (startsWith(key, prefix)) {
                        broadcast.changed.put(new Slice(key.toBytes()), by);
                    }
                });
        Set<Long> ids = readers.remove(key);
        if (ids != null) {
            invalidate(new Slice(key.toBytes()), ids);
        }
    }

    private void invalidate(Slice key, Set<Long> ids) {
        items -= ids.size();
        for (long id : ids) {
            Client reader = engine.clients().get(id);
            Wish wish = reader == null ? null : wishes.get(reader);
            if (wish == null || wish.broadcast || wish.noLoop && reader == running) {
                continue;
            }
            if (reader == running) {
                pending.add(key);
            } else {
                tell(reader, wish, key);
            }
        }
    }

    @Override
    public void touchedAll(int database) {
        everything = true;
        readers.clear();
        items = 0;
    }

    /** A flush is told once, however many databases it emptied. */
    private void tellAllOfEverything() {
        for (Map.Entry<Client, Wish> entry : List.copyOf(wishes.entrySet())) {
            if (entry.getKey() == running) {
                pending.add(null);
            } else {
                tell(entry.getKey(), entry.getValue(), null);
            }
        }
    }

    // What is told.

    @Override
    public void batchEnded() {
        long keysMax = engine.config().integer(MAX_KEYS);
        while (keysMax > 0 && readers.size() > keysMax) {
            Map.Entry<Slice, Set<Long>> oldest = readers.entrySet().iterator().next();
            readers.remove(oldest.getKey());
            invalidate(oldest.getKey(), oldest.getValue());
        }
        for (Broadcast broadcast : List.copyOf(prefixes.values())) {
            if (!broadcast.changed.isEmpty()) {
                tell(broadcast);
                broadcast.changed.clear();
            }
        }
    }

    private void tell(Broadcast broadcast) {
        Reply all = names(broadcast.changed.keySet());
        for (Client listener : List.copyOf(broadcast.listeners)) {
            Wish wish = wishes.get(listener);
            if (!wish.noLoop) {
                send(listener, wish, all);
                continue;
            }
            List<Slice> ofOthers = new ArrayList<>();
            broadcast.changed.forEach(
                    (key, by) -> {
                        if (by != listener) {
                            ofOthers.add(key);
                        }
                    });
            if (!ofOthers.isEmpty()) {
                send(listener, wish, names(ofOthers));
            }
        }
    }

    private void tell(Client client, Wish wish, Slice key) {
        send(client, wish, key == null ? Reply.Nil.BULK : names(List.of(key)));
    }

    private static Reply names(Collection<Slice> keys) {
        return Reply.array(keys.stream().map(key -> Reply.bulk(key.toBytes())).toList());
    }

    private void send(Client client, Wish wish, Reply keys) {
        Client target = client;
        if (wish.redirect != 0) {
            target = engine.clients().get(wish.redirect);
            if (target == null) {
                wish.broken = true;
                client.tracks(wish.flags(), wish.redirect);
                if (client.protocol() == 3) {
                    push(
                            client,
                            new Reply.Push(
                                    List.of(
                                            Reply.bulk("tracking-redir-broken"),
                                            Reply.integer(wish.redirect))));
                }
                return;
            }
        }
        if (target.protocol() == 3) {
            push(target, new Reply.Push(List.of(Reply.bulk("invalidate"), keys)));
        } else if (wish.redirect != 0 && target.subscriptions() > 0) {
            push(
                    target,
                    new Reply.Push(
                            List.of(Reply.bulk("message"), Reply.bulk(CHANNEL.toBytes()), keys)));
        }
        // RESP2 has no way to say it to a client that listens to nothing.
    }

    /** What is evicted between two commands is told before the second one's reply. */
    private void push(Client target, Reply message) {
        if (running == null && !telling) {
            target.pushAtOnce(message);
        } else {
            target.push(message);
        }
    }

    static boolean startsWith(Slice key, Slice prefix) {
        return key.length() >= prefix.length()
                && prefix.sameAs(key.array(), key.offset(), prefix.length());
    }
}
