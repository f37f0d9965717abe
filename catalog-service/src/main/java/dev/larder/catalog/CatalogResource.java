package dev.larder.catalog;

import dev.larder.caching.Outcome;
import dev.larder.caching.Tier;
import dev.larder.kit.Identity;
import dev.larder.kit.Problems;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerResponse;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** The catalogue over HTTP: public to read, signed in to change. */
@Path("/api/catalog")
@RunOnVirtualThread
@Tag(name = "catalog", description = "Products, read through the store from PostgreSQL")
public class CatalogResource {

    private static final int IDS_MOST = 100;

    private final Catalog catalog;
    private final Identity identity;

    CatalogResource(Catalog catalog, Identity identity) {
        this.catalog = catalog;
        this.identity = identity;
    }

    public record Accepted(int accepted) {}

    /**
     * @param missing ids of which there is no product
     */
    public record Some(List<ProductDetail> items, List<Long> missing) {}

    /**
     * @param series number of the maker, 1 to 20
     */
    public record Series(@NotNull @Min(1) @Max(20) Integer series) {}

    /**
     * @param first number of the first purchase
     */
    public record Purchases(
            @NotNull @Min(1) @Max(10_000_000) Integer first,
            @NotNull @Min(1) @Max(10_000) Integer size) {}

    @GET
    @Path("/categories")
    @Operation(summary = "Categories with the number of their products, by name")
    public Response categories(@RestQuery ReadPattern pattern) {
        Answer<CatalogCaches.AllCategories> answer = catalog.categories(pattern);
        return told(Response.ok(answer.outcome().value()), answer).build();
    }

    @GET
    @Path("/products")
    @Operation(
            summary = "Products by category and words, straight from PostgreSQL",
            description = "Every word of q must begin a word of the product; best matches first.")
    public ProductPage products(
            @RestQuery @Size(max = 40) String category,
            @RestQuery @Size(max = 100) String q,
            @RestQuery @DefaultValue("0") @Min(0) @Max(100_000) int offset,
            @RestQuery @DefaultValue("24") @Min(1) @Max(100) int limit) {
        return catalog.list(
                category == null || category.isEmpty() ? null : category, q, offset, limit);
    }

    @GET
    @Path("/search")
    @Operation(
            summary = "Search with facets and what was also bought",
            description =
                    "The heavy query, through the store. Prices are in cents; each facet counts"
                            + " what its own choice would find, all other choices left as they are."
                            + " What is shown follows a change within a second, counts and order"
                            + " within the TTL.")
    public Response search(
            @BeanParam @Valid SearchParameters parameters,
            @RestQuery ReadPattern pattern,
            @HeaderParam(HttpHeaders.IF_NONE_MATCH) String known) {
        Answer<ProductSearch.Found> answer = catalog.search(parameters.query(), pattern);
        ProductSearch.Found found = answer.outcome().value();
        return conditional(found.page(), "W/\"" + found.digest() + "\"", known, answer);
    }

    @GET
    @Path("/products/{id}")
    @Operation(
            summary = "One product with its newest reviews and prices",
            description =
                    "By the pattern asked for, else by lazy loading. Cache-Status says which tier"
                            + " had it, Age for how long; an If-None-Match with the current ETag is"
                            + " answered 304.")
    public Response product(
            long id,
            @RestQuery ReadPattern pattern,
            @HeaderParam(HttpHeaders.IF_NONE_MATCH) String known,
            @Context HttpServerResponse response) {
        Answer<ProductDetail> answer = catalog.product(id, pattern);
        if (answer.outcome().value() == null) {
            // Set on the connection's answer, so that a 404 says it too.
            response.putHeader(CacheStatus.HEADER, CacheStatus.of(answer));
            throw Problems.notFound("product", Long.toString(id));
        }
        ProductDetail product = answer.outcome().value();
        return conditional(product, tag(product), known, answer);
    }

