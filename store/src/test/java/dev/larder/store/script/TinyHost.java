package dev.larder.store.script;

import dev.larder.store.command.Args;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** As much of a store as the tests of scripts ask of one. */
final class TinyHost implements ScriptHost {
    private final TreeMap<String, Object> data = new TreeMap<>();
    private int protocol = 2;
    private long deadline = Long.MAX_VALUE;
    volatile String kill;

    void endAfterMillis(long millis) {
        deadline = System.nanoTime() + millis * 1_000_000;
    }

    @Override
    public Reply call(Args words) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < words.count(); i++) {
            all.add(new String(words.bytes(i), StandardCharsets.ISO_8859_1));
        }
        return switch (all.getFirst().toUpperCase(Locale.ROOT)) {
            case "SET" -> {
                data.put(all.get(1), all.get(2));
                yield Reply.OK;
            }
            case "GET" -> {
                Object value = data.get(all.get(1));
                yield value == null
                        ? Reply.Nil.BULK
                        : value instanceof String text
                                ? Reply.bulk(text.getBytes(StandardCharsets.ISO_8859_1))
                                : new Reply.Failure(
                                        "WRONGTYPE Operation against a key holding the wrong kind"
                                                + " of value");
            }
            case "INCR" -> {
                try {
                    long next = Long.parseLong((String) data.getOrDefault(all.get(1), "0")) + 1;
                    data.put(all.get(1), Long.toString(next));
                    yield Reply.integer(next);
                } catch (NumberFormatException e) {
                    yield new Reply.Failure("ERR value is not an integer or out of range");
                }
            }
            case "HSET" -> {
                @SuppressWarnings("unchecked")
                TreeMap<String, String> hash =
                        (TreeMap<String, String>)
                                data.computeIfAbsent(
                                        all.get(1), _ -> new TreeMap<String, String>());
                hash.put(all.get(2), all.get(3));
                yield Reply.integer(1);
            }
            case "HGETALL" -> {
                @SuppressWarnings("unchecked")
                TreeMap<String, String> hash = (TreeMap<String, String>) data.get(all.get(1));
                Reply.Tape tape = new Reply.Tape().map(hash.size());
                hash.forEach((k, v) -> tape.bulk(k).bulk(v));
                yield tape;
            }
            case "MGET" -> {
                List<Reply> items = new ArrayList<>();
                for (String key : all.subList(1, all.size())) {
                    items.add(
                            data.get(key) instanceof String text
                                    ? Reply.bulk(text)
                                    : Reply.Nil.BULK);
                }
                yield Reply.array(items);
            }
            case "ECHO" -> Reply.bulk(all.get(1).getBytes(StandardCharsets.ISO_8859_1));
            case "PING" -> Reply.PONG;
            case "FLUSHALL" -> {
                data.clear();
                yield Reply.OK;
            }
            default -> new Reply.Failure("ERR Unknown Redis command called from script");
        };
    }

    @Override
    public void log(int level, byte[] message) {}

    @Override
    public Reply mayRun(Args words) {
        return new Reply.Bool(true);
    }

    @Override
    public void protocol(int version) {
        protocol = version;
    }

    @Override
    public void replicated(boolean yes) {}

    @Override
    public void alreadyCounted() {}

    int protocol() {
        return protocol;
    }

    @Override
    public String interruption() {
        return kill != null
                ? kill
                : System.nanoTime() > deadline ? "ERR Error running script: time is over" : null;
    }
}
