package dev.larder.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/** Ten thousand players and their scores, the same on every machine. */
final class Players {

    static final int COUNT = 10_000;

    private static final long SEED = 10_000_019L;

    private Players() {}

    record Score(String playerId, String name, long score) {}

    /** A board and which part of the players is on it, with scores as its game would give them. */
    enum Board {
        GLOBAL("global", 1.0),
        WEEKLY_COINS("weekly-coins", 0.45),
        TIME_TRIAL("time-trial", 0.6);

        private final String id;
        private final double share;

        Board(String id, double share) {
            this.id = id;
            this.share = share;
        }

        String id() {
            return id;
        }

        /** Skill from 0 to 1, most of them in the middle. */
        private long score(double skill, SplittableRandom random) {
            return switch (this) {
                case GLOBAL -> Math.round(500 + 99_000 * Math.pow(skill, 2.2));
                case WEEKLY_COINS -> 10 + Math.round(skill * 40) * 25L + random.nextInt(25);
                // Milliseconds for a lap: nobody is faster than 58 s.
                case TIME_TRIAL -> 58_000 + Math.round(120_000 * Math.pow(1 - skill, 1.8));
            };
        }
    }

    static List<Score> of(Board board) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Score> scores = new ArrayList<>(COUNT);
        for (int i = 0; i < COUNT; i++) {
            String id = uuid(random).toString();
            String name =
                    pick(Wording.FIRST_NAMES, random)
                            + " "
                            + pick(Wording.SECOND_WORDS, random)
                            + (random.nextInt(3) == 0 ? " " + (2 + random.nextInt(98)) : "");
            double skill = (random.nextDouble() + random.nextDouble() + random.nextDouble()) / 3;
            boolean plays = random.nextDouble() < board.share;
            long score = board.score(skill, random.split());
            if (plays) {
                scores.add(new Score(id, name, score));
            }
        }
        return scores;
    }

    /** Version 4 of RFC 9562, as a random one would be. */
    private static UUID uuid(SplittableRandom random) {
        long high = random.nextLong() & ~0xF000L | 0x4000L;
        long low = random.nextLong() & ~(0b11L << 62) | 0b10L << 62;
        return new UUID(high, low);
    }

    private static String pick(List<String> list, SplittableRandom random) {
        return list.get(random.nextInt(list.size()));
    }
}
