package dev.larder.kit;

import jakarta.websocket.Session;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Who opened a socket, by the same header as on every request, put there by the gateway. */
public record SocketIdentity(String id, String displayName) {

    /** The person of this socket, or empty for an anonymous one. */
    public static Optional<SocketIdentity> of(Session session) {
        return session.getUserPrincipal() instanceof JsonWebToken token
                        && token.getSubject() != null
                ? Optional.of(new SocketIdentity(token.getSubject(), token.getClaim("name")))
                : Optional.empty();
    }
}
