package dev.larder.catalog;

import dev.larder.caching.Outcome;

/**
 * What a read came to, and by which pattern.
 *
 * @param collapsed whether another reader's load was waited for
 */
record Answer<V>(Outcome<V> outcome, ReadPattern pattern, boolean collapsed) {}
