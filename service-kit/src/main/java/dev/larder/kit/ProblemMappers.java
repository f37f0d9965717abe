package dev.larder.kit;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every exception that leaves a resource, as a problem. */
class ProblemMappers {
    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

    @ServerExceptionMapper
    Response problem(ProblemException e, HttpServerRequest request) {
        return response(e.problem(), request);
    }

    @ServerExceptionMapper
    Response invalid(ConstraintViolationException e, HttpServerRequest request) {
        List<Problem.Violation> violations = new ArrayList<>();
        for (ConstraintViolation<?> each : e.getConstraintViolations()) {
            violations.add(new Problem.Violation(field(each.getPropertyPath()), each.getMessage()));
        }
        violations.sort((a, b) -> a.field().compareTo(b.field()));
        String detail =
                violations.stream()
                        .map(each -> each.field() + " " + each.message())
                        .collect(Collectors.joining("; ", "The request is not valid: ", "."));
        return response(Problems.problem(400, detail, violations), request);
    }

    /** The path without the method and, for a body, without the name of its parameter. */
    private static String field(Path path) {
        List<String> nodes = new ArrayList<>();
        path.forEach(node -> nodes.add(node.toString()));
        int skipped = nodes.size() > 2 ? 2 : Math.min(1, nodes.size() - 1);
        return String.join(".", nodes.subList(skipped, nodes.size()));
    }

    @ServerExceptionMapper
    Response http(
            WebApplicationException e,
            HttpServerRequest request,
            ResourceInfo called,
            UriInfo asked) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof JacksonException json) {
                return json(json, request);
            }
        }
        int status = e.getResponse().getStatus();
        if (status == 404 && e.getCause() instanceof IllegalArgumentException) {
            // A value that does not convert: the client's mistake, not a missing page.
            Problem.Violation wrong = WrongParameter.of(called.getResourceMethod(), asked);
            return response(
                    wrong == null
                            ? Problems.problem(
                                    400, "A value in the path or query does not fit.", List.of())
                            : Problems.badRequest(wrong.field(), wrong.message()).problem(),
                    request);
        }
        String detail =
                switch (status) {
                    case 404 -> "There is nothing at " + request.path() + ".";
                    case 405 -> request.method() + " is not possible at " + request.path() + ".";
                    case 415 -> "The body has to be application/json.";
                    case 406 -> "Only application/json can be answered.";
                    default -> e.getMessage();
                };
        Response.ResponseBuilder builder =
                Response.fromResponse(
                        response(Problems.problem(status, detail, List.of()), request));
        e.getResponse()
                .getStringHeaders()
                .forEach(
                        (name, values) -> {
                            if (!name.toLowerCase(java.util.Locale.ROOT).startsWith("content-")) {
                                values.forEach(value -> builder.header(name, value));
                            }
                        });
        return builder.build();
    }

    /** Quarkus has a mapper of its own for this one, which names no field to the caller. */
    @ServerExceptionMapper
    Response mismatched(MismatchedInputException e, HttpServerRequest request) {
        return json(e, request);
    }

    @ServerExceptionMapper
    Response json(JacksonException e, HttpServerRequest request) {
        if (e.getCause() instanceof JsonParseException malformed) {
            return json(malformed, request);
        }
        String field =
                e instanceof JsonMappingException mapping
                        ? mapping.getPath().stream()
                                .map(
                                        each ->
                                                each.getFieldName() == null
                                                        ? "[" + each.getIndex() + "]"
                                                        : each.getFieldName())
                                .collect(Collectors.joining("."))
                                .replace(".[", "[")
                        : "";
        String message = "is malformed JSON";
        if (!field.isEmpty()) {
            message = "has the wrong type or value";
        } else if (e instanceof JsonProcessingException parse && parse.getLocation() != null) {
            message +=
                    " at line "
                            + parse.getLocation().getLineNr()
                            + ", column "
                            + parse.getLocation().getColumnNr();
        }
        return response(
                Problems.badRequest(field.isEmpty() ? "body" : field, message).problem(), request);
    }

    @ServerExceptionMapper
    Response unauthorized(UnauthorizedException e, HttpServerRequest request) {
        return response(Problems.unauthorized().problem(), request);
    }

    @ServerExceptionMapper
    Response badToken(AuthenticationFailedException e, HttpServerRequest request) {
        return response(Problems.problem(401, "The token is not valid.", List.of()), request);
    }

    @ServerExceptionMapper
    Response forbidden(ForbiddenException e, HttpServerRequest request) {
        return response(Problems.forbidden("You may not do this.").problem(), request);
    }

    @ServerExceptionMapper
    Response anything(Throwable e, HttpServerRequest request) {
        String away = Outage.whatIsAway(e);
        if (away != null) {
            LOG.warnf("%s is away: %s", away, e);
            return response(
                    Problems.unavailable("The " + away + " does not answer; try again shortly.")
                            .problem(),
                    request);
        }
        if (Outage.isUnstorableText(e)) {
            return response(
                    Problems.problem(400, "Text must not contain a NUL character.", List.of()),
                    request);
        }
        LOG.errorf(e, "%s %s failed", request.method(), request.path());
        return response(
                Problems.problem(500, "Something failed here; the logs have it.", List.of()),
                request);
    }

    private static Response response(Problem problem, HttpServerRequest request) {
        Response.ResponseBuilder builder =
                Response.status(problem.status())
                        .type(Problem.MEDIA_TYPE)
                        .entity(problem.at(request.path(), RequestId.of(request.response())));
        if (problem.status() == 503) {
            builder.header("Retry-After", Problems.RETRY_AFTER_SECONDS);
        }
        if (problem.status() == 401) {
            builder.header("WWW-Authenticate", "Bearer");
        }
        return builder.build();
    }
}
