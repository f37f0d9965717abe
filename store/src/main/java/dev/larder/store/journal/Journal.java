package dev.larder.store.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * The one place that hears of every change, in order: an append-only file, a replica, the migration
 * of a slot and the replay test all listen here. Belongs to one shard and its thread.
 */
public final class Journal {
    /** Told of each change, after it has happened and before the next command. */
    @FunctionalInterface
    public interface Listener {
        void changed(Effect effect);
    }

    private final List<Listener> listeners = new ArrayList<>();

    public void listen(Listener listener) {
        listeners.add(listener);
    }

    public void forget(Listener listener) {
        listeners.remove(listener);
    }

    /** Whether anybody listens; where nobody does, nobody need build an effect. */
    public boolean isHeard() {
        return !listeners.isEmpty();
    }

    public void append(Effect effect) {
        for (Listener listener : listeners) {
            listener.changed(effect);
        }
    }
}
