package dev.larder.leaderboard;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;

/**
 * A score as a player hands it in.
 *
 * @param submissionId chosen by the sender; the same one counts once, however often it is sent
 */
public record Submission(
        @NotNull @Min(-Policy.SCORE_MAX) @Max(Policy.SCORE_MAX) Long score,
        @Pattern(
                        regexp = "[A-Za-z0-9._:-]{1,64}",
                        message = "must be 1 to 64 letters, digits or . _ : -")
                String submissionId) {}
