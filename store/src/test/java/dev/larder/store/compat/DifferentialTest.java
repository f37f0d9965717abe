package dev.larder.store.compat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Commands by chance, at full speed, to our store and to a real server: {@code ./larder test
 * --differential [--minutes N] [--seed N] [--all]}. The first difference ends it, shrunk; with
 * {@code --all} it goes on and tells one of each kind.
 */
class DifferentialTest {
    private static final String MINUTES = "larder.differential.minutes";
    private static final String SEED = "larder.differential.seed";
    private static final String ALL = "larder.differential.all";
    private static final int KINDS_MAX = 100;
    private static final int OF_ONE_COMMAND_MAX = 4;
    private static final long REPORT_SECONDS = 20;

    @Test
    void answersWhateverIsAskedAsARealServer() throws Exception {
        double minutes = Double.parseDouble(System.getProperty(MINUTES, "0"));
        Assumptions.assumeTrue(minutes > 0, "runs by ./larder test --differential");
        long seed = Long.getLong(SEED, System.nanoTime());
        boolean all = Boolean.getBoolean(ALL);
        List<Differential.Difference> found = new ArrayList<>();
        Peer peer = peer();
        try (Store store = Store.start(new StoreConfig().with("port", 0))) {
            System.out.println("Differential test: seed " + seed + ", " + minutes + " min");
            Random random = new Random(seed);
            RandomCommands commands =
                    new RandomCommands(random, true, Differential.known(peer.port()));
            Differential differential = new Differential(store.port(), peer.port());
            Set<String> kinds = new HashSet<>();
            long compared = 0;
            long begun = System.nanoTime();
            long until = begun + (long) (minutes * TimeUnit.MINUTES.toNanos(1));
            long report = begun;
            while (System.nanoTime() < until && found.size() < (all ? KINDS_MAX : 1)) {
                Optional<Differential.Difference> difference =
                        differential.episode(commands, random);
                if (difference.isPresent() && difference.get().theirsIsMissing()) {
                    // 7.0.15 can be brought down by commands alone; that is no fault of ours.
                    System.out.println(
                            "The real server gave no answer to "
                                    + difference.get().said().getLast()
                                    + (peer.isAlive() ? "" : ": it has ended"));
                    peer.close();
                    peer = peer();
                    compared += differential.commands();
                    differential = new Differential(store.port(), peer.port());
                } else if (difference.isPresent() && kinds.add(difference.get().signature())) {
                    Differential.Difference shrunk = differential.shrunk(difference.get());
                    long known =
                            found.stream().filter(one -> one.name().equals(shrunk.name())).count();
                    if (kinds.add("shrunk " + shrunk.signature()) && known < OF_ONE_COMMAND_MAX) {
                        found.add(shrunk);
                        System.out.println(shrunk);
                    }
                }
                if (System.nanoTime() - report > TimeUnit.SECONDS.toNanos(REPORT_SECONDS)) {
                    report = System.nanoTime();
                    System.out.printf(
                            "  %d s: %,d commands, %d differences%n",
                            TimeUnit.NANOSECONDS.toSeconds(report - begun),
                            compared + differential.commands(),
                            found.size());
                }
            }
        } finally {
            peer.close();
        }
        assertThat(found).as("seed %d", seed).isEmpty();
    }

    /** It looks 500 times a second who has waited long enough, not ten times. */
    private static Peer peer() throws Exception {
        return Peer.start("--hz", "500");
    }
}
