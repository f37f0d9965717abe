package dev.larder.kit;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.Json;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** The refusals a rule may have, to be thrown: {@code throw Problems.notFound("product", id);}. */
public final class Problems {
    static final String RETRY_AFTER_SECONDS = "2";

    private Problems() {}

    /** 404: there is no {@code kind} of this id. */
    public static ProblemException notFound(String kind, String id) {
        return of(404, "There is no " + kind + " '" + id + "'.", List.of());
    }

    /** 400: one field of the request is wrong. */
    public static ProblemException badRequest(String field, String message) {
        return of(
                400,
                "The request is not valid: " + field + " " + message + ".",
                List.of(new Problem.Violation(field, message)));
    }

    /** 401: the caller has to sign in first. */
    public static ProblemException unauthorized() {
        return of(401, "Sign in first.", List.of());
    }

    /** 403: the caller is known and may not. */
    public static ProblemException forbidden(String detail) {
        return of(403, detail, List.of());
    }

    /** 409: the state of things forbids it. */
    public static ProblemException conflict(String detail) {
        return of(409, detail, List.of());
    }

    /** 429: too often. */
    public static ProblemException tooManyRequests(String detail) {
        return of(429, detail, List.of());
    }

    /** 503: something that is needed is away; carries {@code Retry-After}. */
    public static ProblemException unavailable(String detail) {
        return of(503, detail, List.of());
    }

    static ProblemException of(int status, String detail, List<Problem.Violation> violations) {
        return new ProblemException(problem(status, detail, violations));
    }

    static Problem problem(int status, String detail, List<Problem.Violation> violations) {
        Response.Status known = Response.Status.fromStatusCode(status);
        String title = known == null ? "Error" : known.getReasonPhrase();
        return new Problem("about:blank", title, status, detail, null, null, violations);
    }

    static void send(HttpServerRequest request, HttpServerResponse response, Problem problem) {
        response.setStatusCode(problem.status()).putHeader("Content-Type", Problem.MEDIA_TYPE);
        response.end(Json.encode(problem.at(request.path(), RequestId.of(response))));
    }
}
