package dev.larder.geo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Places that stay, in PostgreSQL. */
@ApplicationScoped
class Places {
    private static final int PAGE = 500;

    private final ObjectMapper json;

    Places(ObjectMapper json) {
        this.json = json;
    }

    /** Keeps places; answers how many are new. */
    @Transactional
    int put(Collection collection, List<Place> places) {
        int added = 0;
        for (Place place : places) {
            PlaceRow row = PlaceRow.findById(new PlaceRow.Key(collection.id(), place.id()));
            boolean isNew = row == null;
            if (isNew) {
                row = new PlaceRow();
                row.collection = collection.id();
                row.id = place.id();
            }
            row.name = place.name();
            row.kind = place.kind();
            row.longitude = place.longitude();
            row.latitude = place.latitude();
            row.properties = write(place.properties());
            row.changedAt = Instant.now();
            if (isNew) {
                row.persist();
                added++;
            }
        }
        return added;
    }

    @Transactional
    boolean remove(Collection collection, String id) {
        return PlaceRow.deleteById(new PlaceRow.Key(collection.id(), id));
    }

    /** Shows all places of a collection, a page at a time. */
    @Transactional
    void forEachPage(Collection collection, Consumer<List<Place>> pages) {
        String after = "";
        List<PlaceRow> rows;
        do {
            rows =
                    PlaceRow.<PlaceRow>find(
                                    "collection = ?1 and id > ?2 order by id",
                                    collection.id(),
                                    after)
                            .range(0, PAGE - 1)
                            .list();
            if (!rows.isEmpty()) {
                after = rows.getLast().id;
                pages.accept(rows.stream().map(this::place).toList());
            }
        } while (rows.size() == PAGE);
    }

    private Place place(PlaceRow row) {
        return new Place(
                row.id,
                row.name,
                row.kind,
                row.longitude,
                row.latitude,
                read(row.properties),
                null);
    }

    private String write(Map<String, String> properties) {
        try {
            return json.writeValueAsString(properties == null ? Map.of() : properties);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, String> read(String properties) {
        try {
            Map<String, String> map = json.readValue(properties, new TypeReference<>() {});
            return map.isEmpty() ? null : map;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("place properties in the database are no JSON", e);
        }
    }
}
