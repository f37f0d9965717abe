package dev.larder.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The secret that a browser keeps in its cookie: 192 random bits. The store knows only its SHA-256,
 * so who reads the store cannot take over a session (OWASP Session Management Cheat Sheet).
 */
final class SessionId {
    private static final int BYTES = 24;
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{32}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String secret;

    private SessionId(String secret) {
        this.secret = secret;
    }

    static SessionId random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new SessionId(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** The id in a cookie; empty where the text cannot be one. */
    static Optional<SessionId> parse(String text) {
        return text != null && SHAPE.matcher(text).matches()
                ? Optional.of(new SessionId(text))
                : Optional.empty();
    }

    /** For the cookie, and for nothing else. */
    String secret() {
        return secret;
    }

    /** What the store and other services may know: the SHA-256, in hexadecimal digits. */
    String key() {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(secret.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Never the secret: this is what a log would show. */
    @Override
    public String toString() {
        return "session " + key().substring(0, 8);
    }
}
