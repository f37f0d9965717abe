package dev.larder.store.replication;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Command;
import dev.larder.store.command.CommandException;
import dev.larder.store.command.Flag;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.CommandStream;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Gate;
import dev.larder.store.engine.Onlooker;
import dev.larder.store.journal.Effect;
import dev.larder.store.persistence.Persistence;
import dev.larder.store.reply.Reply;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.logging.Logger;

/**
 * Replication, of a master and of a replica.
 *
 * <p>Whoever asks by SYNC or PSYNC is sent all data as a data file and from then on every change as
 * the command that repeats it, in the form that replicas of the real servers read. What one request
 * has changed together is put between MULTI and EXEC. There is no backlog: a replica that has lost
 * its connection begins anew. The data file is made at once, so the first copy holds up other
 * clients while it is made. Nothing is done while there is no replica.
 *
 * <p>A store that is a replica itself hands on what its master says, byte by byte, under the
 * master's id and offset, so what clients write to it goes no further.
 */
public final class Replication implements Onlooker, Engine.ClientObserver, Gate {
    static final Logger LOG = Logger.getLogger("dev.larder.store.replication");

    private static final String READ_ONLY = "READONLY You can't write against a read only replica.";
    private static final String MASTER_DOWN =
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.";
    private static final String NO_REPLICAS = "NOREPLICAS Not enough good replicas to write.";
    private static final String FORCED =
            "UNBLOCKED force unblock from blocking operation, instance state changed (master ->"
                    + " replica?)";
    private static final String NO_ID = "0".repeat(40);
    private static final List<byte[]> ASK_FOR_ACK =
            List.of(ascii("REPLCONF"), ascii("GETACK"), ascii("*"));
    private static final List<byte[]> PING = List.of(ascii("PING"));

    /** What a replica has told of itself, and how far it says it is. */
    static final class Replica {
        private final Client client;
        private int port;
        private boolean online;
        private long acknowledged;
        private long acknowledgedAt;
        private long onDisk;
        private String address;

        Replica(Client client) {
            this.client = client;
        }

        Client client() {
            return client;
        }

        int port() {
            return port;
        }

        long acknowledged() {
            return acknowledged;
        }
    }

    private final Engine engine;
    private final Map<Client, Replica> replicas = new LinkedHashMap<>();
    private final CommandStream stream;
    private String id;
    private long offset;
    private int online;
    private int depth;
    private long pingedAt;
    private long offsetBefore;

    /** Clients that wait until replicas have their writes. */
    private final Map<Client, Awaited> awaiting = new LinkedHashMap<>();

    private boolean asksForAck;
    private long copies;

    /** The history before this one, and how far it went. */
    private String formerId = NO_ID;

    private long formerOffset = -1;

    /** The connection to the master; null where this is one. */
    private MasterLink link;

    private Vertx vertx;
    private IntSupplier ownPort = () -> 0;

    /**
     * What a client waits for.
     *
     * @param until how far its writes go
     * @param replicas how many replicas are wanted
     * @param onDisk whether they are to have them on the disk
     */
    private record Awaited(long until, long replicas, boolean onDisk) {}

    public Replication(Engine engine) {
        this.engine = engine;
        this.stream = new CommandStream(engine, this::sendChanges);
        newId();
        engine.add(Replication.class, this);
        engine.inBackground(
                _ -> {
                    tick();
                    return false;
                });
        for (String name : List.of("min-replicas-to-write", "replica-ignore-maxmemory")) {
            engine.config().onChange(name, _ -> adjust());
        }
        adjust();
        String master = engine.config().text("replicaof");
        if (!master.isEmpty()) {
            follow(master.split(" ")[0], Integer.parseInt(master.split(" ")[1]));
        }
    }

    /** Gives it what it needs to connect to a master; {@code port} is that of this store. */
    public void network(Vertx network, IntSupplier port) {
        vertx = network;
        ownPort = port;
        if (link != null) {
            String host = link.host();
            link = new MasterLink(engine, this, vertx, ownPort, host, link.port());
        }
    }

    private void tick() {
        if (link != null) {
            link.tick();
        }
        ping();
    }

    // The replica's side.

    /** Whether this is a replica. */
    public boolean isReplica() {
        return link != null;
    }

    MasterLink link() {
        return link;
    }

