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
    private static final int GROUPS_KEPT_MAX = 2_000;

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
        Traffic traffic = this.traffic.get();
        return new Runner() {
            private Load load;

            @Override
            public double warmUp() throws IOException {
                open();
                load.closed(Math.max(nanos, WARM_UP_NANOS));
                double perSecond = load.closed(nanos / 2).perSecond();
                leave();
                return perSecond;
            }

            @Override
            public Sample round(double perSecond) throws IOException {
                open();
                long before = target.processorNanos();
                Load.Outcome closed = load.closed(nanos);
                double used = target.processorNanos() - before;
                Histogram latency = load.open(perSecond * OPEN_SHARE, nanos).latency();
                leave();
                return new Sample(
                        closed.perSecond(),
                        latency.getValueAtPercentile(50) / 1e3,
                        latency.getValueAtPercentile(99) / 1e3,
                        latency.getValueAtPercentile(99.9) / 1e3,
                        used / 1_000 / closed.operations());
            }

            private void open() throws IOException {
                if (load == null) {
                    load = new Load(target, traffic, groups, pipeline);
                }
            }

            /** So many connections to both servers at once are more than a process may have. */
            private void leave() throws IOException {
                if (groups > GROUPS_KEPT_MAX) {
                    close();
                }
            }

            @Override
            public void close() throws IOException {
                if (load != null) {
                    load.close();
                    load = null;
                }
            }
        };
    }
}
