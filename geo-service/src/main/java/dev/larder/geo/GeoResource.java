package dev.larder.geo;

import dev.larder.kit.Identity;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** Places over HTTP: public to read, signed in to change. */
@Path("/api/geo")
@RunOnVirtualThread
@Tag(name = "geo", description = "What is where, and what is near")
public class GeoResource {
    private static final String ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
    private static final String LATITUDE = "85.05112878";

    private final Geo geo;
    private final Identity identity;

    GeoResource(Geo geo, Identity identity) {
        this.geo = geo;
        this.identity = identity;
    }

    public record Summary(String id, String name, long count) {}

    public record Summaries(List<Summary> items) {}

    public record Found(int count, List<Place> items) {}

    public record Accepted(int accepted) {}

    /** What a caller says of a place. */
    public record Change(
            @NotBlank @Size(max = 80) String name,
            @NotBlank @Size(max = 30) String kind,
            @NotNull @DecimalMin("-180") @DecimalMax("180") Double longitude,
            @NotNull @DecimalMin("-" + LATITUDE) @DecimalMax(LATITUDE) Double latitude,
            @Min(1) @Max(86_400) Long ttlSeconds,
            @Size(max = 16)
                    Map<@NotBlank @Size(max = 40) String, @NotNull @Size(max = 200) String>
                            properties) {

        Place place(String id) {
            return new Place(
                    id,
                    name,
                    kind,
                    longitude,
                    latitude,
                    properties == null || properties.isEmpty() ? null : properties,
                    null);
        }
    }

    /** A place of a batch. */
    public record Item(
            @NotNull @Pattern(regexp = ID) String id,
            @NotBlank @Size(max = 80) String name,
            @NotBlank @Size(max = 30) String kind,
            @NotNull @DecimalMin("-180") @DecimalMax("180") Double longitude,
            @NotNull @DecimalMin("-" + LATITUDE) @DecimalMax(LATITUDE) Double latitude,
            @Size(max = 16)
                    Map<@NotBlank @Size(max = 40) String, @NotNull @Size(max = 200) String>
                            properties) {}

    public record Batch(@NotEmpty @Size(max = 1000) List<@NotNull @Valid Item> items) {}

    @GET
    @Path("/collections")
    @Operation(summary = "The collections with the number of their places")
    public Summaries collections() {
        List<Summary> items = new ArrayList<>();
        for (Collection each : Collection.values()) {
            items.add(new Summary(each.id(), each.title(), geo.count(each)));
        }
        return new Summaries(items);
    }

    @GET
    @Path("/{collection}")
    @Operation(summary = "All places of a collection, up to a limit, in no order")
    public Found all(
            @RestPath String collection,
            @RestQuery @DefaultValue("1000") @Min(1) @Max(5000) int limit) {
        List<Place> found = geo.all(Collection.named(collection), limit);
        return new Found(found.size(), found);
    }

    @GET
    @Path("/{collection}/nearby")
    @Operation(summary = "Places within a radius, nearest first, with distances in metres")
    public Found nearby(
            @RestPath String collection,
            @RestQuery @NotNull @DecimalMin("-180") @DecimalMax("180") Double longitude,
            @RestQuery @NotNull @DecimalMin("-" + LATITUDE) @DecimalMax(LATITUDE) Double latitude,
            @RestQuery @NotNull @DecimalMin("0") @DecimalMax("20040000") Double radiusMeters,
            @RestQuery @DefaultValue("50") @Min(1) @Max(1000) int limit) {
        return search(
                collection, longitude, latitude, new PlaceStore.Area.Circle(radiusMeters), limit);
    }

    @GET
    @Path("/{collection}/within")
    @Operation(summary = "Places within a box around a point, nearest first")
    public Found within(
            @RestPath String collection,
            @RestQuery @NotNull @DecimalMin("-180") @DecimalMax("180") Double longitude,
            @RestQuery @NotNull @DecimalMin("-" + LATITUDE) @DecimalMax(LATITUDE) Double latitude,
            @RestQuery @NotNull @DecimalMin("0") @DecimalMax("40080000") Double widthMeters,
            @RestQuery @NotNull @DecimalMin("0") @DecimalMax("40080000") Double heightMeters,
            @RestQuery @DefaultValue("100") @Min(1) @Max(1000) int limit) {
        return search(
                collection,
                longitude,
                latitude,
                new PlaceStore.Area.Box(widthMeters, heightMeters),
                limit);
    }

    private Found search(
            String collection, double longitude, double latitude, PlaceStore.Area area, int limit) {
        List<Place> found =
                geo.search(
                        Collection.named(collection), new Point(longitude, latitude), area, limit);
        return new Found(found.size(), found);
    }

    @GET
    @Path("/{collection}/{id}")
    @Operation(summary = "One place")
    public Place find(@RestPath String collection, @RestPath @Pattern(regexp = ID) String id) {
        return geo.find(Collection.named(collection), id);
    }

    @PUT
    @Path("/{collection}/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Puts a place, or moves it",
            description = "201 where it is new. ttlSeconds (60 unless given) is for couriers.")
    public Response put(
            @RestPath String collection,
            @RestPath @Pattern(regexp = ID) String id,
            @NotNull @Valid Change change) {
        identity.require();
        Place place = change.place(id);
        boolean isNew = geo.put(Collection.named(collection), place, change.ttlSeconds());
        return Response.status(isNew ? 201 : 200).entity(place).build();
    }

    @DELETE
    @Path("/{collection}/{id}")
    @Operation(summary = "Removes a place")
    public void remove(@RestPath String collection, @RestPath @Pattern(regexp = ID) String id) {
        identity.require();
        geo.remove(Collection.named(collection), id);
    }

    @POST
    @Path("/{collection}/batch")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Puts up to 1,000 places; for the role loader")
    public Accepted batch(@RestPath String collection, @NotNull @Valid Batch batch) {
        identity.requireRole("loader");
        List<Place> places =
                batch.items().stream()
                        .map(
                                item ->
                                        new Change(
                                                        item.name(),
                                                        item.kind(),
                                                        item.longitude(),
                                                        item.latitude(),
                                                        null,
                                                        item.properties())
                                                .place(item.id()))
                        .toList();
        geo.putAll(Collection.named(collection), places, null);
        return new Accepted(places.size());
    }
}
