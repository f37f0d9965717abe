package dev.larder.leaderboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.ProblemException;
import dev.larder.kit.Viewer;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Everybody who watches a board on this instance.
 *
 * <p>Each watched board is asked for its version a few times a second, with one small script for
 * all its viewers. That paces the messages by itself, needs no subscription that could break
 * unnoticed, and costs nothing where nobody looks, on any number of instances.
 */
@ApplicationScoped
class LiveBoards {

    private static final Logger LOG = Logger.getLogger(LiveBoards.class);

    private static final int TOP = 20;
    private static final int CHANGES_AT_ONCE = 20;
    private static final int VIEWERS_MAX = 2_000;
    private static final int UNKNOWN_BOARD = 4404;

    private final Leaderboard leaderboard;
    private final ObjectMapper json;
    private final Vertx vertx;
    private final Duration every;
    private final Map<String, Watch> watched = new ConcurrentHashMap<>();
    private final Map<String, String> boardOfSession = new ConcurrentHashMap<>();
    private volatile boolean ending;

    LiveBoards(
            Leaderboard leaderboard,
            ObjectMapper json,
            Vertx vertx,
            @ConfigProperty(name = "larder.leaderboard.live.every") Duration every) {
        this.leaderboard = leaderboard;
        this.json = json;
        this.vertx = vertx;
        this.every = every;
    }

    public record Top(String type, String board, long players, List<Standing> items) {}

    public record Change(String type, Standing standing, Long previousRank) {}

    private static final class Watch {
        final Map<String, Viewer> viewers = new ConcurrentHashMap<>();
        final AtomicBoolean looking = new AtomicBoolean();
        // Set before the first viewer is there, then only by one look after the other.
        volatile long version = -1;
    }

    @PostConstruct
    void begin() {
        vertx.setPeriodic(every.toMillis(), timer -> watched.forEach(this::lookLater));
    }

    void atEnd(@Observes ShutdownEvent event) {
        ending = true;
    }

    /** Called on an event loop: what may block happens elsewhere. */
    void open(Session session, String boardId) {
        if (boardOfSession.size() >= VIEWERS_MAX) {
            close(session, Viewer.TOO_SLOW, "too many viewers");
            return;
        }
        Viewer viewer =
                new Viewer(
                        (text, done) ->
                                session.getAsyncRemote()
                                        .sendText(text, result -> done.accept(result.isOK())),
                        code -> close(session, code, "too slow"),
                        System::nanoTime);
        boardOfSession.put(session.getId(), boardId);
        Thread.ofVirtual()
                .name("open " + session.getId())
                .start(() -> begin(session, boardId, viewer));
    }

    private void begin(Session session, String boardId, Viewer viewer) {
        try {
            Board board = leaderboard.board(boardId);
            Watch watch = watched.computeIfAbsent(boardId, id -> new Watch());
            if (watch.version < 0) {
                watch.version = leaderboard.news(board, -1, 0).version();
            }
            watch.viewers.put(session.getId(), viewer);
            viewer.tell("top", top(boardId));
            if (!boardOfSession.containsKey(session.getId())) {
                watch.viewers.remove(session.getId());
            }
        } catch (ProblemException e) {
            boolean unknown = e.problem().status() == 404;
            close(session, unknown ? UNKNOWN_BOARD : Viewer.TOO_SLOW, e.problem().title());
        } catch (RuntimeException e) {
            LOG.warnf("a viewer of %s is sent away: %s", boardId, e);
            close(session, Viewer.TOO_SLOW, "the store does not answer");
        }
    }

    void close(Session session) {
        String board = boardOfSession.remove(session.getId());
        Watch watch = board == null ? null : watched.get(board);
        if (watch != null) {
            watch.viewers.remove(session.getId());
        }
    }

    private void close(Session session, int code, String reason) {
        close(session);
        try {
            session.close(new CloseReason(CloseReason.CloseCodes.getCloseCode(code), reason));
        } catch (IOException e) {
            LOG.debugf("socket %s was closed already: %s", session.getId(), e);
        }
    }

    private void lookLater(String boardId, Watch watch) {
        if (!ending && !watch.viewers.isEmpty() && watch.looking.compareAndSet(false, true)) {
            Thread.ofVirtual()
                    .name("watch " + boardId)
                    .start(
                            () -> {
                                try {
                                    look(boardId, watch);
                                } catch (RuntimeException e) {
                                    LOG.debugf("board %s is not seen now: %s", boardId, e);
                                } finally {
                                    watch.looking.set(false);
                                }
                            });
        }
    }

    private void look(String boardId, Watch watch) {
        LeaderboardStore.News news =
                leaderboard.news(leaderboard.board(boardId), watch.version, CHANGES_AT_ONCE);
        if (news.version() == watch.version) {
            return;
        }
        watch.version = news.version();
        Set<String> told = new HashSet<>();
        for (LeaderboardStore.Change change : news.changes()) {
            if (told.add(change.standing().playerId())) {
                String text = text(new Change("change", change.standing(), change.previousRank()));
                watch.viewers.values().forEach(viewer -> viewer.tell(null, text));
            }
        }
        String text = top(boardId);
        watch.viewers.values().forEach(viewer -> viewer.tell("top", text));
    }

    private String top(String boardId) {
        Standings top = leaderboard.top(boardId, 0, TOP);
        return text(new Top("top", boardId, top.players(), top.items()));
    }

    private String text(Object message) {
        try {
            return json.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
