package dev.larder.session;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** A person in PostgreSQL. */
@Entity
@Table(name = "person")
class PersonRow extends PanacheEntityBase {
    @Id UUID id;

    @Column(name = "display_name", columnDefinition = "text", nullable = false)
    String displayName;

    @Column(name = "name_key", columnDefinition = "text", nullable = false)
    String nameKey;

    @Column(name = "created_at", nullable = false)
    Instant createdAt;

    @Column(name = "last_seen_at", nullable = false)
    Instant lastSeenAt;
}
