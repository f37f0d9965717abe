package dev.larder.store.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PartialSortTest {
    @Test
    void putsWhatIsWantedWhereItBelongs() {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            int size = 1 + random.nextInt(200);
            int different = 1 + random.nextInt(size);
            Integer[] items = random.ints(size, 0, different).boxed().toArray(Integer[]::new);
            Integer[] sorted = items.clone();
            Arrays.sort(sorted);
            int first = random.nextInt(size);
            int last = first + random.nextInt(size - first);
            PartialSort.sort(items, Comparator.naturalOrder(), first, last);
            assertThat(Arrays.copyOfRange(items, first, last + 1))
                    .isEqualTo(Arrays.copyOfRange(sorted, first, last + 1));
            Arrays.sort(items);
            assertThat(items).isEqualTo(sorted);
        }
    }

    /** An order that answers as it likes is the worst that pivots can meet. */
    @Test
    void comparesNotMuchOftenerThanNeeded() {
        int size = 1 << 14;
        Integer[] places = new Integer[size];
        Arrays.setAll(places, i -> i);
        int[] worth = new int[size];
        Arrays.fill(worth, size);
        int[] solid = {0};
        int[] candidate = {0};
        long[] asked = {0};
        Comparator<Integer> killer =
                (a, b) -> {
                    asked[0]++;
                    if (worth[a] == size && worth[b] == size) {
                        worth[a.equals(candidate[0]) ? a : b] = solid[0]++;
                    }
                    if (worth[a] == size) {
                        candidate[0] = a;
                    } else if (worth[b] == size) {
                        candidate[0] = b;
                    }
                    return Integer.compare(worth[a], worth[b]);
                };
        PartialSort.sort(places, killer, 0, size - 1);
        assertThat(asked[0]).isLessThan(80L * size);
    }
}
