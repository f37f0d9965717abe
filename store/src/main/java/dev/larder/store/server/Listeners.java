package dev.larder.store.server;

import dev.larder.store.StoreConfig;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Logger;

/**
 * Where the server listens: every address of {@code bind}, in the clear on {@code port} and
 * encrypted on {@code tls-port}, and a Unix socket.
 *
 * <p>Port 0 takes any free port, for tests and for who embeds the store; only beside a TLS port or
 * a Unix socket does it mean, as on the real servers, that nothing listens in the clear.
 */
final class Listeners {
    /**
     * What stays as it was at the start, and how another value is refused: Vert.x closes a server
     * only together with its connections. Set to what it is already, it does no harm.
     */
    private static final Map<String, String> FIXED =
            Map.of(
                    "bind",
                    "Failed to bind to specified addresses.",
                    "port",
                    "Unable to listen on this port. Check server logs.",
                    "tls-port",
                    "Unable to listen on this port. Check server logs.",
                    "tls-auth-clients",
                    "Unable to update TLS configuration. Check server logs.");

    private static final Logger LOG = Logger.getLogger(Listeners.class.getName());

    private final Vertx vertx;
    private final StoreConfig config;
    private final Handler<NetSocket> accept;
    private final List<NetServer> servers = new ArrayList<>();
    private Path socketFile;
    private int port;

    Listeners(Vertx vertx, StoreConfig config, Handler<NetSocket> accept) {
        this.vertx = vertx;
        this.config = config;
        this.accept = accept;
    }

    /** Listens everywhere; fails with the reason where one place cannot be had. */
    Future<Void> listen() {
        FIXED.forEach(this::fix);
        int tlsPort = (int) config.integer("tls-port");
        String unixSocket = config.text("unixsocket");
        Future<Void> done = Future.succeededFuture();
        if (config.port() != 0 || tlsPort == 0 && unixSocket.isEmpty()) {
            done = done.compose(_ -> listenOn(tcp(), config.port(), true));
        }
        if (tlsPort != 0) {
            done = done.compose(_ -> listenOn(tls(tcp()), tlsPort, port == 0));
        }
        if (!unixSocket.isEmpty()) {
            done = done.compose(_ -> listenOnUnixSocket(file(unixSocket)));
        }
        return done;
    }

    private void fix(String option, String refusal) {
        String inForce = config.text(option);
        config.onChange(
                option,
                value -> {
                    if (!value.equals(inForce)) {
                        LOG.warning(() -> option + " stays what it was at the start: " + inForce);
                        throw new IllegalArgumentException(refusal);
                    }
                });
    }

    /** The port in the clear, or that of TLS where there is no other; 0 for a Unix socket alone. */
    int port() {
        return port;
    }

    Future<Void> close() {
        List<Future<Void>> closing = new ArrayList<>();
        servers.forEach(server -> closing.add(server.close()));
        return Future.join(closing).onComplete(_ -> forgetSocketFile()).mapEmpty();
    }

    private NetServerOptions tcp() {
        return new NetServerOptions()
                .setTcpNoDelay(true)
                .setAcceptBacklog((int) config.integer("tcp-backlog"));
    }

    /** Listens on a port of every address; {@code isMain} where this is the port to be told. */
    private Future<Void> listenOn(NetServerOptions options, int wanted, boolean isMain) {
        Set<String> addresses = new LinkedHashSet<>(List.of(config.text("bind").split("\\s+")));
        Future<Void> done = Future.succeededFuture();
        int[] chosen = {wanted};
        for (String address : addresses) {
            // A dash before an address: do without it where this machine has not got it.
            boolean optional = address.startsWith("-");
            String host = wildcard(optional ? address.substring(1) : address);
            done =
                    done.compose(
                            _ -> {
                                NetServer server =
                                        vertx.createNetServer(options).connectHandler(accept);
                                return server.listen(chosen[0], host)
                                        .onSuccess(
                                                _ -> {
                                                    servers.add(server);
                                                    chosen[0] = server.actualPort();
                                                })
                                        .<Void>mapEmpty()
                                        .recover(
                                                e ->
                                                        optional
                                                                ? Future.succeededFuture()
                                                                : Future.failedFuture(e));
                            });
        }
        return done.onSuccess(
                _ -> {
                    if (isMain) {
                        port = chosen[0];
                    }
                });
    }

    private static String wildcard(String address) {
        return switch (address) {
            case "*", "" -> "0.0.0.0";
            case "::*" -> "::";
            default -> address;
        };
    }

    private Path file(String name) {
        return Path.of(config.text("dir")).resolve(name).toAbsolutePath().normalize();
    }

    // TLS.

    private NetServerOptions tls(NetServerOptions options) {
        ClientAuth clientAuth =
                switch (config.text("tls-auth-clients")) {
                    case "no" -> ClientAuth.NONE;
                    case "optional" -> ClientAuth.REQUEST;
                    default -> ClientAuth.REQUIRED;
                };
        Certificates certificates;
        try {
            certificates = new Certificates(vertx, config);
        } catch (IllegalStateException named) {
            throw named;
        } catch (Exception e) {
            throw new IllegalStateException("Failed to configure TLS: " + e.getMessage(), e);
        }
        options.setSsl(true)
                .setClientAuth(clientAuth)
                .setKeyCertOptions(certificates.keys())
                .setTrustOptions(certificates.trust());
        String protocols = config.text("tls-protocols").strip();
        if (!protocols.isEmpty()) {
            options.setEnabledSecureTransportProtocols(
                    new LinkedHashSet<>(List.of(protocols.split("\\s+"))));
        }
        return options;
    }

    // Unix socket.

    private Future<Void> listenOnUnixSocket(Path path) {
        if (!vertx.isNativeTransportEnabled()) {
            throw new IllegalStateException(
                    "unixsocket needs the native transport, which this machine has not got");
        }
        deleteFile(path);
        NetServer server =
                vertx.createNetServer(
                                new NetServerOptions()
                                        .setAcceptBacklog((int) config.integer("tcp-backlog")))
                        .connectHandler(accept);
        return server.listen(SocketAddress.domainSocketAddress(path.toString()))
                .map(
                        _ -> {
                            servers.add(server);
                            socketFile = path;
                            setPermissions(path, (int) config.integer("unixsocketperm"));
                            return null;
                        });
    }

    /** {@code mode} as of chmod; 0 leaves them as they are. */
    private static void setPermissions(Path path, int mode) {
        if (mode == 0) {
            return;
        }
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            // Declared from the owner's reading to the others' executing, as the bits are.
            if ((mode >> 8 - permission.ordinal() & 1) != 0) {
                permissions.add(permission);
            }
        }
        try {
            Files.setPosixFilePermissions(path, permissions);
        } catch (IOException e) {
            throw new UncheckedIOException("unixsocketperm of " + path, e);
        }
    }

    private static void deleteFile(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot replace " + path, e);
        }
    }

    private void forgetSocketFile() {
        if (socketFile != null) {
            deleteFile(socketFile);
        }
    }
}
