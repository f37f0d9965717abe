package dev.larder.session;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The times of a session. */
@ConfigMapping(prefix = "larder.session")
interface SessionConfig {
    /** A session ends this long after its last use. */
    @WithDefault("30m")
    Duration idle();

    /** A session ends this long after its beginning, however much it is used. */
    @WithDefault("12h")
    Duration lifetime();

    /** Whether the cookie travels over HTTPS only. */
    @WithDefault("false")
    boolean cookieSecure();

    /** How long a token is good for; it only travels from the gateway to a service. */
    @WithDefault("60s")
    Duration tokenLifetime();
}
