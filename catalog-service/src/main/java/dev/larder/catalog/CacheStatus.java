package dev.larder.catalog;

import dev.larder.caching.Outcome;
import dev.larder.caching.Tier;
import java.time.Duration;
import java.util.Collection;

/**
 * The {@code Cache-Status} header (RFC 9211): which cache answered, and how. {@code detail} says
 * the tier: {@code hot} (this JVM), {@code warm} (the store) or {@code cold} (PostgreSQL), with
 * {@code -stale} for what is past its TTL and {@code -negative} for a remembered absence.
 */
final class CacheStatus {

    static final String HEADER = "Cache-Status";

    private static final String THIS_CACHE = "larder-store";

    private CacheStatus() {}

    static String of(Answer<?> answer) {
        if (answer.pattern() == ReadPattern.NONE) {
            return THIS_CACHE + "; fwd=bypass; detail=cold";
        }
        return of(answer.outcome()) + (answer.collapsed() ? "; collapsed" : "");
    }

    static String of(Outcome<?> outcome) {
        String kept = outcome.kept() ? "; stored; ttl=" + seconds(outcome.remainingTtl()) : "";
        return THIS_CACHE
                + switch (outcome.result()) {
                    case HIT, NEGATIVE ->
                            "; hit; ttl="
                                    + seconds(outcome.remainingTtl())
                                    + "; detail="
                                    + detail(outcome);
                    case MISS -> "; fwd=miss" + kept + "; detail=cold";
                    case WRITTEN ->
                            "; fwd=method"
                                    + kept
                                    + (outcome.tier() == Tier.STORE
                                            ? "; detail=queued"
                                            : "; detail=cold");
                    case BYPASS -> "; fwd=bypass; detail=store-away";
                };
    }

    /** Of many keys at once: a hit when nobody had to be asked. */
    static String of(Collection<? extends Outcome<?>> outcomes) {
        long hot = outcomes.stream().filter(each -> each.tier() == Tier.HOT).count();
        long warm = outcomes.stream().filter(each -> each.tier() == Tier.STORE).count();
        long cold = outcomes.size() - hot - warm;
        return THIS_CACHE
                + (cold == 0 ? "; hit" : "; fwd=miss")
                + "; detail=\"hot=%d warm=%d cold=%d\"".formatted(hot, warm, cold);
    }

    /** Seconds since what is answered was loaded; null where no cache answered. */
    static Long age(Outcome<?> outcome) {
        return switch (outcome.result()) {
            case HIT, NEGATIVE -> outcome.age().toSeconds();
            case MISS, WRITTEN, BYPASS -> null;
        };
    }

    private static String detail(Outcome<?> outcome) {
        return tier(outcome.tier())
                + (outcome.stale() ? "-stale" : "")
                + (outcome.result() == Outcome.Result.NEGATIVE ? "-negative" : "");
    }

    private static String tier(Tier tier) {
        return switch (tier) {
            case HOT -> "hot";
            case STORE -> "warm";
            case DATABASE -> "cold";
        };
    }

    /** Rounded up: an entry with half a second to live is not dead yet. */
    private static long seconds(Duration left) {
        return left.plusMillis(999).toSeconds();
    }
}
