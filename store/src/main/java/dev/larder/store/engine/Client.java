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

    private boolean replica;
    private long writtenTo;
    private final long id;
    private final long createdAt;
    private String name = "";
    private String libraryName = "";
    private String libraryVersion = "";
    private boolean authenticated;
    private User user = User.SERVER;
    private boolean closing;
    private long lastCommandAt;
    private String lastCommand = "NULL";

    // Of Transactions.
    List<Queued> queue;
    boolean queueRefused;
    long queueBytes;
    boolean watchedChanged;
    final List<Watched> watching = new ArrayList<>();

    /** A key that this client watches. */
    static final class Watched {
        final int database;
        final Slice key;

        /** Its time was over when it was watched: that it is removed then changes nothing. */
        boolean stale;

        Watched(int database, Slice key, boolean stale) {
            this.database = database;
            this.key = key;
            this.stale = stale;
        }
    }

    // Of Waiting.
    Waiting.Ticket waiting;

    // Of Pause.
    boolean held;

    // Of tracking.
    private String trackingFlags = "";
    private long redirect = -1;

    // Of MONITOR and CLIENT NO-EVICT.
    private boolean monitor;
    private boolean kept;
    boolean untouching;
    private boolean redirectable;

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

    /** The same between two commands of this client: nothing is running whose reply goes first. */
    public void pushAtOnce(Reply reply) {
        push(reply);
    }

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

    /** The number by which the operating system knows the connection; -1 where it has none. */
    public int fileDescriptor() {
        return -1;
    }

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
        return ClientCommands.describe(this, now, null);
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

    /** Notes what it asks, which CLIENT LIST shows, be it run, queued or denied. */
    void asks(Command command, long now) {
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
        return waiting != null || held;
    }

    /** Whether it is a replica, to be sent every change. */
    public final boolean isReplica() {
        return replica;
    }

    /** Whether it said by CLIENT CAPA that it follows redirections. */
    public boolean isRedirectable() {
        return redirectable;
    }

    void redirectable() {
        redirectable = true;
    }

    public final void replica(boolean yes) {
        replica = yes;
    }

    /** Whether it is the master of this store, whose commands are obeyed. */
    public boolean isMaster() {
        return false;
    }

    /** How far the stream of changes had come after its last write, in bytes. */
    public final long writtenTo() {
        return writtenTo;
    }

    public final void writtenTo(long offset) {
        writtenTo = offset;
    }

    /**
     * Sends bytes that are no reply: a data file, or commands for a replica. Where nobody reads
     * bytes, as behind a script, they are lost.
     */
    public void sendRaw(byte[] bytes) {}

    /** Whether it leaves the time of a key's last use alone: CLIENT NO-TOUCH. */
    public boolean isUntouching() {
        return untouching;
    }

    /** What CLIENT LIST says of its tracking: letters and the client that is told instead. */
    public void tracks(String flags, long toClient) {
        trackingFlags = flags;
        redirect = toClient;
    }

    public String trackingFlags() {
        return trackingFlags;
    }

    /** The client that is told of invalidations instead; 0 for none, -1 where none are. */
    public long redirect() {
        return redirect;
    }

    public boolean isMonitor() {
        return monitor;
    }

    public void monitor(boolean yes) {
        monitor = yes;
    }

    /** Whether it stays when clients take too much memory: CLIENT NO-EVICT. */
    public boolean isKept() {
        return kept;
    }

    public void kept(boolean yes) {
        kept = yes;
    }

    /** Whether it is closed as soon as its replies have gone. */
    public boolean isEnding() {
        return false;
    }

    /**
     * The memory a connection has taken, in bytes where not said otherwise.
     *
     * @param query requests received and not yet done with
     * @param queryFree room left in the buffer for them
     * @param replyBuffer room in the buffer for replies
     * @param replyBufferPeak the most of it used of late
     * @param replyBuffered replies in it
     * @param replies pieces of replies handed on and not yet sent, counted
     * @param replyBytes the bytes of these
     */
    public record Buffers(
            long query,
            long queryFree,
            long replyBuffer,
            long replyBufferPeak,
            long replyBuffered,
            long replies,
            long replyBytes) {
        static final Buffers NONE = new Buffers(0, 0, 0, 0, 0, 0, 0);

        public long total() {
            return query + queryFree + replyBuffer + replyBytes;
        }
    }

    public Buffers buffers() {
        return Buffers.NONE;
    }

    /** Bytes of the commands it has queued in a transaction. */
    public long queuedBytes() {
        return queue == null ? 0 : queueBytes;
    }

    /** Whether a watched key has changed, so that its transaction will not run. */
    public boolean isWatchBroken() {
        return watchedChanged;
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

    /** Whether the command that runs now is answered. */
    boolean isAnswered() {
        return replyMode == ReplyMode.ON || replyMode == ReplyMode.SKIP_NEXT;
    }

    public void replyMode(ReplyMode mode) {
        replyMode = mode;
    }
}
