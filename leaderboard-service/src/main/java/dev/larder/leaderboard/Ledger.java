package dev.larder.leaderboard;

import dev.larder.kit.Problems;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.Session;

/**
 * What counts: every submission and the standing that came of it, in PostgreSQL. The only class
 * that knows the SQL of standings.
 *
 * <p>A player's row is locked while the board's policy is applied to it, so submissions of one
 * player are applied one after the other, on whichever instance they arrive.
 */
@ApplicationScoped
class Ledger {

    private final EntityManager entities;

    Ledger(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * A recorded submission.
     *
     * @param previousScore null when it was the player's first
     */
    record Entry(Placed standing, Long previousScore, boolean improved) {}

    private record Row(long score, long reached) {}

    @Transactional
    List<Board> boards() {
        return BoardRow.all();
    }

    /**
     * Records a submission, unless the player has sent the same one before: then answers with what
     * came of it the first time, and the standing of today.
     *
     * @throws dev.larder.kit.ProblemException 409 when the id was used with another score, or a sum
     *     would leave the exact range
     */
    @Transactional
    Entry record(Board board, String playerId, String name, long score, String submissionId) {
        Load.Item item = new Load.Item(playerId, name, score);
        return entities.unwrap(Session.class)
                .doReturningWork(
                        connection -> {
                            if (submissionId == null) {
                                return apply(connection, board, List.of(item), null).getFirst();
                            }
                            // Taken before looking, or two equal requests would both find nothing.
                            lockSubmission(connection, board, playerId, submissionId);
                            Entry before =
                                    repeated(connection, board, playerId, score, submissionId);
                            return before != null
                                    ? before
                                    : apply(connection, board, List.of(item), submissionId)
                                            .getFirst();
                        });
    }

    /** Records many players' scores in one transaction; each player only once. */
    @Transactional
    List<Entry> record(Board board, List<Load.Item> items) {
        return entities.unwrap(Session.class)
                .doReturningWork(connection -> apply(connection, board, items, null));
    }

    private static void lockSubmission(Connection c, Board board, String player, String submission)
            throws SQLException {
        try (PreparedStatement lock =
                c.prepareStatement("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, board.id() + ' ' + player + ' ' + submission);
            lock.execute();
        }
    }

    private static Entry repeated(
            Connection c, Board board, String player, long score, String submissionId)
            throws SQLException {
        try (PreparedStatement find =
                c.prepareStatement(
                        """
                        SELECT u.submitted, u.previous_score, u.improved,
                               s.name, s.score, s.reached
                        FROM leaderboard.submission u
                        JOIN leaderboard.standing s USING (board_id, player_id)
                        WHERE u.board_id = ? AND u.player_id = ? AND u.submission_id = ?""")) {
            find.setString(1, board.id());
            find.setObject(2, UUID.fromString(player));
            find.setString(3, submissionId);
            try (ResultSet found = find.executeQuery()) {
                if (!found.next()) {
                    return null;
                }
                if (found.getLong("submitted") != score) {
                    throw Problems.conflict(
                            "The submissionId '" + submissionId + "' came with another score.");
                }
                return new Entry(
                        new Placed(
                                player,
                                found.getString("name"),
                                found.getLong("score"),
                                found.getLong("reached")),
                        found.getObject("previous_score", Long.class),
                        found.getBoolean("improved"));
            }
        }
    }

    private static List<Entry> apply(
            Connection c, Board board, List<Load.Item> items, String submissionId)
            throws SQLException {
        Map<UUID, Row> added = insert(c, board, items);
        Map<UUID, Row> locked = lock(c, board, items);
        List<Entry> entries = new ArrayList<>(items.size());
        List<Placed> moved = new ArrayList<>();
        long[] reached = reached(c, items.size());
        for (int i = 0; i < items.size(); i++) {
            Load.Item item = items.get(i);
            UUID player = UUID.fromString(item.playerId());
            Row first = added.get(player);
            if (first != null) {
                entries.add(entry(item, first.score, first.reached, null, true));
                continue;
            }
            Row row = locked.get(player);
            long score = board.policy().apply(board.order(), row.score, item.score());
            if (!Policy.isExact(score)) {
                throw Problems.conflict(
                        "The sum would be "
                                + score
                                + ", and a score is at most "
                                + Policy.SCORE_MAX
                                + " either way.");
            }
            // Who hands in the same score again has still reached it when they first did.
            long at = score == row.score ? row.reached : reached[i];
            Entry entry =
                    entry(item, score, at, row.score, board.order().isBetter(score, row.score));
            entries.add(entry);
            moved.add(entry.standing);
        }
        update(c, board, moved);
        remember(c, board, items, entries, submissionId);
        return entries;
    }

    private static Entry entry(Load.Item item, long score, long at, Long before, boolean better) {
        return new Entry(new Placed(item.playerId(), item.name(), score, at), before, better);
    }

    /**
     * Gives a standing to those who have none, in the order of their ids: no two loads deadlock.
     */
    private static Map<UUID, Row> insert(Connection c, Board board, List<Load.Item> items)
            throws SQLException {
        try (PreparedStatement insert =
                c.prepareStatement(
                        """
                        INSERT INTO leaderboard.standing
                            (board_id, player_id, name, score, reached, updated_at)
                        SELECT ?, player, name, score, nextval('leaderboard.reached'),
                               clock_timestamp()
                        FROM unnest(?::uuid[], ?::text[], ?::bigint[]) AS t (player, name, score)
                        ORDER BY player
                        ON CONFLICT DO NOTHING
                        RETURNING player_id, score, reached""")) {
            insert.setString(1, board.id());
            insert.setArray(2, ids(c, items));
            insert.setArray(
                    3, c.createArrayOf("text", items.stream().map(Load.Item::name).toArray()));
            insert.setArray(
                    4, c.createArrayOf("bigint", items.stream().map(Load.Item::score).toArray()));
            return rows(insert);
        }
    }

    private static Map<UUID, Row> lock(Connection c, Board board, List<Load.Item> items)
            throws SQLException {
        try (PreparedStatement lock =
                c.prepareStatement(
                        """
                        SELECT player_id, score, reached FROM leaderboard.standing
                        WHERE board_id = ? AND player_id = ANY (?::uuid[])
                        ORDER BY player_id FOR UPDATE""")) {
            lock.setString(1, board.id());
            lock.setArray(2, ids(c, items));
            return rows(lock);
        }
    }

    private static Map<UUID, Row> rows(PreparedStatement statement) throws SQLException {
        Map<UUID, Row> rows = new HashMap<>();
        try (ResultSet found = statement.executeQuery()) {
            while (found.next()) {
                rows.put(
                        found.getObject(1, UUID.class),
                        new Row(found.getLong(2), found.getLong(3)));
            }
        }
        return rows;
    }

    /** Drawn while the rows are locked, or a later score could carry an earlier number. */
    private static long[] reached(Connection c, int count) throws SQLException {
        long[] numbers = new long[count];
        try (PreparedStatement next =
                c.prepareStatement(
                        "SELECT nextval('leaderboard.reached') FROM generate_series(1, ?)")) {
            next.setInt(1, count);
            try (ResultSet found = next.executeQuery()) {
                for (int i = 0; found.next(); i++) {
                    numbers[i] = found.getLong(1);
                }
            }
        }
        return numbers;
    }

    private static void update(Connection c, Board board, List<Placed> moved) throws SQLException {
        if (moved.isEmpty()) {
            return;
        }
        try (PreparedStatement update =
                c.prepareStatement(
                        """
                        UPDATE leaderboard.standing s
                        SET name = t.name, score = t.score, reached = t.reached,
                            updated_at = clock_timestamp()
                        FROM unnest(?::uuid[], ?::text[], ?::bigint[], ?::bigint[])
                            AS t (player, name, score, reached)
                        WHERE s.board_id = ? AND s.player_id = t.player
                          AND (s.score <> t.score OR s.name <> t.name)""")) {
            update.setArray(
                    1, c.createArrayOf("uuid", moved.stream().map(Placed::playerId).toArray()));
            update.setArray(2, c.createArrayOf("text", moved.stream().map(Placed::name).toArray()));
            update.setArray(
                    3, c.createArrayOf("bigint", moved.stream().map(Placed::score).toArray()));
            update.setArray(
                    4, c.createArrayOf("bigint", moved.stream().map(Placed::reached).toArray()));
            update.setString(5, board.id());
            update.executeUpdate();
        }
    }

    private static void remember(
            Connection c, Board board, List<Load.Item> items, List<Entry> entries, String id)
            throws SQLException {
        try (PreparedStatement insert =
                c.prepareStatement(
                        """
                        INSERT INTO leaderboard.submission
                            (board_id, player_id, submission_id, submitted, score,
                             previous_score, improved, at)
                        SELECT ?, player, ?, submitted, score, previous, improved,
                               clock_timestamp()
                        FROM unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::boolean[])
                            AS t (player, submitted, score, previous, improved)""")) {
            insert.setString(1, board.id());
            insert.setString(2, id);
            insert.setArray(3, ids(c, items));
            insert.setArray(
                    4, c.createArrayOf("bigint", items.stream().map(Load.Item::score).toArray()));
            insert.setArray(
                    5,
                    c.createArrayOf(
                            "bigint", entries.stream().map(e -> e.standing.score()).toArray()));
            insert.setArray(
                    6,
                    c.createArrayOf(
                            "bigint", entries.stream().map(Entry::previousScore).toArray()));
            insert.setArray(
                    7, c.createArrayOf("boolean", entries.stream().map(Entry::improved).toArray()));
            insert.executeUpdate();
        }
    }

    private static Array ids(Connection c, List<Load.Item> items) throws SQLException {
        return c.createArrayOf("uuid", items.stream().map(Load.Item::playerId).toArray());
    }

    /** The database's clock, which all instances share. */
    @Transactional
    Instant now() {
        return (Instant)
                entities.createNativeQuery("SELECT clock_timestamp()", Instant.class)
                        .getSingleResult();
    }

    /**
     * A page of standings by player id.
     *
     * @param after the last player id of the page before, null for the first page
     * @param since only those that have changed since
     */
    @Transactional
    List<Placed> page(Board board, String after, Instant since, int limit) {
        return entities.unwrap(Session.class)
                .doReturningWork(connection -> page(connection, board, after, since, limit));
    }

    private static List<Placed> page(
            Connection c, Board board, String after, Instant since, int limit) throws SQLException {
        try (PreparedStatement select =
                c.prepareStatement(
                        """
                        SELECT player_id, name, score, reached FROM leaderboard.standing
                        WHERE board_id = ? AND player_id > ? AND updated_at >= ?
                        ORDER BY player_id LIMIT ?""")) {
            select.setString(1, board.id());
            select.setObject(2, after == null ? new UUID(0, 0) : UUID.fromString(after));
            select.setTimestamp(3, java.sql.Timestamp.from(since));
            select.setInt(4, limit);
            List<Placed> page = new ArrayList<>();
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    page.add(
                            new Placed(
                                    found.getString(1),
                                    found.getString(2),
                                    found.getLong(3),
                                    found.getLong(4)));
                }
            }
            return page;
        }
    }

    /** Forgets submissions, but never a standing. Returns how many, at most {@code limit}. */
    @Transactional
    int forget(Duration olderThan, int limit) {
        return entities.createNativeQuery(
                        """
                        DELETE FROM leaderboard.submission WHERE id IN (
                            SELECT id FROM leaderboard.submission
                            WHERE at < clock_timestamp() - make_interval(secs => :seconds)
                            ORDER BY at LIMIT :limit)""")
                .setParameter("seconds", (double) olderThan.toSeconds())
                .setParameter("limit", limit)
                .executeUpdate();
    }
}
