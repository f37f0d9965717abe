package dev.larder.store.engine;

import dev.larder.store.command.Call;
import dev.larder.store.journal.Effect;
import dev.larder.store.journal.Journal;
import dev.larder.store.reply.Reply;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Every change as the command that repeats it, in the form that clients send: what a replica is
 * told and what an append-only file holds. SELECT stands where the database changes; what one
 * request has changed together stands between MULTI and EXEC. Nothing is done before {@link
 * #begin}.
 */
public final class CommandStream implements Onlooker, Journal.Listener {
    private static final List<byte[]> MULTI = List.of(ascii("MULTI"));
    private static final List<byte[]> EXEC = List.of(ascii("EXEC"));

    /** What comes upon keys whose time is over by chance: these have nothing in common. */
    private static final Set<String> TOUCH_ANY_KEY = Set.of("SCAN", "RANDOMKEY");

    private final Engine engine;
    private final Consumer<byte[]> taker;
    private final List<Effect> unit = new ArrayList<>();
    private int depth;

    /** Whether what the request that runs has changed stands for itself, each change alone. */
    private boolean apart;

    /** The database that the stream has selected; none at its beginning. */
    private int database = -1;

    /** {@code taker} is handed whole requests, each once it is over. */
    public CommandStream(Engine engine, Consumer<byte[]> taker) {
        this.engine = engine;
        this.taker = taker;
    }

    /** Hears of changes from now on. */
    public void begin() {
        depth = 0;
        unit.clear();
        deselect();
        engine.journal().listen(this);
        engine.watch(this);
    }

    public void end() {
        engine.journal().forget(this);
        engine.unwatch(this);
        unit.clear();
    }

    /** Has the next change name its database, for somebody begins to read there. */
    public void deselect() {
        database = -1;
    }

    @Override
    public void before(Call call, Client client) {
        if (depth++ == 0) {
            apart = TOUCH_ANY_KEY.contains(call.command().name());
        }
    }

    @Override
    public void after(Call call, Client client, Reply reply) {
        depth = Math.max(0, depth - 1);
        if (depth == 0) {
            handOver();
            apart = false;
        }
    }

    @Override
    public void changed(Effect effect) {
        unit.add(effect);
        if (depth == 0) {
            handOver();
        }
    }

    private void handOver() {
        if (unit.isEmpty()) {
            return;
        }
        boolean together = unit.size() > 1 && !apart;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < unit.size(); i++) {
            Effect effect = unit.get(i);
            if (effect.database() != database) {
                database = effect.database();
                write(bytes, List.of(ascii("SELECT"), ascii(Integer.toString(database))));
            }
            if (together && i == 0) {
                write(bytes, MULTI);
            }
            write(bytes, effect.words());
        }
        if (together) {
            write(bytes, EXEC);
        }
        unit.clear();
        taker.accept(bytes.toByteArray());
    }

    /** Writes one command. */
    public static void write(ByteArrayOutputStream to, List<byte[]> words) {
        to.writeBytes(ascii("*" + words.size() + "\r\n"));
        for (byte[] word : words) {
            to.writeBytes(ascii("$" + word.length + "\r\n"));
            to.writeBytes(word);
            to.writeBytes(ascii("\r\n"));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
