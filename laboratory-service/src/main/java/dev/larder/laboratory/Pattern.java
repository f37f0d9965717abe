package dev.larder.laboratory;

import dev.larder.caching.CacheBuilder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A way to keep a cache in front of a database, and what it promises. The order is that of effort:
 * of two that do equally well the adviser takes the earlier.
 */
enum Pattern {
    NONE(
            "none",
            "No cache",
            "Every read asks the database."
                    + " Use it as the measure of the others, or where nothing may ever be old.",
            "Never stale: what is served is what is committed.",
            Bound.NONE),
    TTL(
            "ttl",
            "Lazy loading, TTL only",
            "A miss loads and keeps; nobody tells the cache of a write, and each instance loads for itself."
                    + " Use it where a few seconds of age do no harm and writers are out of reach.",
            "Up to the TTL and the time of its load, whoever wrote.",
            Bound.TTL),
    INVALIDATE(
            "invalidate",
            "Lazy loading, dropped on write",
            "A miss loads and keeps, one reader of all instances; a write commits and drops the entry (writing around)."
                    + " Use it where rows are read much more often than written: the usual choice.",
            "Own writes: from the commit to the drop, milliseconds. Behind the back: up to the TTL and a load.",
            Bound.TTL),
    SLIDING(
            "sliding",
            "Sliding TTL",
            "Every hit lets the entry live a TTL more, up to three; a write drops it."
                    + " Use it where what is used shall stay and the rest shall go, as for carts and sessions.",
            "Own writes: milliseconds. Behind the back: up to three TTLs and a load, as long as it is read.",
            Bound.SLIDING),
    WRITE_THROUGH(
            "write-through",
            "Write-through",
            "A write commits, makes the new value and puts it into the cache."
                    + " Use it where what was written is read at once.",
            "Own writes: from the commit to the put, milliseconds. Behind the back: up to the TTL and a load.",
            Bound.TTL),
    REFRESH_AHEAD(
            "refresh-ahead",
            "Refresh ahead",
            "A read in the last third of the TTL is served and has the entry loaded anew in the background."
                    + " Use it where a few keys are always wanted and nobody is to wait for them.",
            "Own writes: milliseconds, they drop. Behind the back: up to the TTL and a load.",
            Bound.TTL),
    EARLY_REFRESH(
            "early-refresh",
            "Early refresh by chance (XFetch)",
            "Towards the end of the TTL a read loads anew in the background, the likelier the longer loads take."
                    + " Use it where there are many busy keys and some loads are slow.",
            "Own writes: milliseconds, they drop. Behind the back: up to the TTL and a load.",
            Bound.TTL),
    STALE_WHILE_REVALIDATE(
            "stale-while-revalidate",
            "Stale while revalidate",
            "For one more TTL the old value is served at once while one reader of all loads anew."
                    + " Use it where an old answer is better than a slow one.",
            "Own writes: milliseconds, they drop. Behind the back: up to two TTLs and a load.",
            Bound.TWICE),
    STALE_IF_ERROR(
            "stale-if-error",
            "Stale if error",
            "For a minute more the old value is served when its load fails or takes over 200 ms; a write drops it."
                    + " Use it where an old answer is better than none.",
            "Own writes: milliseconds, they drop. Behind the back: up to the TTL and a load, and a minute more while the database fails.",
            Bound.MINUTE_MORE),
    HOT(
            "hot",
            "Hot tier in the JVM",
            "What is read often is held in each instance, and the store says which key has changed; a write drops it everywhere."
                    + " Use it where few keys take most of the reads.",
            "Own writes: until the store's word has arrived, milliseconds. Behind the back: up to the TTL and a load.",
            Bound.TTL),
    CHANGE_CAPTURE(
            "change-capture",
            "Change capture",
            "Nobody tells the cache: it follows the database, where a trigger notes each change and NOTIFY wakes the reader."
                    + " Use it where other programs write to the tables.",
            "Within a second of the commit, whoever wrote; up to the TTL and a load while the follower is cut off.",
            Bound.SECOND),
    WRITE_BEHIND(
            "write-behind",
            "Write-behind",
            "A write is accepted by the cache and a durable queue; workers store it in the database afterwards, exactly once."
                    + " Use it where many small writes come and the database may be a moment behind.",
            "Own writes are seen before the database has them. Behind the back: up to the TTL and a load.",
            Bound.TTL);

