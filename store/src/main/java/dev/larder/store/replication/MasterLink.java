package dev.larder.store.replication;

import dev.larder.store.StoreConfig;
import dev.larder.store.command.Args;
import dev.larder.store.engine.CommandStream;
import dev.larder.store.engine.ConnectionCommands;
import dev.larder.store.engine.Engine;
import dev.larder.store.persistence.BadDataException;
import dev.larder.store.persistence.Persistence;
import dev.larder.store.resp.ProtocolException;
import dev.larder.store.resp.RequestParser;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * A replica's connection to its master, for as long as REPLICAOF stands: it connects, presents
 * itself, asks for all data or for what it has missed, and applies what comes. When the connection
 * is lost it tries again. Belongs to the thread of the engine.
 */
final class MasterLink {
    /*
     * What comes is read by state: lines that answer our own, one each, while we present ourselves;
     * then the line that tells of the data file, and the file; then commands without end. Commands
     * are counted by their bytes, and handed on to replicas of this one byte by byte, so that the
     * offsets are the same along the chain. A transaction counts when it has ended: if the
     * connection is lost inside of it, it is sent again from its beginning.
     */

    /** How far it has come, in the words of ROLE. */
    enum State {
        CONNECT("connect"),
        CONNECTING("connecting"),
        HANDSHAKE("handshake"),
        SYNC("sync"),
        CONNECTED("connected");

        private final String word;

