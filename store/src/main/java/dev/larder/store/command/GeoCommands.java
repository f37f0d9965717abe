package dev.larder.store.command;

import static dev.larder.store.command.Command.command;
import static dev.larder.store.command.Family.family;
import static dev.larder.store.command.Flag.DENYOOM;
import static dev.larder.store.command.Flag.MOVABLEKEYS;
import static dev.larder.store.command.Flag.READONLY;
import static dev.larder.store.command.Flag.WRITE;

import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Places on the earth, kept in sorted sets with {@link GeoHash} as their score. */
public final class GeoCommands {
    private static final int CORNERS_MIN = 3;
    private static final String SEARCH_COST =
            "O(N+log(M)) with N the members near the area and M those of the set.";
    private static final String FROM = "[FROMMEMBER member | FROMLONLAT longitude latitude]";
    private static final String BY =
            "<BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI> |"
                    + " BYPOLYGON num-vertices longitude latitude [longitude latitude ...]>";
    private static final String SHOWN =
            "[WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]";

    /** Where a search gets its area from, and what it may do. */
    private enum Kind {
        RADIUS(6, true),
        RADIUS_READ(6, false),
        MEMBER(5, true),
        MEMBER_READ(5, false),
        SEARCH(2, false),
        SEARCH_STORE(3, false);

        /** The word at which the options begin. */
        final int options;

        /** Whether there are the options STORE and STOREDIST. */
        final boolean mayStore;

        Kind(int options, boolean mayStore) {
            this.options = options;
            this.mayStore = mayStore;
        }

        boolean isSearch() {
            return this == SEARCH || this == SEARCH_STORE;
        }
    }

    public static final Family ALL =
            family(
                    Category.GEO,
                    command(
                                    "GEOADD",
                                    "key [NX | XX] [CH] longitude latitude member"
                                            + " [longitude latitude member ...]")
                            .is(WRITE, DENYOOM)
                            .since("3.2.0")
                            .cost("O(log(N)) for each member added.")
                            .about("Adds members with their places to a geospatial index.")
                            .does(GeoCommands::geoadd),
                    command("GEOPOS", "key [member [member ...]]")
                            .is(READONLY)
                            .since("3.2.0")
                            .cost("O(1) for each member requested.")
                            .about("Returns the longitude and latitude of members.")
                            .does(GeoCommands::geopos),
                    command("GEODIST", "key member1 member2 [M | KM | FT | MI]")
                            .is(READONLY)
                            .since("3.2.0")
                            .about("Returns the distance between two members.")
                            .does(GeoCommands::geodist),
                    command("GEOHASH", "key [member [member ...]]")
                            .is(READONLY)
                            .since("3.2.0")
                            .cost("O(1) for each member requested.")
                            .about("Returns members' places as geohash strings.")
                            .does(GeoCommands::geohash),
                    command("GEOSEARCH", "key " + FROM + " " + BY + " " + SHOWN)
                            .is(READONLY)
                            .arity(-7)
                            .since("6.2.0")
                            .cost(SEARCH_COST)
                            .about(
                                    "Returns the members inside a circle, a box or, as since"
                                            + " Valkey 9, a polygon.")
                            .does(call -> search(call, Kind.SEARCH)),
                    command(
                                    "GEOSEARCHSTORE",
                                    "destination:key source:key "
                                            + FROM
                                            + " "
                                            + BY
                                            + " [ASC | DESC] [COUNT count [ANY]] [STOREDIST]")
                            .is(WRITE, DENYOOM)
                            .arity(-8)
                            .since("6.2.0")
                            .cost(SEARCH_COST)
                            .about(
                                    "Stores the members inside a circle, a box or, as since Valkey"
                                            + " 9, a polygon in a key.")
                            .does(call -> search(call, Kind.SEARCH_STORE)),
                    radius(
                                    "GEORADIUS",
                                    "key longitude latitude radius <M | KM | FT | MI> "
                                            + SHOWN
                                            + " [STORE to:key | STOREDIST to:key]",
                                    Kind.RADIUS)
                            .since("3.2.0"),
                    radius(
                                    "GEORADIUS_RO",
                                    "key longitude latitude radius <M | KM | FT | MI> " + SHOWN,
                                    Kind.RADIUS_READ)
                            .since("3.2.10"),
                    radius(
                                    "GEORADIUSBYMEMBER",
                                    "key member radius <M | KM | FT | MI> "
                                            + SHOWN
                                            + " [STORE to:key | STOREDIST to:key]",
                                    Kind.MEMBER)
                            .since("3.2.0"),
                    radius(
                                    "GEORADIUSBYMEMBER_RO",
                                    "key member radius <M | KM | FT | MI> " + SHOWN,
                                    Kind.MEMBER_READ)
                            .since("3.2.10"));

