package dev.larder.store.replication;

import dev.larder.store.acl.User;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import java.util.logging.Logger;

/** The master of this store as a client: what it says is done, and is not answered. */
final class MasterClient extends Client {
    private static final Logger LOG = Logger.getLogger(MasterClient.class.getName());

    private final MasterLink link;

    MasterClient(Engine engine, MasterLink link) {
        super(engine.newClientId(), engine.clock().millis());
        this.link = link;
    }

    /** Gives it all permissions, which it needs no password for. */
    void trust() {
        user(User.SERVER);
        authenticated(true);
    }

    @Override
    public boolean isMaster() {
        return true;
    }

    @Override
    public void send(Reply reply) {
        if (reply instanceof Reply.Failure failure) {
            LOG.warning(
                    () ->
                            "The master's command "
                                    + lastCommand()
                                    + " was answered: "
                                    + failure.text());
        }
    }

    @Override
    public void openArray(int count) {}

    @Override
    public void push(Reply reply) {}

    @Override
    public void closeAfterReply() {
        closeNow();
    }

    @Override
    public void closeNow() {
        closing();
        link.lost("closed on request");
    }

    @Override
    public void resume() {
        link.resume();
    }

    @Override
    public String address() {
        return link.remoteAddress();
    }

    @Override
    public String localAddress() {
        return link.localAddress();
    }
}
