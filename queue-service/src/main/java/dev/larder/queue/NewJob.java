package dev.larder.queue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;

/**
 * A job to be put in.
 *
 * @param delayMillis before it is due; none when null; at most seven days
 * @param maxAttempts three when null
 * @param idempotencyKey the same key puts in one job, for a day
 */
public record NewJob(
        @NotNull
                @Pattern(
                        regexp = "[a-z][a-z0-9-]{0,39}",
                        message = "must be 1 to 40 small letters, digits or -")
                String type,
        @NotNull ObjectNode payload,
        @Min(0) @Max(604_800_000) Long delayMillis,
        @Min(1) @Max(20) Integer maxAttempts,
        @Pattern(
                        regexp = "[A-Za-z0-9._:-]{1,64}",
                        message = "must be 1 to 64 letters, digits or . _ : -")
                String idempotencyKey) {}
