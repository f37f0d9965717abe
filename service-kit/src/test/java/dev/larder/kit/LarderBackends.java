package dev.larder.kit;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a service needs around it, for real: a PostgreSQL, a store and a pair of keys. One of each
 * per JVM, started with the first test and stopped with the JVM.
 *
 * <p>With {@code LARDER_TEST_STORE_URL} in the environment, that server is the store instead: the
 * same tests on Redis or Valkey.
 */
public final class LarderBackends implements QuarkusTestResourceLifecycleManager {

    static final String PRIVATE_KEY_PROPERTY = "larder.test.jwt.private-key";

    private static final String STARTED = "larder.test.backends";
    private static final Duration STORE_START = Duration.ofSeconds(20);

    @Override
    public Map<String, String> start() {
        // Another class loader may have started them: only what belongs to the JVM can say so.
        synchronized (System.getProperties()) {
            if (System.getProperty(STARTED + ".db") == null) {
                startAll();
            }
        }
        String key = System.getProperty(STARTED + ".keys");
        return Map.of(
                "quarkus.datasource.jdbc.url",
                System.getProperty(STARTED + ".db"),
                "quarkus.datasource.username",
                "postgres",
                "quarkus.datasource.password",
                "postgres",
                "quarkus.redis.hosts",
                System.getProperty(STARTED + ".store"),
                "mp.jwt.verify.publickey.location",
                key + "/public.pem",
                "smallrye.jwt.sign.key.location",
                key + "/private.pem");
    }

    /** They end with the JVM, because the next test class needs them again. */
    @Override
    public void stop() {}

    private static void startAll() {
        try {
            Path folder = Files.createTempDirectory("larder-test");
            System.setProperty(STARTED + ".keys", keys(folder).toUri().toString());
            String store = System.getenv("LARDER_TEST_STORE_URL");
            System.setProperty(STARTED + ".store", store != null ? store : startStore(folder));
            // zonky's own folder is shared by all users of the machine and half-filled by an abort.
            EmbeddedPostgres database =
                    EmbeddedPostgres.builder()
                            .setOverrideWorkingDirectory(folder.resolve("postgres").toFile())
                            .start();
            atEnd(
                    () -> {
                        try {
                            database.close();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            System.setProperty(STARTED + ".db", database.getJdbcUrl("postgres", "postgres"));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("the backends of the tests do not start", e);
        }
    }

    private static Path keys(Path folder) throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        byte[] secret = pair.getPrivate().getEncoded();
        System.setProperty(PRIVATE_KEY_PROPERTY, Base64.getEncoder().encodeToString(secret));
        Files.writeString(folder.resolve("private.pem"), pem("PRIVATE KEY", secret));
        Files.writeString(
                folder.resolve("public.pem"), pem("PUBLIC KEY", pair.getPublic().getEncoded()));
        return folder;
    }

    private static String pem(String kind, byte[] key) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
        return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    }

    private static String startStore(Path folder) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process process =
                new ProcessBuilder(
                                "redis-server",
                                "--port",
                                Integer.toString(port),
                                "--bind",
                                "127.0.0.1",
                                "--save",
                                "",
                                "--dir",
                                folder.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        atEnd(process::destroyForcibly);
        long deadline = System.nanoTime() + STORE_START.toNanos();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("redis-server does not listen on port " + port);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return "redis://127.0.0.1:" + port;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void atEnd(Runnable action) {
        Runtime.getRuntime().addShutdownHook(new Thread(action, "end of tests"));
    }
}
