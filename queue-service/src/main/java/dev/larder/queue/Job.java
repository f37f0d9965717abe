package dev.larder.queue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * A job as it is now.
 *
 * @param attempt how many attempts have begun
 * @param dueAt when a delayed job is due, else null
 * @param finishedAt when it completed or failed for good, else null
 * @param result what its worker made of it, null until completed
 * @param lastError why its last failed attempt failed, null when none did
 * @param worker who leased it last, null when nobody did
 */
public record Job(
        String id,
        String type,
        JsonNode payload,
        JobState state,
        int attempt,
        int maxAttempts,
        Instant enqueuedAt,
        Instant dueAt,
        Instant finishedAt,
        JsonNode result,
        String lastError,
        String worker) {}
