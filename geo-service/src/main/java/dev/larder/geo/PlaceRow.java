package dev.larder.geo;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;

/** A place in PostgreSQL. */
@Entity
@Table(name = "place")
@IdClass(PlaceRow.Key.class)
class PlaceRow extends PanacheEntityBase {
    @Id
    @Column(columnDefinition = "text")
    String collection;

    @Id
    @Column(columnDefinition = "text")
    String id;

    @Column(columnDefinition = "text", nullable = false)
    String name;

    @Column(columnDefinition = "text", nullable = false)
    String kind;

    double longitude;
    double latitude;

    /** A JSON object of strings. */
    @Column(columnDefinition = "text", nullable = false)
    String properties;

    @Column(name = "changed_at", nullable = false)
    Instant changedAt;

    static final class Key implements Serializable {
        private static final long serialVersionUID = 1;

        String collection;
        String id;

        Key() {}

        Key(String collection, String id) {
            this.collection = collection;
            this.id = id;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that
                    && Objects.equals(collection, that.collection)
                    && Objects.equals(id, that.id);
        }

        @Override
        public int hashCode() {
            return Objects.hash(collection, id);
        }
    }
}
