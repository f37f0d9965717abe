package dev.larder.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The products in PostgreSQL: each method is one transaction, committed when it returns. The only
 * class that knows SQL.
 */
@ApplicationScoped
class Products {

    static final int REVIEWS_SHOWN = 50;
    static final int PRICES_SHOWN = 12;
    private static final int WORDS_SEARCHED = 8;

    private final EntityManager entities;
    private final ObjectMapper json;

    Products(EntityManager entities, ObjectMapper json) {
        this.entities = entities;
        this.json = json;
    }

    /** What came of a change: the new state, or the version that stood in its way, or neither. */
    record Changed(ProductDetail detail, long standingVersion) {}

    @Transactional
    List<Category> categories() {
        return entities.createQuery(
                        """
                        select new dev.larder.catalog.Category(c.id, c.name, count(p))
                        from CategoryRow c left join ProductRow p on p.category = c
                        group by c.id, c.name order by c.name, c.id
                        """,
                        Category.class)
                .getResultList();
    }

    @Transactional
    Optional<ProductDetail> find(long id) {
        return Optional.ofNullable(ProductRow.<ProductRow>findById(id))
                .map(row -> details(List.of(row)).getFirst());
    }

    /** By id as text; those that nobody knows are left out. Three statements, however many. */
    @Transactional
    Map<String, ProductDetail> findAll(Set<String> ids) {
        List<Long> wanted = ids.stream().map(Long::valueOf).toList();
        return details(ProductRow.list("id in ?1", wanted)).stream()
                .collect(Collectors.toMap(detail -> Long.toString(detail.id()), detail -> detail));
    }

    /** What is bought most, most often first. */
    @Transactional
    List<Long> mostBought(int limit) {
        List<?> ids =
                entities.createNativeQuery(
                                """
                                select p.id from catalog.product p left join (
                                  select product_id, count(*) as times from catalog.purchase_line
                                  group by product_id) l on l.product_id = p.id
                                order by l.times desc nulls last, p.id limit :limit
                                """,
                                Long.class)
                        .setParameter("limit", limit)
                        .getResultList();
        return ids.stream().map(Long.class::cast).toList();
    }

    /**
     * Products of a category (null = all) that have every word of {@code text} (null = any), at the
     * beginning of one of theirs; best first, without a text by name.
     */
    @Transactional
    ProductPage search(String category, String text, int offset, int limit) {
        String words = words(text);
        if (text != null && !text.isBlank() && words.isEmpty()) {
            return new ProductPage(0, offset, List.of());
        }
        // Stemmed, so that "kettles" finds a kettle, or as written, so that "kett" does.
        String query = "(to_tsquery('english', :words) || to_tsquery('simple', :words))";
        String where =
                " from catalog.product p where true"
                        + (category == null ? "" : " and p.category_id = :category")
                        + (words.isEmpty() ? "" : " and p.search @@ " + query);
        String order =
                words.isEmpty()
                        ? "p.name, p.id"
                        : "ts_rank(p.search, " + query + ") desc, p.name, p.id";
        Query count = entities.createNativeQuery("select count(*)" + where, Long.class);
        long total = (Long) bind(count, category, words).getSingleResult();
        Query page =
                entities.createNativeQuery(
                        "select p.id, p.sku, p.name, p.category_id, p.price_cents, p.currency,"
                                + " p.stock, p.rating, p.review_count"
                                + where
                                + " order by "
                                + order
                                + " limit :limit offset :offset",
                        Tuple.class);
        List<?> rows =
                bind(page, category, words)
                        .setParameter("limit", limit)
                        .setParameter("offset", offset)
                        .getResultList();
        return new ProductPage(
                total, offset, rows.stream().map(row -> summary((Tuple) row)).toList());
    }

    /** Applies a change to the version it was made from; empty when there is no such product. */
    @Transactional
    Optional<Changed> change(long id, ProductChange change) {
        // The lock makes two writers of one product take turns, so the second sees the first's
        // version.
        ProductRow row = ProductRow.findById(id, LockModeType.PESSIMISTIC_WRITE);
        if (row == null) {
            return Optional.empty();
        }
        if (row.version != change.version()) {
            return Optional.of(new Changed(null, row.version));
        }
        row.name = change.name().strip();
        row.description = change.description();
        row.priceCents = change.priceCents();
        row.stock = change.stock();
        row.updatedAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
        entities.flush();
        return Optional.of(new Changed(details(List.of(row)).getFirst(), row.version));
    }

    /** Categories named by the items that neither the batch nor the database has. */
    @Transactional
    Set<String> unknownCategories(ProductBatch batch) {
        Set<String> asked =
                batch.items().stream()
                        .map(ProductBatch.Item::category)
                        .collect(Collectors.toCollection(HashSet::new));
        batch.categories().forEach(shelf -> asked.remove(shelf.id()));
        if (!asked.isEmpty()) {
            CategoryRow.<CategoryRow>list("id in ?1", asked).forEach(row -> asked.remove(row.id));
        }
        return asked;
    }

