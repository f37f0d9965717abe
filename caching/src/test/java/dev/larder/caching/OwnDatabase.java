package dev.larder.caching;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * A PostgreSQL with a ledger: a row for each write that was stored, without any unique constraint,
 * so that a write stored twice is seen twice.
 */
final class OwnDatabase implements AutoCloseable {

    private final EmbeddedPostgres server;

    private OwnDatabase(EmbeddedPostgres server) {
        this.server = server;
    }

    /** A row of the ledger; {@code n} is the order in which rows were stored. */
    record Row(long n, String id, String key, String value) {}

    static OwnDatabase start() {
        try {
            Path folder = Files.createTempDirectory("larder-caching");
            OwnDatabase database =
                    new OwnDatabase(
                            EmbeddedPostgres.builder()
                                    .setOverrideWorkingDirectory(
                                            folder.resolve("postgres").toFile())
                                    .start());
            database.run(JdbcProgress.SCHEMA);
            database.run(
                    """
                    create table ledger (
                        n         bigserial,
                        cache     text not null,
                        id        text not null,
                        key       text not null,
                        value     text check (value <> 'poison')
                    )""");
            return database;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DataSource source() {
        return server.getPostgresDatabase();
    }

    String url() {
        return server.getJdbcUrl("postgres", "postgres");
    }

    void run(String sql) {
        try (Connection connection = source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    List<Row> ledger(String cache) {
        try (Connection connection = source().getConnection();
                var select =
                        connection.prepareStatement(
                                "select n, id, key, value from ledger"
                                        + " where cache = ? order by n")) {
            select.setString(1, cache);
            List<Row> rows = new ArrayList<>();
            try (ResultSet result = select.executeQuery()) {
                while (result.next()) {
                    rows.add(
                            new Row(
                                    result.getLong(1),
                                    result.getString(2),
                                    result.getString(3),
                                    result.getString(4)));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    List<String> values(String cache) {
        return ledger(cache).stream().map(Row::value).toList();
    }

    /** Writes each write as one more row. */
    static <V> JdbcProgress.Statements<V> appending(String cache) {
        return (connection, writes) -> {
            try (var insert =
                    connection.prepareStatement(
                            "insert into ledger (cache, id, key, value)"
                                    + " values (?, ?, ?, ?)")) {
                for (Write<V> write : writes) {
                    insert.setString(1, cache);
                    insert.setString(2, write.id());
                    insert.setString(3, write.key());
                    insert.setString(4, write.removed() ? null : write.value().toString());
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        };
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