        State(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    private static final long RETRY_FIRST_MILLIS = 100;
    private static final long RETRY_MOST_MILLIS = 1000;
    private static final long ACK_MILLIS = 1000;
    private static final int LINE_MAX = 4096;

    private final Engine engine;
    private final Replication replication;
    private final Vertx vertx;
    private final IntSupplier ownPort;
    private final String host;
    private final int port;

    private State state = State.CONNECT;
    private NetClient net;
    private NetSocket socket;
    private long lastHeardAt;
    private long acknowledgedAt;
    private long downSince;
    private long retryAt;
    private long retryMillis = RETRY_FIRST_MILLIS;
    private final Deque<String> asked = new ArrayDeque<>();
    private final StringBuilder line = new StringBuilder();
    private boolean syncsOldWay;
    private Transfer transfer;
    private String newId;
    private long newOffset;

    private MasterClient client;
    private RequestParser parser;
    private final Args args = new Args();
    private byte[] pending = new byte[0];
    private int pendingEnd;
    private boolean applying;
    private final ByteArrayOutputStream open = new ByteArrayOutputStream();

    /** The history that this store has come from, and the database it stood in; or none. */
    private boolean mayContinue;

    private int database;

    MasterLink(
            Engine engine,
            Replication replication,
            Vertx vertx,
            IntSupplier ownPort,
            String host,
            int port) {
        this.engine = engine;
        this.replication = replication;
        this.vertx = vertx;
        this.ownPort = ownPort;
        this.host = host;
        this.port = port;
        this.downSince = engine.clock().millis();
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    State state() {
        return state;
    }

    boolean isUp() {
        return state == State.CONNECTED;
    }

    /** Whether all data is being sent; {@code transfer} is null before it has begun. */
    Transfer transfer() {
        return transfer;
    }

    /** Milliseconds since 1970; of the last byte that has come. */
    long lastHeardAt() {
        return lastHeardAt;
    }

    long downSince() {
        return downSince;
    }

    String remoteAddress() {
        return host + ":" + port;
    }

    String localAddress() {
        return socket == null ? "" : socket.localAddress().toString();
    }

    private StoreConfig config() {
        return engine.config();
    }

    /** What is due with time: to connect, to give up, to acknowledge. */
    void tick() {
        long now = engine.clock().millis();
        long timeoutMillis = config().integer("repl-timeout") * 1000;
        if (state == State.CONNECT) {
            if (vertx != null && now >= retryAt) {
                connect();
            }
        } else if (now - lastHeardAt > timeoutMillis) {
            lost("it said nothing for too long");
        } else if (state == State.CONNECTED && now - acknowledgedAt >= ACK_MILLIS) {
            acknowledge();
        }
    }

    private void connect() {
        state = State.CONNECTING;
        lastHeardAt = engine.clock().millis();
        NetClient mine =
                vertx.createNetClient(
                        new NetClientOptions()
                                .setTcpNoDelay(true)
                                .setTcpKeepAlive(true)
                                .setConnectTimeout(
                                        (int)
                                                Math.min(
                                                        Integer.MAX_VALUE,
                                                        config().integer("repl-timeout") * 1000)));
        net = mine;
        mine.connect(port, host)
                .onComplete(
                        done -> {
                            engine.clock().refresh();
                            if (net != mine) {
                                mine.close();
                            } else if (done.failed()) {
                                lost(String.valueOf(done.cause().getMessage()));
                            } else {
                                connected(mine, done.result());
                            }
                        });
    }

    private void connected(NetClient mine, NetSocket opened) {
        socket = opened;
        state = State.HANDSHAKE;
        opened.handler(
                bytes -> {
                    if (net == mine) {
                        read(bytes.getBytes());
                    }
                });
        opened.exceptionHandler(_ -> {});
        opened.closeHandler(
                _ -> {
                    if (net == mine) {
                        engine.clock().refresh();
                        lost("it closed the connection");
                        engine.flush();
                    }
                });
        ask("PING");
    }

    /** Ends for good: REPLICAOF names another master or none. */
    void close() {
        drop();
    }

    private void drop() {
        NetClient was = net;
        net = null;
        socket = null;
        if (client != null) {
            database = client.database();
            MasterClient gone = client;
            client = null;
            engine.disconnected(gone);
        }
        if (transfer != null) {
            transfer.remove();
            transfer = null;
        }
        asked.clear();
        line.setLength(0);
        pending = new byte[0];
        pendingEnd = 0;
        open.reset();
        if (was != null) {
            was.close();
        }
    }

    /** Ends this connection; another is tried soon. */
    void lost(String why) {
        if (net == null) {
            return;
        }
        long now = engine.clock().millis();
        Replication.LOG.info(() -> "Connection with master " + remoteAddress() + " lost: " + why);
        if (state == State.CONNECTED) {
            downSince = now;
            retryMillis = RETRY_FIRST_MILLIS;
        }
        drop();
        state = State.CONNECT;
        retryAt = now + retryMillis;
        retryMillis = Math.min(retryMillis * 2, RETRY_MOST_MILLIS);
    }

    // Presenting ourselves.

    private void ask(String... words) {
        asked.add(words[0].equals("REPLCONF") ? words[0] + " " + words[1] : words[0]);
        write(words);
    }

    private void write(String... words) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<byte[]> list = new ArrayList<>();
        for (String word : words) {
            list.add(word.getBytes(StandardCharsets.UTF_8));
        }
        CommandStream.write(bytes, list);
        socket.write(Buffer.buffer(bytes.toByteArray()));
    }

    private void read(byte[] bytes) {
        engine.statistics().receivedFromMaster(bytes.length);
        engine.clock().refresh();
        lastHeardAt = engine.clock().millis();
        NetClient mine = net;
        int at = 0;
        try {
            while (net == mine && at < bytes.length) {
                at =
                        switch (state) {
                            case HANDSHAKE -> readLine(bytes, at);
                            case SYNC ->
                                    transfer == null ? readLine(bytes, at) : receive(bytes, at);
                            case CONNECTED -> stream(bytes, at);
                            case CONNECT, CONNECTING -> bytes.length;
                        };
            }
        } catch (IOException | UncheckedIOException | BadDataException | ProtocolException e) {
            lost(e.toString());
        }
        engine.flush();
    }

    private int readLine(byte[] bytes, int from) throws IOException {
        int at = from;
        while (at < bytes.length && bytes[at] != '\n') {
            line.append((char) (bytes[at++] & 0xFF));
        }
        if (line.length() > LINE_MAX) {
            throw new IOException("its answer is too long");
        }
        if (at == bytes.length) {
            return at;
        }
        String text = line.toString().strip();
        line.setLength(0);
        // An empty line only says that it is still there.
        if (!text.isEmpty()) {
            if (state == State.SYNC) {
                beginTransfer(text);
            } else {
                answered(text);
            }
        }
        return at + 1;
    }

    private void answered(String text) throws IOException {
        String question = asked.poll();
        if (question == null) {
            throw new IOException("it answered what nobody asked: " + text);
        }
        boolean failed = text.startsWith("-");
        switch (question) {
            case "PING" -> {
                if (failed
                        && !text.startsWith("-NOAUTH")
                        && !text.startsWith("-NOPERM")
                        && !text.startsWith("-ERR operation not permitted")) {
                    throw new IOException("it answered PING by " + text);
                }
                present();
            }
            case "AUTH" -> {
                if (failed) {
                    throw new IOException("it refused AUTH: " + text);
                }
            }
            case "PSYNC" -> syncs(text);
            default -> {
                if (failed) {
                    Replication.LOG.info(() -> "The master does not know " + question);
                }
            }
        }
        if (state == State.HANDSHAKE && asked.isEmpty()) {
            sync();
        }
    }

    private void present() {
        String password = config().text("masterauth");
        String user = config().text("masteruser");
        if (!password.isEmpty()) {
            if (user.isEmpty()) {
                ask("AUTH", password);
            } else {
                ask("AUTH", user, password);
            }
        }
        long announced = config().integer("replica-announce-port");
        ask(
                "REPLCONF",
                "listening-port",
                Long.toString(announced == 0 ? ownPort.getAsInt() : announced));
        String address = config().text("replica-announce-ip");
        if (!address.isEmpty()) {
            ask("REPLCONF", "ip-address", address);
        }
        ask("REPLCONF", "capa", "eof", "capa", "psync2");
        ask("REPLCONF", "version", ConnectionCommands.REDIS_VERSION);
    }

    /** Asks for data; only when all else was answered, for a master refuses it before. */
    private void sync() {
        if (syncsOldWay) {
            write("SYNC");
            state = State.SYNC;
            newId = null;
        } else if (mayContinue) {
            ask("PSYNC", replication.id(), Long.toString(replication.offset() + 1));
        } else {
            ask("PSYNC", "?", "-1");
        }
    }

    private void syncs(String text) throws IOException {
        String[] words = text.split(" ");
        if (words[0].equals("+FULLRESYNC") && words.length == 3) {
            newId = words[1];
            try {
                newOffset = Long.parseLong(words[2]);
            } catch (NumberFormatException e) {
                throw new IOException("it answered PSYNC by " + text, e);
            }
            state = State.SYNC;
            Replication.LOG.info("Full resync from master");
        } else if (words[0].equals("+CONTINUE") && mayContinue) {
            if (words.length > 1) {
                replication.continues(words[1]);
            }
            Replication.LOG.info("Partial resync from master");
            online();
        } else if (text.startsWith("-NOMASTERLINK") || text.startsWith("-LOADING")) {
            throw new IOException("it cannot serve replicas now: " + text);
        } else {
            syncsOldWay = text.startsWith("-ERR unknown command");
            mayContinue = false;
            throw new IOException("it answered PSYNC by " + text);
        }
    }

    // All data.

    private void beginTransfer(String head) throws IOException {
        if (!head.startsWith("$")) {
            throw new IOException("it sends no data: " + head);
        }
        transfer = new Transfer(head.substring(1), Path.of(config().text("dir")));
        if (transfer.isComplete()) {
            load();
        }
    }

    private int receive(byte[] bytes, int from) throws IOException {
        int at = transfer.take(bytes, from);
        if (transfer.isComplete()) {
            load();
        }
        return at;
    }

    private void load() throws IOException {
        Transfer file = transfer;
        file.finish();
        mayContinue = false;
        replication.dropReplicas();
        try {
            Persistence.of(engine).replaceBy(file.place());
        } finally {
            file.remove();
        }
        transfer = null;
        database = 0;
        replication.begins(newId, newId == null ? 0 : newOffset);
        mayContinue = newId != null;
        engine.clock().refresh();
        Replication.LOG.info("MASTER <-> REPLICA sync: finished with success");
        online();
    }

    private void online() {
        client = new MasterClient(engine, this);
        engine.connected(client);
        client.trust();
        client.database(database);
        parser = new RequestParser();
        parser.limits(Long.MAX_VALUE, true);
        open.reset();
        state = State.CONNECTED;
        retryMillis = RETRY_FIRST_MILLIS;
        lastHeardAt = engine.clock().millis();
        acknowledge();
    }

    // The changes.

    private int stream(byte[] bytes, int from) {
        int count = bytes.length - from;
        int needed = Math.addExact(pendingEnd, count);
        if (needed > pending.length) {
            pending = Arrays.copyOf(pending, (int) Math.min(needed * 2L, Integer.MAX_VALUE - 8));
        }
        System.arraycopy(bytes, from, pending, pendingEnd, count);
        pendingEnd = needed;
        apply();
        return bytes.length;
    }

    /** Goes on after its command was held up, as by CLIENT PAUSE. */
    void resume() {
        engine.later(
                () -> {
                    if (client != null && !applying) {
                        apply();
                    }
                });
    }

    private void apply() {
        if (applying || client.isWaiting()) {
            return;
        }
        applying = true;
        seesExpired(true);
        try {
            parser.feed(pending, 0, pendingEnd);
            MasterClient current = client;
            int done = 0;
            RequestParser.Found found;
            while (client == current
                    && !current.isWaiting()
                    && (found = parser.next(args)) != RequestParser.Found.INCOMPLETE) {
                if (found == RequestParser.Found.COMMAND) {
                    obey();
                }
                if (client == current) {
                    applied(done, parser.position());
                }
                done = parser.position();
            }
            if (client == current) {
                pendingEnd -= parser.position();
                System.arraycopy(pending, parser.position(), pending, 0, pendingEnd);
                parser.trim();
            }
        } finally {
            seesExpired(false);
            applying = false;
        }
    }

    private void obey() {
        if (args.is(0, "REPLCONF")) {
            if (args.count() > 1 && args.is(1, "GETACK")) {
                acknowledge();
            }
        } else {
            engine.execute(client, args);
        }
    }

    private void applied(int from, int to) {
        if (!client.inTransaction() && open.size() == 0) {
            replication.relay(pending, from, to);
            return;
        }
        open.write(pending, from, to - from);
        if (!client.inTransaction()) {
            byte[] whole = open.toByteArray();
            open.reset();
            replication.relay(whole, 0, whole.length);
        }
    }

    /** The database that the stream stands in. */
    int database() {
        return client == null ? database : client.database();
    }

    private void seesExpired(boolean yes) {
        for (int i = 0; i < engine.databases(); i++) {
            engine.database(i).seesExpired(yes);
        }
    }

    private void acknowledge() {
        acknowledgedAt = engine.clock().millis();
        write("REPLCONF", "ACK", Long.toString(replication.offset()));
    }
}