    private GeoCommands() {}

    private static Command radius(String name, String syntax, Kind kind) {
        Command command =
                command(name, syntax)
                        .cost(SEARCH_COST)
                        .about("Returns the members within a distance.")
                        .keys(1, 1, 1)
                        .does(call -> search(call, kind));
        return kind.mayStore
                ? command.is(WRITE, DENYOOM, MOVABLEKEYS)
                        .keysFoundBy(args -> radiusKeys(args, kind.options))
                : command.is(READONLY);
    }

    private static int[] radiusKeys(Args args, int options) {
        int stored = 0;
        for (int i = options; i + 1 < args.count(); i++) {
            if (args.is(i, "STORE") || args.is(i, "STOREDIST")) {
                stored = ++i;
            }
        }
        return stored == 0 ? new int[] {1} : new int[] {1, stored};
    }

    // Members.

    static Reply geoadd(Call call) {
        Args args = call.args();
        boolean onlyNew = false;
        boolean onlyOld = false;
        boolean countsChanged = false;
        int at = 2;
        for (; at < args.count(); at++) {
            if (args.is(at, "NX")) {
                onlyNew = true;
            } else if (args.is(at, "XX")) {
                onlyOld = true;
            } else if (args.is(at, "CH")) {
                countsChanged = true;
            } else {
                break;
            }
        }
        int words = args.count() - at;
        if (words == 0 || words % 3 != 0 || onlyNew && onlyOld) {
            throw Errors.syntax();
        }
        double[] scores = new double[words / 3];
        for (int i = 0; i < scores.length; i++) {
            double[] place = place(args, at + i * 3);
            scores[i] = GeoHash.encode(place[0], place[1]);
        }
        SortedSet set = SortedSetCommands.find(call, call.key());
        if (set == null) {
            if (onlyOld) {
                return Reply.integer(0);
            }
            set = new SortedSet();
            call.db().put(call.key(), set, 0);
        }

        int before = set.size();
        int changed = 0;
        for (int i = 0; i < scores.length; i++) {
            Slice member = call.arg(at + i * 3 + 2);
            boolean wanted = !onlyNew && !onlyOld || onlyNew == Double.isNaN(set.score(member));
            if (wanted && SortedSetCommands.put(call, set, member, scores[i])) {
                changed++;
            }
        }
        call.changed(call.key(), "zadd", changed);
        return Reply.integer(countsChanged ? changed : set.size() - before);
    }

    /** The longitude and latitude at two words. */
    private static double[] place(Args args, int at) {
        double longitude = args.number(at);
        double latitude = args.number(at + 1);
        if (Math.abs(longitude) > GeoHash.LONGITUDE_MAX
                || Math.abs(latitude) > GeoHash.LATITUDE_MAX) {
            throw new CommandException(
                    String.format(
                            Locale.ROOT,
                            "ERR invalid longitude,latitude pair %s,%s",
                            sixDigits(longitude),
                            sixDigits(latitude)));
        }
        return new double[] {longitude, latitude};
    }

    /** A number as C prints it by {@code %f}. */
    private static String sixDigits(double value) {
        if (Double.isInfinite(value)) {
            return value < 0 ? "-inf" : "inf";
        }
        String digits =
                new BigDecimal(Math.abs(value)).setScale(6, RoundingMode.HALF_EVEN).toPlainString();
        // A zero has its sign too.
        return Double.doubleToRawLongBits(value) < 0 ? "-" + digits : digits;
    }

    static Reply geopos(Call call) {
        SortedSet set = SortedSetCommands.find(call, call.key());
        Reply.Tape tape = call.tape().array(call.count() - 2L);
        for (int i = 2; i < call.count(); i++) {
            double score = set == null ? Double.NaN : set.score(call.arg(i));
            if (Double.isNaN(score)) {
                tape.nilArray();
            } else {
                writePlace(tape, GeoHash.longitude(score), GeoHash.latitude(score));
            }
        }
        return tape;
    }

