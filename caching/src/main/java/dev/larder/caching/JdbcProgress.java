package dev.larder.caching;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/**
 * How far the database is with each partition, kept in the database itself: written in the same
 * transaction as the rows, so both are there or neither. That turns the queue's "at least once"
 * into exactly once.
 *
 * <p>Needs the table {@link #SCHEMA} (PostgreSQL) and transactions at READ COMMITTED or stricter.
 * The locked row also holds two owners of one partition apart: the second waits for the first and
 * then sees how far it came.
 */
public final class JdbcProgress {

    /** For a migration of the service's own. */
    public static final String SCHEMA =
            """
            create table if not exists write_behind_progress (
                cache     text   not null,
                partition int    not null,
                last_id   text   not null,
                fence     bigint not null,
                primary key (cache, partition)
            )""";

    private static final String BEFORE_ALL = "0-0";

    private final boolean checks;

    public JdbcProgress() {
        this(true);
    }

    private JdbcProgress(boolean checks) {
        this.checks = checks;
    }

    /** Only for the test that shows that writes would come twice. */
    static JdbcProgress withoutCheck() {
        return new JdbcProgress(false);
    }

    /** Stores writes; commits and closes nothing. */
    @FunctionalInterface
    public interface Statements<V> {

        void store(Connection connection, List<Write<V>> writes) throws Exception;
    }

    /** A sink that takes a connection for each batch and commits after {@code statements}. */
    public <V> Sink<V> sink(DataSource database, Statements<V> statements) {
        return batch -> {
            try (Connection connection = database.getConnection()) {
                connection.setAutoCommit(false);
                try {
                    List<Write<V>> left = advance(connection, batch);
                    if (!left.isEmpty()) {
                        statements.store(connection, left);
                    }
                    connection.commit();
                } catch (Throwable e) {
                    undo(connection, e);
                    throw e;
                } finally {
                    restore(connection);
                }
            }
        };
    }

    /**
     * Locks the partition's progress, moves it to the batch's end and returns the writes that the
     * database does not have yet, perhaps none. For a caller with a transaction of its own, which
     * is open, stores exactly these writes next, and then commits.
     *
     * @throws LeaseLostException when a later owner was here: roll back
     */
    public <V> List<Write<V>> advance(Connection connection, Batch<V> batch) throws SQLException {
        if (!checks) {
            return batch.writes();
        }
        Row row = lock(connection, batch.cache(), batch.partition());
        if (row == null) {
            begin(connection, batch);
            row = lock(connection, batch.cache(), batch.partition());
        }
        if (batch.fence() < row.fence()) {
            throw new LeaseLostException(batch.cache(), batch.partition(), row.fence());
        }
        String done = row.lastId();
        List<Write<V>> left =
                batch.writes().stream()
                        .filter(write -> Write.compareIds(write.id(), done) > 0)
                        .toList();
        String lastId = left.isEmpty() ? done : left.getLast().id();
        try (PreparedStatement update =
                connection.prepareStatement(
                        "update write_behind_progress set last_id = ?, fence = ?"
                                + " where cache = ? and partition = ?")) {
            update.setString(1, lastId);
            update.setLong(2, batch.fence());
            update.setString(3, batch.cache());
            update.setInt(4, batch.partition());
            update.executeUpdate();
        }
        return left;
    }

    private record Row(String lastId, long fence) {}

    private static Row lock(Connection connection, String cache, int partition)
            throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "select last_id, fence from write_behind_progress"
                                + " where cache = ? and partition = ? for update")) {
            select.setString(1, cache);
            select.setInt(2, partition);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? new Row(rows.getString(1), rows.getLong(2)) : null;
            }
        }
    }

    private static void begin(Connection connection, Batch<?> batch) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "insert into write_behind_progress (cache, partition, last_id, fence)"
                                + " values (?, ?, ?, 0) on conflict do nothing")) {
            insert.setString(1, batch.cache());
            insert.setInt(2, batch.partition());
            insert.setString(3, BEFORE_ALL);
            insert.executeUpdate();
        }
    }

    private static void undo(Connection connection, Throwable reason) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    /** What a pool hands out next shall be as it was; a connection that fails here is closed. */
    private static void restore(Connection connection) {
        try {
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            // Broken already: the batch's own failure says so, or its commit went through.
        }
    }
}
