package dev.larder.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GEOSEARCH … BYPOLYGON as Valkey 9 has it. */
class PolygonConversationTest {
    private static final int PLACES = 400;

    @Test
    void findsWhatIsInside() {
        try (Conversation c = new Conversation()) {
            c.ask("GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania");
            c.ask("GEOADD Sicily 12.758489 38.788135 edge1 17.241510 38.788135 edge2");
            String triangle = "BYPOLYGON 3 13 38 13 39 14.5 38";
            c.says("GEOSEARCH Sicily " + triangle, "[Palermo]");
            assertThat(distance(c, triangle)).isCloseTo(fromTheMiddle(c), within(500.0));
            c.says(
                    "GEOSEARCH Sicily BYPOLYGON 4 12 37 12 39 18 39 18 37 ASC COUNT 2",
                    "[Catania Palermo]");
            c.says("GEOSEARCHSTORE to Sicily BYPOLYGON 4 12 37 12 39 18 39 18 37", ":4");
            c.says("ZCARD to", ":4");
            c.says("GEOSEARCH none " + triangle, "[]");
        }
    }

    private static double distance(Conversation c, String polygon) {
        String found = c.ask("GEOSEARCH Sicily " + polygon + " WITHDIST");
        return Double.parseDouble(found.replaceAll("[^0-9.]", ""));
    }

    /** From about the mean of the corners. */
    private static double fromTheMiddle(Conversation c) {
        c.ask("GEOADD centre 13.4986 38.3345 middle 13.361389 38.115556 Palermo");
        return Double.parseDouble(c.ask("GEODIST centre middle Palermo"));
    }

    @Test
    void refusesWhatIsNoPolygon() {
        try (Conversation c = new Conversation()) {
            c.ask("GEOADD k 1 1 a");
            c.says(
                    "GEOSEARCH k BYPOLYGON 2 1 1 2 2",
                    "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices");
            c.says(
                    "GEOSEARCH k BYPOLYGON 4 1 1 2 2 3 3",
                    "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices");
            c.says("GEOSEARCH k BYPOLYGON x 1 1 2 2 3 3", "-ERR invalid number of vertices");
            c.says(
                    "GEOSEARCH k BYPOLYGON 3 1 1 200 2 3 3",
                    "-ERR invalid longitude,latitude pair 200.000000,2.000000");
            c.says("GEOSEARCH k FROMLONLAT 1 1 BYPOLYGON 3 1 1 2 2 3 3", "-ERR syntax error");
            c.says("GEOSEARCH k BYPOLYGON 3 1 1 2 2 3 3 BYRADIUS 1 km", "-ERR syntax error");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void findsTheSamePlacesAsALookAtEach(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double size = seed % 2 == 0 ? 60 : 3;
        try (Conversation c = new Conversation()) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < PLACES; i++) {
                names.add("p" + i);
                c.ask("GEOADD", "k", degrees(random, size), degrees(random, size), "p" + i);
            }
            for (int round = 0; round < 20; round++) {
                int corners = 3 + random.nextInt(6);
                Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
                List<String> words =
                        new ArrayList<>(List.of("GEOSEARCH", "k", "BYPOLYGON", "" + corners));
                for (int i = 0; i < corners; i++) {
                    String x = degrees(random, size);
                    String y = degrees(random, size);
                    words.addAll(List.of(x, y));
                    if (i == 0) {
                        path.moveTo(Double.parseDouble(x), Double.parseDouble(y));
                    } else {
                        path.lineTo(Double.parseDouble(x), Double.parseDouble(y));
                    }
                }
                path.closePath();
                List<String> expected = new ArrayList<>();
                for (String name : names) {
                    String[] place =
                            c.ask("GEOPOS", "k", name).replaceAll("[\\[\\],]", "").split(" ");
                    if (path.contains(Double.parseDouble(place[0]), Double.parseDouble(place[1]))) {
                        expected.add(name);
                    }
                }
                String found = c.ask(words.toArray(String[]::new));
                List<String> inside =
                        new ArrayList<>(
                                Arrays.asList(found.substring(1, found.length() - 1).split(" ")));
                inside.remove("");
                Collections.sort(inside);
                Collections.sort(expected);
                assertThat(inside).isEqualTo(expected);
            }
        }
    }

    private static String degrees(SplittableRandom random, double size) {
        return Double.toString(random.nextDouble(-size, size));
    }
}
