package dev.larder.kit;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** An error as it is answered, in the shape of RFC 9457. Empty members are left out. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        String instance,
        String requestId,
        List<Violation> violations) {

    public static final String MEDIA_TYPE = "application/problem+json";

    public record Violation(String field, String message) {}

    Problem at(String path, String id) {
        return new Problem(type, title, status, detail, path, id, violations);
    }
}
