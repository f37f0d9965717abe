package dev.larder.store.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A sorted set does what a tree of java.util does, in both forms and across the change of form. */
class SortedSetTest {
    private static final int ENTRIES_MAX = 128;
    private static final int BYTES_MAX = 64;

    /** A member with its score, in the order of a sorted set. */
    private record Scored(String member, double score) {
        static final Comparator<Scored> ORDER =
                Comparator.comparingDouble(Scored::score)
                        .thenComparing(
                                scored -> scored.member.getBytes(StandardCharsets.ISO_8859_1),
                                java.util.Arrays::compareUnsigned);
    }

    private final SortedSet set = new SortedSet();
    private final Map<String, Double> scores = new HashMap<>();
    private final TreeSet<Scored> model = new TreeSet<>(Scored.ORDER);

    private static Slice slice(String member) {
        return new Slice(member.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String text(Slice member) {
        return new String(member.toBytes(), StandardCharsets.ISO_8859_1);
    }

    private void put(String member, double score) {
        Double before = scores.put(member, score);
        if (before != null) {
            model.remove(new Scored(member, before));
        }
        model.add(new Scored(member, score));
        assertThat(set.put(slice(member), score, ENTRIES_MAX, BYTES_MAX))
                .isEqualTo(before == null || before != score);
    }

    private void remove(String member) {
        Double before = scores.remove(member);
        if (before != null) {
            model.remove(new Scored(member, before));
        }
        assertThat(set.remove(slice(member))).isEqualTo(before != null);
    }

    private static List<Scored> contents(SortedSet set) {
        List<Scored> contents = new ArrayList<>();
        set.forEach((member, score) -> contents.add(new Scored(text(member), score)));
        return contents;
    }

    private void check(RandomGenerator random) {
        List<Scored> wanted = new ArrayList<>(model);
        assertThat(set.size()).isEqualTo(wanted.size());
        assertThat(contents(set)).isEqualTo(wanted);
        List<Scored> backwards = new ArrayList<>();
        set.forEachBackwards(
                set.size() - 1,
                set.size(),
                (member, score) -> backwards.add(new Scored(text(member), score)));
        Collections.reverse(backwards);
        assertThat(backwards).isEqualTo(wanted);
        for (int i = 0; i < 50 && !wanted.isEmpty(); i++) {
            int rank = random.nextInt(wanted.size());
            Scored one = wanted.get(rank);
            assertThat(set.rank(slice(one.member()))).isEqualTo(rank);
            assertThat(set.score(slice(one.member()))).isEqualTo(one.score());
            double bound = one.score() + (random.nextBoolean() ? 0 : 0.5);
            assertThat(set.rankOfScore(bound, false))
                    .isEqualTo(wanted.stream().filter(each -> each.score() < bound).count());
            assertThat(set.rankOfScore(bound, true))
                    .isEqualTo(wanted.stream().filter(each -> each.score() <= bound).count());
        }
        assertThat(contents((SortedSet) set.copy())).isEqualTo(wanted);
        assertThat(set.copy().encoding()).isEqualTo(set.encoding());
    }

    @ParameterizedTest
    @CsvSource({"60, 20, 3000", "300, 40, 8000", "30000, 1000000, 60000", "20000, 3, 40000"})
    void walksAsATreeDoes(int members, int distinctScores, int steps) {
        RandomGenerator random = new SplittableRandom(members);
        for (int step = 0; step < steps; step++) {
            // Mostly growing in the first half, mostly shrinking in the second.
            boolean grows = random.nextInt(steps) > step;
            String member = "m" + random.nextInt(members);
            if (grows || random.nextInt(4) == 0) {
                put(member, random.nextInt(distinctScores));
            } else if (random.nextInt(200) > 0) {
                remove(member);
            } else if (set.size() > 0) {
                removeRange(random);
            }
            if (step % (steps / 20) == 0) {
                check(random);
            }
        }
        check(random);
        for (String member : List.copyOf(scores.keySet())) {
            remove(member);
        }
        check(random);
        put("again", 1);
        check(random);
    }

    private void removeRange(RandomGenerator random) {
        int rank = random.nextInt(set.size());
        int count = random.nextInt(Math.min(set.size() - rank, 400) + 1);
        List<Scored> gone = new ArrayList<>(model).subList(rank, rank + count);
        set.removeRange(rank, count);
        for (Scored each : gone) {
            model.remove(each);
            scores.remove(each.member());
        }
    }

    @Test
    void findsMembersByTheirUnsignedBytes() {
        List<String> members = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            members.add(new String(new char[] {(char) (i * 7 % 256), (char) (i % 251)}));
            put(members.get(i), 0);
        }
        assertThat(set.encoding()).isEqualTo("skiplist");
        List<String> sorted = new ArrayList<>();
        model.forEach(each -> sorted.add(each.member()));
        for (String member : members) {
            int rank = sorted.indexOf(member);
            assertThat(set.rankOfMember(slice(member), false)).isEqualTo(rank);
            assertThat(set.rankOfMember(slice(member), true)).isEqualTo(rank + 1);
        }
    }

    @Test
    void changesItsFormBeyondEitherLimit() {
        for (int i = 0; i < ENTRIES_MAX; i++) {
            put("m" + i, i % 7);
        }
        assertThat(set.encoding()).isEqualTo("listpack");
        put("one more", 3);
        assertThat(set.encoding()).isEqualTo("skiplist");
        check(new SplittableRandom(1));

        SortedSet wide = new SortedSet();
        wide.put(slice("x".repeat(BYTES_MAX)), 1, ENTRIES_MAX, BYTES_MAX);
        assertThat(wide.encoding()).isEqualTo("listpack");
        wide.put(slice("x".repeat(BYTES_MAX + 1)), 1, ENTRIES_MAX, BYTES_MAX);
        assertThat(wide.encoding()).isEqualTo("skiplist");
        assertThat(contents(wide)).hasSize(2);
    }

    @Test
    void scanShowsEveryMemberThatStays() {
        RandomGenerator random = new SplittableRandom(7);
        for (int i = 0; i < 20_000; i++) {
            put("stays" + i, random.nextInt(1000));
        }
        Set<String> seen = new HashSet<>();
        long cursor = 0;
        int step = 0;
        do {
            cursor = set.scan(cursor, 10, (member, _) -> seen.add(text(member)));
            for (int i = 0; i < 20; i++) {
                put("goes" + step % 1500 + "-" + i, random.nextInt());
                put("stays" + random.nextInt(20_000), random.nextInt(1000));
                if (step > 1500) {
                    remove("goes" + (step - 1500) % 1500 + "-" + i);
                }
            }
            step++;
        } while (cursor != 0);
        for (int i = 0; i < 20_000; i++) {
            assertThat(seen).contains("stays" + i);
        }
    }

    @Test
    void choosesEveryMemberByChance() {
        for (int size : new int[] {10, 500}) {
            SortedSet chosen = new SortedSet();
            for (int i = 0; i < size; i++) {
                chosen.put(slice("m" + i), i, ENTRIES_MAX, BYTES_MAX);
            }
            Set<String> seen = new HashSet<>();
            RandomGenerator random = new SplittableRandom(size);
            for (int i = 0; i < size * 30; i++) {
                chosen.random(random, (member, _) -> seen.add(text(member)));
            }
            assertThat(seen).hasSize(size);
        }
    }
}
