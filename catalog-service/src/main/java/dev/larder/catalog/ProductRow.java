package dev.larder.catalog;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;

/** The committed truth about a product. */
@Entity
@Table(name = "product")
public class ProductRow extends PanacheEntityBase {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Long id;

    public String sku;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "category_id")
    public CategoryRow category;

    public String name;

    public String description;

    @Column(name = "price_cents")
    public long priceCents;

    public String currency;

    public int stock;

    /** Mean of the stars, 1 to 5; null without reviews. */
    public Double rating;

    @Column(name = "review_count")
    public int reviewCount;

    /** Grows by one with every commit; orders the writers at the store too. */
    @Version public long version;

    @Column(name = "updated_at")
    public Instant updatedAt;
}
