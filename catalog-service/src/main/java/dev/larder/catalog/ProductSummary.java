package dev.larder.catalog;

/**
 * A product as a list shows it.
 *
 * @param category id of its shelf
 * @param rating mean of the stars, 1 to 5; null without reviews
 */
public record ProductSummary(
        long id,
        String sku,
        String name,
        String category,
        long priceCents,
        String currency,
        int stock,
        Double rating,
        int reviewCount) {}
