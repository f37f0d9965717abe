package dev.larder.caching;

import java.time.Instant;

/**
 * A write that the database would not take.
 *
 * @param partition where it lies; with {@code id} the name by which it is redriven or dropped
 * @param id of the dead letter, not of the write
 * @param write as it was accepted; its value is null, too, when it cannot be decoded ({@code
 *     readable} false)
 * @param reason class and message of the last refusal, at most 500 characters
 * @param died by the store's clock
 */
public record DeadLetter<V>(
        int partition,
        String id,
        Write<V> write,
        boolean readable,
        String reason,
        int attempts,
        Instant died) {}
