package dev.larder.laboratory;

import dev.larder.caching.ChangeCapture;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * The ways of one run's lanes to PostgreSQL and the store, through a relay each that can be made
 * slow or cut. Where an address names several servers (a cluster, a standby), which know each other
 * by their own addresses, a relay would be walked around: then the way is the direct one, and its
 * switch is not to be had.
 */
final class Ways implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Ways.class);

    private static final Duration FIRST_ANSWER = Duration.ofSeconds(5);
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final int STORE_CONNECTIONS = 6;
    private static final int STORE_WAITING = 4_096;

    private static final int POSTGRES_PORT = 5432;
    private static final int STORE_PORT = 6379;

    /** In front of the host, host, port, behind it; a list of hosts does not match. */
    private static final Pattern ADDRESS =
            Pattern.compile(
                    "(?<before>[a-z:]+//(?:[^@/]*@)?)(?<host>\\[[^]]+]|[^\\[\\]:/?,]+)(?::(?<port>\\d+))?(?<after>[/?][^,]*)?");

    /** Where the two are and how one signs in there, as the service itself is told. */
    record Addresses(
            String databaseUrl,
            String user,
            String password,
            List<String> stores,
            boolean cluster) {

        boolean databaseSwitch() {
            return ADDRESS.matcher(databaseUrl).matches();
        }

        boolean storeSwitch() {
            return !cluster && stores.size() == 1 && ADDRESS.matcher(stores.getFirst()).matches();
        }
    }

    private final Vertx vertx;
    private final Addresses addresses;
    private final Optional<Relay> toDatabase;
    private final Optional<Relay> toStore;

    Ways(Vertx vertx, Addresses addresses) {
        this.vertx = vertx;
        this.addresses = addresses;
        toDatabase =
                addresses.databaseSwitch()
                        ? Optional.of(relay(addresses.databaseUrl(), POSTGRES_PORT))
                        : Optional.empty();
        toStore =
                addresses.storeSwitch()
                        ? Optional.of(relay(addresses.stores().getFirst(), STORE_PORT))
                        : Optional.empty();
    }

    private Relay relay(String address, int defaultPort) {
        Matcher parts = ADDRESS.matcher(address);
        parts.matches();
        String port = parts.group("port");
        String host = parts.group("host");
        return new Relay(
                vertx,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port == null ? defaultPort : Integer.parseInt(port));
    }

    /** The same address, with the relay in the place of the server. */
    static String through(String address, int relayPort) {
        Matcher parts = ADDRESS.matcher(address);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not the address of one server: " + address);
        }
        String after = parts.group("after");
        return parts.group("before") + "127.0.0.1:" + relayPort + (after == null ? "" : after);
    }

    void become(Switches switches) {
        toDatabase.ifPresent(switches.database()::applyTo);
        toStore.ifPresent(switches.store()::applyTo);
    }

    /** Connections of a lane's own. */
    LaneConnections database() {
        return new LaneConnections(databaseUrl(), addresses.user(), addresses.password());
    }

    /** For who follows the database's changes. */
    ChangeCapture.Connections changes() {
        return ChangeCapture.direct(databaseUrl(), addresses.user(), addresses.password());
    }

    private String databaseUrl() {
        return toDatabase
                .map(relay -> through(addresses.databaseUrl(), relay.port()))
                .orElse(addresses.databaseUrl());
    }

    /** A store client of an instance's own, connected: its first answer is nobody's latency. */
    Redis store() {
        RedisOptions options =
                new RedisOptions()
                        .setMaxPoolSize(STORE_CONNECTIONS)
                        .setMaxPoolWaiting(STORE_WAITING)
                        .setNetClientOptions(
                                new NetClientOptions()
                                        .setTcpNoDelay(true)
                                        .setConnectTimeout((int) CONNECT.toMillis()));
        if (toStore.isPresent()) {
            options.setConnectionString(
                    through(addresses.stores().getFirst(), toStore.get().port()));
        } else {
            options.setType(
                            addresses.cluster()
                                    ? RedisClientType.CLUSTER
                                    : RedisClientType.STANDALONE)
                    .setEndpoints(addresses.stores());
        }
        Redis client = Redis.createClient(vertx, options);
        try {
            client.send(Request.cmd(Command.PING))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(FIRST_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // A store that is down is what some runs are about.
            LOG.infof("a lane begins without the store: %s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return client;
    }

    static List<String> list(String addresses) {
        return Arrays.stream(addresses.split(",")).map(String::strip).toList();
    }

    @Override
    public void close() {
        toDatabase.ifPresent(Relay::close);
        toStore.ifPresent(Relay::close);
    }
}
