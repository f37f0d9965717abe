package dev.larder.leaderboard;

import dev.larder.kit.Problems;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What happens to a score. Blocks, so it belongs on a virtual thread.
 *
 * <h2>Ledger first, store second</h2>
 *
 * A submission is committed to PostgreSQL before the store hears of it. A crash in between leaves a
 * store that is behind, never a score that is lost, and being behind can be mended: placing is
 * idempotent and passes over what is older, so {@link #repair} simply places again whatever changed
 * in the ledger since the last repair. The other order would show a rank for a score that may never
 * be committed, with nothing to take it back by.
 *
 * <p>For the same reason the policy is applied under the lock of the player's row, and the store's
 * script places the outcome: applied in both, a repeated placement would add a sum twice.
 *
 * <h2>A store that has forgotten</h2>
 *
 * Whoever finds a board missing builds it from the ledger under a lease, beside the live keys, and
 * swaps it in at once; the others wait for it, then are told to come back.
 */
@ApplicationScoped
class Leaderboard {

    private static final Logger LOG = Logger.getLogger(Leaderboard.class);

    private static final Duration BUILD_PATIENCE = Duration.ofSeconds(3);
    private static final Duration BUILD_POLL = Duration.ofMillis(25);

    /** Longer than any transaction may take: it may commit that much after it was dated. */
    private static final Duration OVERLAP = Duration.ofSeconds(30);

    private static final int LEDGER_PAGE = 1_000;
    private static final int FORGOTTEN_AT_ONCE = 5_000;

    private final Ledger ledger;
    private final LeaderboardStore store;
    private final Duration submissionsKept;

    /** They change with a migration only, so with a restart. */
    private volatile List<Board> boards = List.of();

    Leaderboard(
            Ledger ledger,
            LeaderboardStore store,
            @ConfigProperty(name = "larder.leaderboard.submissions.kept") Duration kept) {
        this.ledger = ledger;
        this.store = store;
        this.submissionsKept = kept;
    }

    void atStart(@Observes StartupEvent event) {
        Thread.ofVirtual().name("first repair").start(this::repair);
    }

    List<Board> boards() {
        return known().stream()
                .map(board -> board.with(whenBuilt(board, () -> store.top(board, 0, 0)).players()))
                .toList();
    }

    private List<Board> known() {
        if (boards.isEmpty()) {
            boards = ledger.boards();
        }
        return boards;
    }

    /**
     * @throws dev.larder.kit.ProblemException 404 when there is no such board
     */
    Board board(String id) {
        return known().stream()
                .filter(board -> board.id().equals(id))
                .findAny()
                .orElseThrow(() -> Problems.notFound("board", id));
    }

    Submitted submit(String boardId, String playerId, String name, Submission submission) {
        Board board = board(boardId);
        Ledger.Entry entry =
                ledger.record(board, playerId, name, submission.score(), submission.submissionId());
        Placed standing = entry.standing();
        LeaderboardStore.Place place = whenBuilt(board, () -> store.place(board, standing));
        Long previousRank = null;
        if (entry.previousScore() != null) {
            // A board that was rebuilt meanwhile had this very standing already.
            previousRank = place.previousRank().orElse(place.rank());
        }
        return new Submitted(
                playerId,
                standing.name(),
                standing.score(),
                place.rank(),
                previousRank,
                entry.previousScore(),
                entry.improved(),
                place.players());
    }

    int load(String boardId, Load load) {
        Board board = board(boardId);
        Set<UUID> seen = new HashSet<>();
        List<Load.Item> items =
                load.items().stream()
                        .map(
                                item -> {
                                    UUID player = UUID.fromString(item.playerId());
                                    if (!seen.add(player)) {
                                        throw Problems.badRequest(
                                                "items[" + seen.size() + "].playerId",
                                                "is there twice");
                                    }
                                    return new Load.Item(
                                            player.toString(), item.name(), item.score());
                                })
                        .toList();
        List<Placed> standings =
                ledger.record(board, items).stream().map(Ledger.Entry::standing).toList();
        whenBuilt(
                board,
                () -> {
                    store.placeAll(board, standings);
                    return null;
                });
        return standings.size();
    }

    Standings top(String boardId, long offset, int limit) {
        Board board = board(boardId);
        return whenBuilt(board, () -> store.top(board, offset, limit));
    }

    /**
     * @throws dev.larder.kit.ProblemException 404 when the player has no standing there
     */
    Standings around(String boardId, String playerId, int span) {
        Board board = board(boardId);
        Optional<Standings> found = whenBuilt(board, () -> store.around(board, playerId, span));
        return found.orElseThrow(() -> Problems.notFound("standing of player", playerId));
    }

    LeaderboardStore.News news(Board board, long seen, int limit) {
        return whenBuilt(board, () -> store.news(board, seen, limit));
    }

    private <T> T whenBuilt(Board board, Supplier<T> action) {
        long deadline = System.nanoTime() + BUILD_PATIENCE.toNanos();
        while (true) {
            try {
                return action.get();
            } catch (LeaderboardStore.NotBuiltException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw Problems.unavailable(
                            "The board is being rebuilt; try again shortly. A submitted score is"
                                    + " kept.");
                }
            }
            if (!rebuild(board)) {
                LockSupport.parkNanos(BUILD_POLL.toNanos());
            }
        }
    }

    /** False when another instance is at it. */
    private boolean rebuild(Board board) {
        String lease = store.lease(board);
        if (lease == null) {
            return false;
        }
        try {
            if (isBuilt(board)) {
                // Somebody was faster between our look and the lease.
                return true;
            }
            Instant asOf = ledger.now().minus(OVERLAP);
            String after = null;
            long count = 0;
            if (!store.build(board, lease, true, List.of())) {
                return false;
            }
            List<Placed> page;
            do {
                page = ledger.page(board, after, Instant.EPOCH, LEDGER_PAGE);
                for (List<Placed> part : LeaderboardStore.pages(page)) {
                    if (!store.build(board, lease, false, part)) {
                        return false;
                    }
                }
                count += page.size();
                after = page.isEmpty() ? after : page.getLast().playerId();
            } while (page.size() == LEDGER_PAGE);
            if (store.swap(board, lease, asOf)) {
                LOG.infof("rebuilt board %s with %d players", board.id(), count);
                return true;
            }
            return false;
        } finally {
            store.release(board, lease);
        }
    }

    private boolean isBuilt(Board board) {
        try {
            store.top(board, 0, 0);
            return true;
        } catch (LeaderboardStore.NotBuiltException e) {
            return false;
        }
    }

    /** Places what was committed and not placed, because an instance crashed or the store hung. */
    @Scheduled(
            every = "{larder.leaderboard.repair.every}",
            delay = 5,
            delayUnit = TimeUnit.SECONDS,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void repair() {
        try {
            known().forEach(this::repair);
        } catch (RuntimeException e) {
            LOG.warnf("boards are not repaired now: %s", e);
        }
    }

    private void repair(Board board) {
        whenBuilt(board, () -> store.top(board, 0, 0));
        String lease = store.lease(board);
        if (lease == null) {
            return;
        }
        try {
            Optional<Instant> from = store.repairedTo(board);
            if (from.isEmpty()) {
                return;
            }
            Instant upTo = ledger.now().minus(OVERLAP);
            String after = null;
            List<Placed> page;
            do {
                page = ledger.page(board, after, from.get(), LEDGER_PAGE);
                store.placeAll(board, page);
                after = page.isEmpty() ? after : page.getLast().playerId();
            } while (page.size() == LEDGER_PAGE);
            store.repairedTo(board, upTo);
        } catch (LeaderboardStore.NotBuiltException e) {
            LOG.debugf("board %s went away under its repair", board.id());
        } finally {
            store.release(board, lease);
        }
    }

    @Scheduled(
            every = "1h",
            delay = 1,
            delayUnit = TimeUnit.MINUTES,
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void forgetOldSubmissions() {
        ledger.forget(submissionsKept, FORGOTTEN_AT_ONCE);
    }
}
