package dev.larder.kit;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Map;

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
            System.setProperty(STARTED + ".store", store != null ? store : startStore());
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

    private static String startStore() {
        Store store = Store.start(new StoreConfig().with("port", 0));
        atEnd(store::close);
        return store.url();
    }

    private static void atEnd(Runnable action) {
        Runtime.getRuntime().addShutdownHook(new Thread(action, "end of tests"));
    }
}
