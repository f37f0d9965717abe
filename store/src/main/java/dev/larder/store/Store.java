package dev.larder.store;

import dev.larder.store.command.CommandTable;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Libraries;
import dev.larder.store.engine.Pause;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.observe.Info;
import dev.larder.store.observe.Monitor;
import dev.larder.store.observe.SlowLog;
import dev.larder.store.persistence.BadDataException;
import dev.larder.store.persistence.Persistence;
import dev.larder.store.pubsub.PubSub;
import dev.larder.store.replication.Replication;
import dev.larder.store.script.Promises;
import dev.larder.store.script.StoredLibraries;
import dev.larder.store.server.Loops;
import dev.larder.store.server.RespServer;
import dev.larder.store.tracking.Tracking;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A running store: a server that speaks the Redis protocol, in this JVM.
 *
 * <pre>{@code
 * try (Store store = Store.start(new StoreConfig().with("port", 0))) {
 *     client.connect("redis://127.0.0.1:" + store.port());
 * }
 * }</pre>
 */
public final class Store implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Store.class.getName());
    private static final int START_SECONDS_MAX = 30;
    private static final Pattern SYSTEM_CALL = Pattern.compile("^\\w+\\(\\.\\.\\) failed[^:]*: ");

    private final Vertx vertx;
    private final RespServer server;
    private final String host;

    private Store(Vertx vertx, RespServer server, String host) {
        this.vertx = vertx;
        this.server = server;
        this.host = host;
    }

    /**
     * Starts a store and returns when it listens. Port 0 takes any free one. Data of an earlier run
     * is loaded where the configuration has a folder for it or says when it is saved: a store that
     * was told neither touches no file.
     *
     * @throws IllegalStateException where it cannot listen or the data is damaged, with the reason
     */
    public static Store start(StoreConfig config) {
        boolean loads =
                config.text("appendonly").equals("yes")
                        || !config.text("save").isEmpty()
                        || !config.text("dir").equals(new StoreConfig().text("dir"));
        AtomicReference<Store> started = new AtomicReference<>();
        Store store = start(config, loads, () -> started.get().close());
        started.set(store);
        return store;
    }

    private static Store start(StoreConfig config, boolean loads, Runnable stop) {
        Engine engine = engine(config, new Clock(System::currentTimeMillis));
        // Not on the engine's own thread, which has to end meanwhile.
        engine.onStop(() -> Thread.ofPlatform().name("shutdown").start(stop));
        if (loads) {
            load(engine);
        }
        Loops loops = new Loops();
        Vertx vertx =
                loops.start(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1)
                                .setPreferNativeTransport(true)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCachingEnabled(false)
                                                .setClassPathResolvingEnabled(false)));
        RespServer server = new RespServer(config, engine, loops);
        Replication.of(engine).network(vertx, server::port);
        try {
            vertx.deployVerticle(server)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | CompletionException | TimeoutException e) {
            vertx.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof IllegalStateException asked) {
                throw asked;
            }
            throw new IllegalStateException(
                    "cannot listen on "
                            + config.text("bind")
                            + ":"
                            + config.port()
                            + ": "
                            + reason(cause)
                            + " (another port: --port N)",
                    cause);
        } catch (InterruptedException e) {
            vertx.close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
        return new Store(
                vertx, server, config.text("bind").split("\\s+")[0].replaceFirst("^-", ""));
    }

    private static void load(Engine engine) {
        try {
            Persistence.of(engine).load();
        } catch (IOException | UncheckedIOException | BadDataException e) {
            throw new IllegalStateException("Could not load the data: " + e.getMessage(), e);
        }
    }

    /** Why a place to listen cannot be had, without the system call that said so. */
    private static String reason(Throwable cause) {
        return cause.getMessage() == null
                ? cause.toString()
                : SYSTEM_CALL.matcher(cause.getMessage()).replaceFirst("");
    }

    /** An engine with every command, on its own: no socket, no thread. */
    public static Engine engine(StoreConfig config, Clock clock) {
        RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
        Engine engine = new Engine(config, new CommandTable(Families.ALL), clock, random);
        new PubSub(engine);
        new Persistence(engine);
        new Replication(engine);
        new Tracking(engine);
        new Monitor(engine);
        engine.part(Pause.class)
                .askForScripts((command, args) -> Promises.mayWrite(engine, command, args));
        engine.add(Libraries.class, new StoredLibraries(engine));
        new Info(engine, config.port());
        new SlowLog(engine);
        return engine;
    }

    /** The port it listens on. */
    public int port() {
        return server.port();
    }

    /** Where it is, as {@code redis://host:port}. */
    public String url() {
        return "redis://" + host + ":" + port();
    }

    /** Closes every connection and the server; returns when both are done. */
    @Override
    public void close() {
        server.stopSoon();
        try {
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the store did not close", e);
        }
    }

    /** Runs a store alone, with the options of redis-server, until it is told to stop. */
    public static void main(String[] args) throws InterruptedException {
        StoreConfig config;
        Store store;
        ServerLog log;
        try {
            config = StoreConfig.parse(List.of(args));
            log = ServerLog.begin(config);
            store = start(config, true, () -> System.exit(0));
            if (Boolean.getBoolean(Rehearsal.PROPERTY)) {
                Rehearsal.with(store);
                store.close();
                return;
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.err.println("larder store: " + e.getMessage());
            System.exit(1);
            return;
        } catch (NoSuchFileException e) {
            System.err.println("larder store: no such configuration file: " + e.getFile());
            System.exit(1);
            return;
        } catch (IOException e) {
            System.err.println("larder store: " + e);
            System.exit(1);
            return;
        }
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    log.sayAtTheEnd("Store on port " + store.port() + " stops");
                                    store.close();
                                    closed.countDown();
                                },
                                "stop"));
        LOG.info(
                () ->
                        "Ready to accept connections: "
                                + store.url()
                                + " (redis protocol, RESP2 and RESP3)");
        closed.await();
    }
}
