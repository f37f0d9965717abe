package dev.larder.store.replication;

import dev.larder.store.command.Call;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Onlooker;
import dev.larder.store.journal.Effect;
import dev.larder.store.journal.Journal;
import dev.larder.store.persistence.Persistence;
import dev.larder.store.reply.Reply;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The master's side of replication: whoever asks by SYNC or PSYNC is sent all data as a data file
 * and from then on every change as the command that repeats it, in the form that replicas of the
 * real servers read. What one request has changed together is put between MULTI and EXEC.
 *
 * <p>There is no backlog: a replica that has lost its connection begins anew. The data file is made
 * at once, so the first copy holds up other clients while it is made. Nothing is done while there
 * is no replica.
 */
public final class Replication implements Onlooker, Journal.Listener, Engine.ClientObserver {
    private static final long PING_MILLIS = 10_000;
    private static final List<byte[]> PING = List.of(ascii("PING"));
    private static final List<byte[]> MULTI = List.of(ascii("MULTI"));
    private static final List<byte[]> EXEC = List.of(ascii("EXEC"));

    /** What a replica has told of itself, and how far it says it is. */
    static final class Replica {
        private final Client client;
        private int port;
        private boolean online;
        private long acknowledged;
        private long acknowledgedAt;

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
    private final List<Effect> unit = new ArrayList<>();
    private String id;
    private long offset;
    private int depth;
    private int online;

    /** The database that the stream has selected; none at its beginning. */
    private int database = -1;

    private long pingedAt;

    public Replication(Engine engine) {
        this.engine = engine;
        newId();
        engine.add(Replication.class, this);
        engine.inBackground(
                _ -> {
                    ping();
                    return false;
                });
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
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            digits.append(Character.forDigit(engine.random().nextInt(16), 16));
        }
        id = digits.toString();
    }

    /** How many bytes of changes there have been since the first replica came. */
    public long offset() {
        return offset;
    }

    /** The replicas that are sent changes, as INFO shows them: one line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Replica replica : replicas.values()) {
            if (replica.online) {
                long lag =
                        replica.acknowledgedAt == 0
                                ? 0
                                : (engine.clock().millis() - replica.acknowledgedAt) / 1000;
                lines.add(
                        "ip="
                                + host(replica)
                                + ",port="
                                + replica.port
                                + ",state=online,offset="
                                + replica.acknowledged
                                + ",lag="
                                + lag);
            }
        }
        return lines;
    }

    static String host(Replica replica) {
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

    void acknowledged(Client client, long at) {
        Replica replica = replica(client);
        replica.acknowledged = Math.max(replica.acknowledged, at);
        replica.acknowledgedAt = engine.clock().millis();
    }

    /** Sends all data, after {@code head}, and begins to send changes. */
    void begin(Client client, String head) {
        Replica replica = replica(client);
        if (!replica.online) {
            replica.online = true;
            client.replica(true);
            if (online++ == 0) {
                engine.journal().listen(this);
                engine.watch(this);
                depth = 0;
                pingedAt = engine.clock().millis();
            }
        }
        replica.acknowledged = offset;
        // Every stream begins without a database; one SELECT too many harms no other replica.
        database = -1;
        byte[] image = Persistence.of(engine).image();
        client.sendRaw(ascii(head + "$" + image.length + "\r\n"));
        client.sendRaw(image);
    }

    @Override
    public void disconnected(Client client) {
        Replica gone = replicas.remove(client);
        if (gone != null && gone.online && --online == 0) {
            engine.journal().forget(this);
            engine.unwatch(this);
            unit.clear();
        }
    }

    // The stream.

    @Override
    public void before(Call call, Client client) {
        depth++;
    }

    @Override
    public void after(Call call, Client client, Reply reply) {
        depth = Math.max(0, depth - 1);
        if (depth == 0) {
            sendUnit();
        }
    }

    @Override
    public void changed(Effect effect) {
        unit.add(effect);
        if (depth == 0) {
            sendUnit();
        }
    }

    private void sendUnit() {
        if (unit.isEmpty()) {
            return;
        }
        boolean together = unit.size() > 1;
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
        send(bytes.toByteArray());
    }

    private void send(byte[] bytes) {
        offset += bytes.length;
        for (Replica replica : replicas.values()) {
            if (replica.online) {
                replica.client.sendRaw(bytes);
            }
        }
    }

    private static void write(ByteArrayOutputStream to, List<byte[]> words) {
        to.writeBytes(ascii("*" + words.size() + "\r\n"));
        for (byte[] word : words) {
            to.writeBytes(ascii("$" + word.length + "\r\n"));
            to.writeBytes(word);
            to.writeBytes(ascii("\r\n"));
        }
    }

    /** Replicas take a master that says nothing for lost. */
    private void ping() {
        long now = engine.clock().millis();
        if (online > 0 && now - pingedAt >= PING_MILLIS) {
            pingedAt = now;
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(bytes, PING);
            send(bytes.toByteArray());
        }
    }
}
