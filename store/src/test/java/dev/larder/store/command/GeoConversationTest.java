package dev.larder.store.command;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Places are found as by a real server: the same members, order, distances and refusals. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GeoConversationTest {
    private static final String CONVERSATION =
            """
            GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
            GEOADD Sicily NX CH 13.361389 39 Palermo 13.583333 37.316667 Agrigento
            GEOADD Sicily XX 1 1 Nowhere
            GEOADD Sicily XX CH 13.361389 38.1155 Palermo
            GEOADD Sicily NX XX 1 1 a
            GEOADD Sicily 1 1
            GEOADD Sicily 1 1 a 2 2
            GEOADD Sicily x 1 a
            GEOADD Sicily 181 1 a
            GEOADD Sicily 1 -86 a
            GEOADD edge 180 85.05112878 corner -180 -85.05112878 other 0 0 zero
            ZSCORE Sicily Palermo
            GEOPOS Sicily Palermo Nowhere Catania
            GEOPOS none a
            GEOPOS edge corner other zero
            GEOHASH Sicily Palermo Nowhere
            GEOHASH edge corner other zero
            GEOHASH none a
            GEODIST Sicily Palermo Catania
            GEODIST Sicily Palermo Catania km
            GEODIST Sicily Palermo Catania MI
            GEODIST Sicily Palermo Catania yd
            GEODIST Sicily Palermo Catania km m
            GEODIST Sicily Palermo Nowhere
            GEODIST none a b
            GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km ASC
            GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 400 400 km DESC WITHCOORD WITHDIST WITHHASH
            GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 100 mi COUNT 1
            GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 500000 ft COUNT 2 ANY
            GEOSEARCH Sicily FROMMEMBER Nowhere BYRADIUS 1 km
            GEOSEARCH Sicily BYRADIUS 1 km COUNT 1
            GEOSEARCH Sicily FROMLONLAT 1 1 COUNT 1 ASC
            GEOSEARCH Sicily FROMLONLAT 1 1 BYRADIUS 1 km BYBOX 1 1 km
            GEOSEARCH Sicily FROMLONLAT 1 1 FROMMEMBER a BYRADIUS 1 km
            GEOSEARCH Sicily FROMLONLAT 1 1 BYRADIUS x km
            GEOSEARCH Sicily FROMLONLAT 1 1 BYRADIUS -1 km
            GEOSEARCH Sicily FROMLONLAT 1 1 BYBOX x 1 km
            GEOSEARCH Sicily FROMLONLAT 1 1 BYBOX 1 x km
            GEOSEARCH Sicily FROMLONLAT 1 1 BYBOX 1 -1 km
            GEOSEARCH Sicily FROMLONLAT 1 1 BYRADIUS 1 km COUNT 0
            GEOSEARCH Sicily FROMLONLAT 1 1 BYRADIUS 1 km ANY
            GEOSEARCH Sicily FROMLONLAT 1 1 BYRADIUS 1 km STOREDIST
            GEOSEARCH none FROMMEMBER a BYRADIUS 1 km
            GEOSEARCHSTORE to Sicily FROMLONLAT 15 37 BYBOX 400 400 km COUNT 2
            ZRANGE to 0 -1 WITHSCORES
            GEOSEARCHSTORE to Sicily FROMLONLAT 15 37 BYRADIUS 1 m STOREDIST
            EXISTS to
            GEOSEARCHSTORE to Sicily FROMLONLAT 15 37 BYRADIUS 1 m WITHDIST
            GEOSEARCHSTORE to none FROMLONLAT 15 37 BYRADIUS 1 m
            GEORADIUS Sicily 15 37 200 km WITHDIST WITHCOORD ASC
            GEORADIUS Sicily 15 37 200 km STORE to
            ZRANGE to 0 -1
            GEORADIUS Sicily 15 37 200 km STORE to WITHDIST
            GEORADIUS Sicily 15 99 200 km
            GEORADIUS Sicily 15 37 200 parsec
            GEORADIUS none 15 37 200 km STORE to
            EXISTS to
            GEORADIUS_RO Sicily 15 37 200 km STORE to
            GEORADIUS_RO Sicily 15 37 200 km COUNT 1
            GEORADIUSBYMEMBER Sicily Agrigento 100 km
            GEORADIUSBYMEMBER Sicily Nowhere 100 km
            GEORADIUSBYMEMBER none Nowhere 100 km
            GEORADIUSBYMEMBER_RO Sicily Agrigento 100 km WITHHASH
            SET text 1
            GEOADD text 1 1 a
            GEOSEARCH text FROMLONLAT 1 1 BYRADIUS 1 km
            """;

    private BothServers both;

    @BeforeAll
    void start() throws IOException {
        Assumptions.assumeTrue(
                BothServers.installed().isPresent(), "no redis-server is installed here");
        both = new BothServers(BothServers.installed().get());
    }

    @AfterAll
    void stop() throws IOException {
        if (both != null) {
            both.close();
        }
    }

    @BeforeEach
    void empty() {
        both.say("FLUSHALL");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyCommandAnswersAsThere(int protocol) {
        both.say(List.of("HELLO", "" + protocol), _ -> "hello");
        CONVERSATION.lines().forEach(both::say);
    }

    /**
     * Places all over the world (or all in one town), looked for in areas from a metre to the
     * globe.
     */
    @ParameterizedTest
    @CsvSource({"180, 85, 1", "0.2, 0.2, 2", "180, 3, 3", "3, 85, 4"})
    void areasOfAllSizesHoldTheSame(double longitudes, double latitudes, int seed) {
        both.say(List.of("HELLO", "2"), _ -> "hello");
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 400; i++) {
            both.say(
                    String.format(
                            Locale.ROOT,
                            "GEOADD places %.8f %.8f p%d",
                            random.nextDouble(-longitudes, longitudes),
                            random.nextDouble(-latitudes, latitudes),
                            i));
        }
        for (int i = 0; i < 600; i++) {
            double size = Math.pow(10, random.nextDouble(0, 7.4));
            String centre =
                    random.nextBoolean()
                            ? "FROMMEMBER p" + random.nextInt(400)
                            : String.format(
                                    Locale.ROOT,
                                    "FROMLONLAT %.6f %.6f",
                                    random.nextDouble(-longitudes, longitudes),
                                    random.nextDouble(-latitudes, latitudes));
            String shape =
                    random.nextBoolean()
                            ? String.format(Locale.ROOT, "BYRADIUS %.3f m", size)
                            : String.format(
                                    Locale.ROOT,
                                    "BYBOX %.3f %.3f m",
                                    size,
                                    size * random.nextDouble(0.1, 10));
            String order = List.of("", " ASC", " COUNT 7 ANY", " DESC COUNT 5").get(i % 4);
            both.say("GEOSEARCH places " + centre + " " + shape + order + " WITHHASH");
        }
    }
}
