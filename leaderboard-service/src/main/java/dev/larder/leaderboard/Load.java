package dev.larder.leaderboard;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;

/** Scores of many players at once. */
public record Load(@NotNull @Size(min = 1, max = 1000) List<@Valid @NotNull Item> items) {

    /**
     * @param playerId a UUID of whatever version
     */
    public record Item(
            @NotNull
                    @Pattern(
                            regexp = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
                            message = "must be a UUID")
                    String playerId,
            @NotBlank @Size(max = 40) String name,
            @NotNull @Min(-Policy.SCORE_MAX) @Max(Policy.SCORE_MAX) Long score) {}
}
