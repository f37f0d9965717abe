package dev.larder.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;

/**
 * The suite's own RS256 key pair, made once and kept with the data: the session service signs with
 * it, every service verifies with it, and the loader comes with a token of it.
 *
 * @param privateKey PKCS #8 in PEM, mode 0600
 * @param publicKey X.509 SubjectPublicKeyInfo in PEM
 */
record Keys(Path privateKey, Path publicKey) {

    private static final int KEY_BITS = 2048;

    static Keys in(Path data) {
        Path folder = data.resolve("keys");
        Keys keys = new Keys(folder.resolve("jwt-private.pem"), folder.resolve("jwt-public.pem"));
        try {
            if (!Files.exists(keys.privateKey) || !Files.exists(keys.publicKey)) {
                keys.generate();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return keys;
    }

    private void generate() throws IOException {
        KeyPair pair;
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(KEY_BITS);
            pair = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
        write(publicKey, "PUBLIC KEY", pair.getPublic().getEncoded());
        write(privateKey, "PRIVATE KEY", pair.getPrivate().getEncoded());
    }

    /** Whole or not at all: an interrupted first start leaves no half a key. */
    private static void write(Path file, String title, byte[] der) throws IOException {
        Path draft = OwnerOnly.create(file.resolveSibling(file.getFileName() + ".new"));
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(
                draft,
                "-----BEGIN " + title + "-----\n" + body + "\n-----END " + title + "-----\n");
        Files.move(
                draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A bearer token with the role that opens the services' batch doors. */
    String loaderToken(Clock clock, Duration validFor) {
        long now = clock.instant().getEpochSecond();
        String head = base64("{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
        String claims =
                base64(
                        "{\"iss\":\"larder\",\"sub\":\"%s\",\"upn\":\"loader\",\"name\":\"Loader\",\"groups\":[\"loader\"],\"iat\":%d,\"exp\":%d,\"jti\":\"%s\"}"
                                .formatted(
                                        new UUID(0, 1),
                                        now,
                                        now + validFor.toSeconds(),
                                        UUID.randomUUID()));
        String signed = head + "." + claims;
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(readPrivateKey());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed
                    + "."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign with " + privateKey, e);
        }
    }

    private PrivateKey readPrivateKey() throws GeneralSecurityException {
        try {
            String body = Files.readString(privateKey).replaceAll("-----[A-Z ]+-----", "").strip();
            byte[] der = Base64.getMimeDecoder().decode(body);
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