    /** Makes this the replica of another; what clients wait for is not going to happen here. */
    void follow(String host, int port) {
        if (link == null) {
            for (Client client : List.copyOf(engine.clients().values())) {
                if (client.isWaiting()) {
                    engine.endWaiting(client, new Reply.Failure(FORCED));
                    client.closeAfterReply();
                }
            }
        } else {
            link.close();
        }
        dropReplicas();
        link = new MasterLink(engine, this, vertx, ownPort, host, port);
        engine.config().with("replicaof", host + " " + port);
        adjust();
        LOG.info(() -> "Before turning into a replica of " + host + ":" + port);
        if (vertx != null) {
            link.tick();
        }
    }

    /** Makes this a master again, with the data it has. */
    void lead() {
        if (link == null) {
            return;
        }
        link.close();
        link = null;
        engine.config().with("replicaof", "");
        dropReplicas();
        formerId = id;
        formerOffset = offset + 1;
        newId();
        stream.deselect();
        adjust();
        LOG.info("MASTER MODE enabled");
    }

    /** Fits the data and the admission of commands to what this is now. */
    private void adjust() {
        boolean replica = link != null;
        for (int i = 0; i < engine.databases(); i++) {
            engine.database(i).follows(replica);
        }
        engine.memory().follows(replica && engine.config().isYes("replica-ignore-maxmemory"));
        boolean asksForReplicas = engine.config().integer("min-replicas-to-write") > 0;
        engine.gate(replica || asksForReplicas ? this : null);
    }

    @Override
    public String refusal(boolean writes, boolean needsFreshData) {
        if (writes && link == null && !hasGoodReplicas()) {
            return NO_REPLICAS;
        }
        if (link == null) {
            return null;
        }
        if (writes && engine.config().isYes("replica-read-only")) {
            return READ_ONLY;
        }
        boolean stale = !link.isUp() && !engine.config().isYes("replica-serve-stale-data");
        return needsFreshData && stale ? MASTER_DOWN : null;
    }

    private boolean hasGoodReplicas() {
        long wanted = engine.config().integer("min-replicas-to-write");
        return wanted == 0
                || engine.config().integer("min-replicas-max-lag") == 0
                || goodReplicas() >= wanted;
    }

    private long goodReplicas() {
        long most = engine.config().integer("min-replicas-max-lag");
        return replicas.values().stream()
                .filter(replica -> replica.online && lagSeconds(replica) <= most)
                .count();
    }

    private long lagSeconds(Replica replica) {
        return (engine.clock().millis() - replica.acknowledgedAt) / 1000;
    }

    /** The data is that of a master, whose history this goes on with; null where it has none. */
    void begins(String historyId, long at) {
        if (historyId == null) {
            newId();
        } else {
            id = historyId;
        }
        offset = at;
        formerId = NO_ID;
        formerOffset = -1;
    }

    /** The master goes on with the same history under another id. */
    void continues(String historyId) {
        if (!historyId.equals(id)) {
            formerId = id;
            formerOffset = offset + 1;
            id = historyId;
        }
    }

    /** Hands on what the master has said. */
    void relay(byte[] bytes, int from, int to) {
        if (online == 0) {
            offset += to - from;
        } else {
            send(Arrays.copyOfRange(bytes, from, to));
        }
    }

    /** Has all replicas begin anew. */
    void dropReplicas() {
        for (Replica replica : List.copyOf(replicas.values())) {
            if (replica.online) {
                replica.client.closeNow();
            }
        }
    }

    /** How many replicas were sent all data. */
    public long copies() {
        return copies;
    }

    /** The lines of INFO replication, in order. */
    public Map<String, Object> info() {
        Map<String, Object> lines = new LinkedHashMap<>();
        lines.put("role", link == null ? "master" : "slave");
        if (link != null) {
            tellOfMaster(lines);
        }
        List<String> shown = lines();
        lines.put("connected_slaves", shown.size());
        if (engine.config().integer("min-replicas-to-write") > 0
                && engine.config().integer("min-replicas-max-lag") > 0) {
            lines.put("min_slaves_good_slaves", goodReplicas());
        }
        for (int i = 0; i < shown.size(); i++) {
            lines.put("slave" + i, shown.get(i));
        }
        lines.put("master_failover_state", "no-failover");
        lines.put("master_replid", id);
        lines.put("master_replid2", formerId);
        lines.put("master_repl_offset", offset);
        lines.put("second_repl_offset", formerOffset);
        lines.put("repl_backlog_active", 0);
        lines.put("repl_backlog_size", engine.config().integer("repl-backlog-size"));
        lines.put("repl_backlog_first_byte_offset", 0);
        lines.put("repl_backlog_histlen", 0);
        return lines;
    }

