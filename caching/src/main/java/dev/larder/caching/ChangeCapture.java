package dev.larder.caching;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/**
 * Follows what changes in PostgreSQL, whoever changes it: another instance, another program, a hand
 * in psql. Triggers write each change to an outbox table in the same transaction and call {@code
 * pg_notify}; this takes the rows out, hands them to a reader (which drops cache entries), and
 * commits.
 *
 * <p><b>Promise</b>: every committed change is handed over at least once, normally within
 * milliseconds of its commit, and none is lost: not while this process, the connection or the
 * reader's own store is away, because a row leaves the outbox only with the commit that follows the
 * reader's return. The order is that of the ids, which is nearly that of the commits; who needs
 * more compares versions.
 *
 * <p><b>Shape of the table</b>: {@code id bigint} (ascending), {@code kind text}, {@code key text},
 * {@code version bigint} (may be null), {@code at timestamptz}. Several instances may follow one
 * table: each row goes to one of them.
 *
 * <h2>Why this is enough</h2>
 *
 * A notification only wakes. What is to be done lies in the table: so a lost notification (the
 * connection was away) costs at most {@code lookEvery}, and a lost connection costs its
 * reconnection. Rows are taken by {@code DELETE … RETURNING} under {@code FOR UPDATE SKIP LOCKED},
 * not by remembering the last id: ids are drawn before the commit, so a later commit may show a
 * lower id, and a position would skip it.
 */
