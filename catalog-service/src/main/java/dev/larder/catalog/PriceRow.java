package dev.larder.catalog;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;

/** What a product has cost since when; written by a trigger, so only read here. */
@Entity
@Table(name = "price")
@IdClass(PriceRow.Key.class)
public class PriceRow extends PanacheEntityBase {

    public record Key(long productId, Instant since) implements Serializable {}

    @Id
    @Column(name = "product_id")
    public long productId;

    @Id public Instant since;

    @Column(name = "price_cents")
    public long priceCents;

    public String currency;

    /** The newest of each product, so many of each, newest first. */
    static List<PriceRow> newestOf(EntityManager entities, List<Long> products, int limit) {
        List<?> rows =
                entities.createNativeQuery(
                                """
                        select newest.product_id, newest.since, newest.price_cents, newest.currency
                        from unnest(cast(:products as bigint[])) as one (id)
                        cross join lateral (
                          select * from catalog.price p where p.product_id = one.id
                          order by p.since desc limit :limit) newest
                        order by newest.since desc
                        """,
                                PriceRow.class)
                        .setParameter("products", products.toArray(Long[]::new))
                        .setParameter("limit", limit)
                        .getResultList();
        return rows.stream().map(PriceRow.class::cast).toList();
    }
}
