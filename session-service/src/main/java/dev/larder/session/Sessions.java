package dev.larder.session;

import dev.larder.kit.Problems;
import io.smallrye.jwt.build.Jwt;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules of sessions. */
@ApplicationScoped
class Sessions {
    static final int ATTRIBUTES_MAX = 32;
    static final int VALUE_LENGTH_MAX = 1024;
    private static final Pattern ATTRIBUTE_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,39}");

    private final SessionStore store;
    private final People people;
    private final SessionConfig config;
    private final Clock clock = Clock.systemUTC();

    Sessions(SessionStore store, People people, SessionConfig config) {
        this.store = store;
        this.people = people;
        this.config = config;
    }

    /** A session that has just begun, with the secret for its cookie. */
    record Opened(SessionId id, SessionView view) {}

    /** A resolved session: a token for the services behind the gateway. */
    record Resolved(String token, long tokenTtlSeconds, String sessionKey) {}

    /**
     * Opens a session; whatever session the browser had before ends, so that its id is never kept.
     */
    Opened signIn(String displayName, Optional<SessionId> before) {
        String name = displayName.strip().replaceAll("\\s+", " ");
        if (name.isEmpty()) {
            throw Problems.badRequest("displayName", "must not be blank");
        }
        Person person = people.signIn(name);
        before.ifPresent(id -> store.close(id.key()));
        SessionId id = SessionId.random();
        Instant now = clock.instant();
        store.open(id.key(), person, now, config.lifetime(), config.idle());
        return new Opened(id, store.view(id.key(), now));
    }

    SessionView view(Optional<SessionId> id) {
        return id.map(each -> store.view(each.key(), clock.instant())).orElse(SessionView.NOBODY);
    }

    /** Counts a use of the session and makes a token for it; empty where it has ended. */
    Optional<Resolved> resolve(Optional<SessionId> id) {
        if (id.isEmpty()) {
            return Optional.empty();
        }
        String key = id.get().key();
        return store.touch(key, clock.instant(), config.idle())
                .map(
                        person ->
                                new Resolved(
                                        Jwt.issuer("larder")
                                                .subject(person.id())
                                                .claim("name", person.displayName())
                                                .groups(Set.of())
                                                .expiresIn(config.tokenLifetime())
                                                .sign(),
                                        config.tokenLifetime().toSeconds(),
                                        key));
    }

    /** Merges attributes, each by itself; null takes one away. */
    SessionView merge(Optional<SessionId> id, Map<String, String> attributes) {
        String key = id.orElseThrow(Problems::unauthorized).key();
        attributes.forEach(Sessions::requireValid);
        if (attributes.size() > 2 * ATTRIBUTES_MAX) {
            throw Problems.badRequest("attributes", "must be at most " + ATTRIBUTES_MAX);
        }
        if (!attributes.isEmpty()) {
            switch (store.merge(key, attributes, ATTRIBUTES_MAX)) {
                case DONE -> {}
                case ENDED -> throw Problems.unauthorized();
                case TOO_MANY ->
                        throw Problems.badRequest(
                                "attributes", "must be at most " + ATTRIBUTES_MAX + " in all");
            }
        }
        SessionView view = store.view(key, clock.instant());
        if (!view.signedIn()) {
            throw Problems.unauthorized();
        }
        return view;
    }

    private static void requireValid(String name, String value) {
        if (!ATTRIBUTE_NAME.matcher(name).matches()) {
            throw Problems.badRequest(
                    name.length() > 40 ? name.substring(0, 40) : name,
                    "is no attribute name: a letter, then at most 39 letters, digits, _ . -");
        }
        if (value != null && value.length() > VALUE_LENGTH_MAX) {
            throw Problems.badRequest(name, "must be at most " + VALUE_LENGTH_MAX + " characters");
        }
    }

    void signOut(Optional<SessionId> id) {
        id.ifPresent(each -> store.close(each.key()));
    }
}
