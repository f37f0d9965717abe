package dev.larder.catalog;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;

/** What somebody thought of a product. */
@Entity
@Table(name = "review")
public class ReviewRow extends PanacheEntityBase {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Long id;

    @Column(name = "product_id")
    public long productId;

    public String author;

    public int stars;

    public String text;

    public Instant at;

    /** The newest of each product, so many of each, newest first. */
    static List<ReviewRow> newestOf(EntityManager entities, List<Long> products, int limit) {
        List<?> rows =
                entities.createNativeQuery(
                                """
                        select newest.id, newest.product_id, newest.author, newest.stars,
                          newest.text, newest.at
                        from unnest(cast(:products as bigint[])) as one (id)
                        cross join lateral (
                          select * from catalog.review r where r.product_id = one.id
                          order by r.at desc, r.id desc limit :limit) newest
                        order by newest.at desc, newest.id desc
                        """,
                                ReviewRow.class)
                        .setParameter("products", products.toArray(Long[]::new))
                        .setParameter("limit", limit)
                        .getResultList();
        return rows.stream().map(ReviewRow.class::cast).toList();
    }
}
