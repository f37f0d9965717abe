package dev.larder.leaderboard;

import dev.larder.kit.Script;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The live order of every board. The only class that knows keys and commands; blocks its caller.
 *
 * <pre>
 * key                                 kind    what                                          forgotten after
 * leaderboard:{board}:order           zset    reached + player id, by sort score            never
 * leaderboard:{board}:players         hash    player id: reached + name                     never
 * leaderboard:{board}:meta            hash    players, version, repairedTo (µs since 1970)  never
 * leaderboard:{board}:changes         list    the last 100 single changes, newest first     never
 * leaderboard:{board}:lease           string  who builds or repairs the board               30 s
 * leaderboard:{board}:building:order, :building:players   a board under construction        10 min
 * </pre>
 *
 * The braces are part of the key: all keys of a board share a slot, and every script names its
 * keys. {@code meta} appears with the finished board and counts its players; a board without it, or
 * of another size than it says, is not whole and has to be rebuilt.
 *
 * <h2>Ties</h2>
 *
 * A sorted set orders equal scores by the bytes of the member. So a member begins with when its
 * score was reached, as 16 hex digits, and the score itself stays an untouched integer, exact to
 * 2^53 - 1. Boards on which more is better are sorted by the negated score: on every board the
 * lowest comes first, and among equals the earliest.
 */
@ApplicationScoped
class LeaderboardStore {

    static final int PAGE = 100;
    private static final Duration LEASE = Duration.ofSeconds(30);

    private static final Script PLACE = Script.named("place.lua");
    private static final Script TOP = Script.named("top.lua");
    private static final Script AROUND = Script.named("around.lua");
    private static final Script NEWS = Script.named("news.lua");
    private static final Script BUILD = Script.named("build.lua");
    private static final Script SWAP = Script.named("swap.lua");
    private static final Script RELEASE = Script.named("release.lua");

    private final Redis redis;

    LeaderboardStore(Redis redis) {
        this.redis = redis;
    }

