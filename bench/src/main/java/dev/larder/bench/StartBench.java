package dev.larder.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** From the start of the process to its first PONG, in turns. */
final class StartBench {
    private static final int STARTS = 10;

    /** As the launcher has it. */
    static final String LEAST_HEAP = "32m";

    private final Path root;
    private final Options options;

    StartBench(Path root, Options options) {
        this.root = root;
        this.options = options;
    }

    void run(Path logs) throws IOException {
        if (options.runningPeer().isPresent()) {
            throw new Refusal("bench start wants a program to start as --peer, not an address.");
        }
        String machine = Machine.described();
        List<Target.Recipe> recipes = new ArrayList<>();
        recipes.add(Target.ours(root, LEAST_HEAP, options.heap(), logs));
        Optional<Target.Recipe> peer = Target.peer(options.peer(), logs);
        peer.ifPresentOrElse(recipes::add, () -> System.out.println(Pair.ALONE));
        List<List<Double>> millis = new ArrayList<>();
        for (Target.Recipe _ : recipes) {
            millis.add(new ArrayList<>());
        }
        // Once uncounted, for what the system reads from disk.
        for (int round = -1; round < STARTS; round++) {
            for (int i = 0; i < recipes.size(); i++) {
                long began = System.nanoTime();
                try (Target _ = recipes.get(i).start()) {
                    double took = (System.nanoTime() - began) / 1e6;
                    if (round >= 0) {
                        millis.get(i).add(took);
                        System.out.printf(
                                "%2d %-5s %8.1f ms%n", round + 1, recipes.get(i).label(), took);
                    }
                }
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add("## Start to first PONG");
        lines.add("");
        lines.add(machine);
        lines.add("");
        for (Target.Recipe recipe : recipes) {
            lines.add("    " + recipe.shown());
        }
        lines.add("");
        lines.add("| | median of " + STARTS + " | least | most |");
        lines.add("|---|---|---|---|");
        for (int i = 0; i < recipes.size(); i++) {
            Spread spread = Spread.of(millis.get(i).stream().mapToDouble(Double::doubleValue));
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.0f ms | %.0f ms | %.0f ms |",
                            recipes.get(i).label(),
                            spread.median(),
                            spread.least(),
                            spread.most()));
        }
        lines.forEach(System.out::println);
        if (options.write()) {
            Document.write(root, "start", lines);
        }
    }
}
