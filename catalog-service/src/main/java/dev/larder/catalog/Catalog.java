package dev.larder.catalog;

import dev.larder.caching.Cache;
import dev.larder.caching.DatabaseBusyException;
import dev.larder.caching.LoadTimeoutException;
import dev.larder.caching.OlderWriteException;
import dev.larder.caching.Outcome;
import dev.larder.caching.QueueFullException;
import dev.larder.caching.StoreAwayException;
import dev.larder.caching.Tier;
import dev.larder.kit.Outage;
import dev.larder.kit.ProblemException;
import dev.larder.kit.Problems;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What may be asked of the catalogue. Pages, searches and categories are read through the store by
 * the pattern that the request or the settings name; changes are PostgreSQL's first.
 */
@ApplicationScoped
class Catalog {

    private final Products products;
    private final Assortment assortment;
    private final CatalogCaches caches;
    private final CatalogChanges changes;
    private final ProductQueue queue;
    private final CacheSettings settings;

    Catalog(
            Products products,
            Assortment assortment,
            CatalogCaches caches,
            CatalogChanges changes,
            ProductQueue queue,
            CacheSettings settings) {
        this.products = products;
        this.assortment = assortment;
        this.caches = caches;
        this.changes = changes;
        this.queue = queue;
        this.settings = settings;
    }

    Answer<CatalogCaches.AllCategories> categories(ReadPattern pattern) {
        return read(() -> caches.categories(pattern));
    }

    /** Straight from PostgreSQL: what a list shows is never older than the question. */
    ProductPage list(String category, String text, int offset, int limit) {
        return products.search(category, text, offset, limit);
    }

    Answer<ProductSearch.Found> search(SearchQuery query, ReadPattern pattern) {
        return read(() -> caches.search(query, pattern));
    }

    /** The product and how it was found; an outcome without a value when nobody knows it. */
    Answer<ProductDetail> product(long id, ReadPattern pattern) {
        return read(() -> caches.product(id, pattern));
    }

    /** By id as text, in the order of the ids. */
    Map<String, Outcome<ProductDetail>> products(List<Long> ids, ReadPattern pattern) {
        return read(
                () ->
                        caches.products.readAll(
                                ids.stream().map(id -> Long.toString(id)).toList(), pattern));
    }

    /**
     * @param pattern null = the usual
     */
    Outcome<ProductDetail> change(long id, ProductChange change, WritePattern pattern) {
        WritePattern by = pattern == null ? settings.writePattern() : pattern;
        Cache<ProductDetail> cache = caches.products.cache();
        String key = Long.toString(id);
        Supplier<ProductDetail> commit = () -> committed(id, change);
        Outcome<ProductDetail> outcome =
                switch (by) {
                    case WRITE_THROUGH -> cache.write(key, commit);
                    case WRITE_AROUND -> past(cache.writeAround(key, commit));
                    case WRITE_BEHIND -> queued(id, change);
                };
        caches.toldAfterCommit(List.of(id));
        return outcome;
    }

    /**
     * The change of what readers see now, which may be ahead of the database; accepted with a
     * version above it.
     */
    private Outcome<ProductDetail> queued(long id, ProductChange change) {
        ProductDetail now =
                product(id, null)
                        .outcome()
                        .found()
                        .orElseThrow(() -> Problems.notFound("product", Long.toString(id)));
        if (now.version() != change.version()) {
            throw moved(now.version(), change.version());
        }
        ProductDetail next = now.changed(change);
        try {
            queue.put(next);
        } catch (OlderWriteException e) {
            throw Problems.conflict("A newer change of the product was accepted meanwhile.");
        } catch (QueueFullException e) {
            throw Problems.unavailable(
                    "Too many changes wait for PostgreSQL, so this one was not accepted.");
        } catch (StoreAwayException e) {
            throw Problems.unavailable(
                    "The store does not answer: read the product again to see whether the change"
                            + " was accepted.");
        }
        return new Outcome<>(
                next,
                Outcome.Result.WRITTEN,
                Tier.STORE,
                true,
                false,
                Duration.ZERO,
                caches.products.cache().ttl());
    }

