package dev.larder.catalog;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** A 405 says what is allowed instead, as RFC 9110 asks; the framework leaves that out. */
@ApplicationScoped
class AllowedMethods {

    private static final int METHOD_NOT_ALLOWED = 405;

    private final List<Door> doors = new ArrayList<>();

    private record Door(Pattern path, String method) {}

    AllowedMethods() {
        for (Class<?> resource : List.of(CatalogResource.class, CacheResource.class)) {
            String root = resource.getAnnotation(Path.class).value();
            for (Method method : resource.getDeclaredMethods()) {
                Path path = method.getAnnotation(Path.class);
                for (Annotation each : method.getAnnotations()) {
                    HttpMethod http = each.annotationType().getAnnotation(HttpMethod.class);
                    if (http != null) {
                        doors.add(
                                new Door(
                                        pattern(root + (path == null ? "" : path.value())),
                                        http.value()));
                    }
                }
            }
        }
    }

    @ServerResponseFilter
    public void tell(ContainerRequestContext request, ContainerResponseContext response) {
        if (response.getStatus() != METHOD_NOT_ALLOWED) {
            return;
        }
        String path = request.getUriInfo().getPath();
        TreeSet<String> allowed = new TreeSet<>();
        for (Door door : doors) {
            if (door.path().matcher(path).matches()) {
                allowed.add(door.method());
                if (door.method().equals(HttpMethod.GET)) {
                    allowed.add(HttpMethod.HEAD);
                }
            }
        }
        response.getHeaders().putSingle(HttpHeaders.ALLOW, String.join(", ", allowed));
    }

    /** One part of the path for each parameter. */
    private static Pattern pattern(String template) {
        return Pattern.compile(template.replaceAll("\\{[^}]*}", "[^/]+"));
    }
}
