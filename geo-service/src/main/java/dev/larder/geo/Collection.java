package dev.larder.geo;

import dev.larder.kit.Problems;
import java.util.Locale;

/** The collections there are. */
enum Collection {
    /** Places that stay; PostgreSQL has them. */
    CITIES("Cities", true),
    /** Things that move; each is gone when it has not been heard of for its time to live. */
    COURIERS("Couriers", false);

    private final String title;
    private final boolean durable;

    Collection(String title, boolean durable) {
        this.title = title;
        this.durable = durable;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }

    boolean isDurable() {
        return durable;
    }

    /** The collection of this id; a 404 problem for none. */
    static Collection named(String id) {
        for (Collection each : values()) {
            if (each.id().equals(id)) {
                return each;
            }
        }
        throw Problems.notFound("collection", id);
    }
}