    /** Inserts or replaces, a statement per table whatever the size; returns the ids concerned. */
    @Transactional
    List<Long> load(ProductBatch batch) {
        String shelves = text(batch.categories());
        String items = text(batch.items());
        entities.createNativeQuery(
                        """
                        insert into catalog.category (id, name)
                        select id, name from jsonb_to_recordset(cast(:json as jsonb))
                          as x(id text, name text)
                        on conflict (id) do update set name = excluded.name
                        """)
                .setParameter("json", shelves)
                .executeUpdate();
        List<?> ids =
                entities.createNativeQuery(
                                """
                                insert into catalog.product
                                  (sku, category_id, name, description, price_cents, currency, stock)
                                select sku, category, name, description, "priceCents", currency, stock
                                from jsonb_to_recordset(cast(:json as jsonb)) as x(sku text,
                                  category text, name text, description text, "priceCents" bigint,
                                  currency text, stock integer)
                                on conflict (sku) do update set category_id = excluded.category_id,
                                  name = excluded.name, description = excluded.description,
                                  price_cents = excluded.price_cents, currency = excluded.currency,
                                  stock = excluded.stock, version = product.version + 1,
                                  updated_at = now()
                                returning id
                                """,
                                Long.class)
                        .setParameter("json", items)
                        .getResultList();
        List<Long> loaded = ids.stream().map(Long.class::cast).toList();
        if (loaded.isEmpty()) {
            return loaded;
        }
        entities.createNativeQuery("delete from catalog.review where product_id in (:ids)")
                .setParameter("ids", loaded)
                .executeUpdate();
        entities.createNativeQuery(
                        """
                        insert into catalog.review (product_id, author, stars, text, at)
                        select p.id, r.author, r.stars, r.text, r.at
                        from jsonb_to_recordset(cast(:json as jsonb)) as x(sku text, reviews jsonb)
                        join catalog.product p on p.sku = x.sku
                        cross join lateral jsonb_to_recordset(x.reviews)
                          as r(author text, stars integer, text text, at timestamptz)
                        """)
                .setParameter("json", items)
                .executeUpdate();
        return loaded;
    }

    private String text(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a validated batch is JSON", e);
        }
    }

    private static Query bind(Query query, String category, String words) {
        if (category != null) {
            query.setParameter("category", category);
        }
        if (!words.isEmpty()) {
            query.setParameter("words", words);
        }
        return query;
    }

    /** Letters and digits only, so nothing of the query language comes through. */
    private static String words(String text) {
        if (text == null) {
            return "";
        }
        return Arrays.stream(text.split("[^\\p{L}\\p{N}]+"))
                .filter(word -> !word.isEmpty())
                .limit(WORDS_SEARCHED)
                .map(word -> word + ":*")
                .collect(Collectors.joining(" & "));
    }

    private static ProductSummary summary(Tuple row) {
        return new ProductSummary(
                row.get(0, Long.class),
                row.get(1, String.class),
                row.get(2, String.class),
                row.get(3, String.class),
                row.get(4, Long.class),
                row.get(5, String.class),
                row.get(6, Integer.class),
                row.get(7, Double.class),
                row.get(8, Integer.class));
    }

    private List<ProductDetail> details(List<ProductRow> rows) {
        if (rows.isEmpty()) {
            return List.of();
        }
        List<Long> ids = rows.stream().map(row -> row.id).toList();
        Map<Long, List<ReviewRow>> reviews =
                ReviewRow.newestOf(entities, ids, REVIEWS_SHOWN).stream()
                        .collect(Collectors.groupingBy(review -> review.productId));
        Map<Long, List<PriceRow>> prices =
                PriceRow.newestOf(entities, ids, PRICES_SHOWN).stream()
                        .collect(Collectors.groupingBy(price -> price.productId));
        return rows.stream()
                .map(
                        row ->
                                detail(
                                        row,
                                        reviews.getOrDefault(row.id, List.of()),
                                        prices.getOrDefault(row.id, List.of())))
                .toList();
    }

    private static ProductDetail detail(
            ProductRow row, List<ReviewRow> reviews, List<PriceRow> prices) {
        return new ProductDetail(
                row.id,
                row.sku,
                row.name,
                row.category.id,
                row.priceCents,
                row.currency,
                row.stock,
                row.rating,
                row.reviewCount,
                row.description,
                row.version,
                row.updatedAt,
                reviews.stream()
                        .map(r -> new ProductDetail.Review(r.author, r.stars, r.text, r.at))
                        .toList(),
                prices.stream()
                        .map(p -> new ProductDetail.Price(p.priceCents, p.currency, p.since))
                        .toList());
    }
}