    private static void writePlace(Reply.Tape tape, double longitude, double latitude) {
        tape.array(2).decimal(degrees(longitude)).decimal(degrees(latitude));
    }

    /** With 17 digits behind the point at most. */
    private static String degrees(double value) {
        return new BigDecimal(value)
                .setScale(17, RoundingMode.HALF_EVEN)
                .stripTrailingZeros()
                .toPlainString();
    }

    static Reply geohash(Call call) {
        SortedSet set = SortedSetCommands.find(call, call.key());
        Reply.Tape tape = call.tape().array(call.count() - 2L);
        for (int i = 2; i < call.count(); i++) {
            double score = set == null ? Double.NaN : set.score(call.arg(i));
            if (Double.isNaN(score)) {
                tape.nil();
            } else {
                tape.bulk(GeoHash.text(score));
            }
        }
        return tape;
    }

    static Reply geodist(Call call) {
        if (call.count() > 5) {
            throw Errors.syntax();
        }
        double unit = call.count() == 5 ? unit(call.arg(4)) : 1;
        SortedSet set = SortedSetCommands.find(call, call.key());
        if (set == null) {
            return Reply.Nil.BULK;
        }
        double from = set.score(call.arg(2));
        double to = set.score(call.arg(3));
        if (Double.isNaN(from) || Double.isNaN(to)) {
            return Reply.Nil.BULK;
        }
        double metres =
                GeoHash.distance(
                        GeoHash.longitude(from),
                        GeoHash.latitude(from),
                        GeoHash.longitude(to),
                        GeoHash.latitude(to));
        return Reply.bulk(distance(metres / unit));
    }