    private static ProblemException moved(long standing, long from) {
        return Problems.conflict(
                "The product is at version %d, the change was made from %d."
                        .formatted(standing, from));
    }

    private ProductDetail committed(long id, ProductChange change) {
        Optional<Products.Changed> changed = written(() -> products.change(id, change));
        if (changed.isEmpty()) {
            throw Problems.notFound("product", Long.toString(id));
        }
        if (changed.get().detail() == null) {
            throw moved(changed.get().standingVersion(), change.version());
        }
        return changed.get().detail();
    }

    /** Loads or replaces products; their entries in the store end with the commit. */
    int load(ProductBatch batch) {
        Set<String> skus = new HashSet<>();
        Set<String> unknown = written(() -> products.unknownCategories(batch));
        for (int i = 0; i < batch.items().size(); i++) {
            ProductBatch.Item item = batch.items().get(i);
            if (!skus.add(item.sku())) {
                throw Problems.badRequest("items[" + i + "].sku", "is there twice");
            }
            if (unknown.contains(item.category())) {
                throw Problems.badRequest("items[" + i + "].category", "is not a known category");
            }
        }
        List<Long> loaded = written(() -> products.load(batch));
        caches.products
                .cache()
                .invalidateAfterCommit(loaded.stream().map(id -> Long.toString(id)).toList());
        return loaded.size();
    }

    /** Adds the versions of one more maker; the caches hear of it as of any change. */
    int addVariants(int series) {
        return written(() -> assortment.addVariants(series));
    }

    int addPurchases(int first, int size) {
        return written(() -> assortment.addPurchases(first, size));
    }

    void forget(long id) {
        atTheStore(() -> caches.products.cache().invalidate(Long.toString(id)));
    }

    void forget(SearchQuery query) {
        atTheStore(() -> caches.searches.cache().invalidate(query.key()));
    }

    void forgetTag(String tag) {
        atTheStore(
                () -> {
                    caches.flushTag(tag);
                    return null;
                });
    }

    void forgetAll() {
        atTheStore(
                () -> {
                    caches.flush();
                    return null;
                });
    }

    CacheStats stats() {
        List<CacheStats.OfCache> each =
                List.of(
                        caches.products.stats(),
                        caches.searches.stats(),
                        caches.categories.stats());
        long hits = each.stream().mapToLong(one -> one.hot() + one.warm()).sum();
        long misses = each.stream().mapToLong(CacheStats.OfCache::cold).sum();
        boolean away = each.stream().anyMatch(one -> one.entries() == null);
        return new CacheStats(
                hits,
                misses,
                each.stream().mapToLong(CacheStats.OfCache::writes).sum(),
                hits + misses == 0 ? 0 : (double) hits / (hits + misses),
                each.stream().mapToLong(CacheStats.OfCache::databaseReads).sum(),
                away ? null : each.stream().mapToLong(CacheStats.OfCache::entries).sum(),
                each.getFirst().ttlSeconds(),
                each,
                caches.hotMode(),
                changes.stats(),
                queue.stats());
    }

    private static <V> Outcome<V> past(V committed) {
        return new Outcome<>(
                committed,
                Outcome.Result.WRITTEN,
                Tier.DATABASE,
                false,
                false,
                Duration.ZERO,
                Duration.ZERO);
    }

    private static <T> T read(Supplier<T> errand) {
        try {
            return errand.get();
        } catch (DatabaseBusyException e) {
            throw Problems.unavailable("Too many readers are at the database; try again shortly.");
        } catch (LoadTimeoutException e) {
            throw Problems.unavailable("PostgreSQL takes too long; try again shortly.");
        }
    }

    /** Says by name what is away: nothing was written. */
    private static <T> T written(Supplier<T> errand) {
        try {
            return errand.get();
        } catch (RuntimeException e) {
            if ("database".equals(Outage.whatIsAway(e))) {
                throw Problems.unavailable(
                        "PostgreSQL does not answer, so nothing was written; try again shortly.");
            }
            throw e;
        }
    }

    private static <T> T atTheStore(Supplier<T> errand) {
        try {
            return errand.get();
        } catch (StoreAwayException e) {
            throw Problems.unavailable("The store does not answer; its entries end by themselves.");
        }
    }
}
