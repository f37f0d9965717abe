package dev.larder.bench;

import java.io.IOException;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * A workload of our own generator. Throughput and processor time come from a closed load, times of
 * an operation from an open one at half of what the slower server can do, the same for both.
 *
 * @param groups of connections, see {@link Traffic}
 * @param pipeline operations that a group has on their way
 */
record OwnLoad(
        String name,
        String about,
        int groups,
        int pipeline,
        Preparation preparation,
        Supplier<Traffic> traffic)
        implements Workload {
    private static final double OPEN_SHARE = 0.5;

    /** Fills an empty server. */
    @FunctionalInterface
    interface Preparation {
        void fill(Line line) throws IOException;
    }

    @Override
    public Runner prepare(Target target, long nanos) throws IOException {
        try (Line line = target.line()) {
            line.ask("FLUSHALL");
            preparation.fill(line);
        }
        Load load = new Load(target, traffic.get(), groups, pipeline);
        return new Runner() {
            @Override
            public double warmUp() throws IOException {
                load.closed(Math.max(nanos, WARM_UP_NANOS));
                return load.closed(nanos / 2).perSecond();
            }

            @Override
            public Sample round(double perSecond) throws IOException {
                long before = target.processorNanos();
                Load.Outcome closed = load.closed(nanos);
                double used = target.processorNanos() - before;
                Histogram latency = load.open(perSecond * OPEN_SHARE, nanos).latency();
                return new Sample(
                        closed.perSecond(),
                        latency.getValueAtPercentile(50) / 1e3,
                        latency.getValueAtPercentile(99) / 1e3,
                        latency.getValueAtPercentile(99.9) / 1e3,
                        used / 1_000 / closed.operations());
            }

            @Override
            public void close() throws IOException {
                load.close();
            }
        };
    }
}
