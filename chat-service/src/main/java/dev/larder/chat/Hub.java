package dev.larder.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.Outage;
import dev.larder.kit.Problem;
import dev.larder.kit.ProblemException;
import dev.larder.kit.Problems;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Everybody who is in a room on this instance, and what they are sent. */
@ApplicationScoped
class Hub {
    /*
     * A signal from another instance says only that there is something new. Each room then asks for
     * all messages after the last one it has passed on, and passes them on in the order of their
     * ids. So it does not matter in which order signals come, whether one is lost, or how long the
     * wire was away: the next one, or the wire's return, brings everything.
     */
    private static final Logger LOG = Logger.getLogger(Hub.class);
    private static final int HISTORY = 50;
    private static final int PAGE = 200;
    private static final int MEMBERS_MAX = 5_000;

    private final Chat chat;
    private final ChatStore store;
    private final Wire wire;
    private final ObjectMapper json;
    private final Vertx vertx;
    private final Duration presenceEvery;
    private final Map<String, Floor> floors = new ConcurrentHashMap<>();
    private volatile boolean ending;

    /** A room on this instance. The lock keeps what is sent in order; it is fair. */
    private static final class Floor {
        final ReentrantLock lock = new ReentrantLock(true);
        final Set<Member> members = ConcurrentHashMap.newKeySet();
        long passedOn = -1;
        String presence = "";
    }

    Hub(
            Chat chat,
            ChatStore store,
            Wire wire,
            ObjectMapper json,
            Vertx vertx,
            @ConfigProperty(name = "larder.chat.presence.every") Duration presenceEvery) {
        this.chat = chat;
        this.store = store;
        this.wire = wire;
        this.json = json;
        this.vertx = vertx;
        this.presenceEvery = presenceEvery;
    }

    void begin(@Observes StartupEvent event) {
        wire.listen(this::heard, () -> floors.keySet().forEach(this::catchUp));
        vertx.setPeriodic(presenceEvery.toMillis(), _ -> floors.keySet().forEach(this::heartbeat));
    }

    void atEnd(@Observes ShutdownEvent event) {
        ending = true;
    }

    boolean isFull() {
        return floors.values().stream().mapToInt(floor -> floor.members.size()).sum()
                >= MEMBERS_MAX;
    }

    /** Lets a member in: greeting, history, and from then on everything new. Blocks. */
    void enter(Member member, Long since) {
        long last = chat.lastId(member.room());
        Floor floor = floors.computeIfAbsent(member.room(), _ -> new Floor());
        floor.lock.lock();
        try {
            if (floor.passedOn < 0) {
                floor.passedOn = last;
            }
            long missed = since == null ? Long.MAX_VALUE : floor.passedOn - since;
            boolean resumed = since != null && missed >= 0 && missed <= PAGE;
            List<Message> history;
            if (resumed) {
                history = missed == 0 ? List.of() : chat.after(member.room(), since, (int) missed);
            } else {
                history = chat.before(member.room(), floor.passedOn + 1, HISTORY);
            }
            member.viewer().tell(null, welcome(member, floor.passedOn, resumed));
            member.viewer().tell(null, text("history", Map.of("items", history)));
            member.sent = floor.passedOn;
            floor.members.add(member);
        } finally {
            floor.lock.unlock();
        }
        if (member.person() != null) {
            chat.came(member.room(), member.person());
        }
        presence(member.room(), true);
        catchUp(member.room());
    }

    void leave(Member member) {
        Floor floor = floors.get(member.room());
        if (floor == null || !floor.members.remove(member) || member.person() == null) {
            return;
        }
        boolean stillHere =
                floor.members.stream().anyMatch(other -> member.person().equals(other.person()));
        if (!stillHere && !ending) {
            Thread.ofVirtual()
                    .name("leave " + member.room())
                    .start(
                            () -> {
                                chat.went(member.room(), member.person());
                                presence(member.room(), false);
                            });
        }
    }

    /** Works off one frame of a client. Blocks. */
    void frame(Member member, String frame) {
        String clientId = null;
        try {
            JsonNode node = json.readTree(frame);
            if (node == null || !node.isObject()) {
                throw Problems.badRequest("frame", "must be a JSON object");
            }
            clientId = optional(node, "clientId");
            String type = optional(node, "type");
            switch (type == null ? "" : type) {
                case "say" -> say(member, optional(node, "text"), clientId);
                case "typing" -> {
                    if (member.person() != null) {
                        chat.typing(member.room(), member.person());
                    }
                }
                case "ping" -> member.viewer().tell(null, text("pong", Map.of()));
                default -> throw Problems.badRequest("type", "must be say, typing or ping");
            }
        } catch (JsonProcessingException e) {
            problem(member, Problems.badRequest("frame", "is malformed JSON").problem(), null);
        } catch (ProblemException e) {
            problem(member, e.problem(), clientId);
        } catch (RuntimeException e) {
            String away = Outage.whatIsAway(e);
            if (away == null) {
                LOG.errorf(e, "a frame in %s failed", member.room());
            }
            problem(
                    member,
                    Problems.unavailable(
                                    away == null
                                            ? "Something failed here; the logs have it."
                                            : "The " + away + " does not answer; try again.")
                            .problem(),
                    clientId);
        }
    }

