package dev.larder.catalog;

import dev.larder.kit.Identity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;

/** The door of those who look after the cache: signed in to drop and to warm up. */
@Path("/api/catalog/cache")
@RunOnVirtualThread
@Tag(name = "cache", description = "What the catalogue keeps in the store")
public class CacheResource {

    private final Catalog catalog;
    private final WarmUp warmUp;
    private final Identity identity;

    CacheResource(Catalog catalog, WarmUp warmUp, Identity identity) {
        this.catalog = catalog;
        this.warmUp = warmUp;
        this.identity = identity;
    }

    @GET
    @Path("/stats")
    @Operation(summary = "Hits by tier, misses and database reads of this instance")
    public CacheStats stats() {
        return catalog.stats();
    }

    @DELETE
    @Operation(summary = "Drop everything from the store")
    public void forgetAll() {
        identity.require();
        catalog.forgetAll();
    }

    @DELETE
    @Path("/products/{id}")
    @Operation(summary = "Drop one product")
    public void forget(long id) {
        identity.require();
        catalog.forget(id);
    }

    @DELETE
    @Path("/search")
    @Operation(summary = "Drop one search, named by the same parameters")
    public void forget(@BeanParam @Valid SearchParameters parameters) {
        identity.require();
        catalog.forget(parameters.query());
    }

    @DELETE
    @Path("/tags/{tag}")
    @Operation(
            summary = "Drop what carries a tag",
            description =
                    "category:ID: its products and the searches in it; product:ID: the searches that"
                            + " show it; anywhere: the searches in no category.")
    public void forgetTag(@Pattern(regexp = "[a-z]+(:[a-z0-9-]{1,40})?") String tag) {
        identity.require();
        catalog.forgetTag(tag);
    }

    @POST
    @Path("/warm-up")
    @Operation(
            summary = "Load what is bought most, and the first page of every category",
            description = "Goes on by itself; 409 while one is running.")
    public Response startWarmUp(@RestQuery @DefaultValue("500") @Min(0) @Max(10_000) int products) {
        identity.require();
        return Response.accepted(warmUp.start(products)).build();
    }

    @GET
    @Path("/warm-up")
    @Operation(summary = "How far the last warm-up of this instance is")
    public WarmUp.State warmUp() {
        return warmUp.state();
    }

    @DELETE
    @Path("/warm-up")
    @Operation(summary = "End the warm-up; what it has loaded stays")
    public WarmUp.State cancelWarmUp() {
        identity.require();
        return warmUp.cancel();
    }
}
