package dev.larder.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** The parts by themselves, with what each operation allocates. */
final class JmhBench {
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final int WARM_UPS = 3;

    private final Path root;
    private final Options options;

    JmhBench(Path root, Options options) {
        this.root = root;
        this.options = options;
    }

    void run() throws IOException {
        List<String> flags = new ArrayList<>(Arrays.asList(Target.jvmFlags()));
        flags.addAll(List.of("-Xms" + options.heap(), "-Xmx" + options.heap()));
        OptionsBuilder builder = new OptionsBuilder();
        builder.mode(Mode.AverageTime)
                .timeUnit(java.util.concurrent.TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(WARM_UPS)
                .warmupTime(TimeValue.milliseconds(millis()))
                .measurementIterations(options.rounds())
                .measurementTime(TimeValue.milliseconds(millis()))
                .addProfiler(GCProfiler.class)
                .jvmArgs(flags.toArray(String[]::new));
        for (String pattern : options.rest()) {
            builder.include(pattern);
        }
        String machine = Machine.described();
        Collection<RunResult> results;
        try {
            results = new Runner(builder.build()).run();
        } catch (RunnerException e) {
            throw new Refusal("JMH: " + e.getMessage());
        }
        List<String> lines = new ArrayList<>();
        lines.add("## Parts of the store (JMH)");
        lines.add("");
        lines.add(machine);
        lines.add("");
        lines.add("    java " + String.join(" ", flags));
        lines.add("");
        lines.add("| benchmark | ns for each | ± | bytes allocated for each |");
        lines.add("|---|---|---|---|");
        results.stream()
                .sorted(Comparator.comparing(one -> one.getParams().getBenchmark()))
                .forEach(one -> lines.add(row(one)));
        lines.forEach(System.out::println);
        if (options.write()) {
            Document.write(root, "jmh", lines);
        }
    }

    private long millis() {
        return (long) (options.seconds() * 1000);
    }

    private static String row(RunResult result) {
        Result<?> time = result.getPrimaryResult();
        Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
        String name = result.getParams().getBenchmark();
        return String.format(
                Locale.ROOT,
                "| `%s` | %s | %s | %s |",
                name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1),
                Spread.figure(time.getScore()),
                Spread.figure(time.getScoreError()),
                allocated == null ? "–" : Spread.figure(allocated.getScore()));
    }
}