    private void say(Member member, String said, String clientId) {
        if (member.person() == null) {
            throw Problems.unauthorized();
        }
        chat.say(member.room(), member.person(), said, clientId);
        // The wire brings it too; this does not wait for that, nor need it.
        catchUp(member.room());
    }

    private static String optional(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw Problems.badRequest(field, "must be text");
        }
        return value.textValue();
    }

    private void problem(Member member, Problem problem, String clientId) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("title", problem.title());
        shown.put("status", problem.status());
        shown.put("detail", problem.detail());
        if (problem.violations() != null && !problem.violations().isEmpty()) {
            shown.put("violations", problem.violations());
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("problem", shown);
        if (clientId != null) {
            message.put("clientId", clientId);
        }
        member.viewer().tell(null, text("error", message));
    }

    // What comes over the wire; called on an event loop.

    private void heard(String said) {
        ChatStore.Signal signal;
        try {
            signal = store.readSignal(said);
        } catch (IllegalStateException e) {
            LOG.warnf("not understood on the wire: %s", e.getMessage());
            return;
        }
        Floor floor = floors.get(signal.room());
        if (floor == null) {
            return;
        }
        switch (signal.kind()) {
            case "message" -> catchUp(signal.room());
            case "presence" ->
                    later("presence", signal.room(), () -> presence(signal.room(), false));
            case "typing" -> {
                String typing = text("typing", Map.of("author", signal.author()));
                String kind = "typing " + signal.author().id();
                floor.members.forEach(member -> member.viewer().tell(kind, typing));
            }
            default -> LOG.debugf("unknown on the wire: %s", signal.kind());
        }
    }

    private void later(String what, String room, Runnable work) {
        if (!ending) {
            Thread.ofVirtual()
                    .name(what + " " + room)
                    .start(
                            () -> {
                                try {
                                    work.run();
                                } catch (RuntimeException e) {
                                    LOG.warnf("%s of %s: %s", what, room, e);
                                }
                            });
        }
    }

    /** Passes on everything that is new in a room. */
    private void catchUp(String room) {
        later("pass on", room, () -> passOn(room, floors.get(room)));
    }

    private void passOn(String room, Floor floor) {
        floor.lock.lock();
        try {
            List<Message> fresh;
            do {
                fresh = chat.after(room, floor.passedOn, PAGE);
                for (Message message : fresh) {
                    String said = said(message);
                    floor.passedOn = message.id();
                    for (Member member : floor.members) {
                        if (member.sent < message.id()) {
                            member.sent = message.id();
                            member.viewer().tell(null, said);
                        }
                    }
                }
            } while (fresh.size() == PAGE);
        } finally {
            floor.lock.unlock();
        }
    }

    private void heartbeat(String room) {
        later(
                "presence",
                room,
                () -> {
                    Floor floor = floors.get(room);
                    Set<Person> here = new HashSet<>();
                    floor.members.forEach(member -> here.add(member.person()));
                    here.remove(null);
                    here.forEach(person -> chat.stillThere(room, person));
                    if (!floor.members.isEmpty()) {
                        presence(room, false);
                        // A signal may have been lost without the wire noticing.
                        passOn(room, floor);
                    }
                });
    }

    /** Tells who is there, where that has changed or {@code always}. */
    private void presence(String room, boolean always) {
        Floor floor = floors.get(room);
        List<Person> people = chat.present(room);
        String presence = text("presence", Map.of("members", people, "count", people.size()));
        floor.lock.lock();
        try {
            if (always || !presence.equals(floor.presence)) {
                floor.presence = presence;
                floor.members.forEach(member -> member.viewer().tell("presence", presence));
            }
        } finally {
            floor.lock.unlock();
        }
    }

    // Messages to clients.

    private String welcome(Member member, long lastId, boolean resumed) {
        Map<String, Object> welcome = new LinkedHashMap<>();
        welcome.put("room", member.room());
        welcome.put("you", member.person());
        welcome.put("lastId", lastId);
        welcome.put("resumed", resumed);
        return text("welcome", welcome);
    }

    private String said(Message message) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("id", message.id());
        said.put("room", message.room());
        said.put("author", message.author());
        said.put("text", message.text());
        said.put("at", message.at());
        if (message.clientId() != null) {
            said.put("clientId", message.clientId());
        }
        return text("message", said);
    }

    private String text(String type, Map<String, ?> fields) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("type", type);
        message.putAll(fields);
        try {
            return json.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
