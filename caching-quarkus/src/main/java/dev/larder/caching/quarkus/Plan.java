package dev.larder.caching.quarkus;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** What is known of an annotated method once and for all: where its key is, how it answers. */
final class Plan {

    /** Longer keys are kept by their SHA-256. */
    private static final int KEY_MAX = 160;

    private record Part(int parameter, String property) {}

    private final Method method;
    private final List<Part> parts = new ArrayList<>();
    private final boolean optional;

    Plan(Method method) {
        this.method = method;
        Class<?> type = method.getReturnType();
        if (CompletionStage.class.isAssignableFrom(type)
                || Flow.Publisher.class.isAssignableFrom(type)
                || type.getName().startsWith("io.smallrye.mutiny.")) {
            throw new IllegalStateException(
                    method + " answers later; a cache takes methods that block until they know");
        }
        optional = type == Optional.class;
        Parameter[] parameters = method.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            CacheKey key = parameters[i].getAnnotation(CacheKey.class);
            if (key != null) {
                parts.add(new Part(i, key.value()));
            }
        }
        if (parts.isEmpty()) {
            for (int i = 0; i < parameters.length; i++) {
                parts.add(new Part(i, ""));
            }
        }
    }

    static <A extends Annotation> A annotation(Method method, Class<A> type) {
        A annotation = method.getAnnotation(type);
        if (annotation == null) {
            throw new IllegalStateException(
                    "@"
                            + type.getSimpleName()
                            + " is for methods, not for a whole "
                            + method.getDeclaringClass().getSimpleName());
        }
        return annotation;
    }

    /** The parts of the key, joined by colons, whatever characters they have. */
    String key(Object[] arguments) {
        if (parts.isEmpty()) {
            return "all";
        }
        StringBuilder key = new StringBuilder();
        for (Part part : parts) {
            if (!key.isEmpty()) {
                key.append(':');
            }
            escape(String.valueOf(value(arguments[part.parameter()], part.property())), key);
        }
        return bounded(key.toString());
    }

    String keyOf(Object result, String property) {
        StringBuilder key = new StringBuilder();
        escape(String.valueOf(value(unwrapped(result), property)), key);
        return bounded(key.toString());
    }

    /** A tag with the parts of the key in place of {@code {0}}, {@code {1}} and so on. */
    String tag(String pattern, Object[] arguments) {
        String tag = pattern;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            tag =
                    tag.replace(
                            "{" + i + "}",
                            String.valueOf(value(arguments[part.parameter()], part.property())));
        }
        return tag;
    }

    Object unwrapped(Object result) {
        return result instanceof Optional<?> maybe ? maybe.orElse(null) : result;
    }

    Object wrapped(Object value) {
        return optional ? Optional.ofNullable(value) : value;
    }

    /** What has a meaning in a key: the separator, the braces of a hash tag, and the escape. */
    private static void escape(String part, StringBuilder to) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == ':' || c == '{' || c == '}' || c == '%') {
                to.append('%').append(HexFormat.of().toHexDigits((byte) c));
            } else {
                to.append(c);
            }
        }
    }

    private static String bounded(String key) {
        if (key.isEmpty()) {
            return "%";
        }
        if (key.length() <= KEY_MAX) {
            return key;
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(key.getBytes(StandardCharsets.UTF_8));
            return "%" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private Object value(Object argument, String property) {
        if (property.isEmpty()) {
            return argument;
        }
        if (argument == null) {
            throw new IllegalArgumentException(
                    method + " has no key: what should have a " + property + " is null");
        }
        Class<?> type = argument.getClass();
        try {
            for (String name :
                    List.of(
                            property,
                            "get"
                                    + Character.toUpperCase(property.charAt(0))
                                    + property.substring(1))) {
                for (Method candidate : type.getMethods()) {
                    if (candidate.getName().equals(name) && candidate.getParameterCount() == 0) {
                        candidate.setAccessible(true);
                        return candidate.invoke(argument);
                    }
                }
            }
            return type.getField(property).get(argument);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    type.getName() + " has no " + property + " that a key could be made of", e);
        }
    }
}
