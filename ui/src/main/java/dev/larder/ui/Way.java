package dev.larder.ui;

import java.util.Locale;
import java.util.Set;

/** Where a path leads. What it says about a path is all that decides who gets a request. */
sealed interface Way {

    /** A service's own API, with whoever is signed in. */
    record Api(String service) implements Way {}

    /**
     * What a service tells about itself: health, metrics, OpenAPI. For reading, and nobody in
     * particular.
     */
    record About(String service, String path) implements Way {}

    /** The suite's own state, answered here. */
    record Suite(String name) implements Way {}

    /** A file of the page, or a place in it. */
    record Page(boolean file) implements Way {}

    /** This process' own health and metrics. */
    record Own() implements Way {}

    /** Nobody. */
    record Nowhere() implements Way {}

    /** A path that two readers might read differently. */
    record Unclear() implements Way {}

    /**
     * @param raw the path as it came
     * @param path the same without dot segments and needless escapes
     */
    static Way of(String raw, String path, Set<String> services) {
        String lower = raw.toLowerCase(Locale.ROOT);
        if (lower.contains("%2f")
                || lower.contains("%5c")
                || lower.contains("%00")
                || lower.contains("%25")
                || raw.indexOf('\\') >= 0
                || raw.indexOf(';') >= 0
                || path.contains("//")) {
            return new Unclear();
        }
        String[] parts = path.substring(1).split("/", 4);
        if (parts[0].equals("api")) {
            if (parts.length > 1 && parts[1].equals("suite")) {
                return new Suite(path.substring(Math.min(path.length(), "/api/suite/".length())));
            }
            return parts.length > 1 && services.contains(parts[1])
                    ? new Api(parts[1])
                    : new Nowhere();
        }
        if (parts[0].equals("services")) {
            return parts.length == 4 && parts[2].equals("q") && services.contains(parts[1])
                    ? new About(parts[1], "/q/" + parts[3])
                    : new Nowhere();
        }
        if (parts[0].equals("q")) {
            return new Own();
        }
        return new Page(path.indexOf('.', path.lastIndexOf('/')) >= 0);
    }
}
