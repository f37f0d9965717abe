package dev.larder.catalog;

import dev.larder.caching.Outcome;
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
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** The catalogue over HTTP: public to read, signed in to change. */
@Path("/api/catalog")
@RunOnVirtualThread
@Tag(name = "catalog", description = "Products, read through the store from PostgreSQL")
public class CatalogResource {

    /** RFC 9211: which cache answered, and how. */
    private static final String CACHE_STATUS = "Cache-Status";

    private static final String THIS_CACHE = "larder-store";

    private final Catalog catalog;
    private final Identity identity;

    CatalogResource(Catalog catalog, Identity identity) {
        this.catalog = catalog;
        this.identity = identity;
    }

    public record Categories(List<Category> items) {}

    public record Accepted(int accepted) {}

    @GET
    @Path("/categories")
    @Operation(summary = "Categories with the number of their products, by name")
    public Categories categories() {
        return new Categories(catalog.categories());
    }

    @GET
    @Path("/products")
    @Operation(
            summary = "Products by category and words",
            description = "Every word of q must begin a word of the product; best matches first.")
    public ProductPage products(
            @RestQuery @Size(max = 40) String category,
            @RestQuery @Size(max = 100) String q,
            @RestQuery @DefaultValue("0") @Min(0) @Max(100_000) int offset,
            @RestQuery @DefaultValue("24") @Min(1) @Max(100) int limit) {
        return catalog.search(
                category == null || category.isEmpty() ? null : category, q, offset, limit);
    }

    @GET
    @Path("/products/{id}")
    @Operation(
            summary = "One product with its newest reviews",
            description =
                    "Lazy loading. Cache-Status says whether the store had it, Age for how long; an"
                            + " If-None-Match with the current ETag is answered 304.")
    public Response product(
            long id, @Context Request request, @Context HttpServerResponse response) {
        Outcome<ProductDetail> outcome = catalog.product(id);
        // Set on the connection's answer, so that a 404 says it too.
        response.putHeader(CACHE_STATUS, status(outcome));
        ProductDetail product =
                outcome.found().orElseThrow(() -> Problems.notFound("product", Long.toString(id)));
        EntityTag tag = tag(product);
        Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
        Response.ResponseBuilder answer = unchanged == null ? Response.ok(product) : unchanged;
        if (outcome.result() == Outcome.Result.HIT) {
            answer.header("Age", outcome.age().toSeconds());
        }
        // A browser keeps its copy but asks each time: what it shows is what the store says now.
        return answer.tag(tag).header(HttpHeaders.CACHE_CONTROL, "no-cache").build();
    }

    @PUT
    @Path("/products/{id}")
    @Operation(
            summary = "Change a product",
            description =
                    "Write-through: the database commits, then the store has it. 409 when the"
                            + " product has moved on from the version of the change.")
    public Response change(long id, @NotNull @Valid ProductChange change) {
        identity.require();
        Outcome<ProductDetail> outcome = catalog.change(id, change);
        return Response.ok(outcome.value())
                .tag(tag(outcome.value()))
                .header(CACHE_STATUS, status(outcome))
                .build();
    }

    @POST
    @Path("/products/batch")
    @RolesAllowed("loader")
    @Operation(summary = "Load up to 500 products, their categories and reviews")
    public Accepted load(@NotNull @Valid ProductBatch batch) {
        return new Accepted(catalog.load(batch));
    }

    @DELETE
    @Path("/cache/products/{id}")
    @Operation(summary = "Drop one product from the store")
    public void forget(long id) {
        identity.require();
        catalog.forget(id);
    }

    @DELETE
    @Path("/cache")
    @Operation(summary = "Drop every product from the store")
    public void forgetAll() {
        identity.require();
        catalog.forgetAll();
    }

    @GET
    @Path("/cache/stats")
    @Operation(summary = "Hits, misses and database reads of this instance")
    public CacheStats stats() {
        return catalog.stats();
    }

    private static EntityTag tag(ProductDetail product) {
        return new EntityTag(product.id() + "-" + product.version());
    }

    private static String status(Outcome<?> outcome) {
        String kept = outcome.kept() ? "; stored; ttl=" + seconds(outcome.remainingTtl()) : "";
        return THIS_CACHE
                + switch (outcome.result()) {
                    case HIT -> "; hit; ttl=" + seconds(outcome.remainingTtl());
                    case NEGATIVE ->
                            "; hit; ttl=" + seconds(outcome.remainingTtl()) + "; detail=negative";
                    case MISS -> "; fwd=miss" + kept;
                    case WRITTEN -> "; fwd=method" + kept;
                    case BYPASS -> "; fwd=bypass; detail=store-away";
                };
    }

    /** Rounded up: an entry with half a second to live is not dead yet. */
    private static long seconds(Duration left) {
        return left.plusMillis(999).toSeconds();
    }
}
