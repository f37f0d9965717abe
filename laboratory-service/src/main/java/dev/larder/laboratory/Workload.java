package dev.larder.laboratory;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is done to every lane of a run.
 *
 * @param skew exponent of the zipf law by which keys are chosen; 0 is all alike
 * @param behindShare the part of the writes that go to the database past every cache
 * @param unknownShare the part of the reads that ask for what does not exist
 * @param instances caches of a lane, each with a store client of its own
 * @param seed the same seed draws the same operations
 */
public record Workload(
        @NotNull @Min(KEYS_MIN) @Max(KEYS_MAX) Integer keys,
        @NotNull @DecimalMin("0") @DecimalMax("2") Double skew,
        @NotNull @Min(1) @Max(READS_MAX) Integer readsPerSecond,
        @NotNull @Min(0) @Max(WRITES_MAX) Integer writesPerSecond,
        @NotNull @DecimalMin("0") @DecimalMax("1") Double behindShare,
        @NotNull @DecimalMin("0") @DecimalMax("0.5") Double unknownShare,
        @NotNull @Min(TTL_MILLIS_MIN) @Max(TTL_MILLIS_MAX) Integer ttlMillis,
        @NotNull @Min(VALUE_BYTES_MIN) @Max(VALUE_BYTES_MAX) Integer valueBytes,
        @NotNull @Min(SECONDS_MIN) @Max(SECONDS_MAX) Integer seconds,
        @NotNull @Min(1) @Max(INSTANCES_MAX) Integer instances,
        @NotNull Long seed) {

    static final int KEYS_MIN = 10;
    static final int KEYS_MAX = 5_000;
    static final int READS_MAX = 1_000;
    static final int WRITES_MAX = 200;
    static final int TTL_MILLIS_MIN = 100;
    static final int TTL_MILLIS_MAX = 600_000;
    static final int VALUE_BYTES_MIN = 16;
    static final int VALUE_BYTES_MAX = 8_192;
    static final int SECONDS_MIN = 3;
    static final int SECONDS_MAX = 120;
    static final int INSTANCES_MAX = 3;
    static final int LANES_MAX = 6;

    /** Operations a second of all lanes together: beyond, the generator itself is measured. */
    static final int OPERATIONS_MAX = 3_000;

    /** Bytes of the values of all lanes together, which the store may have to hold. */
    static final long VALUES_BYTES_MAX = 64L << 20;

    /** A load that leaves room on two cores and shows every pattern's face. */
    static final Workload PRESET =
            new Workload(500, 0.99, 120, 6, 0.25, 0.02, 3_000, 1_024, 40, 2, 1L);

    record Range(double min, double max) {}

    static Map<String, Range> limits() {
        Map<String, Range> limits = new LinkedHashMap<>();
        limits.put("keys", new Range(KEYS_MIN, KEYS_MAX));
        limits.put("skew", new Range(0, 2));
        limits.put("readsPerSecond", new Range(1, READS_MAX));
        limits.put("writesPerSecond", new Range(0, WRITES_MAX));
        limits.put("behindShare", new Range(0, 1));
        limits.put("unknownShare", new Range(0, 0.5));
        limits.put("ttlMillis", new Range(TTL_MILLIS_MIN, TTL_MILLIS_MAX));
        limits.put("valueBytes", new Range(VALUE_BYTES_MIN, VALUE_BYTES_MAX));
        limits.put("seconds", new Range(SECONDS_MIN, SECONDS_MAX));
        limits.put("instances", new Range(1, INSTANCES_MAX));
        limits.put("lanes", new Range(1, LANES_MAX));
        limits.put("operationsPerSecondOfAllLanes", new Range(1, OPERATIONS_MAX));
        limits.put("valueBytesOfAllLanes", new Range(1, VALUES_BYTES_MAX));
        limits.put("slowMillis", new Range(1, Switches.SLOW_MILLIS_MAX));
        limits.put("writerPerSecond", new Range(0, WRITES_MAX));
        limits.put("stampedeReaders", new Range(10, Stampede.READERS_MAX));
        return limits;
    }

    double behindPerSecond() {
        return writesPerSecond * behindShare;
    }
}
