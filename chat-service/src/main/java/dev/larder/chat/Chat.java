package dev.larder.chat;

import dev.larder.kit.Outage;
import dev.larder.kit.Problems;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The rules of talk. A message is said when PostgreSQL has it; the store makes reading it cheap and
 * tells the other instances. With the store away people on one instance still talk.
 */
@ApplicationScoped
class Chat {
    static final int TEXT_LENGTH_MAX = 2000;
    static final int CLIENT_ID_LENGTH_MAX = 64;
    private static final Logger LOG = Logger.getLogger(Chat.class);

    private final History history;
    private final ChatStore store;
    private final int burst;
    private final double perSecond;
    private final Duration presenceEvery;
    private final Clock clock = Clock.systemUTC();

    Chat(
            History history,
            ChatStore store,
            @ConfigProperty(name = "larder.chat.rate.burst") int burst,
            @ConfigProperty(name = "larder.chat.rate.per-second") double perSecond,
            @ConfigProperty(name = "larder.chat.presence.every") Duration presenceEvery) {
        this.history = history;
        this.store = store;
        this.burst = burst;
        this.perSecond = perSecond;
        this.presenceEvery = presenceEvery;
    }

    List<Room> rooms() {
        return history.rooms().stream()
                .map(row -> new Room(row.id, row.name, present(row.id).size(), row.lastAt))
                .toList();
    }

    long lastId(String room) {
        return history.lastId(room).orElseThrow(() -> Problems.notFound("room", room));
    }

    /** The last messages before {@code id}, oldest first. */
    List<Message> before(String room, long id, int limit) {
        lastId(room);
        return history.before(room, id, limit);
    }

    /**
     * Messages after {@code id} up to {@code limit}, oldest first and without a gap: from the store
     * where that has them all, else from PostgreSQL.
     */
    List<Message> after(String room, long id, int limit) {
        List<Message> recent = orElse("messages", List.of(), () -> store.after(room, id));
        if (!recent.isEmpty() && isWithoutGap(recent, id)) {
            return recent.size() > limit ? recent.subList(0, limit) : recent;
        }
        return history.after(room, id, limit);
    }

    private static boolean isWithoutGap(List<Message> messages, long after) {
        long expected = after + 1;
        for (Message message : messages) {
            if (message.id() != expected++) {
                return false;
            }
        }
        return true;
    }

    /** Says something; answers the message as everybody will read it. */
    Message say(String room, Person author, String text, String clientId) {
        if (text == null || text.isBlank()) {
            throw Problems.badRequest("text", "must not be blank");
        }
        if (text.indexOf('\0') >= 0 || clientId != null && clientId.indexOf('\0') >= 0) {
            throw Problems.badRequest("text", "must not contain a NUL character");
        }
        if (text.length() > TEXT_LENGTH_MAX) {
            throw Problems.badRequest("text", "must be at most " + TEXT_LENGTH_MAX + " characters");
        }
        if (clientId != null && clientId.length() > CLIENT_ID_LENGTH_MAX) {
            throw Problems.badRequest(
                    "clientId", "must be at most " + CLIENT_ID_LENGTH_MAX + " characters");
        }
        if (!orElse(
                "the rate",
                true,
                () -> store.take(author.id(), clock.millis(), burst, perSecond))) {
            throw Problems.tooManyRequests("You talk faster than others can read; wait a moment.");
        }
        Message message = history.add(room, author, text.strip(), clientId);
        orElse(
                "a message",
                null,
                () -> {
                    store.remember(message);
                    store.signal(new ChatStore.Signal("message", room, null));
                    return null;
                });
        return message;
    }

    void typing(String room, Person author) {
        orElse(
                "typing",
                null,
                () -> {
                    store.signal(new ChatStore.Signal("typing", room, author));
                    return null;
                });
    }

    void came(String room, Person person) {
        orElse(
                "presence",
                null,
                () -> {
                    store.heardOf(room, person, clock.millis());
                    store.signal(new ChatStore.Signal("presence", room, null));
                    return null;
                });
    }

    void stillThere(String room, Person person) {
        orElse(
                "presence",
                null,
                () -> {
                    store.heardOf(room, person, clock.millis());
                    return null;
                });
    }

    void went(String room, Person person) {
        orElse(
                "presence",
                null,
                () -> {
                    store.gone(room, person);
                    store.signal(new ChatStore.Signal("presence", room, null));
                    return null;
                });
    }

    /** Who is in a room, on any instance. */
    List<Person> present(String room) {
        long oldest = clock.millis() - 3 * presenceEvery.toMillis();
        return orElse("presence", List.of(), () -> store.present(room, oldest));
    }

    /** What the store says, or {@code otherwise} while it is away; any other failure is one. */
    private static <T> T orElse(String what, T otherwise, Supplier<T> question) {
        try {
            return question.get();
        } catch (RuntimeException e) {
            if (Outage.whatIsAway(e) == null) {
                throw e;
            }
            LOG.debugf("%s: the store is away: %s", what, e);
            return otherwise;
        }
    }
}
