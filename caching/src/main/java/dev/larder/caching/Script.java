package dev.larder.caching;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A Lua file of this package and its SHA-1, by which the server knows it after the first run. */
record Script(String text, String sha) {

    static Script named(String file) {
        try (InputStream in = Script.class.getResourceAsStream(file)) {
            byte[] text = in.readAllBytes();
            String sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text));
            return new Script(new String(text, StandardCharsets.UTF_8), sha);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /** The error code is the first word of a RESP error and part of the protocol. */
    static boolean isUnknown(Throwable refusal) {
        return refusal != null
                && refusal.getMessage() != null
                && refusal.getMessage().startsWith("NOSCRIPT");
    }
}
