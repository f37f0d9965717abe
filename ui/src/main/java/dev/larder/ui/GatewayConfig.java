package dev.larder.ui;

import io.smallrye.config.ConfigMapping;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Every bound of the gateway. */
@ConfigMapping(prefix = "larder.gateway")
interface GatewayConfig {

    /** Origins of the page besides the address it was fetched from. */
    Optional<List<String>> origins();

    Duration connectTimeout();

    /** How long a service may be silent while it owes an answer. */
    Duration answerTimeout();

    Duration resolveTimeout();

    int connectionsPerService();

    int waitingPerService();

    /** Sockets passed on to services at one time. */
    int socketsMax();

    /** How often each socket is asked for a sign of life and whether its session still is. */
    Duration socketCheck();

    /** Sockets of {@code /api/suite/live} at one time. */
    int watchersMax();

    Duration probeTimeout();
}
