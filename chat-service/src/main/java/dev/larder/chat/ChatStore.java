package dev.larder.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.Script;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/**
 * Rooms in the store; the only class that knows keys and commands, but for {@link Wire}, which
 * listens to the channel.
 *
 * <table>
 * <caption>Keys of a room R and a person P</caption>
 * <tr><th>key</th><th>type</th><th>what</th></tr>
 * <tr><td>{@code chat:{R}:recent}</td><td>sorted set</td><td>the last 200 messages as JSON, by id</td></tr>
 * <tr><td>{@code chat:{R}:present}</td><td>sorted set</td><td>people as JSON, by when they were heard of (ms)</td></tr>
 * <tr><td>{@code chat:{rate:P}}</td><td>hash</td><td>token bucket: {@code tokens at}; expires when full</td></tr>
 * </table>
 *
 * The channel {@code chat:wire} carries {@link Signal}s between instances.
 */
@ApplicationScoped
class ChatStore {
    static final String CHANNEL = "chat:wire";
    static final int RECENT = 200;
    private static final int PRESENT_MAX = 200;

    private final Redis redis;
    private final ObjectMapper json;
    private final Script remember = Script.named("remember.lua");
    private final Script take = Script.named("take.lua");
    private final Script present = Script.named("present.lua");

    ChatStore(Redis redis, ObjectMapper json) {
        this.redis = redis;
        this.json = json;
    }

    /**
     * What one instance tells the others.
     *
     * @param kind {@code message}: look for new ones; {@code presence}: somebody came or went;
     *     {@code typing}: {@code author} does
     */
    record Signal(String kind, String room, Person author) {}

    private static String recent(String room) {
        return "chat:{" + room + "}:recent";
    }

    private static String present(String room) {
        return "chat:{" + room + "}:present";
    }

    void remember(Message message) {
        remember.run(
                redis,
                List.of(recent(message.room())),
                List.of(message.id(), write(message), RECENT));
    }

    /** Messages after {@code id} that the store still has, oldest first; there may be gaps. */
    List<Message> after(String room, long id) {
        Response found =
                Script.await(
                        redis,
                        Request.cmd(Command.ZRANGE)
                                .arg(recent(room))
                                .arg("(" + id)
                                .arg("+inf")
                                .arg("BYSCORE"));
        List<Message> messages = new ArrayList<>();
        found.forEach(each -> messages.add(read(each.toString(), Message.class)));
        return messages;
    }

    void signal(Signal signal) {
        Script.await(redis, Request.cmd(Command.PUBLISH).arg(CHANNEL).arg(write(signal)));
    }

    /** Takes a token of this person; false where there is none left. */
    boolean take(String person, long now, int burst, double perSecond) {
        return take.run(
                                redis,
                                List.of("chat:{rate:" + person + "}"),
                                List.of(now, burst, perSecond))
                        .toInteger()
                == 1;
    }

    void heardOf(String room, Person person, long now) {
        Script.await(
                redis, Request.cmd(Command.ZADD).arg(present(room)).arg(now).arg(write(person)));
    }

    void gone(String room, Person person) {
        Script.await(redis, Request.cmd(Command.ZREM).arg(present(room)).arg(write(person)));
    }

    /** Who was heard of since {@code oldest}, by name. */
    List<Person> present(String room, long oldest) {
        Response found = present.run(redis, List.of(present(room)), List.of(oldest, PRESENT_MAX));
        List<Person> people = new ArrayList<>();
        found.forEach(each -> people.add(read(each.toString(), Person.class)));
        people.sort(
                (a, b) -> {
                    int order = a.displayName().compareToIgnoreCase(b.displayName());
                    return order != 0 ? order : a.id().compareTo(b.id());
                });
        return people;
    }

    Signal readSignal(String text) {
        return read(text, Signal.class);
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> T read(String text, Class<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no " + type.getSimpleName() + " in: " + text, e);
        }
    }
}
