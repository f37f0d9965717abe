package dev.larder.laboratory;

import dev.larder.caching.Batch;
import dev.larder.caching.ChangeCapture;
import dev.larder.caching.JdbcProgress;
import dev.larder.caching.Write;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The only class that knows SQL. Takes the way of a lane where the lane goes it, and goes directly
 * where the truth is set up, written past the lanes and taken down. What the database refuses comes
 * out as {@link DatabaseFailure}.
 */
@ApplicationScoped
class Rows {

    /** Products of which something was sold; keys share them. */
    private static final int PRODUCTS = 256;

    /** Runs of a process that has died are taken down when they are older than any can be. */
    private static final int LEFT_OVER_MINUTES = 30;

    /** What a cache is there for: some milliseconds of work for one row. */
    private static final String LOAD =
            """
            WITH mine AS (
                SELECT basket, quantity, cents FROM laboratory.sale WHERE product = ?
            ), beside AS (
                SELECT other.product, count(*) AS times
                FROM mine JOIN laboratory.sale other USING (basket)
                WHERE other.product <> ?
                GROUP BY other.product ORDER BY times DESC, other.product LIMIT 5
            )
            SELECT version, text,
                   (SELECT coalesce(sum(quantity::bigint * cents), 0) FROM mine) AS revenue,
                   (SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY cents), 0)
                    FROM mine) AS median,
                   (SELECT array_agg(product ORDER BY times DESC, product)
                    FROM beside) AS also_bought
            FROM laboratory.item WHERE run = ? AND lane = ? AND key = ?""";

    private static final String CHANGE =
            """
            UPDATE laboratory.item SET version = version + 1
            WHERE run = ? AND lane = ? AND key = ? RETURNING version""";

    /** Whoever wrote to the row meanwhile is below the version of an accepted write. */
    private static final String STORE =
            """
            UPDATE laboratory.item SET version = greatest(version, ?)
            WHERE run = ? AND lane = ? AND key = ? RETURNING version""";

    /** What a follower takes changes from, and what wakes it. */
    static final String CHANGES = "change_of_run";

    static final String CHANGED = "laboratory_change";

    private final JdbcProgress progress = new JdbcProgress();
    private final Connections directly;

    Rows(AgroalDataSource pool) {
        directly =
                new Connections() {
                    @Override
                    public <T> T use(Question<T> question) throws SQLException {
                        try (Connection connection = pool.getConnection()) {
                            return question.ask(connection);
                        }
                    }
                };
    }

    /** Version 1 of every row of every lane; also takes down what dead processes left. */
    void prepare(String run, Map<String, Pattern> lanes, Workload workload) {
        directly(
                """
                DELETE FROM laboratory.item WHERE run IN (
                    SELECT id FROM laboratory.run WHERE begun_at < now() - make_interval(mins => ?))
                """,
                statement -> {
                    statement.setInt(1, LEFT_OVER_MINUTES);
                    return statement.executeUpdate();
                });
        directly(
                "DELETE FROM laboratory.run WHERE begun_at < now() - make_interval(mins => ?)",
                statement -> {
                    statement.setInt(1, LEFT_OVER_MINUTES);
                    return statement.executeUpdate();
                });
        directly(
                "INSERT INTO laboratory.run (id) VALUES (?)",
                statement -> {
                    statement.setString(1, run);
                    return statement.executeUpdate();
                });
        for (Map.Entry<String, Pattern> lane : lanes.entrySet()) {
            directly(
                    """
                    INSERT INTO laboratory.item (run, lane, captured, key, version, text)
                    SELECT ?, ?, ?, key, 1, left(repeat(md5(key::text), ? / 32 + 1), ?)
                    FROM generate_series(1, ?) key""",
                    statement -> {
                        statement.setString(1, run);
                        statement.setString(2, lane.getKey());
                        statement.setBoolean(3, lane.getValue() == Pattern.CHANGE_CAPTURE);
                        statement.setInt(4, workload.valueBytes());
                        statement.setInt(5, workload.valueBytes());
                        statement.setInt(6, workload.keys());
                        return statement.executeUpdate();
                    });
        }
    }

    void takeDown(String run) {
        for (String sql :
                List.of(
                        "DELETE FROM laboratory.item WHERE run = ?",
                        "DELETE FROM laboratory.change WHERE kind LIKE ? || ':%'",
                        "DELETE FROM laboratory.write_behind_progress"
                                + " WHERE cache LIKE 'laboratory:' || ? || ':%'",
                        "DELETE FROM laboratory.run WHERE id = ?")) {
            directly(
                    sql,
                    statement -> {
                        statement.setString(1, run);
                        return statement.executeUpdate();
                    });
        }
    }

