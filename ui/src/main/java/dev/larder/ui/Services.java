package dev.larder.ui;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The services behind the gateway, and the connections to them. */
@ApplicationScoped
class Services {
    private static final Logger LOG = Logger.getLogger(Services.class);
    private static final Duration TOLD_EVERY = Duration.ofSeconds(1);

    private final Map<String, Long> toldAway = new ConcurrentHashMap<>();
    private final SortedMap<String, URI> addresses = new TreeMap<>();
    private final HttpClient http;
    private final WebSocketClient sockets;
    private final long answerMillis;
    private final long connectMillis;

    Services(Vertx vertx, ServicesConfig where, GatewayConfig bounds) {
        where.byName().forEach((name, service) -> addresses.put(name, checked(service.url())));
        this.connectMillis = bounds.connectTimeout().toMillis();
        this.answerMillis = bounds.answerTimeout().toMillis();
        this.http =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setMetricsName("services")
                                .setConnectTimeout((int) connectMillis)
                                .setKeepAliveTimeout(30)
                                .setMaxHeaderSize(16 * 1024),
                        new PoolOptions()
                                .setHttp1MaxSize(bounds.connectionsPerService())
                                .setMaxWaitQueueSize(bounds.waitingPerService()));
        this.sockets =
                vertx.createWebSocketClient(
                        new WebSocketClientOptions()
                                .setMetricsName("service-sockets")
                                .setConnectTimeout((int) connectMillis)
                                .setMaxConnections(bounds.socketsMax())
                                .setMaxFrameSize(Bridge.FRAME_BYTES_MAX)
                                .setMaxMessageSize(Bridge.MESSAGE_BYTES_MAX));
    }

    private static URI checked(URI url) {
        if (!"http".equals(url.getScheme()) || url.getHost() == null) {
            throw new IllegalArgumentException("not http://host:port: " + url);
        }
        return url;
    }

    Map<String, URI> addresses() {
        return addresses;
    }

    HttpClient http() {
        return http;
    }

    /** A request that fails where the service cannot be connected to or stops answering. */
    Future<HttpClientRequest> request(String service, HttpMethod method, String path) {
        URI address = addresses.get(service);
        return http.request(
                new RequestOptions()
                        .setMethod(method)
                        .setHost(address.getHost())
                        .setPort(portOf(address))
                        .setURI(path)
                        .setConnectTimeout(connectMillis)
                        .setIdleTimeout(answerMillis));
    }

    Future<WebSocket> connect(String service, WebSocketConnectOptions options) {
        URI address = addresses.get(service);
        return sockets.connect(
                options.setHost(address.getHost())
                        .setPort(portOf(address))
                        .setTimeout(answerMillis)
                        .setAllowOriginHeader(false));
    }

    /** Says in the log why a service does not answer: once a second, however many ask. */
    void away(String service, Throwable failure) {
        long now = System.nanoTime();
        Long told = toldAway.get(service);
        if ((told == null || now - told > TOLD_EVERY.toNanos()) && addresses.containsKey(service)) {
            toldAway.put(service, now);
            LOG.warnf("%s at %s does not answer: %s", service, addresses.get(service), failure);
        }
    }

    private static int portOf(URI address) {
        return address.getPort() < 0 ? 80 : address.getPort();
    }
}
