package dev.larder.bench;

import java.io.IOException;

/** Something that two servers can be compared in. */
interface Workload {

    /** However short the rounds: by then a JVM has compiled what a workload needs. */
    long WARM_UP_NANOS = 2_000_000_000L;

    /** As {@code --only} takes it: words with hyphens, the pipeline last. */
    String name();

    /** What is done, in one line of the report. */
    String about();

    /** Makes a server ready for it: empty but for what the workload needs. */
    Runner prepare(Target target, long nanos) throws IOException;

    /** The workload on one server. */
    interface Runner extends AutoCloseable {

        /** Lets it run uncounted and answers how much it does in a second. */
        double warmUp() throws IOException;

        /** One counted round, at a scale that was agreed for both servers. */
        Sample round(double perSecond) throws IOException;

        @Override
        void close() throws IOException;
    }
}
