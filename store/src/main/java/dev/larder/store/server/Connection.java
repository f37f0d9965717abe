package dev.larder.store.server;

import dev.larder.store.command.Args;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import dev.larder.store.resp.ProtocolException;
import dev.larder.store.resp.ReplyWriter;
import dev.larder.store.resp.RequestParser;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.nio.AbstractNioChannel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One client's socket: bytes in, commands to the engine, replies out. All requests of one read are
 * answered by one write. What is left of an unfinished request is kept here; a client that waits
 * (BLPOP) or reads too slowly is not served further until it can be.
 */
final class Connection extends Client {
    private static final Logger LOG = Logger.getLogger(Connection.class.getName());

    /** Replies are handed to the socket in pieces of about this size, not gathered without end. */
    static final int PIECE_BYTES = 256 * 1024;

    /** What a word of a message takes besides its bytes. */
    private static final long MESSAGE_WORD_BYTES = 16;

    /** What is read at once, and how often, while another's command keeps the thread. */
    private static final int READ_NOW_BYTES = 16 * 1024;

    private static final int READS_NOW_MAX = 16;

    private final RespServer server;
    private final Engine engine;
    private final String address;
    private final String localAddress;
    private final RequestParser parser = new RequestParser();
    private final Args args = new Args();
    private final ReplyWriter out = new ReplyWriter(this::sendLarge);
    private final Inbound inbound = new Inbound();
    private ChannelHandlerContext context;
    private byte[] pending;
    private int pendingEnd;
    private boolean queuedForFlush;
    private boolean processing;
    private boolean closeAfterFlush;
    private boolean holdingPushes;
    private int batchBytes;

    /** A large string was handed to the channel since the limits were looked at. */
    private boolean gathered;

    /** Its replies wait for it in such a mass that nothing more is read from it. */
    private boolean clogged;

    /** Since when more waits than the soft limit, in milliseconds since 1970; 0 for not. */
    private long overSoftLimitSince;

    private long lastReadAt;
    private long peakForgottenAt;

    /** Pushed while a command ran, to be sent after its reply; null where nothing was. */
    private List<Reply> deferred;

    private long deferredBytes;

    Connection(RespServer server, Engine engine, long id, String address, String localAddress) {
        super(id, engine.clock().millis());
        this.server = server;
        this.engine = engine;
        this.address = address;
        this.localAddress = localAddress;
        this.peakForgottenAt = createdAt();
    }

    ChannelInboundHandler inbound() {
        return inbound;
    }

    /** Says why and closes, for one that is not let in. */
    void refuse(ChannelHandlerContext where, String why) {
        out.write(new Reply.Failure(why), 2);
        ByteBuf bytes = where.alloc().buffer(out.size());
        bytes.writeBytes(out.array(), 0, out.size());
        where.writeAndFlush(bytes).addListener(ChannelFutureListener.CLOSE);
    }

