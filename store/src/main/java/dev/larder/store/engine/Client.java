package dev.larder.store.engine;

import dev.larder.store.acl.Session;
import dev.larder.store.acl.User;
import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.Caller;
import dev.larder.store.command.Command;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One connection as the engine sees it: what it is called, whether it may ask, the transaction it
 * has begun, what it watches, waits for and listens to. Where its replies go is the business of the
 * subclass: a socket or a list in a test.
 */
public abstract class Client extends Caller implements Session {
    /** A command that waits inside MULTI. */
    record Queued(Command command, Args args) {}

    private final long id;
    private final long createdAt;
    private String name = "";
    private String libraryName = "";
    private String libraryVersion = "";
    private boolean authenticated;
    private User user;
    private boolean closing;
    private long lastCommandAt;
    private String lastCommand = "NULL";

    // Of Transactions.
    List<Queued> queue;
    boolean queueRefused;
    boolean watchedChanged;
    final List<Watched> watching = new ArrayList<>();

    /** A key that this client watches. */
    record Watched(int database, Slice key) {}

    // Of Waiting.
    Waiting.Ticket waiting;

    // Of pub/sub.
    private final Set<Slice> channels = new LinkedHashSet<>();
    private final Set<Slice> patterns = new LinkedHashSet<>();
    private final Set<Slice> shardChannels = new LinkedHashSet<>();

    // Of CLIENT REPLY.
    private ReplyMode replyMode = ReplyMode.ON;

    /** Whether answers are sent: CLIENT REPLY. */
    public enum ReplyMode {
        ON,
        OFF,
        /** SKIP was just asked; the next command's answer is dropped. */
        SKIP_NEXT,
        SKIPPING
    }

    protected Client(long id, long now) {
        this.id = id;
        this.createdAt = now;
        this.lastCommandAt = now;
    }

    /** The client a command belongs to; every caller is one. */
    public static Client of(Call call) {
        return (Client) call.caller();
    }

    /** Sends a reply to a command, in order. */
    public abstract void send(Reply reply);

    /** Opens an array whose {@code count} items are sent next. */
    public abstract void openArray(int count);

    /** Sends something that answers no command: a message, an invalidation. */
    public abstract void push(Reply reply);

    /**
     * From now to {@link #releasePushes} a command of this client runs: what is pushed meanwhile
     * comes after its reply. For a command that runs outside the client's own turn.
     */
    public void holdPushes() {}

    public void releasePushes() {}

    /** Closes the connection after what was sent so far has gone. */
    @Override
    public abstract void closeAfterReply();

    /** Closes the connection at once. */
    @Override
    public abstract void closeNow();

    /** Goes on with the commands that came while this client waited. */
    public abstract void resume();

    /** The address of the other end, {@code host:port}. */
    public abstract String address();

    /** The address of this end. */
    public abstract String localAddress();

    public long id() {
        return id;
    }

    public long createdAt() {
        return createdAt;
    }

    public String name() {
        return name;
    }

    public void name(String text) {
        name = text;
    }

    public String libraryName() {
        return libraryName;
    }

    public void libraryName(String text) {
        libraryName = text;
    }

    public String libraryVersion() {
        return libraryVersion;
    }

    public void libraryVersion(String text) {
        libraryVersion = text;
    }

    @Override
    public boolean isAuthenticated() {
        return authenticated;
    }

    @Override
    public void authenticated(boolean yes) {
        authenticated = yes;
    }

    /** Whose permissions it has; the default user's until it logs in as another. */
    @Override
    public User user() {
        return user;
    }

    @Override
    public void user(User newUser) {
        user = newUser;
    }

    @Override
    public String line(long now) {
        return ConnectionCommands.describe(this, now).stripTrailing();
    }

    @Override
    public boolean mayReadEveryKey(Command command, Args args) {
        return user.mayReadEveryKey(command, args);
    }

    public boolean isClosing() {
        return closing;
    }

    protected void closing() {
        closing = true;
    }

    public long lastCommandAt() {
        return lastCommandAt;
    }

    public String lastCommand() {
        return lastCommand;
    }

    void ran(Command command, long now) {
        lastCommand = command.name();
        lastCommandAt = now;
    }

    /** Whether it has begun a transaction. */
    @Override
    public boolean inTransaction() {
        return queue != null;
    }

    public int queuedCommands() {
        return queue == null ? -1 : queue.size();
    }

    public int watchedKeys() {
        return watching.size();
    }

    public boolean isWaiting() {
        return waiting != null;
    }

    @Override
    public Set<Slice> channels() {
        return channels;
    }

    @Override
    public Set<Slice> patterns() {
        return patterns;
    }

    @Override
    public Set<Slice> shardChannels() {
        return shardChannels;
    }

    public int subscriptions() {
        return channels.size() + patterns.size() + shardChannels.size();
    }

    public ReplyMode replyMode() {
        return replyMode;
    }

    public void replyMode(ReplyMode mode) {
        replyMode = mode;
    }
}
