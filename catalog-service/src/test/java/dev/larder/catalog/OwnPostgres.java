package dev.larder.catalog;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A PostgreSQL of one test alone, which it may stop and start. */
public final class OwnPostgres implements QuarkusTestResourceLifecycleManager {

    private Path folder;
    private int port;
    private EmbeddedPostgres server;

    @Override
    public Map<String, String> start() {
        try {
            folder = Files.createTempDirectory("larder-own-postgres");
            server = builder().start();
            port = server.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of("quarkus.datasource.jdbc.url", server.getJdbcUrl("postgres", "postgres"));
    }

    /** After the shared backends, whose PostgreSQL this replaces. */
    @Override
    public int order() {
        return 100;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(OwnPostgres.class));
    }

    public void down() throws IOException {
        server.close();
    }

    /** On the same port and folder. */
    public void up() throws IOException {
        server = builder().setPort(port).start();
    }

    private EmbeddedPostgres.Builder builder() {
        return EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(folder.resolve("programs").toFile())
                .setDataDirectory(folder.resolve("data"))
                .setCleanDataDirectory(false);
    }

    @Override
    public void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
