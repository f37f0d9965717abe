package dev.larder.catalog;

import dev.larder.kit.Problems;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
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
    @Pattern(regexp = "true|false", message = "is true or false")
    public String inStock;

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
        if (minPrice != null && maxPrice != null && minPrice > maxPrice) {
            throw Problems.badRequest("maxPrice", "is less than minPrice");
        }
        return SearchQuery.of(
                q,
                category,
                minPrice,
                maxPrice,
                minRating,
                Boolean.parseBoolean(inStock),
                sort,
                offset,
                limit);
    }
}
