package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.command.Args;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.journal.Effect;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A talk with an engine in this thread, by a clock that stands still until it is moved. When it is
 * closed, the journal of all that was said is replayed into an empty engine, which must come to the
 * same data.
 */
final class Conversation implements AutoCloseable {
    private static final int REPLIES_MAX = 100_000;

    private final long[] now = {1_700_000_000_000L};
    private final Clock clock = new Clock(() -> now[0]);
    private final Engine engine = Store.engine(new StoreConfig(), clock);
    private final List<Effect> effects = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private final Speaker first = connect();
    private boolean remembers = true;

    Conversation() {
        engine.journal()
                .listen(
                        effect -> {
                            if (remembers) {
                                effects.add(effect);
                                times.add(now[0]);
                            }
                        });
    }

    /** Replays nothing at the end, for talk so long that keeping it would be the larger part. */
    void forgetsEffects() {
        remembers = false;
    }

    Engine engine() {
        return engine;
    }

    /** One more client. */
    Speaker connect() {
        Speaker speaker = new Speaker(engine);
        engine.connected(speaker);
        return speaker;
    }

    /** Says one line, words divided by single blanks, and returns the reply as text. */
    String ask(String line) {
        return first.ask(line);
    }

    String ask(String... words) {
        return first.ask(words);
    }

    void says(String line, String reply) {
        assertThat(ask(line)).as(line).isEqualTo(reply);
    }

    /** Lets time pass; ends waits that are over. */
    void passes(long millis) {
        now[0] += millis;
        clock.refresh();
        engine.expireWaiting();
    }

    /** A client whose replies are kept. */
    static final class Speaker extends Client {
        private final Engine engine;
        private final Deque<Reply> replies = new ArrayDeque<>();
        private final List<List<Reply>> open = new ArrayList<>();
        private final List<Reply> pushed = new ArrayList<>();
        private boolean busy;
        private int missing;
        private boolean closed;

        private Speaker(Engine engine) {
            super(engine.newClientId(), engine.clock().millis());
            this.engine = engine;
        }

        String ask(String line) {
            return ask(line.split(" "));
        }

        String ask(String... words) {
            say(words);
            return heard();
        }

        void say(String line) {
            say(line.split(" "));
        }

        void say(String... words) {
            List<byte[]> bytes = new ArrayList<>();
            for (String word : words) {
                bytes.add(word.getBytes(StandardCharsets.UTF_8));
            }
            busy = true;
            engine.execute(this, Args.of(bytes));
            busy = false;
            replies.addAll(pushed);
            pushed.clear();
            engine.endBatch();
        }

        /** The next reply, {@code (nothing)} where there is none. */
        String heard() {
            Reply reply = replies.poll();
            return reply == null ? "(nothing)" : text(reply);
        }

        boolean isClosed() {
            return closed;
        }

        @Override
        public void send(Reply reply) {
            Reply kept = reply.detached();
            if (kept instanceof Reply.None) {
                return;
            }
            if (kept instanceof Reply.Many many) {
                many.replies().forEach(this::send);
                return;
            }
            if (open.isEmpty()) {
                assertThat(replies.size()).isLessThan(REPLIES_MAX);
                replies.add(kept);
                return;
            }
            open.getLast().add(kept);
            if (--missing == 0) {
                replies.add(new Reply.Array(open.removeLast()));
            }
        }

        @Override
        public void openArray(int count) {
            if (count == 0) {
                replies.add(new Reply.Array(List.of()));
            } else {
                open.add(new ArrayList<>());
                missing = count;
            }
        }

        /** What is pushed while it speaks comes after the reply, as on a connection. */
        @Override
        public void push(Reply reply) {
            (busy ? pushed : replies).add(reply.detached());
        }

        @Override
        public void closeAfterReply() {
            closed = true;
        }

        @Override
        public void closeNow() {
            closed = true;
        }

        @Override
        public void resume() {}

        @Override
        public String address() {
            return "127.0.0.1:1";
        }

        @Override
        public String localAddress() {
            return "127.0.0.1:2";
        }
    }

