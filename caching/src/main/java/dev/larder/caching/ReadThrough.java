package dev.larder.caching;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Read-through: a {@link Cache} with its loader, so that callers see no database. The same promises
 * as lazy loading; the loader is the same for every caller, which also lets the cache load on its
 * own: {@link #warmUp}.
 */
public final class ReadThrough<V> {

    private static final int WARM_UP_PAGE = 100;

    private final Cache<V> cache;
    private final Function<String, Optional<V>> one;
    private Function<Set<String>, Map<String, V>> many;

    ReadThrough(Cache<V> cache, Function<String, Optional<V>> loader) {
        this.cache = cache;
        this.one = loader;
        this.many = this::oneByOne;
    }

    /** Loads several keys with one call; it leaves out what it does not know. */
    public ReadThrough<V> inBatches(Function<Set<String>, Map<String, V>> loader) {
        this.many = loader;
        return this;
    }

    public Outcome<V> get(String key) {
        return cache.read(key, one);
    }

    /** In the order of the keys, each once. */
    public Map<String, Outcome<V>> getAll(Collection<String> keys) {
        return cache.readAll(keys, many);
    }

    /** Hears how a warm-up goes on; returns false to end it. */
    public interface Progress {
        boolean warmed(long done, long ofThem);
    }

    /**
     * Reads all keys once, a page at a time, so that those who come later find them. Returns how
     * many it read.
     */
    public long warmUp(Collection<String> keys, Progress progress) {
        List<String> all = new ArrayList<>(keys);
        for (int from = 0; from < all.size(); from += WARM_UP_PAGE) {
            int to = Math.min(all.size(), from + WARM_UP_PAGE);
            getAll(all.subList(from, to));
            if (!progress.warmed(to, all.size())) {
                return to;
            }
        }
        return all.size();
    }

    private Map<String, V> oneByOne(Set<String> keys) {
        Map<String, V> found = new HashMap<>();
        for (String key : keys) {
            one.apply(key).ifPresent(value -> found.put(key, value));
        }
        return found;
    }
}
