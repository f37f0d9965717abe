package dev.larder.store.pubsub;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;

import dev.larder.store.command.Call;
import dev.larder.store.command.Category;
import dev.larder.store.command.Errors;
import dev.larder.store.command.Family;
import dev.larder.store.command.Flag;
import dev.larder.store.command.Glob;
import dev.larder.store.command.Help;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Messages from publishers to whoever listens now: channels, patterns of channels, and sharded
 * channels. A message is sent at most once and kept nowhere.
 */
public final class PubSub implements Engine.ClientObserver {
    /** Where the names of one kind of subscription are kept, and how their messages are called. */
    private enum Kind {
        CHANNEL("subscribe", "unsubscribe"),
        PATTERN("psubscribe", "punsubscribe"),
        SHARD("ssubscribe", "sunsubscribe");

        private final String added;
        private final String removed;

        Kind(String added, String removed) {
            this.added = added;
            this.removed = removed;
        }

        Set<Slice> of(Client client) {
            return switch (this) {
                case CHANNEL -> client.channels();
                case PATTERN -> client.patterns();
                case SHARD -> client.shardChannels();
            };
        }

        /** The count in a confirmation: channels and patterns together, shard channels alone. */
        int countOf(Client client) {
            return this == SHARD
                    ? client.shardChannels().size()
                    : client.channels().size() + client.patterns().size();
        }
    }

    private static final String OPTION = "notify-keyspace-events";
    private static final String EVENT_CLASSES = "g$lshzxetd";

    private static final Flag[] SUBSCRIBING = {
        Flag.PUBSUB, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE
    };

    public static final Family ALL =
            family(
                    Category.PUBSUB,
                    command("SUBSCRIBE", "channel [channel ...]")
                            .is(SUBSCRIBING)
                            .since("2.0.0")
                            .cost("O(N) where N is the number of channels to subscribe to.")
                            .about("Listens for messages published to channels.")
                            .does(call -> subscribe(call, Kind.CHANNEL)),
                    command("UNSUBSCRIBE", "[channel [channel ...]]")
                            .is(SUBSCRIBING)
                            .since("2.0.0")
                            .cost("O(N) where N is the number of channels to unsubscribe.")
                            .about("Stops listening to messages posted to channels.")
                            .does(call -> unsubscribe(call, Kind.CHANNEL)),
                    command("PSUBSCRIBE", "pattern [pattern ...]")
                            .is(SUBSCRIBING)
                            .since("2.0.0")
                            .cost("O(N) where N is the number of patterns to subscribe to.")
                            .about(
                                    "Listens for messages published to channels that match patterns.")
                            .does(call -> subscribe(call, Kind.PATTERN)),
                    command("PUNSUBSCRIBE", "[pattern [pattern ...]]")
                            .is(SUBSCRIBING)
                            .since("2.0.0")
                            .cost("O(N) where N is the number of patterns to unsubscribe.")
                            .about("Stops listening to messages of channels that match patterns.")
                            .does(call -> unsubscribe(call, Kind.PATTERN)),
                    command("SSUBSCRIBE", "shardchannel [shardchannel ...]")
                            .is(SUBSCRIBING)
                            .since("7.0.0")
                            .cost("O(N) where N is the number of shard channels to subscribe to.")
                            .about("Listens for messages published to shard channels.")
                            .keys(1, -1, 1)
                            .does(call -> subscribe(call, Kind.SHARD)),
                    command("SUNSUBSCRIBE", "[shardchannel [shardchannel ...]]")
                            .is(SUBSCRIBING)
                            .since("7.0.0")
                            .cost("O(N) where N is the number of shard channels to unsubscribe.")
                            .about("Stops listening to messages posted to shard channels.")
                            .keys(1, -1, 1)
                            .does(call -> unsubscribe(call, Kind.SHARD)),
                    command("PUBLISH", "channel message")
                            .is(
                                    Flag.PUBSUB,
                                    Flag.LOADING,
                                    Flag.STALE,
                                    Flag.FAST,
                                    Flag.MAY_REPLICATE)
                            .since("2.0.0")
                            .cost("O(N+M), N subscribers of the channel and M patterns.")
                            .about("Posts a message to a channel.")
                            .does(PubSub::publish),
                    command("SPUBLISH", "shardchannel message")
                            .is(
                                    Flag.PUBSUB,
                                    Flag.LOADING,
                                    Flag.STALE,
                                    Flag.FAST,
                                    Flag.MAY_REPLICATE)
                            .since("7.0.0")
                            .cost("O(N) where N is the number of subscribers of the channel.")
                            .about("Posts a message to a shard channel.")
                            .keys(1, 1, 1)
                            .does(PubSub::spublish),
                    command("PUBSUB", "<subcommand> [argument ...]")
                            .since("2.8.0")
                            .about("A container for Pub/Sub commands."),
                    pubsub("CHANNELS", "[pattern]", "Returns the active channels.")
                            .does(call -> channels(call, Kind.CHANNEL)),
                    pubsub("SHARDCHANNELS", "[pattern]", "Returns the active shard channels.")
                            .since("7.0.0")
                            .does(call -> channels(call, Kind.SHARD)),
                    pubsub("NUMSUB", "[channel [channel ...]]", "Counts subscribers of channels.")
                            .does(call -> numsub(call, Kind.CHANNEL)),
                    pubsub(
                                    "SHARDNUMSUB",
                                    "[shardchannel [shardchannel ...]]",
                                    "Counts subscribers of shard channels.")
                            .since("7.0.0")
                            .does(call -> numsub(call, Kind.SHARD)),
                    pubsub("NUMPAT", "", "Counts the unique patterns that are listened to.")
                            .does(call -> Reply.integer(of(call).listeners(Kind.PATTERN).size())),
                    command("PUBSUB|HELP", "")
                            .is(Flag.LOADING, Flag.STALE)
                            .since("6.2.0")
                            .about("Returns helpful text about the different subcommands.")
                            .does(_ -> help()));

