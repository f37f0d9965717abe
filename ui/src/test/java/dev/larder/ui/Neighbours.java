package dev.larder.ui;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Tells the gateway free ports for its neighbours. The tests themselves let servers come and go
 * there; a service without one is a dead service.
 */
public final class Neighbours implements QuarkusTestResourceLifecycleManager {
    private static final int PORT_MIN = 20_000;
    private static final int PORT_MAX = 30_000;

    static final String STORE_PORT = "larder.test.store-port";

    @Override
    public Map<String, String> start() {
        Map<String, String> config = new HashMap<>();
        for (String name : List.of("session", "leaderboard", "chat", "geo", "queue", "catalog")) {
            config.put("larder.services." + name + ".url", "http://127.0.0.1:" + freePort());
        }
        int store = freePort();
        config.put(STORE_PORT, Integer.toString(store));
        config.put("quarkus.redis.hosts", "redis://127.0.0.1:" + store);
        config.put("larder.gateway.answer-timeout", "1s");
        config.put("larder.gateway.socket-check", "500ms");
        return config;
    }

    @Override
    public void stop() {}

    /** Below those that the system gives to whoever connects meanwhile. */
    private static int freePort() {
        for (int tries = 0; tries < 100; tries++) {
            int port = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException taken) {
                // The next one.
            }
        }
        throw new IllegalStateException("no port is free");
    }
}
