package dev.larder.store.server;

import dev.larder.store.StoreConfig;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The certificate and key that the server shows, and the authorities whose clients it trusts, from
 * the files that the {@code tls-} options name. They may be exchanged while the server runs: every
 * handshake asks for those of the moment, and connections that stand are not touched.
 */
final class Certificates {
    private static final Logger LOG = Logger.getLogger(Certificates.class.getName());
    private static final List<String> OPTIONS =
            List.of("tls-cert-file", "tls-key-file", "tls-ca-cert-file", "tls-ca-cert-dir");

    /** Rather no server than one that is less strict than it was asked to be. */
    private static final List<String> UNSUPPORTED =
            List.of("tls-ciphers", "tls-ciphersuites", "tls-key-file-pass");

    private final Vertx vertx;
    private final StoreConfig config;
    private volatile X509ExtendedKeyManager keys;

    /** Null where no client is asked for a certificate. */
    private volatile X509ExtendedTrustManager trust;

    /**
     * @throws IllegalStateException naming the option or file that is missing
     */
    Certificates(Vertx vertx, StoreConfig config) throws Exception {
        this.vertx = vertx;
        this.config = config;
        load();
        OPTIONS.forEach(option -> config.onChange(option, _ -> reload()));
        UNSUPPORTED.forEach(option -> config.onChange(option, _ -> reload()));
    }

    KeyCertOptions keys() {
        return KeyCertOptions.wrap(new CurrentKeys());
    }

    /** Whose clients are trusted; null where nobody was named. */
    TrustOptions trust() {
        return trust == null ? null : TrustOptions.wrap(new CurrentTrust());
    }

    private void load() throws Exception {
        for (String option : UNSUPPORTED) {
            if (!config.text(option).isEmpty()) {
                throw new IllegalStateException(
                        option
                                + " is not supported: ciphers are those of Java, keys are not locked");
            }
        }
        KeyCertOptions newKeys =
                new PemKeyCertOptions()
                        .setCertPath(readable("tls-cert-file", "certificate"))
                        .setKeyPath(readable("tls-key-file", "private key"));
        PemTrustOptions authorities = authorities();
        if (authorities == null && !config.text("tls-auth-clients").equals("no")) {
            throw new IllegalStateException(
                    "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when"
                            + " tls-cluster, tls-replication or tls-auth-clients are enabled!");
        }
        X509ExtendedKeyManager loaded =
                (X509ExtendedKeyManager) newKeys.getKeyManagerFactory(vertx).getKeyManagers()[0];
        trust =
                authorities == null
                        ? null
                        : (X509ExtendedTrustManager)
                                authorities.getTrustManagerFactory(vertx).getTrustManagers()[0];
        keys = loaded;
    }

    /** Takes what the options name now; where it cannot be read, nothing has changed. */
    private void reload() {
        try {
            load();
        } catch (Exception e) {
            LOG.log(Level.WARNING, e, () -> "the certificates cannot be taken");
            throw new IllegalArgumentException(
                    "Unable to update TLS configuration. Check server logs.", e);
        }
    }

    /** The certificates that clients' certificates must descend from; null for none. */
    private PemTrustOptions authorities() {
        PemTrustOptions authorities = null;
        if (!config.text("tls-ca-cert-file").isEmpty()) {
            authorities =
                    new PemTrustOptions()
                            .addCertPath(readable("tls-ca-cert-file", "CA certificate(s) file"));
        }
        if (!config.text("tls-ca-cert-dir").isEmpty()) {
            authorities = authorities == null ? new PemTrustOptions() : authorities;
            String directory = readable("tls-ca-cert-dir", "CA certificate(s) directory");
            try (Stream<Path> files = Files.list(Path.of(directory))) {
                for (Path each : files.filter(Files::isRegularFile).sorted().toList()) {
                    authorities.addCertPath(each.toString());
                }
            } catch (IOException e) {
                throw new UncheckedIOException("tls-ca-cert-dir " + directory, e);
            }
        }
        return authorities;
    }

    /** The path of a file that an option names from the directory of the store. */
    private String readable(String option, String what) {
        if (config.text(option).isEmpty()) {
            throw new IllegalStateException("No " + option + " configured!");
        }
        Path path = Path.of(config.text("dir")).resolve(config.text(option)).toAbsolutePath();
        if (!Files.isReadable(path)) {
            throw new IllegalStateException(
                    "Failed to load "
                            + what
                            + ": "
                            + path.normalize()
                            + ": "
                            + (Files.exists(path)
                                    ? "Permission denied"
                                    : "No such file or directory"));
        }
        return path.normalize().toString();
    }

    private final class CurrentKeys extends X509ExtendedKeyManager {
        @Override
        public String chooseEngineServerAlias(
                String keyType, Principal[] issuers, SSLEngine engine) {
            return keys.chooseEngineServerAlias(keyType, issuers, engine);
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(keyType, issuers, socket);
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return keys.getServerAliases(keyType, issuers);
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            return keys.chooseClientAlias(keyTypes, issuers, socket);
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return keys.getClientAliases(keyType, issuers);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }

    private final class CurrentTrust extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            trust.checkClientTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            trust.checkClientTrusted(chain, type, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            trust.checkClientTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            trust.checkServerTrusted(chain, type, engine);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            trust.checkServerTrusted(chain, type, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            trust.checkServerTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return trust.getAcceptedIssuers();
        }
    }
}
