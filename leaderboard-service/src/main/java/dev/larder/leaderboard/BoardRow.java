package dev.larder.leaderboard;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.quarkus.panache.common.Sort;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.List;
import java.util.Locale;

/** A board as the migrations set it up. */
@Entity
@Table(name = "board")
public class BoardRow extends PanacheEntityBase {

    @Id public String id;

    public String name;

    @Column(name = "score_order")
    public String order;

    @Column(name = "score_policy")
    public String policy;

    public int position;

    static List<Board> all() {
        return BoardRow.<BoardRow>listAll(Sort.by("position")).stream()
                .map(
                        row ->
                                new Board(
                                        row.id,
                                        row.name,
                                        Order.valueOf(row.order.toUpperCase(Locale.ROOT)),
                                        Policy.valueOf(row.policy.toUpperCase(Locale.ROOT)),
                                        0))
                .toList();
    }
}