    /** How stale it may get in the worst case, behind the back of the cache. */
    private enum Bound {
        NONE,
        TTL,
        TWICE,
        SLIDING,
        SECOND,
        MINUTE_MORE
    }

    /** How often a TTL the greatest age of a sliding entry is. */
    private static final int SLIDES = 3;

    /** How much of the TTL, at its end, has a reader refresh ahead. */
    private static final double AHEAD = 1.0 / 3;

    /** The paper's optimum. */
    private static final double BETA = 1;

    private static final Duration FOLLOWS_WITHIN = Duration.ofSeconds(1);
    private static final Duration OLD_FOR_ERRORS = Duration.ofMinutes(1);
    private static final Duration SOFT_TIMEOUT = Duration.ofMillis(200);

    private final String id;
    private final String label;
    private final String about;
    private final String bound;
    private final Bound worst;

    Pattern(String id, String label, String about, String bound, Bound worst) {
        this.id = id;
        this.label = label;
        this.about = about;
        this.bound = bound;
        this.worst = worst;
    }

    /** As it is told. */
    public record Description(String id, String name, String about, String bound, KeepsOn keepsOn) {

        /** Whether what is known is still answered while that server is down. */
        public record KeepsOn(boolean database, boolean store) {}
    }

    /** The pattern of an id, or null. */
    static Pattern of(String id) {
        return Arrays.stream(values()).filter(each -> each.id.equals(id)).findFirst().orElse(null);
    }

    static List<String> ids() {
        return Arrays.stream(values()).map(Pattern::id).toList();
    }

    static List<Description> all() {
        return Arrays.stream(values())
                .map(
                        each ->
                                new Description(
                                        each.id,
                                        each.label,
                                        each.about,
                                        each.bound,
                                        // Without the store all ask the database.
                                        new Description.KeepsOn(each.isCached(), true)))
                .toList();
    }

    String id() {
        return id;
    }

    String label() {
        return label;
    }

    String bound() {
        return bound;
    }

    boolean isCached() {
        return this != NONE;
    }

    /**
     * The worst that is documented, in milliseconds after which a replaced value is not served;
     * where {@link #boundAddsLoad} the time of its load comes to it.
     */
    Long boundMillis(int ttlMillis) {
        return switch (worst) {
            case NONE -> 0L;
            case TTL -> (long) ttlMillis;
            case TWICE -> 2L * ttlMillis;
            case SLIDING -> (long) SLIDES * ttlMillis;
            case SECOND -> Math.min(ttlMillis, FOLLOWS_WITHIN.toMillis());
            case MINUTE_MORE -> ttlMillis + OLD_FOR_ERRORS.toMillis();
        };
    }

    /** What is kept was true when its load began, and its TTL begins when that has ended. */
    boolean boundAddsLoad(int ttlMillis) {
        return switch (worst) {
            case NONE -> false;
            case SECOND -> ttlMillis < FOLLOWS_WITHIN.toMillis();
            case TTL, TWICE, SLIDING, MINUTE_MORE -> true;
        };
    }

    /** How many TTLs a value may be served for; 0 where the TTL is not what bounds it. */
    int ttlsInBound() {
        return switch (worst) {
            case NONE, SECOND -> 0;
            case TTL, MINUTE_MORE -> 1;
            case TWICE -> 2;
            case SLIDING -> SLIDES;
        };
    }

    /** One load of all instances, not one for each. */
    boolean isLeased() {
        return isCached() && this != TTL;
    }

    /** Sets a cache up to be kept this way. */
    CacheBuilder<Item> on(CacheBuilder<Item> cache, Duration ttl) {
        return switch (this) {
            case NONE -> throw new IllegalStateException("there is no cache in this lane");
            case TTL -> cache.lease(Duration.ZERO);
            case INVALIDATE, WRITE_THROUGH, HOT, CHANGE_CAPTURE -> cache;
            case WRITE_BEHIND -> cache.partitions(LaterWrites.PARTITIONS);
            case SLIDING -> cache.sliding(ttl.multipliedBy(SLIDES));
            case REFRESH_AHEAD -> cache.refreshAhead(AHEAD);
            case EARLY_REFRESH -> cache.earlyRefresh(BETA);
            case STALE_WHILE_REVALIDATE -> cache.staleWhileRevalidate(ttl);
            case STALE_IF_ERROR -> cache.staleIfError(OLD_FOR_ERRORS).softTimeout(SOFT_TIMEOUT);
        };
    }
}
