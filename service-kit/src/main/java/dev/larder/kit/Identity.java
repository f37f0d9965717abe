package dev.larder.kit;

import jakarta.enterprise.context.RequestScoped;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Who is asking, for the duration of one HTTP request. */
@RequestScoped
public class Identity {
    private final JsonWebToken token;

    Identity(JsonWebToken token) {
        this.token = token;
    }

    public boolean isSignedIn() {
        return token.getSubject() != null;
    }

    /** The person's id, a UUID; null when nobody is signed in. */
    public String id() {
        return token.getSubject();
    }

    /** Chosen by the person; null when nobody is signed in. */
    public String displayName() {
        return token.getClaim("name");
    }

    public boolean hasRole(String role) {
        return token.getGroups() != null && token.getGroups().contains(role);
    }

    /**
     * This identity, where there has to be one.
     *
     * @throws ProblemException 401 when nobody is signed in
     */
    public Identity require() {
        if (!isSignedIn()) {
            throw Problems.unauthorized();
        }
        return this;
    }

    /**
     * @throws ProblemException 401 when nobody is signed in, 403 without the role
     */
    public void requireRole(String role) {
        require();
        if (!hasRole(role)) {
            throw Problems.forbidden("This needs the role '" + role + "'.");
        }
    }
}
