package dev.larder.suite;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The goods of a shop for cooks, made up by a seeded generator: the same on every machine. Shaped
 * as the catalogue's batch door takes them.
 */
final class Goods {

    static final int PER_CATEGORY = 100;

    private static final long SEED = 20_261_124L;
    private static final int REVIEWS_MAX = 14;
    private static final Instant LAST_REVIEW = Instant.parse("2026-11-20T18:00:00Z");
    private static final int REVIEW_DAYS = 700;

    private Goods() {}

    record Category(String id, String name) {}

    record Product(
            String sku,
            String name,
            String category,
            String description,
            long priceCents,
            String currency,
            int stock,
            List<Review> reviews) {}

    record Review(String author, int stars, String text, Instant at) {}

    static List<Category> categories() {
        return Shelf.ALL.stream().map(shelf -> new Category(shelf.id(), shelf.name())).toList();
    }

    static List<Product> products() {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Product> products = new ArrayList<>(Shelf.ALL.size() * PER_CATEGORY);
        for (Shelf shelf : Shelf.ALL) {
            Set<String> names = new HashSet<>();
            for (int number = 1; number <= PER_CATEGORY; number++) {
                products.add(product(shelf, number, names, random));
            }
        }
        return products;
    }

    private static Product product(
            Shelf shelf, int number, Set<String> names, SplittableRandom random) {
        String thing;
        String quality;
        String detail;
        String name;
        do {
            thing = pick(shelf.things(), random);
            quality = pick(shelf.qualities(), random);
            detail = pick(shelf.details(), random);
            name = quality + " " + thing + ", " + detail;
        } while (!names.add(name));
        String description =
                "%s %s %s"
                        .formatted(
                                pick(shelf.sentences(), random)
                                        .formatted(thing.toLowerCase(Locale.ROOT)),
                                pick(shelf.uses(), random),
                                pick(Wording.CARE, random));
        // Squared, so that most things are cheap and a few are dear; prices end on 0, 5 or 9.
        double dear = random.nextDouble();
        long span = shelf.centsMax() - shelf.centsMin();
        long cents = shelf.centsMin() + Math.round(span * dear * dear);
        cents = cents / 10 * 10 + new int[] {0, 5, 9}[random.nextInt(3)];
        int stock = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(random.nextInt(1, 400));
        return new Product(
                "%s-%04d".formatted(shelf.code(), number),
                name,
                shelf.id(),
                description,
                cents,
                "EUR",
                stock,
                reviews(random));
    }

    private static List<Review> reviews(SplittableRandom random) {
        int count = random.nextInt(random.nextInt(1, REVIEWS_MAX + 1) + 1);
        // Some things are good and some are not, and reviewers mostly agree about which.
        double liking = 2.4 + 2.5 * Math.sqrt(random.nextDouble());
        List<Review> reviews = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int stars = Math.clamp(Math.round(liking + (random.nextDouble() - 0.5) * 2.4), 1, 5);
            reviews.add(
                    new Review(
                            pick(Wording.FIRST_NAMES, random)
                                    + " "
                                    + (char) ('A' + random.nextInt(26))
                                    + ".",
                            stars,
                            pick(Wording.OPENINGS.get(stars - 1), random)
                                    + " "
                                    + pick(Wording.REMARKS.get(stars - 1), random),
                            LAST_REVIEW
                                    .minus(random.nextInt(REVIEW_DAYS), ChronoUnit.DAYS)
                                    .minusSeconds(random.nextInt(60_000))));
        }
        return reviews;
    }

    private static String pick(List<String> list, SplittableRandom random) {
        return list.get(random.nextInt(list.size()));
    }
}
