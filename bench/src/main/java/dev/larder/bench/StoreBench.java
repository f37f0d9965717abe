package dev.larder.bench;

import static dev.larder.bench.Spread.figure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Speed: every workload on our store and on its peer, in turns within one run, so that what else
 * happens on the machine happens to both.
 */
final class StoreBench {
    private static final int[] PIPELINES = {1, 16, 64};
    private static final int[] VALUE_BYTES = {16, 64, 1024, 65_536};

    /** Rows of one workload: a sample of each round for each server. */
    private record Row(Workload workload, List<Sample> ours, List<Sample> peer) {}

    private final Path root;
    private final Options options;
    private final long nanos;

    StoreBench(Path root, Options options) {
        this.root = root;
        this.options = options;
        this.nanos = (long) (options.seconds() * TimeUnit.SECONDS.toNanos(1));
    }

    void run(Path logs) throws IOException {
        List<Workload> workloads = chosen();
        String machine = Machine.described();
        List<Row> rows = new ArrayList<>();
        List<String> heading;
        try (Pair pair = Pair.start(root, logs, options)) {
            heading = heading(machine, pair, workloads);
            heading.forEach(System.out::println);
            for (Workload workload : workloads) {
                System.out.printf("%n[%d/%d] ", rows.size() + 1, workloads.size());
                try {
                    rows.add(measure(workload, pair));
                } catch (Refusal e) {
                    // One workload that a server refuses does not end the run.
                    System.out.println(workload.name() + ": not measured: " + e.getMessage());
                    if (!pair.inOrder(0).stream().allMatch(Target::isAlive)) {
                        throw e;
                    }
                }
            }
        }
        List<String> lines = new ArrayList<>(List.of("## The store against a real server", ""));
        lines.addAll(heading);
        lines.addAll(table(rows));
        System.out.println();
        table(rows).forEach(System.out::println);
        if (options.write()) {
            Document.write(root, "store", lines);
        }
    }

    private List<Workload> chosen() {
        List<Workload> all = new ArrayList<>();
        if (Target.onPath("redis-benchmark").isPresent()) {
            for (int pipeline : PIPELINES) {
                for (String test : StandardTest.LIST) {
                    all.add(
                            new StandardTest(
                                    test, pipeline, StandardTest.DEFAULT_VALUE_BYTES, false));
                }
                for (int bytes : VALUE_BYTES) {
                    all.add(new StandardTest("set", pipeline, bytes, true));
                    all.add(new StandardTest("get", pipeline, bytes, true));
                }
            }
        } else {
            System.out.println(
                    "No redis-benchmark on the PATH: its list is left out"
                            + " (apt-get install redis-tools).");
        }
        all.addAll(OwnLoads.all());
        List<Workload> chosen =
                all.stream().filter(workload -> options.wants(workload.name())).toList();
        if (chosen.isEmpty()) {
            throw new Refusal(
                    "--only names no workload; there are: "
                            + String.join(
                                    " ", all.stream().map(Workload::name).distinct().toList()));
        }
        return chosen;
    }

    private Row measure(Workload workload, Pair pair) throws IOException {
        System.out.println(workload.name() + ": " + workload.about());
        Map<Target, Workload.Runner> runners = new LinkedHashMap<>();
        Row row = new Row(workload, new ArrayList<>(), new ArrayList<>());
        try {
            double slowest = Double.MAX_VALUE;
            for (Target target : pair.inOrder(0)) {
                Workload.Runner runner = workload.prepare(target, nanos);
                runners.put(target, runner);
                slowest = Math.min(slowest, runner.warmUp());
            }
            for (int round = 0; round < options.rounds(); round++) {
                for (Target target : pair.inOrder(round)) {
                    Sample sample = runners.get(target).round(slowest);
                    (target == pair.ours() ? row.ours() : row.peer()).add(sample);
                    System.out.printf(
                            "  %d %-5s %12s /s   p50 %7s   p99 %7s   p99.9 %7s µs   CPU %7s µs%n",
                            round + 1,
                            target.label(),
                            figure(sample.perSecond()),
                            figure(sample.p50()),
                            figure(sample.p99()),
                            figure(sample.p999()),
                            figure(sample.processorMicros()));
                }
            }
        } finally {
            for (Workload.Runner runner : runners.values()) {
                runner.close();
            }
            for (Target target : runners.keySet()) {
                if (target.isAlive()) {
                    try (Line line = target.line()) {
                        line.ask("FLUSHALL");
                    }
                }
            }
        }
        if (!row.peer().isEmpty()) {
            System.out.printf(
                    "  ours/peer: CPU %s   throughput %s   p99.9 %s%n",
                    ratio(row, Sample::processorMicros).ratio(),
                    ratio(row, Sample::perSecond).ratio(),
                    ratio(row, Sample::p999).ratio());
        }
        return row;
    }

