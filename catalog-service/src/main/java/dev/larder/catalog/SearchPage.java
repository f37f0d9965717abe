package dev.larder.catalog;

import java.util.List;

/**
 * What a search finds: a page of products, how many there are under each narrowing, and what people
 * bought along with the best matches. This is what the store keeps.
 *
 * @param total all that match, not only this page
 * @param facets counts under each choice, every other choice of the query left as it is
 * @param alsoBought bought most notably together with the best {@link ProductSearch#BEST} matches,
 *     and not among them
 */
public record SearchPage(
        long total,
        int offset,
        List<ProductSummary> items,
        Facets facets,
        List<ProductSummary> alsoBought) {

    /**
     * @param ratings of at least so many stars, so each count holds the ones above
     */
    public record Facets(
            List<CategoryCount> categories,
            List<PriceBand> prices,
            List<RatingCount> ratings,
            long inStock,
            long soldOut) {}

    public record CategoryCount(String id, String name, long count) {}

    /**
     * @param minCents inclusive
     * @param maxCents inclusive; null = and more
     */
    public record PriceBand(long minCents, Long maxCents, long count) {}

    public record RatingCount(int atLeast, long count) {}

    static SearchPage nothing(int offset) {
        return new SearchPage(
                0, offset, List.of(), new Facets(List.of(), List.of(), List.of(), 0, 0), List.of());
    }
}