    private void tellOfMaster(Map<String, Object> lines) {
        long now = engine.clock().millis();
        boolean syncs = link.state() == MasterLink.State.SYNC;
        lines.put("master_host", link.host());
        lines.put("master_port", link.port());
        lines.put("master_link_status", link.isUp() ? "up" : "down");
        lines.put(
                "master_last_io_seconds_ago", link.isUp() ? (now - link.lastHeardAt()) / 1000 : -1);
        lines.put("master_sync_in_progress", syncs ? 1 : 0);
        lines.put("slave_read_repl_offset", offset);
        lines.put("slave_repl_offset", offset);
        if (syncs) {
            Transfer transfer = link.transfer();
            long total = transfer == null ? -1 : transfer.total();
            long read = transfer == null ? 0 : transfer.received();
            lines.put("master_sync_total_bytes", Math.max(0, total));
            lines.put("master_sync_read_bytes", read);
            lines.put("master_sync_left_bytes", total < 0 ? -read : total - read);
            lines.put(
                    "master_sync_perc",
                    String.format(Locale.ROOT, "%.2f", total > 0 ? 100.0 * read / total : 0.0));
            lines.put("master_sync_last_io_seconds_ago", (now - link.lastHeardAt()) / 1000);
        }
        if (!link.isUp()) {
            lines.put("master_link_down_since_seconds", (now - link.downSince()) / 1000);
        }
        lines.put("slave_priority", engine.config().integer("replica-priority"));
        lines.put("slave_read_only", engine.config().isYes("replica-read-only") ? 1 : 0);
        lines.put("replica_announced", 1);
    }

    // Waiting for replicas.

    /** How many replicas have all that {@code client} has written. */
    long reached(Client client, boolean onDisk) {
        return reached(client.writtenTo(), onDisk);
    }

    private long reached(long until, boolean onDisk) {
        return replicas.values().stream()
                .filter(each -> each.online)
                .filter(each -> (onDisk ? each.onDisk : each.acknowledged) >= until)
                .count();
    }

    /** Has a client's WAIT or WAITAOF answered when so many replicas have its writes. */
    void await(Client client, long wanted, boolean onDisk) {
        awaiting.put(client, new Awaited(client.writtenTo(), wanted, onDisk));
        if (!asksForAck) {
            asksForAck = true;
            engine.later(this::askForAck);
        }
    }

