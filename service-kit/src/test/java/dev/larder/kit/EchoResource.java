package dev.larder.kit;

import io.quarkus.redis.datasource.RedisDataSource;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.RestQuery;

/** A small service for the tests of the kit. */
@Path("/echo")
@RunOnVirtualThread
class EchoResource {
    private final Identity identity;
    private final RedisDataSource store;

    EchoResource(Identity identity, RedisDataSource store) {
        this.identity = identity;
        this.store = store;
    }

    public record Line(@NotBlank String text, @Max(10) int times) {}

    public record Lines(@NotNull List<@Valid Line> lines) {}

    public record Who(boolean signedIn, String id, String name) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Lines echo(@NotNull @Valid Lines lines) {
        return lines;
    }

    @GET
    @Path("/who")
    public Who who() {
        return new Who(identity.isSignedIn(), identity.id(), identity.displayName());
    }

    @GET
    @Path("/loader")
    @RolesAllowed("loader")
    public Who loader() {
        return who();
    }

    @GET
    @Path("/mine")
    public Who mine() {
        identity.require();
        return who();
    }

    public enum Shade {
        LIGHT,
        DARK
    }

    public static class Page {
        @RestQuery
        @Min(0)
        @Max(9)
        public int offset;
    }

    @GET
    @Path("/values/{id}")
    public long values(
            long id, @BeanParam Page page, @RestQuery Shade shade, @RestQuery Double width) {
        return id;
    }

    @POST
    @Path("/own")
    @Authenticated
    public Lines own(@NotNull @Valid Lines lines) {
        return lines;
    }

    @GET
    @Path("/store")
    public String store() {
        return store.execute("PING").toString();
    }

    @GET
    @Path("/bug")
    public String bug() {
        throw new IllegalStateException("a secret of the inside");
    }
}
