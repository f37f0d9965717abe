package dev.larder.suite;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The real places of {@code cities.csv}; the file's NOTICE says where they are from. */
final class Places {

    private Places() {}

    record Place(
            String id,
            String name,
            String kind,
            double longitude,
            double latitude,
            Map<String, String> properties) {}

    static List<Place> cities() {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                Places.class.getResourceAsStream("/places/cities.csv"),
                                StandardCharsets.UTF_8))) {
            List<Place> places = new ArrayList<>();
            Map<String, Integer> seen = new HashMap<>();
            reader.readLine();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                places.add(place(fields(line), seen));
            }
            return places;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Place place(List<String> f, Map<String, Integer> seen) {
        String plain = Normalizer.normalize(f.get(0), Normalizer.Form.NFD).replaceAll("\\p{M}", "");
        String id =
                (plain + "-" + f.get(1))
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-|-$", "");
        int times = seen.merge(id, 1, Integer::sum);
        return new Place(
                times == 1 ? id : id + "-" + times,
                f.get(0),
                "city",
                Double.parseDouble(f.get(4)),
                Double.parseDouble(f.get(3)),
                Map.of("country", f.get(2), "countryCode", f.get(1), "timeZone", f.get(5)));
    }

    /** RFC 4180: a field in quotes may hold commas and doubled quotes. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
