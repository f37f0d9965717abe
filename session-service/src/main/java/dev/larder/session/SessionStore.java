package dev.larder.session;

import dev.larder.kit.Script;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Sessions in the store; the only class that knows keys and commands.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><th>key</th><th>type</th><th>what</th></tr>
 * <tr><td>{@code session:{KEY}}</td><td>hash</td><td>{@code person name created seen ends}, and
 * {@code a:NAME} for each attribute; KEY is the SHA-256 of the id. Expires when the session does.
 * After signing out {@code ended} alone, for a minute.</td></tr>
 * </table>
 *
 * The channel {@code session:ended} carries the KEY of each session that was signed out.
 */
@ApplicationScoped
class SessionStore {
    static final String ENDED_CHANNEL = "session:ended";
    private static final Duration TOMBSTONE = Duration.ofMinutes(1);
    private static final String ATTRIBUTE = "a:";

    private final Redis redis;
    private final Script open = Script.named("open.lua");
    private final Script touch = Script.named("touch.lua");
    private final Script merge = Script.named("merge.lua");
    private final Script close = Script.named("close.lua");

    SessionStore(Redis redis) {
        this.redis = redis;
    }

    private static String key(String session) {
        return "session:{" + session + "}";
    }

    private static String millis(Instant instant) {
        return Long.toString(instant.toEpochMilli());
    }

    void open(String session, Person person, Instant now, Duration lifetime, Duration idle) {
        Response opened =
                open.run(
                        redis,
                        List.of(key(session)),
                        List.of(
                                person.id(),
                                person.displayName(),
                                millis(now),
                                millis(now.plus(lifetime)),
                                Long.toString(idle.toMillis())));
        if (opened.toInteger() != 1) {
            throw new IllegalStateException("a new session id was taken");
        }
    }

    /** Notes a use; the person, or nobody where the session has ended. */
    Optional<Person> touch(String session, Instant now, Duration idle) {
        Response person =
                touch.run(
                        redis,
                        List.of(key(session)),
                        List.of(millis(now), Long.toString(idle.toMillis())));
        return person == null
                ? Optional.empty()
                : Optional.of(new Person(person.get(0).toString(), person.get(1).toString()));
    }

    /** What Lua's merge answered. */
    enum Merge {
        DONE,
        ENDED,
        TOO_MANY
    }

    /** Sets attributes; a null value takes one away. All or none. */
    Merge merge(String session, Map<String, String> attributes, int most) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(most)));
        attributes.forEach(
                (name, value) -> {
                    arguments.add(value == null ? "-" : "+");
                    arguments.add(name);
                    arguments.add(value == null ? "" : value);
                });
        return switch (merge.run(redis, List.of(key(session)), arguments).toInteger()) {
            case 1 -> Merge.DONE;
            case 0 -> Merge.ENDED;
            default -> Merge.TOO_MANY;
        };
    }

    boolean close(String session) {
        return close.run(
                                redis,
                                List.of(key(session)),
                                List.of(
                                        Long.toString(TOMBSTONE.toMillis()),
                                        ENDED_CHANNEL,
                                        session))
                        .toInteger()
                == 1;
    }

    /** The session as it is, without counting as a use. */
    SessionView view(String session, Instant now) {
        Response fields = Script.await(redis, Request.cmd(Command.HGETALL).arg(key(session)));
        Map<String, String> values = new TreeMap<>();
        for (String name : fields.getKeys()) {
            values.put(name, fields.get(name).toString());
        }
        if (!values.containsKey("person")) {
            return SessionView.NOBODY;
        }
        long left = Script.await(redis, Request.cmd(Command.PTTL).arg(key(session))).toLong();
        if (left < 0) {
            return SessionView.NOBODY;
        }
        Map<String, String> attributes = new TreeMap<>();
        values.forEach(
                (name, value) -> {
                    if (name.startsWith(ATTRIBUTE)) {
                        attributes.put(name.substring(ATTRIBUTE.length()), value);
                    }
                });
        return new SessionView(
                true,
                new Person(values.get("person"), values.get("name")),
                Instant.ofEpochMilli(Long.parseLong(values.get("created"))),
                Instant.ofEpochMilli(Long.parseLong(values.get("seen"))),
                now.plusMillis(left),
                (left + 999) / 1000,
                attributes);
    }
}
