package dev.larder.catalog;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** A shelf. Its id is readable and appears in addresses, such as {@code kitchen}. */
@Entity
@Table(name = "category")
public class CategoryRow extends PanacheEntityBase {

    @Id public String id;

    public String name;
}
