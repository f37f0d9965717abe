package dev.larder.catalog;

import dev.larder.kit.Problems;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/** Loads what will be asked for before it is asked for; one at a time in each instance. */
@ApplicationScoped
class WarmUp {

    private static final Logger LOG = Logger.getLogger(WarmUp.class);

    /** The pages that somebody opens first. */
    private static final int PAGE = 24;

    private final Products rows;
    private final CatalogCaches caches;

    private State state = new State(Phase.IDLE, 0, 0, null, 0, null);

    /** Where a warm-up stands. */
    public enum Phase {
        IDLE,
        RUNNING,
        DONE,
        CANCELLED,
        FAILED
    }

    /**
     * @param done products and searches that are there by now
     * @param of how many are to be
     * @param startedAt null before the first
     * @param problem why it failed, else null
     */
    public record State(
            Phase phase, long done, long of, Instant startedAt, long tookMillis, String problem) {

        private State at(Phase phase, long done, String problem) {
            return new State(
                    phase,
                    done,
                    of,
                    startedAt,
                    Duration.between(startedAt, Instant.now()).toMillis(),
                    problem);
        }
    }

    WarmUp(Products rows, CatalogCaches caches) {
        this.rows = rows;
        this.caches = caches;
    }

    synchronized State state() {
        return state;
    }

    /** Begins with the products that are bought most, and the first page of every category. */
    synchronized State start(int products) {
        if (state.phase() == Phase.RUNNING) {
            throw Problems.conflict("A warm-up is running; cancel it or wait for its end.");
        }
        List<String> ids = rows.mostBought(products).stream().map(id -> Long.toString(id)).toList();
        List<String> searches = new ArrayList<>();
        searches.add(firstPage(null));
        rows.categories().forEach(category -> searches.add(firstPage(category.id())));
        state = new State(Phase.RUNNING, 0, ids.size() + searches.size(), Instant.now(), 0, null);
        Thread.ofVirtual().name("warm-up").start(() -> run(ids, searches));
        return state;
    }

    synchronized State cancel() {
        if (state.phase() == Phase.RUNNING) {
            state = state.at(Phase.CANCELLED, state.done(), null);
        }
        return state;
    }

    void stop(@Observes ShutdownEvent end) {
        cancel();
    }

    private void run(List<String> ids, List<String> searches) {
        try {
            // Searches first: they take longest to load, so they are worth most.
            for (int i = 0; i < searches.size(); i++) {
                caches.searches.warmUp(List.of(searches.get(i)), (done, all) -> true);
                if (!goesOn(i + 1)) {
                    return;
                }
            }
            caches.products.warmUp(ids, (done, all) -> goesOn(searches.size() + done));
            end(Phase.DONE, null);
        } catch (RuntimeException e) {
            LOG.warnf("the warm-up failed: %s", e);
            end(Phase.FAILED, "Something that is needed did not answer: see the logs.");
        }
    }

    private synchronized boolean goesOn(long done) {
        if (state.phase() != Phase.RUNNING) {
            return false;
        }
        state = state.at(Phase.RUNNING, done, null);
        return true;
    }

    private synchronized void end(Phase phase, String problem) {
        if (state.phase() == Phase.RUNNING) {
            state = state.at(phase, state.done(), problem);
        }
    }

    private static String firstPage(String category) {
        return SearchQuery.of(
                        null,
                        category,
                        null,
                        null,
                        null,
                        false,
                        SearchQuery.Order.RELEVANCE,
                        0,
                        PAGE)
                .key();
    }
}
