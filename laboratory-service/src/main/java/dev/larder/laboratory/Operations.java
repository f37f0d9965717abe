package dev.larder.laboratory;

import java.util.SplittableRandom;

/**
 * The operations of a workload in their order, drawn by chance from its seed: the same workload has
 * the same operations, and every lane gets each of them. They arrive as independent people do, with
 * exponential gaps.
 */
final class Operations {

    /** What somebody does. */
    enum Kind {
        READ,
        WRITE
    }

    /**
     * @param dueNanos when, from the start of the run
     * @param key 1 to the number of keys; above that it is one that does not exist
     */
    record Operation(Kind kind, long dueNanos, int key, int instance) {}

    private static final double NANOS_PER_SECOND = 1e9;

    private final Workload workload;
    private final SplittableRandom random;
    private final Zipf keys;
    private final double perSecond;
    private final double writeShare;
    private long dueNanos;

    /** Reads, and the writes of which the lanes know. */
    Operations(Workload workload) {
        this.workload = workload;
        random = new SplittableRandom(workload.seed());
        keys = new Zipf(workload.keys(), workload.skew());
        double writes = workload.writesPerSecond() * (1 - workload.behindShare());
        perSecond = workload.readsPerSecond() + writes;
        writeShare = writes / perSecond;
    }

    Operation next() {
        dueNanos += (long) (-Math.log(1 - random.nextDouble()) / perSecond * NANOS_PER_SECOND);
        Kind kind = random.nextDouble() < writeShare ? Kind.WRITE : Kind.READ;
        int key = keys.draw(random);
        if (kind == Kind.READ && random.nextDouble() < workload.unknownShare()) {
            key += workload.keys();
        }
        return new Operation(kind, dueNanos, key, random.nextInt(workload.instances()));
    }
}