public final class ChangeCapture implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(ChangeCapture.class.getName());
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
    private static final int SOCKET_TIMEOUT_SECONDS = 10;

    /** Opens a connection that nobody else uses and no pool wraps; closed by its user. */
    @FunctionalInterface
    public interface Connections {
        Connection open() throws SQLException;
    }

    private final Connections connections;
    private final String table;
    private final String channel;
    private final Duration lookEvery;
    private final Duration longestPause;
    private final int batch;
    private final Consumer<List<Change>> reader;
    private final LongAdder taken = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final AtomicReference<Duration> lastBehind = new AtomicReference<>(Duration.ZERO);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile Connection current;
    private volatile boolean listening;

    private ChangeCapture(Builder from, Consumer<List<Change>> reader) {
        connections = from.connections;
        table = from.table;
        channel = from.channel;
        lookEvery = from.lookEvery;
        longestPause = from.longestPause;
        batch = from.batch;
        this.reader = Objects.requireNonNull(reader);
        thread = Thread.ofPlatform().daemon().name("changes of " + table).unstarted(this::follow);
    }

    /**
     * @param table with its schema, such as {@code catalog.change}
     * @param channel of {@code pg_notify}
     */
    public static Builder of(Connections connections, String table, String channel) {
        return new Builder(connections, table, channel);
    }

    /** Connections straight by the driver, kept alive, that give up on a dead server. */
    public static Connections direct(String url, String user, String password) {
        return () -> {
            Properties account = new Properties();
            account.setProperty("user", user);
            account.setProperty("password", password);
            account.setProperty("connectTimeout", "2");
            account.setProperty("loginTimeout", "2");
            account.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
            account.setProperty("tcpKeepAlive", "true");
            account.setProperty("ApplicationName", "change-capture");
            Connection connection = new Driver().connect(url, account);
            if (connection == null) {
                throw new SQLException("not an address of PostgreSQL: " + url);
            }
            return connection;
        };
    }

    /** Changes handed over and committed since the start. */
    public long taken() {
        return taken.sum();
    }

    /** Times that the connection or the reader failed; each was, or will be, tried again. */
    public long failures() {
        return failures.sum();
    }

    /** From the change to the reader's return, for the last change taken. */
    public Duration lastBehind() {
        return lastBehind.get();
    }

    /** Whether changes are heard at once now; while not, they wait in the table. */
    public boolean isListening() {
        return listening;
    }

    /** Ends the thread; what is being handed over stays in the table for the next who follows. */
    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        Connection open = current;
        try {
            if (open != null) {
                // It waits in a socket, which no interrupt ends.
                open.abort(Runnable::run);
            }
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "a connection that is given up", e);
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(SOCKET_TIMEOUT_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        Duration pause = SHORTEST_PAUSE;
        while (!isClosing()) {
            try (Connection connection = connections.open()) {
                current = connection;
                try (Statement statement = connection.createStatement()) {
                    statement.execute("listen " + channel);
                }
                listening = true;
                pause = SHORTEST_PAUSE;
                listen(connection);
            } catch (SQLException | RuntimeException | Error e) {
                // Also what nobody expects: this thread is the only one that would notice.
                if (!isClosing()) {
                    failures.increment();
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "changes of {0} are not heard: {1}; trying again in {2} ms",
                            table,
                            e,
                            pause.toMillis());
                }
            } finally {
                listening = false;
                current = null;
            }
            rest(pause);
            pause = longer(pause);
        }
    }

    /** Returns when closing; a reader that fails is asked again after a pause. */
    private void listen(Connection connection) throws SQLException {
        PGConnection notified = connection.unwrap(PGConnection.class);
        Duration pause = SHORTEST_PAUSE;
        while (!isClosing()) {
            try {
                do {
                    // Before what they announce is taken: the driver keeps all that nobody asks
                    // for.
                    notified.getNotifications();
                } while (!isClosing() && hand(connection) == batch);
                pause = SHORTEST_PAUSE;
            } catch (RuntimeException | Error e) {
                failures.increment();
                LOG.log(
                        System.Logger.Level.WARNING,
                        "changes of {0} wait, their reader failed: {1}; again in {2} ms",
                        table,
                        e,
                        pause.toMillis());
                rest(pause);
                pause = longer(pause);
                continue;
            }
            // Notifications that came while rows were taken are returned at once.
            notified.getNotifications(Math.toIntExact(lookEvery.toMillis()));
        }
    }

    /**
     * Takes, hands over and commits one batch; returns its size. After an {@code SQLException} the
     * transaction is left to the end of the connection, which takes it back.
     */
    private int hand(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        List<Change> changes = take(connection);
        if (!changes.isEmpty()) {
            try {
                reader.accept(List.copyOf(changes));
            } catch (RuntimeException | Error e) {
                connection.rollback();
                connection.setAutoCommit(true);
                throw e;
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        if (!changes.isEmpty()) {
            taken.add(changes.size());
            lastBehind.set(changes.getLast().behind(Instant.now()));
        }
        return changes.size();
    }

    private List<Change> take(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        """
                        with due as (
                          select id from %1$s order by id limit ? for update skip locked
                        ), taken as (
                          delete from %1$s c using due where c.id = due.id
                          returning c.id, c.kind, c.key, c.version, c.at
                        )
                        select kind, key, coalesce(version, 0), at from taken order by id
                        """
                                .formatted(table))) {
            statement.setInt(1, batch);
            List<Change> changes = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    changes.add(
                            new Change(
                                    rows.getString(1),
                                    rows.getString(2),
                                    rows.getLong(3),
                                    rows.getObject(4, OffsetDateTime.class).toInstant()));
                }
            }
            return changes;
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void rest(Duration pause) {
        try {
            closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // Only close() interrupts, and it has counted down before.
        }
    }

    private Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(longestPause) > 0 ? longestPause : twice;
    }

    /** Every setting has a default that follows within a second. */
    public static final class Builder {

        private static final Duration LONGEST_LOOK = Duration.ofDays(1);

        private final Connections connections;
        private final String table;
        private final String channel;
        private Duration lookEvery = Duration.ofSeconds(3);
        private Duration longestPause = Duration.ofSeconds(2);
        private int batch = 500;

        private Builder(Connections connections, String table, String channel) {
            this.connections = Objects.requireNonNull(connections);
            this.table = identifier(table);
            this.channel = identifier(channel);
        }

        /** Looks into the table after so long without a notification: up to a day. Default 3 s. */
        public Builder lookEvery(Duration period) {
            this.lookEvery = positive(period);
            if (period.compareTo(LONGEST_LOOK) > 0) {
                throw new IllegalArgumentException("at most " + LONGEST_LOOK + ", not " + period);
            }
            return this;
        }

        /** Longest wait before a failed connection or reader is tried again. Default 2 s. */
        public Builder longestPause(Duration pause) {
            this.longestPause = positive(pause);
            return this;
        }

        /** Changes in one transaction, handed over together. Default 500. */
        public Builder batch(int changes) {
            if (changes < 1) {
                throw new IllegalArgumentException("at least one change, not " + changes);
            }
            this.batch = changes;
            return this;
        }

        /**
         * Begins to follow, on a thread of its own.
         *
         * @param reader does what has to be done before the changes may be forgotten; it may see a
         *     change twice, and when it throws it sees the same changes again
         */
        public ChangeCapture start(Consumer<List<Change>> reader) {
            ChangeCapture capture = new ChangeCapture(this, reader);
            capture.thread.start();
            return capture;
        }

        /** They go into SQL as they are. */
        private static String identifier(String name) {
            if (!name.matches("[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)?")) {
                throw new IllegalArgumentException("not a plain name: " + name);
            }
            return name;
        }

        private static Duration positive(Duration duration) {
            if (duration.toMillis() < 1) {
                throw new IllegalArgumentException("at least 1 ms, not " + duration);
            }
            return duration;
        }
    }
}
