package dev.larder.leaderboard;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.kit.Viewers;
import dev.larder.kit.Watches;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.websocket.Session;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Everybody who watches a board on this instance. Each watched board is asked for its version a few
 * times a second, with one small script for all its viewers.
 */
@ApplicationScoped
class LiveBoards {

    private static final int TOP = 20;
    private static final int CHANGES_AT_ONCE = 20;
    private static final int VIEWERS_MAX = 2_000;

    private final Leaderboard leaderboard;
    private final Viewers viewers;
    private final Watches<String> boards;

    LiveBoards(
            Leaderboard leaderboard,
            ObjectMapper json,
            Vertx vertx,
            @ConfigProperty(name = "larder.leaderboard.live.every") Duration every) {
        this.leaderboard = leaderboard;
        this.viewers = new Viewers(VIEWERS_MAX, json);
        this.boards = new Watches<>(viewers, WatchedBoard::new, vertx, every);
    }

    public record Top(String type, String board, long players, List<Standing> items) {}

    public record Change(String type, Standing standing, Long previousRank) {}

    private final class WatchedBoard implements Watches.Watched {
        private final String id;
        // Set before the first viewer is there, then only by one look after the other.
        private volatile long version = -1;

        WatchedBoard(String id) {
            this.id = id;
        }

        @Override
        public void prepare() {
            Board board = leaderboard.board(id);
            if (version < 0) {
                version = leaderboard.news(board, -1, 0).version();
            }
        }

        @Override
        public void welcome(Viewers.Audience newcomer) {
            newcomer.tell("top", top());
        }

        @Override
        public void look(Viewers.Audience all) {
            LeaderboardStore.News news =
                    leaderboard.news(leaderboard.board(id), version, CHANGES_AT_ONCE);
            if (news.version() == version) {
                return;
            }
            version = news.version();
            Set<String> told = new HashSet<>();
            for (LeaderboardStore.Change change : news.changes()) {
                if (told.add(change.standing().playerId())) {
                    all.tell(null, new Change("change", change.standing(), change.previousRank()));
                }
            }
            all.tell("top", top());
        }

        private Top top() {
            Standings top = leaderboard.top(id, 0, TOP);
            return new Top("top", id, top.players(), top.items());
        }
    }

    void atEnd(@Observes ShutdownEvent event) {
        boards.end();
    }

    void open(Session session, String board) {
        boards.open(session, board);
    }

    void close(Session session) {
        viewers.close(session);
    }
}