    private void askForAck() {
        asksForAck = false;
        if (online > 0 && link == null) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CommandStream.write(bytes, ASK_FOR_ACK);
            send(bytes.toByteArray());
        }
    }

    Reply reachedReply(long count, boolean onDisk) {
        if (!onDisk) {
            return Reply.integer(count);
        }
        int here = Persistence.of(engine).keepsAppended() ? 1 : 0;
        return Reply.array(Reply.integer(here), Reply.integer(count));
    }

    private void answerWaiting() {
        for (Map.Entry<Client, Awaited> each : List.copyOf(awaiting.entrySet())) {
            Client client = each.getKey();
            Awaited awaited = each.getValue();
            if (!client.isWaiting()) {
                awaiting.remove(client);
                continue;
            }
            long count = reached(awaited.until(), awaited.onDisk());
            Reply reply = reachedReply(count, awaited.onDisk());
            if (count >= awaited.replicas()) {
                awaiting.remove(client);
                engine.endWaiting(client, reply);
            } else {
                engine.answerInstead(client, reply);
            }
        }
    }

    public static Replication of(Engine engine) {
        return engine.part(Replication.class);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The id of this history of changes, 40 hexadecimal digits. */
    public String id() {
        return id;
    }

    /** Begins another history, as DEBUG CHANGE-REPL-ID does. */
    public void newId() {
        id = engine.freshId();
    }

    /** How many bytes of changes there have been since the first replica came. */
    public long offset() {
        return offset;
    }

    /** The replicas that are sent changes, as INFO shows them: one line each. */
    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Replica replica : replicas.values()) {
            if (replica.online) {
                lines.add(
                        "ip="
                                + host(replica)
                                + ",port="
                                + replica.port
                                + ",state=online,offset="
                                + replica.acknowledged
                                + ",lag="
                                + lagSeconds(replica));
            }
        }
        return lines;
    }

    static String host(Replica replica) {
        if (replica.address != null) {
            return replica.address;
        }
        String address = replica.client.address();
        int colon = address.lastIndexOf(':');
        return colon < 0 ? address : address.substring(0, colon);
    }

    List<Replica> replicas() {
        return replicas.values().stream().filter(replica -> replica.online).toList();
    }

    private Replica replica(Client client) {
        return replicas.computeIfAbsent(client, Replica::new);
    }

    void listensOn(Client client, int port) {
        replica(client).port = port;
    }

    void announces(Client client, String address) {
        replica(client).address = address.isEmpty() ? null : address;
    }

    /** A replica says how far it is, and how much of that is on its disk. */
    void acknowledged(Client client, long at, long onDisk) {
        Replica replica = replicas.get(client);
        if (replica == null || !replica.online) {
            return;
        }
        replica.acknowledged = Math.max(replica.acknowledged, at);
        replica.onDisk = Math.max(replica.onDisk, onDisk);
        replica.acknowledgedAt = engine.clock().millis();
        if (!awaiting.isEmpty()) {
            answerWaiting();
        }
    }

    /**
     * Sends all data and begins to send changes.
     *
     * @param tells whether the id and the offset are told first, as PSYNC does
     */
    void begin(Client client, boolean tells) {
        if (link != null && !link.isUp()) {
            throw new CommandException(
                    "NOMASTERLINK Can't SYNC while not connected with my master");
        }
        Replica replica = replica(client);
        if (replica.online) {
            return;
        }
        replica.online = true;
        copies++;
        client.replica(true);
        if (online++ == 0) {
            stream.begin();
            // After the stream: what a request has changed is sent when this hears of its end.
            engine.watch(this);
            depth = 0;
            pingedAt = engine.clock().millis();
        }
        // Every stream begins without a database; one SELECT too many harms no other replica. A
        // stream that is handed on cannot be added to, so there the new replica alone is told the
        // database, as if it had come so many bytes earlier.
        byte[] selection = {};
        if (link == null) {
            stream.deselect();
        } else {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CommandStream.write(bytes, selects(link.database()));
            selection = bytes.toByteArray();
        }
        long begins = offset - selection.length;
        replica.acknowledged = begins;
        replica.acknowledgedAt = engine.clock().millis();
        byte[] image = Persistence.of(engine).image();
        String head = tells ? "+FULLRESYNC " + id + " " + begins + "\r\n" : "";
        client.sendRaw(ascii(head + "$" + image.length + "\r\n"));
        client.sendRaw(image);
        client.sendRaw(selection);
    }

    private static List<byte[]> selects(int database) {
        return List.of(ascii("SELECT"), ascii(Integer.toString(database)));
    }

    @Override
    public void disconnected(Client client) {
        awaiting.remove(client);
        Replica gone = replicas.remove(client);
        if (gone != null && gone.online && --online == 0) {
            stream.end();
            engine.unwatch(this);
        }
        if (gone != null && !awaiting.isEmpty()) {
            answerWaiting();
        }
    }

    // The stream.

    @Override
    public void before(Call call, Client client) {
        if (depth++ == 0) {
            offsetBefore = offset;
        }
    }

    @Override
    public void after(Call call, Client client, Reply reply) {
        depth = Math.max(0, depth - 1);
        if (link == null && isMessage(call.command())) {
            // A message changes nothing, but those who listen at a replica are to hear it.
            stream.changed(new Effect(client.database(), call.args().words()));
        }
        if (depth == 0) {
            if (offset > offsetBefore) {
                client.writtenTo(offset);
            }
        }
    }

    private static boolean isMessage(Command command) {
        return command.category() == Category.PUBSUB && command.has(Flag.MAY_REPLICATE);
    }

    private void sendChanges(byte[] commands) {
        if (link == null) {
            send(commands);
        }
    }

    private void send(byte[] bytes) {
        offset += bytes.length;
        for (Replica replica : replicas.values()) {
            if (replica.online) {
                replica.client.sendRaw(bytes);
            }
        }
    }

    /** Replicas take a master that says nothing for lost. */
    private void ping() {
        long now = engine.clock().millis();
        long period = engine.config().integer("repl-ping-replica-period") * 1000;
        if (link == null && online > 0 && now - pingedAt >= period) {
            pingedAt = now;
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CommandStream.write(bytes, PING);
            send(bytes.toByteArray());
        }
    }
}
