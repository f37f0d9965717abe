package dev.larder.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;

/**
 * A session as its owner sees it.
 *
 * @param expiresAt when it ends unless it is used before
 * @param ttlSeconds the same from now on
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SessionView(
        boolean signedIn,
        Person person,
        Instant createdAt,
        Instant lastSeenAt,
        Instant expiresAt,
        Long ttlSeconds,
        Map<String, String> attributes) {

    static final SessionView NOBODY = new SessionView(false, null, null, null, null, null, null);
}
