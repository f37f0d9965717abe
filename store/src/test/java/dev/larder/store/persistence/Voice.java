package dev.larder.store.persistence;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.command.Args;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A client of an engine in this thread, which keeps its last reply. */
final class Voice extends Client {
    private final Engine engine;
    private Reply last;

    private Voice(Engine engine) {
        super(engine.newClientId(), engine.clock().millis());
        this.engine = engine;
    }

    static Voice of(Engine engine) {
        Voice voice = new Voice(engine);
        engine.connected(voice);
        return voice;
    }

    /** An engine whose data file is in {@code folder}. */
    static Engine engine(Path folder) {
        StoreConfig config = new StoreConfig().with("dir", folder.toString());
        return Store.engine(config, new Clock(System::currentTimeMillis));
    }

    Engine engine() {
        return engine;
    }

    Reply ask(String line) {
        return ask(line.split(" "));
    }

    Reply ask(String... words) {
        List<byte[]> bytes = new ArrayList<>();
        for (String word : words) {
            bytes.add(word.getBytes(StandardCharsets.ISO_8859_1));
        }
        last = null;
        engine.execute(this, Args.of(bytes));
        return last;
    }

    String digest() {
        return ((Reply.Status) ask("DEBUG DIGEST")).text();
    }

    @Override
    public void send(Reply reply) {
        last = reply.detached();
    }

    @Override
    public void openArray(int count) {}

    @Override
    public void push(Reply reply) {}

    @Override
    public void closeAfterReply() {}

    @Override
    public void closeNow() {}

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
