package dev.larder.catalog;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.caching.Cache;
import dev.larder.caching.CacheBuilder;
import dev.larder.caching.Codec;
import dev.larder.caching.HotTier;
import dev.larder.caching.StoreAwayException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.redis.client.Redis;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * What the catalogue keeps in the store and, of what is read often, in this JVM, and what of it a
 * change makes untrue.
 *
 * <pre>
 * key                        what                                            tags
 * catalog:product:{p0..7}:id a product's page as JSON, or its absence        category:ID
 * catalog:search:{QUERY}     what a search found, by {@link SearchQuery#key}  product:ID of all that it
 *                                                                            shows; category:ID, or
 *                                                                            anywhere
 * catalog:categories:{all}   the categories with their counts                -
 * </pre>
 *
 * With each: its fence, lease, index and tags, as {@link Cache} lays them out.
 */
@Singleton
class CatalogCaches {

    private static final Logger LOG = Logger.getLogger(CatalogCaches.class);

    /** Tag of searches that are not in one category. */
    private static final String ANYWHERE = "anywhere";

    private static final String ALL = "all";

    /** Of products, whose changes may be queued: another number is another cache and queue. */
    private static final int PARTITIONS = 8;

    private final CacheSettings settings;
    private final Redis redis;
    private final ObjectMapper json;
    private final boolean clustered;
    private final HotTier hot;

    final Patterns<ProductDetail> products;
    final Patterns<ProductSearch.Found> searches;
    final Patterns<AllCategories> categories;

    record AllCategories(List<Category> items) {}

    CatalogCaches(
            Products rows,
            ProductSearch search,
            Redis redis,
            ObjectMapper json,
            MeterRegistry meters,
            CacheSettings settings,
            @ConfigProperty(name = "quarkus.redis.client-type") String clientType) {
        this.settings = settings;
        this.redis = redis;
        this.json = json;
        clustered = clientType.equals("cluster");
        hot = HotTier.on(redis).maximumEntries(settings.hotEntries()).build();
        products =
                new Patterns<>(
                        "product",
                        settings.productPattern(),
                        settings.staleWhileRevalidate(),
                        () ->
                                begun("catalog:product", ProductDetail.class)
                                        .partitions(PARTITIONS)
                                        .version(ProductDetail::version)
                                        .tags(product -> Set.of(category(product.category()))),
                        key -> rows.find(Long.parseLong(key)),
                        rows::findAll);
        Function<String, Optional<ProductSearch.Found>> found =
                key -> Optional.of(search.find(SearchQuery.ofKey(key)));
        searches =
                new Patterns<>(
                        "search",
                        settings.searchPattern(),
                        settings.staleWhileRevalidate(),
                        () ->
                                begun("catalog:search", ProductSearch.Found.class)
                                        .tags(CatalogCaches::tags),
                        found,
                        keys -> each(keys, found));
        Function<String, Optional<AllCategories>> shelves =
                key -> Optional.of(new AllCategories(rows.categories()));
        categories =
                new Patterns<>(
                        "categories",
                        settings.categoriesPattern(),
                        settings.staleWhileRevalidate(),
                        () -> begun("catalog:categories", AllCategories.class),
                        shelves,
                        keys -> each(keys, shelves));
        List.of(products, searches, categories).forEach(patterns -> patterns.bind(meters));
    }

    void close(@Observes ShutdownEvent end) {
        hot.close();
    }

    /** What keeps the hot tier honest, in small letters; "none" while nothing is served from it. */
    String hotMode() {
        return hot.mode().map(mode -> mode.name().toLowerCase(Locale.ROOT)).orElse("none");
    }

    Answer<ProductSearch.Found> search(SearchQuery query, ReadPattern pattern) {
        return searches.read(query.key(), pattern);
    }

    Answer<ProductDetail> product(long id, ReadPattern pattern) {
        return products.read(Long.toString(id), pattern);
    }

    Answer<AllCategories> categories(ReadPattern pattern) {
        return categories.read(ALL, pattern);
    }

    /**
     * What of the caches a committed change makes untrue. A product that now belongs into a search
     * that does not show it, or has left its price band, is missed by that search until its TTL
     * ends: dropping all searches at every price would leave none.
     *
     * @param version 0 = the product is gone
     * @throws StoreAwayException when the store could not be told
     */
    void productChanged(long id, long version) {
        String key = Long.toString(id);
        if (version == 0) {
            products.cache().invalidate(key);
        } else {
            products.cache().invalidateOlder(key, version);
        }
        searches.cache().invalidateTag(product(id));
    }

    /** Products have come into a category or left it, or it has another name. */
    void categoryChanged(String id) {
        searches.cache().invalidateTag(category(id));
        searches.cache().invalidateTag(ANYWHERE);
        categories.cache().invalidate(ALL);
    }

    /** After this service's own commit; the store being away fails nothing. */
    void toldAfterCommit(Collection<Long> changed) {
        try {
            for (long id : changed) {
                searches.cache().invalidateTag(product(id));
            }
        } catch (StoreAwayException e) {
            LOG.debugf("the searches that show %s end by their TTL or by change capture", changed);
        }
    }

    void flush() {
        products.cache().flush();
        searches.cache().flush();
        categories.cache().flush();
    }

    /** Drops what carries the tag, of products and of searches. */
    void flushTag(String tag) {
        products.cache().invalidateTag(tag);
        searches.cache().invalidateTag(tag);
    }

    private <V> CacheBuilder<V> begun(String name, Class<V> type) {
        return Cache.named(name, redis, Codec.json(json, type))
                .ttl(settings.ttl())
                .negativeTtl(settings.negativeTtl())
                .jitter(settings.jitter())
                .storeTimeout(settings.storeTimeout())
                .database(settings.databasePlaces(), settings.databasePatience())
                .staleIfError(settings.staleIfError())
                .softTimeout(settings.softTimeout())
                .hardTimeout(settings.hardTimeout())
                .clustered(clustered)
                .hot(hot);
    }

    private static <V> Map<String, V> each(Set<String> keys, Function<String, Optional<V>> loader) {
        Map<String, V> found = new HashMap<>();
        for (String key : keys) {
            loader.apply(key).ifPresent(value -> found.put(key, value));
        }
        return found;
    }

    private static Set<String> tags(ProductSearch.Found found) {
        Set<String> tags = new HashSet<>();
        found.page().items().forEach(item -> tags.add(product(item.id())));
        found.page().alsoBought().forEach(item -> tags.add(product(item.id())));
        tags.add(found.category() == null ? ANYWHERE : category(found.category()));
        return tags;
    }

    private static String product(long id) {
        return "product:" + id;
    }

    private static String category(String id) {
        return "category:" + id;
    }
}
