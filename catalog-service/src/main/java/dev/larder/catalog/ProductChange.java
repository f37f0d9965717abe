package dev.larder.catalog;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

/** What a person may change, and the version that the person saw. */
public record ProductChange(
        @NotBlank @Size(max = 120) String name,
        @NotNull @Size(max = 4000) String description,
        @NotNull @Min(0) @Max(100_000_000) Long priceCents,
        @NotNull @Min(0) @Max(1_000_000) Integer stock,
        @NotNull @Min(1) Long version) {}