    private final Map<Slice, Set<Client>> channels = new LinkedHashMap<>();
    private final Map<Slice, Set<Client>> patterns = new LinkedHashMap<>();
    private final Map<Slice, Set<Client>> shardChannels = new LinkedHashMap<>();
    private final Engine engine;
    private String wanted = "";

    public PubSub(Engine engine) {
        this.engine = engine;
        engine.add(PubSub.class, this);
        engine.onEvent(this::happened);
        want(engine.config().text(OPTION));
        engine.config().onChange(OPTION, this::want);
    }

    /** Takes the flags of the option; the databases tell of two classes only when asked to. */
    private void want(String flags) {
        wanted = flags;
        boolean announced = flags.indexOf('n') >= 0 || flags.indexOf('m') >= 0;
        for (int i = 0; i < engine.databases(); i++) {
            engine.database(i).announces(announced);
        }
    }

    private static dev.larder.store.command.Command pubsub(
            String name, String syntax, String about) {
        return command("PUBSUB|" + name, syntax)
                .is(Flag.PUBSUB, Flag.LOADING, Flag.STALE)
                .since("2.8.0")
                .about(about);
    }

    private static Reply help() {
        return Help.of(
                "PUBSUB",
                "CHANNELS [<pattern>]",
                "    Return the currently active channels matching a <pattern> (default: '*').",
                "NUMPAT",
                "    Return number of subscriptions to patterns.",
                "NUMSUB [<channel> ...]",
                "    Return the number of subscribers for the specified channels, excluding",
                "    pattern subscriptions(default: no channels).",
                "SHARDCHANNELS [<pattern>]",
                "    Return the currently active shard level channels matching a <pattern>"
                        + " (default: '*').",
                "SHARDNUMSUB [<shardchannel> ...]",
                "    Return the number of subscribers for the specified shard level channel(s)");
    }

    private static PubSub of(Call call) {
        return Engine.of(call).part(PubSub.class);
    }

    private Map<Slice, Set<Client>> listeners(Kind kind) {
        return switch (kind) {
            case CHANNEL -> channels;
            case PATTERN -> patterns;
            case SHARD -> shardChannels;
        };
    }

    /** How many channels and patterns are listened to. */
    public int channelCount() {
        return channels.size();
    }

    public int patternCount() {
        return patterns.size();
    }

    public int shardChannelCount() {
        return shardChannels.size();
    }

    private static Reply subscribe(Call call, Kind kind) {
        Client client = Client.of(call);
        List<Reply> confirmations = new ArrayList<>();
        for (int i = 1; i < call.count(); i++) {
            Slice name = new Slice(call.args().bytes(i));
            if (kind.of(client).add(name)) {
                of(call).listeners(kind)
                        .computeIfAbsent(name, _ -> new LinkedHashSet<>())
                        .add(client);
            }
            confirmations.add(confirmation(kind.added, name, kind.countOf(client)));
        }
        return new Reply.Many(confirmations);
    }

    private static Reply confirmation(String what, Slice name, int count) {
        return new Reply.Push(
                List.of(
                        Reply.bulk(what),
                        name == null ? Reply.Nil.BULK : Reply.bulk(name.toBytes()),
                        Reply.integer(count)));
    }