    /** The load: one row with what is reckoned for it, or empty for a key that is not there. */
    Optional<Item> find(Connections way, String run, String lane, int key) {
        int product = key % PRODUCTS;
        return query(
                way,
                LOAD,
                statement -> {
                    statement.setInt(1, product);
                    statement.setInt(2, product);
                    statement.setString(3, run);
                    statement.setString(4, lane);
                    statement.setInt(5, key);
                    try (ResultSet row = statement.executeQuery()) {
                        return row.next() ? Optional.of(item(key, row)) : Optional.empty();
                    }
                });
    }

    /** Commits a new version of one row and returns it. */
    long change(Connections way, String run, String lane, int key) {
        return query(
                way,
                CHANGE,
                statement -> {
                    statement.setString(1, run);
                    statement.setString(2, lane);
                    statement.setInt(3, key);
                    try (ResultSet row = statement.executeQuery()) {
                        if (!row.next()) {
                            throw new IllegalStateException(run + " has lost row " + key);
                        }
                        return row.getLong(1);
                    }
                });
    }

    /**
     * Commits a batch of accepted writes and how far the queue has come, or neither; the versions
     * by key that the rows have then.
     */
    Map<Integer, Long> store(Connections way, String run, String lane, Batch<Item> batch)
            throws SQLException {
        return way.use(
                connection -> {
                    connection.setAutoCommit(false);
                    Map<Integer, Long> versions = new HashMap<>();
                    List<Write<Item>> left = progress.advance(connection, batch);
                    try (PreparedStatement statement = connection.prepareStatement(STORE)) {
                        for (Write<Item> write : Batch.latestPerKey(left)) {
                            int key = Integer.parseInt(write.key());
                            statement.setLong(1, write.version());
                            statement.setString(2, run);
                            statement.setString(3, lane);
                            statement.setInt(4, key);
                            try (ResultSet row = statement.executeQuery()) {
                                row.next();
                                versions.put(key, row.getLong(1));
                            }
                        }
                    }
                    connection.commit();
                    connection.setAutoCommit(true);
                    return versions;
                });
    }

    /**
     * Connections to follow the changes of one run, and no other's: on each of them {@link
     * #CHANGES} is a view of its own of what is noted for that run, from which rows are taken as
     * from the table.
     */
    static ChangeCapture.Connections follow(ChangeCapture.Connections way, String run) {
        return () -> {
            Connection connection = way.open();
            try (Statement statement = connection.createStatement()) {
                // A view takes no parameters; the id of a run is letters and digits.
                statement.execute(
                        "CREATE TEMPORARY VIEW "
                                + CHANGES
                                + " AS SELECT id, kind, key, version, at"
                                + " FROM laboratory.change WHERE kind LIKE '"
                                + run
                                + ":%'");
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
            return connection;
        };
    }

    /** Commits a new version of a row in every lane at once, past the lanes; version by lane. */
    Map<String, Long> changeBehind(String run, int key) {
        return directly(
                """
                UPDATE laboratory.item SET version = version + 1
                WHERE run = ? AND lane = ANY (?) AND key = ? RETURNING lane, version""",
                statement -> {
                    statement.setString(1, run);
                    statement.setArray(2, lanes(statement.getConnection()));
                    statement.setInt(3, key);
                    Map<String, Long> versions = new HashMap<>();
                    try (ResultSet row = statement.executeQuery()) {
                        while (row.next()) {
                            versions.put(row.getString(1), row.getLong(2));
                        }
                    }
                    return versions;
                });
    }

    /** All lanes there can be: so the primary key is used. */
    private static Array lanes(Connection connection) throws SQLException {
        return connection.createArrayOf("text", Lane.IDS.toArray());
    }

    private static Item item(int key, ResultSet row) throws SQLException {
        Array beside = row.getArray("also_bought");
        List<Integer> alsoBought =
                beside == null
                        ? List.of()
                        : new ArrayList<>(Arrays.asList((Integer[]) beside.getArray()));
        return new Item(
                key,
                row.getLong("version"),
                row.getString("text"),
                row.getLong("revenue"),
                row.getDouble("median"),
                alsoBought);
    }

    /** What is asked on a connection, which stays whose it is. */
    interface Question<T> {
        T ask(Connection connection) throws SQLException;
    }

    /** Where connections come from. */
    interface Connections {
        <T> T use(Question<T> question) throws SQLException;
    }

    private interface Asking<T> {
        T run(PreparedStatement statement) throws SQLException;
    }

    private <T> T directly(String sql, Asking<T> statement) {
        return query(directly, sql, statement);
    }

    private static <T> T query(Connections way, String sql, Asking<T> statement) {
        try {
            return way.use(
                    connection -> {
                        try (PreparedStatement prepared = connection.prepareStatement(sql)) {
                            return statement.run(prepared);
                        }
                    });
        } catch (SQLException e) {
            throw new DatabaseFailure(e);
        }
    }
}