    /** Ours divided by the peer's of the same round. */
    private static Spread ratio(Row row, ToDoubleFunction<Sample> figure) {
        ToDoubleBiFunction<Sample, Sample> divided =
                (ours, peer) -> figure.applyAsDouble(ours) / figure.applyAsDouble(peer);
        return Spread.of(
                IntStream.range(0, Math.min(row.ours().size(), row.peer().size()))
                        .mapToDouble(
                                i -> divided.applyAsDouble(row.ours().get(i), row.peer().get(i)))
                        .filter(Double::isFinite));
    }

    private List<String> heading(String machine, Pair pair, List<Workload> workloads)
            throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(machine);
        lines.add(
                "Ours: "
                        + pair.ours().version()
                        + (pair.peer().isPresent()
                                ? "; peer: " + pair.peer().get().version() + "."
                                : "; no peer."));
        lines.add("");
        for (String command : pair.commands()) {
            lines.add("    " + command);
        }
        workloads.stream()
                .filter(StandardTest.class::isInstance)
                .map(StandardTest.class::cast)
                .findFirst()
                .ifPresent(
                        test ->
                                lines.add(
                                        "    "
                                                + String.join(" ", test.command("redis-benchmark"))
                                                + " -t …   (-P and -d as the row says)"));
        lines.add("");
        lines.add(
                "Rounds: "
                        + options.rounds()
                        + " of "
                        + options.seconds()
                        + " s on each server in turns, after a warm-up. Medians; ratios are ours divided"
                        + " by the peer's of the same round, with the least and the most. CPU is the"
                        + " server's processor time (user and system) for one operation.");
        lines.add(
                "Rows of `redis-benchmark` have its own times (closed loop); the others come from an"
                        + " open loop at half the throughput of the slower server, counted from when an"
                        + " operation was due.");
        lines.add("");
        return lines;
    }

    private static List<String> table(List<Row> rows) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| workload | ours /s | peer /s | ours p50, p99, p99.9 µs | peer p50, p99, p99.9 µs"
                        + " | ours CPU µs | peer CPU µs | **CPU ratio** | throughput ratio | p99.9 ratio |");
        lines.add("|---|---|---|---|---|---|---|---|---|---|");
        for (Row row : rows) {
            lines.add(
                    "| `"
                            + row.workload().name()
                            + "` "
                            + row.workload().about()
                            + " | "
                            + String.join(
                                    " | ",
                                    median(row.ours(), Sample::perSecond),
                                    median(row.peer(), Sample::perSecond),
                                    times(row.ours()),
                                    times(row.peer()),
                                    median(row.ours(), Sample::processorMicros),
                                    median(row.peer(), Sample::processorMicros),
                                    "**" + ratio(row, Sample::processorMicros).ratio() + "**",
                                    ratio(row, Sample::perSecond).ratio(),
                                    ratio(row, Sample::p999).ratio())
                            + " |");
        }
        return lines;
    }

    private static String times(List<Sample> samples) {
        return String.join(
                ", ",
                median(samples, Sample::p50),
                median(samples, Sample::p99),
                median(samples, Sample::p999));
    }

    private static String median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
        return figure(Spread.of(samples.stream().mapToDouble(figure)).median());
    }
}
