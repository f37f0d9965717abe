package dev.larder.kit;

import io.quarkus.websockets.client.runtime.WebSocketPrincipal;
import jakarta.websocket.Session;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Who is at the other end of a WebSocket: the token of the handshake, which the gateway put there,
 * was verified before the socket opened.
 *
 * @param id the person's id, a UUID
 */
public record SocketIdentity(String id, String displayName) {

    /** Empty for somebody who is not signed in. */
    public static Optional<SocketIdentity> of(Session session) {
        return session.getUserPrincipal() instanceof WebSocketPrincipal principal
                        && principal.getSecurityIdentity().getPrincipal()
                                instanceof JsonWebToken token
                        && token.getSubject() != null
                ? Optional.of(new SocketIdentity(token.getSubject(), token.getClaim("name")))
                : Optional.empty();
    }
}
