package dev.larder.catalog;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
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

    static List<ReviewRow> newestOf(long productId, int limit) {
        return find("productId = ?1 order by at desc, id desc", productId).page(0, limit).list();
    }
}
