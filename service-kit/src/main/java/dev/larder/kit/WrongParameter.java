package dev.larder.kit;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The value of a path or query that does not convert to what its parameter is. The framework only
 * says that one does not; so the method that was to be called is looked through for it.
 */
final class WrongParameter {

    private static final int SHOWN_MOST = 60;

    private WrongParameter() {}

    /** Says which, its value and what is expected; null where it is of a kind not known here. */
    static Problem.Violation of(Method method, UriInfo asked) {
        for (Parameter each : method.getParameters()) {
            Problem.Violation wrong = null;
            if (each.isAnnotationPresent(BeanParam.class)) {
                for (Field field : each.getType().getFields()) {
                    wrong =
                            wrong == null
                                    ? of(field.getName(), field.getType(), field, asked)
                                    : wrong;
                }
            } else {
                wrong = of(each.getName(), each.getType(), each, asked);
            }
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    private static Problem.Violation of(
            String name, Class<?> type, AnnotatedElement limits, UriInfo asked) {
        String value = asked.getPathParameters().getFirst(name);
        if (value == null) {
            value = asked.getQueryParameters().getFirst(name);
        }
        if (value == null || converts(type, value)) {
            return null;
        }
        String shown = value.length() > SHOWN_MOST ? value.substring(0, SHOWN_MOST) + "…" : value;
        return new Problem.Violation(
                name, "must be " + expected(type, limits) + ", not '" + shown + "'");
    }

    private static boolean converts(Class<?> type, String value) {
        try {
            if (type == int.class || type == Integer.class) {
                Integer.parseInt(value);
            } else if (type == long.class || type == Long.class) {
                Long.parseLong(value);
            } else if (type == double.class || type == Double.class) {
                Double.parseDouble(value);
            } else if (type.isEnum()) {
                return Arrays.stream(type.getEnumConstants())
                        .anyMatch(each -> each.toString().equals(value));
            }
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static String expected(Class<?> type, AnnotatedElement limits) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(Object::toString)
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        Min least = limits.getAnnotation(Min.class);
        Max most = limits.getAnnotation(Max.class);
        boolean small = type == int.class || type == Integer.class;
        long end = most != null ? most.value() : small ? Integer.MAX_VALUE : Long.MAX_VALUE;
        return "a whole number "
                + (least == null ? "" : "from " + least.value() + " ")
                + "up to "
                + end;
    }
}
