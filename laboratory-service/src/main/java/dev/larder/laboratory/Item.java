package dev.larder.laboratory;

import java.util.List;

/**
 * What is read: a row of a lane and what was reckoned for it.
 *
 * @param version grows by one with every commit, from 1
 * @param text as many characters as the workload wants
 * @param revenueCents of everything that was sold of it
 * @param medianCents of one piece
 * @param alsoBought products most often in the same baskets
 */
public record Item(
        int key,
        long version,
        String text,
        long revenueCents,
        double medianCents,
        List<Integer> alsoBought) {

    Item withVersion(long next) {
        return new Item(key, next, text, revenueCents, medianCents, alsoBought);
    }
}