    private static byte[] distance(double value) {
        return new BigDecimal(value)
                .setScale(4, RoundingMode.HALF_EVEN)
                .toPlainString()
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** How many metres the unit is. */
    private static double unit(Slice word) {
        if (word.isWord("M")) {
            return 1;
        }
        if (word.isWord("KM")) {
            return 1000;
        }
        if (word.isWord("FT")) {
            return 0.3048;
        }
        if (word.isWord("MI")) {
            return 1609.34;
        }
        throw new CommandException("ERR unsupported unit provided. please use M, KM, FT, MI");
    }

    // Searching.

    /** One member that was found; {@code distance} from the centre in metres. */
    private record Hit(
            byte[] member, double score, double longitude, double latitude, double distance) {}

    /** What a search asks for, as it is read word by word. */
    private static final class Search {
        private double[] centre;
        private boolean fromMember;
        private boolean fromPlace;
        private boolean hasShape;
        private boolean round;
        private double width;
        private double height;
        private double unit = 1;
        private boolean withDistance;
        private boolean withHash;
        private boolean withPlace;
        private boolean any;
        private boolean sorts;
        private boolean descends;
        private long count;
        private Slice target;
        private boolean storesDistance;

        /** Of a polygon, longitude and latitude in turn; else null. */
        private double[] corners;

        /** A radius with its unit. */
        void readRadius(Args args, int at) {
            double radius = args.number(at, "ERR need numeric radius");
            if (radius < 0) {
                throw new CommandException("ERR radius cannot be negative");
            }
            unit = unit(args.slice(at + 1));
            width = radius;
            height = radius;
            round = true;
            hasShape = true;
        }

        /** Width and height with their unit. */
        void readBox(Args args, int at) {
            width = args.number(at, "ERR need numeric width");
            height = args.number(at + 1, "ERR need numeric height");
            if (width < 0 || height < 0) {
                throw new CommandException("ERR height or width cannot be negative");
            }
            unit = unit(args.slice(at + 2));
            round = false;
            hasShape = true;
        }

        /** The place of a member of {@code set}; anywhere where there is no set. */
        void readMember(SortedSet set, Slice member) {
            fromMember = true;
            double score = set == null ? 0 : set.score(member);
            if (Double.isNaN(score)) {
                throw new CommandException("ERR could not decode requested zset member");
            }
            centre = new double[] {GeoHash.longitude(score), GeoHash.latitude(score)};
        }

        /**
         * A polygon of {@code left} words at most: how many corners, then longitude and latitude of
         * each. Distances from its centre are in metres. Returns how many words it has.
         */
        int readPolygon(Args args, int at, int left) {
            long count =
                    args.integer(
                            at,
                            Integer.MIN_VALUE,
                            Integer.MAX_VALUE,
                            "ERR invalid number of vertices");
            if (count < CORNERS_MIN || count > (left - 1) / 2) {
                throw new CommandException("ERR GEOSEARCH BYPOLYGON must have at least 3 vertices");
            }
            corners = new double[2 * (int) count];
            for (int i = 0; i < corners.length; i += 2) {
                System.arraycopy(place(args, at + 1 + i), 0, corners, i, 2);
            }
            unit = 1;
            return 1 + corners.length;
        }

        GeoArea area() {
            if (corners != null) {
                return GeoArea.polygon(corners);
            }
            return round
                    ? GeoArea.circle(centre[0], centre[1], width * unit)
                    : GeoArea.rectangle(centre[0], centre[1], width * unit, height * unit);
        }
    }

    private static Reply search(Call call, Kind kind) {
        SortedSet set = SortedSetCommands.find(call, call.arg(kind == Kind.SEARCH_STORE ? 2 : 1));
        Search search = read(call, kind, set);
        if (set == null) {
            return search.target == null
                    ? call.tape().array(0)
                    : SortedSetCommands.store(call, search.target, new SortedSet(), "");
        }
        List<Hit> hits = find(set, search);
        int shown = (int) (search.count == 0 ? hits.size() : Math.min(search.count, hits.size()));
        if (search.sorts) {
            Comparator<Hit> nearest = Comparator.comparingDouble(Hit::distance);
            Comparator<Hit> order = search.descends ? nearest.reversed() : nearest;
            if (shown < hits.size()) {
                Hit[] all = hits.toArray(Hit[]::new);
                PartialSort.sort(all, order, 0, shown - 1);
                hits = Arrays.asList(all);
            } else {
                hits.sort(order);
            }
        }
        return search.target == null
                ? show(call, search, hits.subList(0, shown))
                : store(call, kind, search, hits.subList(0, shown));
    }

    private static Search read(Call call, Kind kind, SortedSet set) {
        Args args = call.args();
        Search search = new Search();
        switch (kind) {
            case RADIUS, RADIUS_READ -> {
                search.centre = place(args, 2);
                search.readRadius(args, 4);
            }
            case MEMBER, MEMBER_READ -> {
                search.readMember(set, call.arg(2));
                if (set != null) {
                    search.readRadius(args, 3);
                }
            }
            case SEARCH -> {}
            case SEARCH_STORE -> search.target = call.key();
        }
        for (int i = kind.options; i < args.count(); ) {
            i += option(call, kind, set, search, i);
        }
        check(call, kind, search);
        // The nearest are meant where only some are wanted, unless any will do.
        search.sorts |= search.count != 0 && !search.any;
        return search;
    }

    /** Reads the option at word {@code i}; returns how many words it has. */
    private static int option(Call call, Kind kind, SortedSet set, Search search, int i) {
        Args args = call.args();
        Slice word = call.arg(i);
        int left = args.count() - i - 1;
        if (word.isWord("WITHDIST")) {
            search.withDistance = true;
        } else if (word.isWord("WITHHASH")) {
            search.withHash = true;
        } else if (word.isWord("WITHCOORD")) {
            search.withPlace = true;
        } else if (word.isWord("ANY")) {
            search.any = true;
        } else if (word.isWord("ASC") || word.isWord("DESC")) {
            search.sorts = true;
            search.descends = word.isWord("DESC");
        } else if (word.isWord("COUNT") && left > 0) {
            search.count = args.integer(i + 1);
            if (search.count <= 0) {
                throw new CommandException("ERR COUNT must be > 0");
            }
            return 2;
        } else if (kind.mayStore
                && left > 0
                && (word.isWord("STORE") || word.isWord("STOREDIST"))) {
            search.target = args.slice(i + 1);
            search.storesDistance = word.isWord("STOREDIST");
            return 2;
        } else if (kind == Kind.SEARCH_STORE && word.isWord("STOREDIST")) {
            search.storesDistance = true;
        } else if (kind.isSearch()) {
            return area(args, set, search, i, left);
        } else {
            throw Errors.syntax();
        }
        return 1;
    }

    private static int area(Args args, SortedSet set, Search search, int i, int left) {
        if (search.corners == null && args.is(i, "BYPOLYGON") && left > 1) {
            if (search.hasShape || search.fromMember || search.fromPlace) {
                throw Errors.syntax();
            }
            search.hasShape = true;
            return 1 + search.readPolygon(args, i + 1, left);
        }
        if (search.corners != null) {
            throw Errors.syntax();
        }
        if (args.is(i, "FROMMEMBER") && left > 0 && !search.fromPlace) {
            search.readMember(set, args.slice(i + 1));
            return 2;
        }
        if (args.is(i, "FROMLONLAT") && left > 1 && !search.fromMember) {
            search.centre = place(args, i + 1);
            search.fromPlace = true;
            return 3;
        }
        if (args.is(i, "BYRADIUS") && left > 1 && (!search.hasShape || search.round)) {
            search.readRadius(args, i + 1);
            return 3;
        }
        if (args.is(i, "BYBOX") && left > 2 && (!search.hasShape || !search.round)) {
            search.readBox(args, i + 1);
            return 4;
        }
        throw Errors.syntax();
    }

    private static void check(Call call, Kind kind, Search search) {
        if (search.target != null && (search.withDistance || search.withHash || search.withPlace)) {
            throw new CommandException(
                    "ERR "
                            + (kind == Kind.SEARCH_STORE
                                    ? "GEOSEARCHSTORE"
                                    : "STORE option in GEORADIUS")
                            + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
        }
        String name = Errors.clip(call.args().text(0));
        boolean hasCentre = search.fromMember || search.fromPlace || search.corners != null;
        if (kind.isSearch() && !hasCentre) {
            throw new CommandException(
                    "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + name);
        }
        if (kind.isSearch() && !search.hasShape) {
            throw new CommandException(
                    "ERR exactly one of BYRADIUS and BYBOX can be specified for " + name);
        }
        if (search.any && search.count == 0) {
            throw new CommandException("ERR the ANY argument requires COUNT argument");
        }
    }

    /**
     * The members inside, in the order of the cells; where any will do, not more than are wanted.
     */
    private static List<Hit> find(SortedSet set, Search search) {
        GeoArea area = search.area();
        List<Hit> hits = new ArrayList<>();
        long most = search.any ? search.count : Long.MAX_VALUE;
        long[] ranges = area.ranges();
        SortedSet.Visitor visitor =
                (member, score) -> {
                    if (hits.size() >= most) {
                        return;
                    }
                    double longitude = GeoHash.longitude(score);
                    double latitude = GeoHash.latitude(score);
                    double distance = area.distanceInside(longitude, latitude);
                    if (!Double.isNaN(distance)) {
                        hits.add(new Hit(member.toBytes(), score, longitude, latitude, distance));
                    }
                };
        for (int i = 0; i < ranges.length && hits.size() < most; i += 2) {
            int from = set.rankOfScore(ranges[i], false);
            set.forEach(from, set.rankOfScore(ranges[i + 1], false) - from, visitor);
        }
        return hits;
    }

    private static Reply show(Call call, Search search, List<Hit> hits) {
        int extras =
                (search.withDistance ? 1 : 0)
                        + (search.withHash ? 1 : 0)
                        + (search.withPlace ? 1 : 0);
        Reply.Tape tape = call.tape().array(hits.size());
        for (Hit hit : hits) {
            if (extras > 0) {
                tape.array(extras + 1);
            }
            tape.bulk(hit.member());
            if (search.withDistance) {
                tape.bulk(distance(hit.distance() / search.unit));
            }
            if (search.withHash) {
                tape.integer((long) hit.score());
            }
            if (search.withPlace) {
                writePlace(tape, hit.longitude(), hit.latitude());
            }
        }
        return tape;
    }

    private static Reply store(Call call, Kind kind, Search search, List<Hit> hits) {
        SortedSet result = new SortedSet();
        for (Hit hit : hits) {
            double score = search.storesDistance ? hit.distance() / search.unit : hit.score();
            SortedSetCommands.put(call, result, new Slice(hit.member()), score);
        }
        return SortedSetCommands.store(
                call,
                search.target,
                result,
                kind == Kind.SEARCH_STORE ? "geosearchstore" : "georadiusstore");
    }
}
