package dev.larder.ui;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * One part of the suite as it was last seen.
 *
 * @param address host and port, or by whose word it is known
 * @param latencyMillis of the last question; null where none was answered
 * @param since when it was first seen in this state, by this process
 * @param detail what there is to say, or null
 */
record Component(
        String name,
        Kind kind,
        String address,
        boolean up,
        Double latencyMillis,
        Instant since,
        String detail) {

    enum Kind {
        UI,
        STORE,
        DATABASE,
        SERVICE
    }

    /** The same, in the state that {@code before} was in for longer. */
    Component after(Component before) {
        return before != null && before.up == up
                ? new Component(name, kind, address, up, latencyMillis, before.since, detail)
                : this;
    }

    JsonObject json() {
        return new JsonObject()
                .put("name", name)
                .put("kind", kind.name().toLowerCase(java.util.Locale.ROOT))
                .put("address", address)
                .put("up", up)
                .put("latencyMillis", latencyMillis)
                .put("since", since.toString())
                .put("detail", detail);
    }
}
