package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a store listens: several addresses, TLS, a Unix socket; and who may not come in. */
class ListenersTest {
    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir private Path dir;

    private static String ask(OutputStream out, InputStream in, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return read(in);
    }

    private static String read(InputStream in) throws IOException {
        StringBuilder reply = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\r'; b = in.read()) {
            if (b != '\n') {
                reply.append((char) b);
            }
        }
        return reply.toString();
    }

    private static String ask(Socket socket, String line) throws IOException {
        return ask(socket.getOutputStream(), socket.getInputStream(), line);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    // Addresses.

    @Test
    void listensOnEveryAddressAndDoesWithoutOptionalOnes() throws IOException {
        StoreConfig config =
                new StoreConfig().with("port", 0).with("bind", "127.0.0.1 127.0.0.2 -203.0.113.1");
        try (Store store = Store.start(config)) {
            for (String address : new String[] {"127.0.0.1", "127.0.0.2"}) {
                try (Socket socket = new Socket(address, store.port())) {
                    assertThat(ask(socket, "PING")).isEqualTo("+PONG");
                }
            }
        }
    }

    @Test
    void saysWhichAddressItCannotHave() {
        StoreConfig config = new StoreConfig().with("port", 0).with("bind", "203.0.113.1");
        assertThatThrownBy(() -> Store.start(config))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("203.0.113.1");
    }

    // Protected mode.

    private static Optional<InetAddress> addressOfThisMachine() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
                .findFirst();
    }

    @Test
    void refusesOthersWhileThereIsNoPassword() throws IOException {
        Optional<InetAddress> address = addressOfThisMachine();
        assumeTrue(address.isPresent(), "this machine has but the loopback address");
        StoreConfig config = new StoreConfig().with("port", 0).with("bind", "0.0.0.0");
        try (Store store = Store.start(config);
                Socket local = new Socket("127.0.0.1", store.port())) {
            try (Socket other = new Socket(address.get(), store.port())) {
                assertThat(read(other.getInputStream()))
                        .startsWith("-DENIED Redis is running in protected mode because");
                assertThat(other.getInputStream().readAllBytes()).hasSize(1);
            }
            assertThat(ask(local, "CONFIG SET requirepass secret")).isEqualTo("+OK");
            try (Socket other = new Socket(address.get(), store.port())) {
                assertThat(ask(other, "PING")).isEqualTo("-NOAUTH Authentication required.");
            }
        }
    }

    // A Unix socket.

    @Test
    void listensOnAUnixSocketAlone() throws IOException {
        Path file = dir.resolve("store.sock");
        StoreConfig config =
                new StoreConfig()
                        .with("port", 0)
                        .with("unixsocket", file)
                        .with("unixsocketperm", "700");
        try (Store store = Store.start(config)) {
            assertThat(store.port()).isZero();
            assertThat(Files.getPosixFilePermissions(file)).hasSize(3);
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
                channel.write(ByteBuffer.wrap("PING\r\n".getBytes(StandardCharsets.UTF_8)));
                assertThat(read(Channels.newInputStream(channel))).isEqualTo("+PONG");
            }
        }
        assertThat(file).doesNotExist();
    }

    // TLS.

    /** Makes a key with its certificate by the tool that comes with Java. */
    private KeyStore identity(String name) throws Exception {
        Path store = dir.resolve(name + ".p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                name,
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=ip:127.0.0.1",
                                "-ext",
                                "bc=ca:true",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                new String(PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore identity = KeyStore.getInstance("PKCS12");
        identity.load(new ByteArrayInputStream(Files.readAllBytes(store)), PASSWORD);
        return identity;
    }

    private Path pem(String file, String what, byte[] content) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(
                dir.resolve(file),
                "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
    }

    private StoreConfig encrypted(KeyStore server) throws Exception {
        pem("server.crt", "CERTIFICATE", server.getCertificate("server").getEncoded());
        pem("server.key", "PRIVATE KEY", server.getKey("server", PASSWORD).getEncoded());
        return new StoreConfig()
                .with("dir", dir)
                .with("port", 0)
                .with("tls-port", freePort())
                .with("tls-cert-file", "server.crt")
                .with("tls-key-file", "server.key");
    }

    private static SSLContext trusting(KeyStore server, KeyStore own) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "server", server.getCertificate(server.aliases().nextElement()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @Test
    void speaksTls() throws Exception {
        KeyStore server = identity("server");
        StoreConfig config = encrypted(server).with("tls-auth-clients", "no");
        try (Store store = Store.start(config);
                Socket socket =
                        trusting(server, null)
                                .getSocketFactory()
                                .createSocket("127.0.0.1", store.port())) {
            assertThat(store.port()).isEqualTo((int) config.integer("tls-port"));
            assertThat(ask(socket, "PING")).isEqualTo("+PONG");
            String large = "x".repeat(1_000_000);
            assertThat(ask(socket, "ECHO " + large.substring(0, 60_000))).isEqualTo("$60000");
        }
    }

    @Test
    void takesANewCertificateWhileItRuns() throws Exception {
        KeyStore first = identity("server");
        StoreConfig config = encrypted(first).with("tls-auth-clients", "no");
        try (Store store = Store.start(config);
                Socket before =
                        trusting(first, null)
                                .getSocketFactory()
                                .createSocket("127.0.0.1", store.port())) {
            assertThat(ask(before, "CONFIG SET tls-key-file nowhere.key"))
                    .endsWith("Unable to update TLS configuration. Check server logs.");
            KeyStore second = identity("second");
            pem("second.crt", "CERTIFICATE", second.getCertificate("second").getEncoded());
            pem("second.key", "PRIVATE KEY", second.getKey("second", PASSWORD).getEncoded());
            assertThat(ask(before, "CONFIG SET tls-cert-file second.crt tls-key-file second.key"))
                    .isEqualTo("+OK");
            try (Socket after =
                    trusting(second, null)
                            .getSocketFactory()
                            .createSocket("127.0.0.1", store.port())) {
                assertThat(ask(after, "PING")).isEqualTo("+PONG");
            }
            assertThat(ask(before, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void asksClientsForTheirCertificate() throws Exception {
        KeyStore server = identity("server");
        KeyStore client = identity("client");
        pem("ca.crt", "CERTIFICATE", client.getCertificate("client").getEncoded());
        StoreConfig config = encrypted(server).with("tls-ca-cert-file", "ca.crt");
        try (Store store = Store.start(config)) {
            try (Socket socket =
                    trusting(server, client)
                            .getSocketFactory()
                            .createSocket("127.0.0.1", store.port())) {
                assertThat(ask(socket, "PING")).isEqualTo("+PONG");
            }
            try (Socket socket =
                    trusting(server, null)
                            .getSocketFactory()
                            .createSocket("127.0.0.1", store.port())) {
                assertThatThrownBy(() -> ask(socket, "PING")).isInstanceOf(SSLException.class);
            }
        }
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        StoreConfig config = new StoreConfig().with("tls-port", freePort()).with("port", 0);
        assertThatThrownBy(() -> Store.start(config)).hasMessage("No tls-cert-file configured!");
        config.with("tls-cert-file", "nowhere.crt");
        assertThatThrownBy(() -> Store.start(config))
                .hasMessageStartingWith("Failed to load certificate: ")
                .hasMessageEndingWith("nowhere.crt: No such file or directory");
        StoreConfig unknownClients = encrypted(identity("server"));
        assertThatThrownBy(() -> Store.start(unknownClients))
                .hasMessageContaining("tls-ca-cert-file or tls-ca-cert-dir must be specified");
    }
}
