package dev.larder.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.Locale;
import java.util.UUID;

/** Finds people by name and makes the ones that are new. */
@ApplicationScoped
class People {
    private final EntityManager entities;

    People(EntityManager entities) {
        this.entities = entities;
    }

    /** The person of this name, in any case of its letters; made where there is none yet. */
    @Transactional
    Person signIn(String displayName) {
        // One statement, so that two who sign in at once under a new name become one person.
        Object[] row =
                (Object[])
                        entities.createNativeQuery(
                                        """
                                        insert into session.person (id, display_name, name_key)
                                        values (:id, :name, :key)
                                        on conflict (name_key) do update set last_seen_at = now()
                                        returning id, display_name
                                        """)
                                .setParameter("id", UUID.randomUUID())
                                .setParameter("name", displayName)
                                .setParameter("key", displayName.toLowerCase(Locale.ROOT))
                                .getSingleResult();
        return new Person(row[0].toString(), row[1].toString());
    }
}