    /** A reply as the shortest text that still says what it is. */
    private static String text(Reply reply) {
        return switch (reply) {
            case Reply.Status status -> status.text();
            case Reply.Failure failure -> "-" + failure.text();
            case Reply.Int number -> ":" + number.value();
            case Reply.Bulk bulk -> new String(bulk.bytes(), StandardCharsets.UTF_8);
            case Reply.View view -> view.slice().toString();
            case Reply.Nil _ -> "(nil)";
            case Reply.Num number -> "," + number.value();
            case Reply.Decimal number -> number.digits();
            case Reply.Bool bool -> "#" + bool.value();
            case Reply.BigNumber number -> "(" + number.digits();
            case Reply.Verbatim verbatim -> new String(verbatim.bytes(), StandardCharsets.UTF_8);
            case Reply.Array array -> text("[", array.items(), "]");
            case Reply.Map map -> text("{", map.keysAndValues(), "}");
            case Reply.Set set -> text("~", set.items(), "~");
            case Reply.Push push -> text(">", push.items(), "<");
            case Reply.Many many -> text("", many.replies(), "");
            case Reply.Attributed with ->
                    text("|", with.attributes(), "|") + " " + text(with.reply());
            case Reply.Tape tape -> text(tape.toReply());
            case Reply.None _ -> "(none)";
            case Reply.Wait _ -> "(wait)";
        };
    }

    private static String text(String before, List<Reply> items, String after) {
        return before + String.join(" ", items.stream().map(Conversation::text).toList()) + after;
    }

    /**
     * Replays the journal into an empty engine, each change at its time, and compares what both
     * hold.
     */
    @Override
    public void close() {
        if (!remembers) {
            return;
        }
        long[] then = {now[0]};
        Clock replayClock = new Clock(() -> then[0]);
        Engine copy = Store.engine(new StoreConfig(), replayClock);
        Speaker replayer = new Speaker(copy);
        copy.connected(replayer);
        for (int i = 0; i < effects.size(); i++) {
            Effect effect = effects.get(i);
            then[0] = times.get(i);
            replayClock.refresh();
            replayer.database(effect.database());
            copy.execute(replayer, Args.of(effect.words()));
            assertThat(replayer.heard())
                    .as(
                            "replay of %s",
                            new String(effect.words().getFirst(), StandardCharsets.UTF_8))
                    .doesNotMatch("(?s)-[A-Z]+ .*");
        }
        then[0] = now[0];
        replayClock.refresh();
        assertThat(contents(copy)).as("what the journal says").isEqualTo(contents(engine));
    }

    private static Map<String, String> contents(Engine engine) {
        Map<String, String> contents = new TreeMap<>();
        Speaker reader = new Speaker(engine);
        engine.connected(reader);
        for (int database = 0; database < engine.databases(); database++) {
            reader.database(database);
            List<String> keys = new ArrayList<>();
            engine.database(database).forEachKey(key -> keys.add(key.toString()));
            for (String key : keys) {
                contents.put(database + ":" + key, content(reader, key));
            }
        }
        engine.disconnected(reader);
        return contents;
    }

    private static String content(Speaker reader, String key) {
        String type = reader.ask("TYPE", key);
        String value =
                switch (type) {
                    case "string" -> reader.ask("GET", key);
                    case "list" -> reader.ask("LRANGE", key, "0", "-1");
                    case "hash" -> sorted(reader.ask("HGETALL", key)) + deadlines(reader, key);
                    case "set" -> sorted(reader.ask("SMEMBERS", key));
                    case "zset" -> reader.ask("ZRANGE", key, "0", "-1", "WITHSCORES");
                    case "stream" ->
                            // When a consumer was seen or active last is no part of the data.
                            reader.ask("XINFO", "STREAM", key, "FULL", "COUNT", "0")
                                    .replaceAll("(seen|active)-time :-?\\d+", "");
                    default -> throw new AssertionError("type " + type);
                };
        return type + " " + value + " " + reader.ask("PEXPIRETIME", key);
    }

    /** When the fields of a hash end; their names have no blanks. */
    private static String deadlines(Speaker reader, String key) {
        Map<String, String> deadlines = new TreeMap<>();
        String fields = reader.ask("HKEYS", key);
        for (String field : fields.substring(1, fields.length() - 1).split(" ")) {
            deadlines.put(field, reader.ask("HPEXPIRETIME", key, "FIELDS", "1", field));
        }
        return deadlines.toString();
    }

    /** Hashes and sets have no order; their words do. */
    private static String sorted(String words) {
        String[] parts = words.substring(1, words.length() - 1).split(" ");
        java.util.Arrays.sort(parts);
        return String.join(" ", parts);
    }
}
