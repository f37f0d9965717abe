package dev.larder.store.engine;

import dev.larder.store.command.Args;
import dev.larder.store.command.Command;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Clients whose command waits for a key: BLPOP and its kin. A waiting command is an ordinary one
 * that answered {@link Reply.Wait}; when one of its keys has changed, its body runs again, for
 * those who wait for that key in the order in which they came. It either answers now or waits on.
 */
final class Waiting {
    /** One waiting command. */
    static final class Ticket {
        final Client client;
        final Command command;
        final Args args;
        Reply.Wait wait;
        final int database;
        final long deadline;

        Ticket(
                Client client,
                Command command,
                Args args,
                Reply.Wait wait,
                int database,
                long deadline) {
            this.client = client;
            this.command = command;
            this.args = args;
            this.wait = wait;
            this.database = database;
            this.deadline = deadline;
        }
    }

    private record Place(int database, Slice key) {}

    private final Map<Place, LinkedHashSet<Ticket>> byKey = new HashMap<>();
    private final PriorityQueue<Ticket> byDeadline =
            new PriorityQueue<>((a, b) -> Long.compare(a.deadline, b.deadline));
    private int clients;
    private final Set<Place> ready = new LinkedHashSet<>();

    boolean isEmpty() {
        return byKey.isEmpty();
    }

    int groupKeys() {
        return (int)
                byKey.values().stream()
                        .filter(
                                tickets ->
                                        tickets.stream()
                                                .anyMatch(
                                                        t -> t.command.name().equals("XREADGROUP")))
                        .count();
    }

    int clients() {
        return clients;
    }

    /** How many of them have a time at which they give up. */
    int timed() {
        return byDeadline.size();
    }

    /** How many keys are waited for. */
    int keys() {
        return byKey.size();
    }

    /** {@code deadline} in milliseconds since 1970; 0 for ever. */
    void add(Ticket ticket) {
        ticket.client.waiting = ticket;
        clients++;
        for (byte[] key : ticket.wait.keys()) {
            byKey.computeIfAbsent(
                            new Place(ticket.database, new Slice(key)), _ -> new LinkedHashSet<>())
                    .add(ticket);
        }
        if (ticket.deadline != 0) {
            byDeadline.add(ticket);
        }
    }

    void remove(Ticket ticket) {
        ticket.client.waiting = null;
        clients--;
        for (byte[] key : ticket.wait.keys()) {
            Place place = new Place(ticket.database, new Slice(key));
            LinkedHashSet<Ticket> there = byKey.get(place);
            if (there != null && there.remove(ticket) && there.isEmpty()) {
                byKey.remove(place);
            }
        }
        if (ticket.deadline != 0) {
            byDeadline.remove(ticket);
        }
    }

    /** Notes that a key has changed; those who wait for it are served after the command. */
    void touched(int database, Slice key) {
        Place place = new Place(database, key);
        if (byKey.containsKey(place)) {
            ready.add(new Place(database, new Slice(key.toBytes())));
        }
    }

    void touchedAll(int database) {
        for (Place place : byKey.keySet()) {
            if (place.database() == database) {
                ready.add(place);
            }
        }
    }

    boolean hasReady() {
        return !ready.isEmpty();
    }

    /** Who waits, and the key that has changed. */
    record Ready(Ticket ticket, Slice key) {}

    /** Those who wait for keys that have changed, oldest first for each key; forgets the keys. */
    List<Ready> takeReady() {
        List<Ready> found = new ArrayList<>();
        for (Place place : ready) {
            for (Ticket ticket : byKey.getOrDefault(place, new LinkedHashSet<>())) {
                found.add(new Ready(ticket, place.key()));
            }
        }
        ready.clear();
        return found;
    }

    /** When the next one's time is over, in milliseconds since 1970; 0 for never. */
    long nextDeadline() {
        Ticket first = byDeadline.peek();
        return first == null ? 0 : first.deadline;
    }

    /** The next whose time is over, or null. */
    Ticket overdue(long now) {
        Ticket first = byDeadline.peek();
        return first != null && first.deadline <= now ? first : null;
    }
}
