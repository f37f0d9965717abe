package dev.larder.catalog;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;

/**
 * What the loader brings. Categories are matched by id and products by sku: what is there is
 * replaced, reviews included, so that loading twice is loading once.
 */
public record ProductBatch(
        @Size(max = 200) List<@NotNull @Valid Shelf> categories,
        @NotNull @Size(max = 500) List<@NotNull @Valid Item> items) {

    public ProductBatch {
        categories = categories == null ? List.of() : categories;
    }

    public record Shelf(
            @NotNull @Pattern(regexp = "[a-z0-9-]{1,40}") String id,
            @NotBlank @Size(max = 80) String name) {}

    public record Item(
            @NotBlank @Size(max = 40) String sku,
            @NotBlank @Size(max = 120) String name,
            @NotNull @Pattern(regexp = "[a-z0-9-]{1,40}") String category,
            @NotNull @Size(max = 4000) String description,
            @NotNull @Min(0) @Max(100_000_000) Long priceCents,
            @NotNull @Pattern(regexp = "[A-Z]{3}") String currency,
            @NotNull @Min(0) @Max(1_000_000) Integer stock,
            @Size(max = 100) List<@NotNull @Valid Opinion> reviews) {

        public Item {
            reviews = reviews == null ? List.of() : reviews;
        }
    }

    public record Opinion(
            @NotBlank @Size(max = 40) String author,
            @NotNull @Min(1) @Max(5) Integer stars,
            @NotNull @Size(max = 2000) String text,
            @NotNull Instant at) {}
}
