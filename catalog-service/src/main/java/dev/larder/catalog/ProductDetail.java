package dev.larder.catalog;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * A product as its own page shows it; this is what the store keeps.
 *
 * @param category id of its shelf
 * @param rating mean of the stars, 1 to 5; null without reviews
 * @param version grows by one with every commit; a change must name the one it was made from
 * @param reviews the newest, at most {@link Products#REVIEWS_SHOWN}
 * @param prices the present one and those before it, newest first, at most {@link
 *     Products#PRICES_SHOWN}
 */
public record ProductDetail(
        long id,
        String sku,
        String name,
        String category,
        long priceCents,
        String currency,
        int stock,
        Double rating,
        int reviewCount,
        String description,
        long version,
        Instant updatedAt,
        List<Review> reviews,
        List<Price> prices) {

    /** The same product with the change made, one version on. */
    ProductDetail changed(ProductChange change) {
        Instant at = Instant.now().truncatedTo(ChronoUnit.MICROS);
        List<Price> after = prices;
        if (change.priceCents() != priceCents) {
            after = new ArrayList<>();
            after.add(new Price(change.priceCents(), currency, at));
            prices.stream().limit(Products.PRICES_SHOWN - 1L).forEach(after::add);
        }
        return new ProductDetail(
                id,
                sku,
                change.name().strip(),
                category,
                change.priceCents(),
                currency,
                change.stock(),
                rating,
                reviewCount,
                change.description(),
                version + 1,
                at,
                reviews,
                List.copyOf(after));
    }

    /** One opinion; {@code stars} 1 to 5. */
    public record Review(String author, int stars, String text, Instant at) {}

    /** What it cost from {@code since} on. */
    public record Price(long priceCents, String currency, Instant since) {}
}
