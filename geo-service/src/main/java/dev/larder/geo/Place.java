package dev.larder.geo;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * Something at a place.
 *
 * @param kind what it is, in a word: {@code city}, {@code courier}
 * @param distanceMeters from the point that was asked for, one decimal; null where none was
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Place(
        String id,
        String name,
        String kind,
        double longitude,
        double latitude,
        Map<String, String> properties,
        Double distanceMeters) {

    Point point() {
        return new Point(longitude, latitude);
    }

    Place from(Point point) {
        double meters = Math.round(point.metersTo(point()) * 10) / 10.0;
        return new Place(id, name, kind, longitude, latitude, properties, meters);
    }
}
