package dev.larder.chat;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A room in PostgreSQL, with the id of its last message. */
@Entity
@Table(name = "room")
class RoomRow extends PanacheEntityBase {
    @Id
    @Column(columnDefinition = "text")
    String id;

    @Column(columnDefinition = "text", nullable = false)
    String name;

    @Column(name = "last_id", nullable = false)
    long lastId;

    @Column(name = "last_at")
    Instant lastAt;
}
