package dev.larder.kit;

import io.smallrye.jwt.build.Jwt;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;

/** Bearer tokens for tests, signed with the key of {@link LarderBackends}. */
public final class TestTokens {
    private TestTokens() {}

    /** A token of a person of this name; the same name is the same person. */
    public static String of(String displayName) {
        return token(idOf(displayName), displayName, Set.of());
    }

    /** The id that {@link #of} gives to a name. */
    public static String idOf(String displayName) {
        return UUID.nameUUIDFromBytes(displayName.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** A token that opens the batch doors. */
    public static String loader() {
        return token(idOf("loader"), "loader", Set.of("loader"));
    }

    private static String token(String id, String name, Set<String> groups) {
        return Jwt.issuer("larder")
                .subject(id)
                .claim("name", name)
                .groups(groups)
                .expiresIn(300)
                .sign(key());
    }

    private static PrivateKey key() {
        try {
            byte[] bytes =
                    Base64.getDecoder()
                            .decode(System.getProperty(LarderBackends.PRIVATE_KEY_PROPERTY));
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key of the tests is no key", e);
        }
    }
}
