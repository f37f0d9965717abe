package dev.larder.queue;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;

/**
 * A job in somebody's hands.
 *
 * @param lease has to be shown when the attempt ends; each lease of a queue has a larger number
 *     than the one before, so that who held the job earlier is told from who holds it now
 * @param leaseEndsAt when it returns to the queue by itself
 */
public record LeasedJob(@JsonUnwrapped Job job, long lease, Instant leaseEndsAt) {}
