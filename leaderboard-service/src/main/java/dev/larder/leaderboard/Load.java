package dev.larder.leaderboard;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.hibernate.validator.constraints.UUID;

/** Scores of many players at once. */
public record Load(@NotNull @Size(min = 1, max = 1000) List<@Valid @NotNull Item> items) {

    /**
     * @param playerId a UUID
     */
    public record Item(
            @NotNull @UUID String playerId,
            @NotBlank @Size(max = 40) String name,
            @NotNull @Min(-Policy.SCORE_MAX) @Max(Policy.SCORE_MAX) Long score) {}
}
