package dev.larder.queue;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.quarkus.panache.common.Sort;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.List;

/** A queue as the migrations set it up. */
@Entity
@Table(name = "queue")
public class QueueRow extends PanacheEntityBase {

    @Id public String name;

    public int position;

    static List<String> names() {
        return QueueRow.<QueueRow>listAll(Sort.by("position")).stream()
                .map(row -> row.name)
                .toList();
    }
}