    /** The board is missing or not whole. Nothing was read or changed. */
    static final class NotBuiltException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotBuiltException(String board) {
            super("board " + board + " is not in the store", null, false, false);
        }
    }

    /**
     * Where a standing came to be.
     *
     * @param previousRank from 1; empty when the player was not on the board
     */
    record Place(long rank, OptionalLong previousRank, long players) {}

    Place place(Board board, Placed standing) {
        List<Object> arguments = new ArrayList<>(5);
        arguments.add("one");
        add(arguments, board, standing);
        Response answer = whole(board, PLACE.run(redis, live(board), arguments));
        long previous = answer.get(2).toLong();
        return new Place(
                answer.get(1).toLong() + 1,
                previous < 0 ? OptionalLong.empty() : OptionalLong.of(previous + 1),
                answer.get(3).toLong());
    }

    /** Places many, {@value #PAGE} at a time, without naming each of them to the listeners. */
    void placeAll(Board board, List<Placed> standings) {
        for (List<Placed> page : pages(standings)) {
            List<Object> arguments = new ArrayList<>(1 + 4 * page.size());
            arguments.add("many");
            page.forEach(each -> add(arguments, board, each));
            whole(board, PLACE.run(redis, live(board), arguments));
        }
    }

    Standings top(Board board, long offset, int limit) {
        Response answer = whole(board, TOP.run(redis, order(board), List.of(offset, limit)));
        return standings(board, answer);
    }

    /** Empty when the player has no standing on the board. */
    Optional<Standings> around(Board board, String playerId, int span) {
        Response answer = whole(board, AROUND.run(redis, order(board), List.of(playerId, span)));
        return answer.size() == 2 ? Optional.empty() : Optional.of(standings(board, answer));
    }

    /** A standing that changed; previousRank is null for a player who is new on the board. */
    record Change(Standing standing, Long previousRank) {}

    /** What a board's version is, and single changes since another one, newest first. */
    record News(long version, List<Change> changes) {}

    /**
     * @param seen the version known to the caller, -1 for none
     */
    News news(Board board, long seen, int limit) {
        Response answer = whole(board, NEWS.run(redis, live(board), List.of(seen, limit)));
        List<Change> changes = new ArrayList<>();
        for (Response each : answer.get(2)) {
            String[] parts = each.toString().split(" ", 5);
            long previous = Long.parseLong(parts[1]);
            changes.add(
                    new Change(
                            new Standing(
                                    Long.parseLong(parts[0]) + 1,
                                    parts[3],
                                    parts[4],
                                    board.scoreOf(Long.parseLong(parts[2]))),
                            previous < 0 ? null : previous + 1));
        }
        return new News(answer.get(1).toLong(), changes);
    }

    /** The right to build a board, for one instance at a time; null when another one has it. */
    String lease(Board board) {
        String token = UUID.randomUUID().toString();
        Response answer =
                Script.await(
                        redis,
                        Request.cmd(Command.SET)
                                .arg(key(board, "lease"))
                                .arg(token)
                                .arg("NX")
                                .arg("PX")
                                .arg(LEASE.toMillis()));
        return answer == null ? null : token;
    }

    void release(Board board, String lease) {
        RELEASE.run(redis, List.of(key(board, "lease")), List.of(lease));
    }

    /** Adds to the board under construction, which no reader sees. False when the lease is lost. */
    boolean build(Board board, String lease, boolean first, List<Placed> standings) {
        List<Object> arguments = new ArrayList<>(3 + 4 * standings.size());
        arguments.addAll(List.of(lease, LEASE.toMillis(), first ? "first" : "next"));
        standings.forEach(each -> add(arguments, board, each));
        List<String> keys =
                List.of(
                        key(board, "lease"),
                        key(board, "building:order"),
                        key(board, "building:players"));
        return BUILD.run(redis, keys, arguments).toLong() == 1;
    }

    /** Shows the board under construction to everybody, and gives the lease back. */
    boolean swap(Board board, String lease, Instant repairedTo) {
        List<String> keys =
                List.of(
                        key(board, "lease"),
                        key(board, "building:order"),
                        key(board, "building:players"),
                        key(board, "order"),
                        key(board, "players"),
                        key(board, "meta"),
                        key(board, "changes"));
        return SWAP.run(redis, keys, List.of(lease, micros(repairedTo))).toLong() == 1;
    }

    /** Up to when every committed standing is surely on the board; empty when there is no board. */
    Optional<Instant> repairedTo(Board board) {
        Response answer =
                Script.await(
                        redis, Request.cmd(Command.HGET).arg(key(board, "meta")).arg("repairedTo"));
        return answer == null
                ? Optional.empty()
                : Optional.of(Instant.EPOCH.plus(answer.toLong(), ChronoUnit.MICROS));
    }

    void repairedTo(Board board, Instant time) {
        Script.await(
                redis,
                Request.cmd(Command.HSET)
                        .arg(key(board, "meta"))
                        .arg("repairedTo")
                        .arg(micros(time)));
    }

    static <T> List<List<T>> pages(List<T> all) {
        List<List<T>> pages = new ArrayList<>();
        for (int from = 0; from < all.size(); from += PAGE) {
            pages.add(all.subList(from, Math.min(all.size(), from + PAGE)));
        }
        return pages;
    }

    private static void add(List<Object> arguments, Board board, Placed standing) {
        arguments.add(standing.playerId());
        arguments.add("%016x".formatted(standing.reached()));
        arguments.add(board.sortScore(standing.score()));
        arguments.add(standing.name());
    }

    private static Standings standings(Board board, Response answer) {
        long offset = answer.get(2).toLong();
        Response order = answer.get(3);
        Response names = answer.get(4);
        List<Standing> items = new ArrayList<>(order.size() / 2);
        for (int i = 0; i < order.size(); i += 2) {
            items.add(
                    new Standing(
                            offset + i / 2 + 1,
                            order.get(i).toString().substring(16),
                            names.get(i / 2).toString().substring(16),
                            board.scoreOf((long) Double.parseDouble(order.get(i + 1).toString()))));
        }
        return new Standings(board.id(), answer.get(1).toLong(), offset, items);
    }

    private static Response whole(Board board, Response answer) {
        if (answer.get(0).toLong() == 0) {
            throw new NotBuiltException(board.id());
        }
        return answer;
    }

    private static List<String> order(Board board) {
        return List.of(key(board, "order"), key(board, "players"), key(board, "meta"));
    }

    private static List<String> live(Board board) {
        return List.of(
                key(board, "order"),
                key(board, "players"),
                key(board, "meta"),
                key(board, "changes"));
    }

    private static String key(Board board, String part) {
        return "leaderboard:{" + board.id() + "}:" + part;
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }
}
