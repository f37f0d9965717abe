package dev.larder.catalog;

import dev.larder.caching.DatabaseBusyException;
import dev.larder.caching.Outcome;
import dev.larder.caching.StoreAwayException;
import dev.larder.kit.Problems;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What may be asked of the catalogue. A product's page is loaded lazily into the store and written
 * through it; lists and searches are PostgreSQL's, which has the indexes for them.
 */
@ApplicationScoped
class Catalog {

    private final Products products;
    private final ProductCache cache;

    Catalog(Products products, ProductCache cache) {
        this.products = products;
        this.cache = cache;
    }

    List<Category> categories() {
        return products.categories();
    }

    ProductPage search(String category, String text, int offset, int limit) {
        return products.search(category, text, offset, limit);
    }

    /** The product and how it was found; an outcome without a value when nobody knows it. */
    Outcome<ProductDetail> product(long id) {
        try {
            return cache.read(id, () -> products.find(id));
        } catch (DatabaseBusyException e) {
            throw Problems.unavailable("Too many readers are at the database; try again shortly.");
        }
    }

    Outcome<ProductDetail> change(long id, ProductChange change) {
        return cache.write(
                id,
                () -> {
                    Optional<Products.Changed> changed = products.change(id, change);
                    if (changed.isEmpty()) {
                        throw Problems.notFound("product", Long.toString(id));
                    }
                    if (changed.get().detail() == null) {
                        throw Problems.conflict(
                                "The product is at version "
                                        + changed.get().standingVersion()
                                        + ", the change was made from "
                                        + change.version()
                                        + ".");
                    }
                    return changed.get().detail();
                });
    }

    /** Loads or replaces products; their entries in the store end with the commit. */
    int load(ProductBatch batch) {
        Set<String> skus = new HashSet<>();
        Set<String> unknown = products.unknownCategories(batch);
        for (int i = 0; i < batch.items().size(); i++) {
            ProductBatch.Item item = batch.items().get(i);
            if (!skus.add(item.sku())) {
                throw Problems.badRequest("items[" + i + "].sku", "is there twice");
            }
            if (unknown.contains(item.category())) {
                throw Problems.badRequest("items[" + i + "].category", "is not a known category");
            }
        }
        List<Long> loaded = products.load(batch);
        cache.dropAfterCommit(loaded);
        return loaded.size();
    }

    void forget(long id) {
        atTheStore(() -> cache.drop(id));
    }

    void forgetAll() {
        atTheStore(cache::flush);
    }

    CacheStats stats() {
        return cache.stats();
    }

    private static <T> T atTheStore(Supplier<T> errand) {
        try {
            return errand.get();
        } catch (StoreAwayException e) {
            throw Problems.unavailable("The store does not answer; its entries end by themselves.");
        }
    }
}
