package dev.larder.catalog;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DefaultValue;
import org.jboss.resteasy.reactive.RestQuery;

/** A search as its address spells it. */
public class SearchParameters {

    /** Every word must begin a word of the product, or have its stem. */
    @RestQuery
    @Size(max = 100)
    public String q;

    @RestQuery
    @Size(max = 40)
    public String category;

    /** In cents, inclusive. */
    @RestQuery
    @Min(0)
    @Max(100_000_000)
    public Long minPrice;

    /** In cents, inclusive. */
    @RestQuery
    @Min(0)
    @Max(100_000_000)
    public Long maxPrice;

    @RestQuery
    @Min(1)
    @Max(5)
    public Integer minRating;

    @RestQuery
    @DefaultValue("false")
    public boolean inStock;

    /** relevance, price, price-down or rating. */
    @RestQuery
    @DefaultValue("relevance")
    public SearchQuery.Order sort;

    @RestQuery
    @DefaultValue("0")
    @Min(0)
    @Max(100_000)
    public int offset;

    @RestQuery
    @DefaultValue("24")
    @Min(1)
    @Max(100)
    public int limit;

    SearchQuery query() {
        return SearchQuery.of(
                q, category, minPrice, maxPrice, minRating, inStock, sort, offset, limit);
    }
}