    private final class Inbound extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
            engine.connected(Connection.this);
        }

        @Override
        public void channelRead(ChannelHandlerContext from, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                read(bytes);
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext from) {
            server.flushSoon(from.executor());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext from) {
            if (clogged && from.channel().isWritable()) {
                clogged = false;
                from.channel().config().setAutoRead(true);
                resume();
            }
            from.fireChannelWritabilityChanged();
        }

        @Override
        public void channelInactive(ChannelHandlerContext from) {
            closing();
            engine.clock().refresh();
            engine.disconnected(Connection.this);
            pending = null;
            from.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
            // A lost connection is everyday; anything else is a fault of ours.
            Level level = cause instanceof IOException ? Level.FINE : Level.WARNING;
            LOG.log(level, cause, () -> "connection of " + address + " failed");
            from.close();
        }
    }

    /**
     * Reads what has come, on the loop's thread but out of its turn. The loop, when it gets there,
     * finds less than it was told of, which it does not mind.
     */
    void readNow() {
        Channel channel = context.channel();
        if (processing
                || isWaiting()
                || isClosing()
                || !channel.isActive()
                || !channel.config().isAutoRead()) {
            return;
        }
        if (channel.unsafe() instanceof AbstractNioChannel.NioUnsafe nio) {
            nio.read();
        } else if (channel instanceof UnixChannel unix) {
            readNow(channel, unix);
        }
    }

    private void readNow(Channel channel, UnixChannel unix) {
        boolean more = true;
        for (int i = 0; i < READS_NOW_MAX && more; i++) {
            ByteBuf bytes = channel.alloc().ioBuffer(READ_NOW_BYTES, READ_NOW_BYTES);
            ByteBuffer room = bytes.internalNioBuffer(0, READ_NOW_BYTES);
            int count;
            try {
                count = unix.fd().read(room, room.position(), room.limit());
            } catch (IOException e) {
                // The loop will come upon it, too, and close.
                count = 0;
            }
            more = count == READ_NOW_BYTES && channel.isActive();
            if (count > 0) {
                channel.pipeline().fireChannelRead(bytes.writerIndex(count));
                channel.pipeline().fireChannelReadComplete();
            } else {
                bytes.release();
            }
        }
    }

    private void read(ByteBuf bytes) {
        int count = bytes.readableBytes();
        engine.statistics().received(count);
        engine.clock().refresh();
        lastReadAt = engine.clock().millis();
        if (pending == null) {
            byte[] scratch = server.scratch(count);
            bytes.readBytes(scratch, 0, count);
            process(scratch, 0, count);
        } else {
            if (count > engine.config().queryBufferBytesMax() - pendingEnd - queuedBytes()) {
                LOG.warning(() -> "closing " + line(lastReadAt) + ": its request is too long");
                engine.statistics().closedForQuery();
                closeNow();
                return;
            }
            growPending(count);
            bytes.readBytes(pending, pendingEnd, count);
            pendingEnd += count;
            process(pending, 0, pendingEnd);
        }
    }

    /**
     * Makes room behind what is pending. The array at most doubles, whatever length was claimed, so
     * that memory follows the bytes that have really come.
     */
    private void growPending(int count) {
        int needed = Math.addExact(pendingEnd, count);
        if (needed > pending.length) {
            long wanted =
                    Math.clamp(parser.wanted(), needed, Math.max(needed, pending.length * 2L));
            pending = Arrays.copyOf(pending, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
    }

    private void process(byte[] bytes, int from, int to) {
        batchBytes = to - from;
        if (isWaiting() || isClosing() || closeAfterFlush || processing || clogged) {
            keep(bytes, from, to);
            return;
        }
        processing = true;
        parser.limits(engine.config().protoBulkBytesMax(), isAuthenticated());
        parser.feed(bytes, from, to);
        try {
            serve();
        } catch (ProtocolException e) {
            send(new Reply.Failure("ERR Protocol error: " + e.getMessage()));
            closeAfterReply();
        } finally {
            processing = false;
        }
        keep(bytes, parser.position(), to);
        parser.trim();
    }

    private void serve() {
        while (!isWaiting() && !closeAfterFlush && !isClosing() && !clogged) {
            switch (parser.next(args)) {
                case INCOMPLETE -> {
                    return;
                }
                case EMPTY -> {}
                case COMMAND -> {
                    boolean was = isAuthenticated();
                    engine.execute(this, args);
                    if (deferred != null) {
                        sendDeferred();
                    }
                    if (was != isAuthenticated()) {
                        parser.limits(engine.config().protoBulkBytesMax(), isAuthenticated());
                    }
                }
            }
        }
    }

    /** Keeps the bytes that belong to no finished command. */
    private void keep(byte[] bytes, int from, int to) {
        int count = to - from;
        if (count == 0 || closeAfterFlush || isClosing()) {
            pending = null;
            pendingEnd = 0;
        } else if (bytes == pending) {
            System.arraycopy(pending, from, pending, 0, count);
            pendingEnd = count;
        } else {
            pending = Arrays.copyOfRange(bytes, from, to);
            pendingEnd = count;
        }
    }

    @Override
    public void resume() {
        context.executor().execute(this::goOn);
    }

    private void goOn() {
        if (pending != null && !isClosing()) {
            engine.clock().refresh();
            process(pending, 0, pendingEnd);
        }
        server.flushAll();
    }

    @Override
    public void send(Reply reply) {
        out.write(reply, protocol());
        wantFlush();
        if (out.size() > server.repliesUnwatchedBytes() || gathered) {
            handOn();
        }
    }

    @Override
    public void sendRaw(byte[] bytes) {
        if (isClosing()) {
            return;
        }
        out.raw(bytes);
        wantFlush();
        if (out.size() > server.repliesUnwatchedBytes()) {
            handOn();
        }
    }

    @Override
    public void openArray(int count) {
        out.openArray(count);
        wantFlush();
    }

    /**
     * Sends what answers no command. While a command of this very client runs, its reply goes
     * first: a message inside of it would break it.
     */
    @Override
    public void push(Reply reply) {
        if (isClosing()) {
            return;
        }
        if (processing || holdingPushes) {
            defer(reply);
            return;
        }
        pushNow(reply);
    }

    /** Keeps a message for after the reply; what its class may not have waiting closes it. */
    private void defer(Reply reply) {
        if (deferred == null) {
            deferred = new ArrayList<>();
            deferredBytes = 0;
        }
        deferred.add(reply);
        deferredBytes += bytesAbout(reply);
        long hardBytes = server.outputLimits().of(this).hardBytes();
        if (hardBytes != 0 && deferredBytes > hardBytes) {
            LOG.warning(() -> "closing " + address + ": a command floods it with messages");
            engine.statistics().closedForOutput();
            deferred = null;
            closeNow();
        }
    }

    /** The bytes that a message holds, without those of its form. */
    private static long bytesAbout(Reply reply) {
        return switch (reply) {
            case Reply.Push push -> push.items().stream().mapToLong(Connection::bytesAbout).sum();
            case Reply.Array array ->
                    array.items().stream().mapToLong(Connection::bytesAbout).sum();
            case Reply.Bulk bulk -> bulk.bytes().length + MESSAGE_WORD_BYTES;
            case Reply.Status status -> status.text().length() + MESSAGE_WORD_BYTES;
            case Reply.View _,
                    Reply.Tape _,
                    Reply.Map _,
                    Reply.Set _,
                    Reply.Many _,
                    Reply.Attributed _,
                    Reply.Failure _,
                    Reply.Int _,
                    Reply.Nil _,
                    Reply.Num _,
                    Reply.Decimal _,
                    Reply.Bool _,
                    Reply.BigNumber _,
                    Reply.Verbatim _,
                    Reply.None _,
                    Reply.Wait _ ->
                    MESSAGE_WORD_BYTES;
        };
    }

    @Override
    public void pushAtOnce(Reply reply) {
        if (!isClosing()) {
            pushNow(reply);
        }
    }

    @Override
    public void holdPushes() {
        holdingPushes = true;
    }

    @Override
    public void releasePushes() {
        holdingPushes = false;
        if (deferred != null && !processing) {
            sendDeferred();
        }
    }

    private void sendDeferred() {
        List<Reply> replies = deferred;
        deferred = null;
        for (int i = 0; i < replies.size() && !isClosing(); i++) {
            pushNow(replies.get(i));
        }
    }

    private void pushNow(Reply reply) {
        out.write(reply, protocol());
        wantFlush();
        if (out.size() > server.repliesUnwatchedBytes()
                || gathered
                || !context.channel().isWritable()) {
            handOn();
        }
    }

    /** Looks at what waits to be sent, and hands on what makes a piece of its own. */
    private void handOn() {
        gathered = false;
        if (isOverLimit()) {
            LOG.warning(
                    () ->
                            "Client "
                                    + line(engine.clock().millis())
                                    + " closed for overcoming of output buffer limits.");
            engine.statistics().closedForOutput();
            out.clear();
            closeNow();
            return;
        }
        if (out.size() > PIECE_BYTES) {
            engine.beforeSending();
            writePiece();
        }
        if (!clogged && !context.channel().isWritable() && server.isTooMuch(unsentBytes())) {
            clogged = true;
            context.channel().config().setAutoRead(false);
        }
    }

    /** Replies in bytes that the client has not been sent yet, as far as this process knows. */
    long unsentBytes() {
        // A channel that is closed but has not said so yet has no buffer any more.
        ChannelOutboundBuffer unsent = context.channel().unsafe().outboundBuffer();
        return out.size() + (unsent == null ? 0 : unsent.totalPendingWriteBytes());
    }

    private boolean isOverLimit() {
        OutputLimits.Limit limit = server.outputLimits().of(this);
        long unsent = unsentBytes();
        if (limit.hardBytes() != 0 && unsent >= limit.hardBytes()) {
            return true;
        }
        if (limit.softBytes() == 0 || unsent < limit.softBytes()) {
            overSoftLimitSince = 0;
            return false;
        }
        long now = engine.clock().millis();
        if (overSoftLimitSince == 0) {
            overSoftLimitSince = now;
        }
        return (now - overSoftLimitSince) / 1000 > limit.softSeconds();
    }

    private void shrinkReplyBuffer(long now) {
        if (engine.debug().resizesReplyBuffers()) {
            out.shrink();
        }
        long peakMillis = engine.debug().replyPeakMillis();
        if (peakMillis >= 0 && now - peakForgottenAt > peakMillis) {
            peakForgottenAt = now;
            out.forgetPeak();
        }
    }

    /** What is due about once a second: limits that time makes, and clients that do nothing. */
    void check(long now, long idleSecondsMax) {
        if (isClosing()) {
            return;
        }
        shrinkReplyBuffer(now);
        if (!context.channel().isWritable() || overSoftLimitSince != 0) {
            handOn();
        }
        if (idleSecondsMax > 0
                && !isReplica()
                && !isMonitor()
                && !isWaiting()
                && subscriptions() == 0
                && (now - Math.max(lastReadAt, lastCommandAt())) / 1000 > idleSecondsMax) {
            LOG.fine(() -> "closing idle client " + address);
            closeNow();
        }
    }

    private void wantFlush() {
        if (!queuedForFlush) {
            queuedForFlush = true;
            server.unflushed(this);
        }
    }

    /** A large string goes to the socket by one copy, behind what was said before it. */
    private void sendLarge(byte[] from, int offset, int count) {
        gather(out.array(), 0, out.size());
        out.clear();
        gather(from, offset, count);
        gathered = true;
        wantFlush();
    }

    private void gather(byte[] from, int offset, int count) {
        ByteBuf piece = context.alloc().ioBuffer(count);
        piece.writeBytes(from, offset, count);
        engine.statistics().sent(count, isReplica());
        context.write(piece, context.voidPromise());
    }

    private void writePiece() {
        if (out.size() > 0) {
            ByteBuf piece = context.alloc().ioBuffer(out.size());
            piece.writeBytes(out.array(), 0, out.size());
            engine.statistics().sent(out.size(), isReplica());
            context.writeAndFlush(piece, context.voidPromise());
            out.clear();
        }
    }

    void flush() {
        queuedForFlush = false;
        if (isClosing()) {
            out.clear();
            return;
        }
        writePiece();
        if (!closeAfterFlush && !context.channel().isWritable()) {
            handOn();
        }
        if (closeAfterFlush) {
            context.writeAndFlush(context.alloc().buffer(0))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void closeAfterReply() {
        closeAfterFlush = true;
        wantFlush();
    }

    @Override
    public void closeNow() {
        closing();
        context.close();
    }

    @Override
    public boolean isEnding() {
        return closeAfterFlush;
    }

    @Override
    public Buffers buffers() {
        int used = out.size();
        int here = Math.min(used, ReplyWriter.SIZE_START);
        ChannelOutboundBuffer unsent = context.channel().unsafe().outboundBuffer();
        long handedOn = unsent == null ? 0 : unsent.totalPendingWriteBytes();
        int pieces = unsent == null ? 0 : unsent.size();
        return new Buffers(
                processing ? batchBytes : pendingEnd,
                pending == null ? 0 : pending.length - pendingEnd,
                Math.min(out.array().length, ReplyWriter.SIZE_START),
                Math.min(out.peak(), ReplyWriter.SIZE_START),
                here,
                pieces + (used > here ? 1 : 0),
                handedOn + used - here);
    }

    @Override
    public int fileDescriptor() {
        return context.channel() instanceof UnixChannel channel ? channel.fd().intValue() : -1;
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public String localAddress() {
        return localAddress;
    }
}
