package dev.larder.bench.jmh;

import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import dev.larder.store.resp.ReplyWriter;

/** A client without a socket: what is sent to it is written as bytes and forgotten. */
final class Nobody extends Client {
    private static final int PROTOCOL = 2;

    private final ReplyWriter writer = new ReplyWriter();

    Nobody(Engine engine) {
        super(engine.newClientId(), engine.clock().millis());
        engine.connected(this);
    }

    /** How many bytes it was sent since it was asked last. */
    int heard() {
        int size = writer.size();
        writer.clear();
        return size;
    }

    @Override
    public void send(Reply reply) {
        writer.write(reply, PROTOCOL);
    }

    @Override
    public void openArray(int count) {
        writer.openArray(count);
    }

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
