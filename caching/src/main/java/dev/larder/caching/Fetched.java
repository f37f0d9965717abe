package dev.larder.caching;

/**
 * An entry as the hot tier read it, with what it takes to tell later whether it is still true.
 *
 * @param bytes null when there is none
 * @param remainingMillis what the store still gives it; -1 when it does not expire, -2 when it has
 *     ended since its bytes were read
 * @param sentAt {@link System#nanoTime} before the store was asked: it lives at least {@code
 *     remainingMillis} from then
 * @param term the term of trust in which it was asked for, {@link HotTier#NO_TERM} when it may not
 *     be held
 * @param stamp of the key's stripe before the store was asked; moves with each invalidation
 */
record Fetched(byte[] bytes, long remainingMillis, long sentAt, long term, long stamp) {}
