package dev.larder.chat;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/** A message in PostgreSQL. */
@Entity
@Table(name = "message")
@IdClass(MessageRow.Key.class)
class MessageRow extends PanacheEntityBase {
    @Id
    @Column(columnDefinition = "text")
    String room;

    @Id long id;

    @Column(name = "author_id", nullable = false)
    UUID authorId;

    @Column(name = "author_name", columnDefinition = "text", nullable = false)
    String authorName;

    @Column(columnDefinition = "text", nullable = false)
    String body;

    @Column(name = "client_id", columnDefinition = "text")
    String clientId;

    @Column(nullable = false)
    Instant at;

    Message message() {
        return new Message(
                id, room, new Person(authorId.toString(), authorName), body, at, clientId);
    }

    static final class Key implements Serializable {
        private static final long serialVersionUID = 1;

        String room;
        long id;

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && id == that.id && Objects.equals(room, that.room);
        }

        @Override
        public int hashCode() {
            return Objects.hash(room, id);
        }
    }
}
