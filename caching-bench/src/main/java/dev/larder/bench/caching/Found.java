package dev.larder.bench.caching;

import java.util.List;

/** The answer of the heavy query: a page, what the rest is made of, what others bought too. */
public record Found(
        long total, List<Item> items, List<Facet> categories, List<Facet> prices, List<Item> also) {

    public record Item(long id, String name, String category, long priceCents, double rating) {}

    public record Facet(String value, long count) {}
}
