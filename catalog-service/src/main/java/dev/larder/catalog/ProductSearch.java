package dev.larder.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The heavy query: one statement finds, ranks and counts by four facets, and looks through the
 * purchases of the best matches for what went along with them. Tens to hundreds of milliseconds
 * over a full assortment, which is why it is worth a cache.
 */
@ApplicationScoped
class ProductSearch {

    /** Matches whose purchases are looked through. */
    static final int BEST = 400;

    /** Shown as "also bought". */
    private static final int ALSO_BOUGHT = 6;

    private static final int DIGEST_BYTES = 8;

    /**
     * Everything that matches the text is found once; a choice is a boolean beside it, so that each
     * facet can leave out its own choice. What goes along is weighed by the cosine: bought together
     * with, by the root of how often at all, so that what everybody buys is not everywhere.
     */
    private static final String SQL =
            """
            with found as materialized (
              select p.id, p.category_id, p.name, p.price_cents, p.rating, p.review_count, p.stock,
                %1$s as rank,
                %2$s as in_category, %3$s as in_price, %4$s as in_rating, %5$s as in_stock,
                width_bucket(p.price_cents, array[500, 1000, 2000, 5000, 10000]) as band
              from catalog.product p where %6$s
            ), narrowed as materialized (
              select *, row_number() over (order by %7$s) as place
              from found where in_category and in_price and in_rating and in_stock
            ), best as materialized (
              select id from narrowed where place <= :best
            ), together as (
              select other.product_id as id, count(*) as times
              from best
              join catalog.purchase_line mine on mine.product_id = best.id
              join catalog.purchase_line other on other.purchase_id = mine.purchase_id
              where not exists (select from best b where b.id = other.product_id)
              group by other.product_id order by times desc, id limit 60
            ), liked as (
              select together.id, row_number() over (
                order by times / sqrt((select count(*) from catalog.purchase_line l
                                       where l.product_id = together.id)) desc, together.id) as place
              from together
            ), counted as (
              select band, count(*) as number from found
              where in_category and in_rating and in_stock group by band
            )
            select cast(json_build_object(
              'total', (select count(*) from narrowed),
              'offset', cast(:offset as integer),
              'items', %8$s,
              'facets', json_build_object(
                'categories', coalesce((
                  select json_agg(json_build_object('id', c.id, 'name', c.name, 'count', f.number)
                                  order by f.number desc, c.id)
                  from (select category_id, count(*) as number from found
                        where in_price and in_rating and in_stock group by category_id) f
                  join catalog.category c on c.id = f.category_id), '[]'),
                'prices', coalesce((
                  select json_agg(json_build_object(
                    'minCents', (array[0, 500, 1000, 2000, 5000, 10000])[band + 1],
                    'maxCents', (array[499, 999, 1999, 4999, 9999, null])[band + 1],
                    'count', number) order by band) from counted), '[]'),
                'ratings', (
                  select json_agg(json_build_object('atLeast', stars, 'count',
                    (select count(*) from found
                     where in_category and in_price and in_stock and rating >= stars))
                    order by stars desc)
                  from generate_series(1, 4) stars),
                'inStock', (select count(*) from found
                            where in_category and in_price and in_rating and stock > 0),
                'soldOut', (select count(*) from found
                            where in_category and in_price and in_rating and stock = 0)),
              'alsoBought', %9$s) as text)
            """;

    private static final String SUMMARIES =
            """
            coalesce((
              select json_agg(json_build_object('id', p.id, 'sku', p.sku, 'name', p.name,
                'category', p.category_id, 'priceCents', p.price_cents, 'currency', p.currency,
                'stock', p.stock, 'rating', p.rating, 'reviewCount', p.review_count)
                order by chosen.place)
              from %s chosen join catalog.product p on p.id = chosen.id where %s), '[]')""";

    private final EntityManager entities;
    private final ObjectMapper json;

    ProductSearch(EntityManager entities, ObjectMapper json) {
        this.entities = entities;
        this.json = json;
    }

    /**
     * @param digest tells one answer from another
     * @param category that was searched in; null = all
     */
    record Found(SearchPage page, String digest, String category) {}

    @Transactional
    Found find(SearchQuery asked) {
        if (asked.isHopeless()) {
            return new Found(SearchPage.nothing(asked.offset()), "0", asked.category());
        }
        boolean text = !asked.words().isEmpty();
        // Stemmed, so that "kettles" finds a kettle, or as written, so that "kett" does.
        String words = "(to_tsquery('english', :words) || to_tsquery('simple', :words))";
        Query query =
                entities.createNativeQuery(
                        SQL.formatted(
                                text ? "ts_rank(p.search, " + words + ")" : "0",
                                asked.category() == null ? "true" : "p.category_id = :category",
                                price(asked),
                                asked.minRating() == null
                                        ? "true"
                                        : "coalesce(p.rating >= :minRating, false)",
                                asked.inStock() ? "p.stock > 0" : "true",
                                text ? "p.search @@ " + words : "true",
                                asked.order().sql,
                                SUMMARIES.formatted(
                                        "narrowed",
                                        "chosen.place > :offset and chosen.place <= :offset +"
                                                + " :limit"),
                                SUMMARIES.formatted("liked", "chosen.place <= :alsoBought")),
                        String.class);
        query.setParameter("best", BEST)
                .setParameter("offset", asked.offset())
                .setParameter("limit", asked.limit())
                .setParameter("alsoBought", ALSO_BOUGHT);
        set(query, "words", text ? asked.tsquery() : null);
        set(query, "category", asked.category());
        set(query, "minPrice", asked.minPrice());
        set(query, "maxPrice", asked.maxPrice());
        set(query, "minRating", asked.minRating());
        String found = (String) query.getSingleResult();
        try {
            return new Found(
                    json.readValue(found, SearchPage.class), digest(found), asked.category());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the statement answers in our own words", e);
        }
    }

    private static String digest(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String price(SearchQuery asked) {
        String from = asked.minPrice() == null ? "true" : "p.price_cents >= :minPrice";
        String to = asked.maxPrice() == null ? "true" : "p.price_cents <= :maxPrice";
        return "(" + from + " and " + to + ")";
    }

    private static void set(Query query, String name, Object value) {
        if (value != null) {
            query.setParameter(name, value);
        }
    }
}