    @GET
    @Path("/products/batch")
    @Operation(
            summary = "Up to 100 products by id",
            description = "One round trip for what is cached, one load for all that is not.")
    public Response products(
            @RestQuery @NotNull @Size(max = 2_000) String ids, @RestQuery ReadPattern pattern) {
        List<Long> wanted = numbers(ids);
        Map<String, Outcome<ProductDetail>> outcomes = catalog.products(wanted, pattern);
        List<ProductDetail> items = new ArrayList<>();
        List<Long> missing = new ArrayList<>();
        for (long id : wanted) {
            ProductDetail product = outcomes.get(Long.toString(id)).value();
            if (product == null) {
                missing.add(id);
            } else {
                items.add(product);
            }
        }
        return Response.ok(new Some(items, missing))
                .header(CacheStatus.HEADER, CacheStatus.of(outcomes.values()))
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .build();
    }

    @PUT
    @Path("/products/{id}")
    @Operation(
            summary = "Change a product",
            description =
                    "Write-through: the database commits, then the store has it; write-around: the"
                            + " store forgets it; write-behind: 202, the store has it and a queue"
                            + " brings it to the database, also when that is away now. 409 when the product has moved on from the"
                            + " version of the change, 503 when PostgreSQL is away.")
    public Response change(
            long id, @RestQuery WritePattern pattern, @NotNull @Valid ProductChange change) {
        identity.require();
        Outcome<ProductDetail> outcome = catalog.change(id, change, pattern);
        // Accepted is what PostgreSQL does not have yet.
        return Response.status(outcome.tier() == Tier.STORE ? 202 : 200)
                .entity(outcome.value())
                .header(HttpHeaders.ETAG, tag(outcome.value()))
                .header(CacheStatus.HEADER, CacheStatus.of(outcome))
                .build();
    }

    @POST
    @Path("/products/batch")
    @RolesAllowed("loader")
    @Operation(summary = "Load up to 500 products, their categories and reviews")
    public Accepted load(@NotNull @Valid ProductBatch batch) {
        return new Accepted(catalog.load(batch));
    }

    @POST
    @Path("/products/variants")
    @RolesAllowed("loader")
    @Operation(
            summary = "Make up one more maker's version of every product",
            description = "With reviews; the same each time, and made twice it is there once.")
    public Accepted variants(@NotNull @Valid Series series) {
        return new Accepted(catalog.addVariants(series.series()));
    }

    @POST
    @Path("/purchases/batch")
    @RolesAllowed("loader")
    @Operation(
            summary = "Make up purchases of several products each",
            description = "The same each time; numbers that are there stay as they are.")
    public Accepted purchases(@NotNull @Valid Purchases purchases) {
        return new Accepted(catalog.addPurchases(purchases.first(), purchases.size()));
    }

    /** 304 for who has it already, else the whole. */
    private static Response conditional(Object body, String tag, String known, Answer<?> answer) {
        Response.ResponseBuilder builder =
                Tags.named(known, tag)
                        ? Response.status(Response.Status.NOT_MODIFIED)
                        : Response.ok(body);
        return told(builder, answer).header(HttpHeaders.ETAG, tag).build();
    }

    private static Response.ResponseBuilder told(
            Response.ResponseBuilder builder, Answer<?> answer) {
        Long age = CacheStatus.age(answer.outcome());
        if (age != null) {
            builder.header("Age", age);
        }
        // A browser keeps its copy but asks each time: what it shows is what the store says now.
        return builder.header(CacheStatus.HEADER, CacheStatus.of(answer))
                .header(HttpHeaders.CACHE_CONTROL, "no-cache");
    }

    private static String tag(ProductDetail product) {
        return "\"" + product.id() + "-" + product.version() + "\"";
    }

    private static List<Long> numbers(String ids) {
        try {
            List<Long> numbers =
                    Arrays.stream(ids.split(",")).map(String::strip).map(Long::valueOf).toList();
            if (numbers.size() > IDS_MOST) {
                throw Problems.badRequest("ids", "are more than " + IDS_MOST);
            }
            return numbers.stream().distinct().toList();
        } catch (NumberFormatException e) {
            throw Problems.badRequest("ids", "are not numbers with commas between them");
        }
    }
}