    private static Reply unsubscribe(Call call, Kind kind) {
        Client client = Client.of(call);
        List<Slice> names = new ArrayList<>();
        for (int i = 1; i < call.count(); i++) {
            names.add(new Slice(call.args().bytes(i)));
        }
        if (names.isEmpty()) {
            names.addAll(kind.of(client));
        }
        List<Reply> confirmations = new ArrayList<>();
        for (Slice name : names) {
            of(call).forget(client, kind, name);
            confirmations.add(confirmation(kind.removed, name, kind.countOf(client)));
        }
        if (confirmations.isEmpty()) {
            confirmations.add(confirmation(kind.removed, null, kind.countOf(client)));
        }
        return new Reply.Many(confirmations);
    }

    private void forget(Client client, Kind kind, Slice name) {
        if (kind.of(client).remove(name)) {
            Set<Client> there = listeners(kind).get(name);
            there.remove(client);
            if (there.isEmpty()) {
                listeners(kind).remove(name);
            }
        }
    }

    @Override
    public void disconnected(Client client) {
        for (Kind kind : Kind.values()) {
            for (Slice name : List.copyOf(kind.of(client))) {
                forget(client, kind, name);
            }
        }
    }

    private static Reply publish(Call call) {
        return Reply.integer(of(call).publish(call.arg(1), call.args().bytes(2)));
    }

    /** Sends a message to all who listen to the channel; returns how many times it was sent. */
    public int publish(Slice channel, byte[] message) {
        int sent = 0;
        Set<Client> direct = channels.get(channel);
        if (direct != null) {
            Reply push =
                    new Reply.Push(
                            List.of(
                                    Reply.bulk("message"),
                                    Reply.bulk(channel.toBytes()),
                                    Reply.bulk(message)));
            for (Client client : direct) {
                client.push(push);
                sent++;
            }
        }
        for (Map.Entry<Slice, Set<Client>> entry : patterns.entrySet()) {
            if (new Glob(entry.getKey()).matches(channel)) {
                Reply push =
                        new Reply.Push(
                                List.of(
                                        Reply.bulk("pmessage"),
                                        Reply.bulk(entry.getKey().toBytes()),
                                        Reply.bulk(channel.toBytes()),
                                        Reply.bulk(message)));
                for (Client client : entry.getValue()) {
                    client.push(push);
                    sent++;
                }
            }
        }
        return sent;
    }

    private static Reply spublish(Call call) {
        Set<Client> listeners = of(call).shardChannels.getOrDefault(call.arg(1), Set.of());
        Reply push =
                new Reply.Push(
                        List.of(
                                Reply.bulk("smessage"),
                                Reply.bulk(call.args().bytes(1)),
                                Reply.bulk(call.args().bytes(2))));
        listeners.forEach(client -> client.push(push));
        return Reply.integer(listeners.size());
    }

    private static Reply channels(Call call, Kind kind) {
        if (call.count() > 3) {
            throw Errors.subcommandSyntax(call.args().text(1), "PUBSUB");
        }
        Glob glob = call.count() > 2 ? new Glob(call.arg(2)) : null;
        List<Reply> names = new ArrayList<>();
        for (Slice name : of(call).listeners(kind).keySet()) {
            if (glob == null || glob.matches(name)) {
                names.add(Reply.bulk(name.toBytes()));
            }
        }
        return Reply.array(names);
    }

    private static Reply numsub(Call call, Kind kind) {
        List<Reply> counts = new ArrayList<>();
        for (int i = 2; i < call.count(); i++) {
            counts.add(Reply.bulk(call.args().bytes(i)));
            counts.add(
                    Reply.integer(
                            of(call).listeners(kind).getOrDefault(call.arg(i), Set.of()).size()));
        }
        return Reply.array(counts);
    }

    // Keyspace notifications.

    private void happened(int database, Slice key, char eventClass, String event) {
        if (wanted.isEmpty() || channels.isEmpty() && patterns.isEmpty()) {
            return;
        }
        // A stands for all classes but the two that every look-up and every new key would cause.
        boolean all = wanted.indexOf('A') >= 0 && EVENT_CLASSES.indexOf(eventClass) >= 0;
        if (!all && wanted.indexOf(eventClass) < 0) {
            return;
        }
        byte[] name = key.toBytes();
        if (wanted.indexOf('K') >= 0) {
            byte[] prefix = ("__keyspace@" + database + "__:").getBytes(StandardCharsets.UTF_8);
            publish(joined(prefix, name), event.getBytes(StandardCharsets.UTF_8));
        }
        if (wanted.indexOf('E') >= 0) {
            publish(Slice.of("__keyevent@" + database + "__:" + event), name);
        }
    }

    private static Slice joined(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return new Slice(both);
    }
}
