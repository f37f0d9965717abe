package dev.larder.chat;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** All that was ever said, in PostgreSQL. */
@ApplicationScoped
class History {

    @Transactional
    List<RoomRow> rooms() {
        return RoomRow.<RoomRow>find("order by name").list();
    }

    /** The id of a room's last message, 0 for none; empty for no such room. */
    @Transactional
    Optional<Long> lastId(String room) {
        return RoomRow.<RoomRow>findByIdOptional(room).map(row -> row.lastId);
    }

    /**
     * Adds a message. The room is locked until this is committed: whoever sees a message sees all
     * before it.
     */
    @Transactional
    Message add(String room, Person author, String text, String clientId) {
        RoomRow row = RoomRow.findById(room, LockModeType.PESSIMISTIC_WRITE);
        // PostgreSQL keeps microseconds: what is answered now and what is read later are the same.
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        row.lastId++;
        row.lastAt = now;
        MessageRow message = new MessageRow();
        message.room = room;
        message.id = row.lastId;
        message.authorId = UUID.fromString(author.id());
        message.authorName = author.displayName();
        message.body = text;
        message.clientId = clientId;
        message.at = now;
        message.persist();
        return message.message();
    }

    /** Messages after {@code id}, oldest first. */
    @Transactional
    List<Message> after(String room, long id, int limit) {
        return MessageRow.<MessageRow>find("room = ?1 and id > ?2 order by id", room, id)
                .range(0, limit - 1)
                .list()
                .stream()
                .map(MessageRow::message)
                .toList();
    }

    /** The last messages before {@code id}, oldest first. */
    @Transactional
    List<Message> before(String room, long id, int limit) {
        List<Message> newestFirst =
                MessageRow.<MessageRow>find("room = ?1 and id < ?2 order by id desc", room, id)
                        .range(0, limit - 1)
                        .list()
                        .stream()
                        .map(MessageRow::message)
                        .toList();
        return newestFirst.reversed();
    }
}
