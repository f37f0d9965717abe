package dev.larder.store.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both forms keep the same registers, and no bytes break them. */
class HyperLogLogTest {
    private static final long SPARSE_MAX = 3000;

    private static Slice bytes(HyperLogLog counter) {
        Slice bytes = new Slice();
        counter.text().view(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 100, 1000, 20_000})
    void bothFormsAgreeAndAreNearTheTruth(int elements) {
        HyperLogLog dense = HyperLogLog.empty();
        dense.toDense();
        HyperLogLog either = HyperLogLog.empty();
        HyperLogLog sparse = HyperLogLog.empty();
        for (int i = 0; i < elements; i++) {
            Slice element = Slice.of("element " + i);
            boolean changed = dense.add(element, SPARSE_MAX);
            assertThat(either.add(element, SPARSE_MAX)).isEqualTo(changed);
            assertThat(sparse.add(element, Long.MAX_VALUE)).isEqualTo(changed);
        }
        assertThat(either.isSparse()).isEqualTo(elements <= 1000);
        assertThat(dense.count()).isEqualTo(either.count()).isEqualTo(sparse.count());
        assertThat((double) dense.count()).isBetween(elements * 0.97 - 1, elements * 1.03 + 1);
        assertThat(HyperLogLog.cached(bytes(dense))).isEqualTo(dense.count());
        sparse.toDense();
        sparse.count();
        assertThat(bytes(sparse)).isEqualTo(bytes(dense));
    }

    @Test
    void brokenBytesAreRefusedOrCounted() {
        Random random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 2000; round++) {
            HyperLogLog counter = HyperLogLog.empty();
            for (int i = random.nextInt(300); i > 0; i--) {
                counter.add(Slice.of("" + random.nextInt()), SPARSE_MAX);
            }
            for (int i = 0; i < 3; i++) {
                int at = 16 + random.nextInt(counter.text().length() - 16);
                counter.text().array()[at] = (byte) random.nextInt();
            }
            try {
                for (int i = 0; i < 20; i++) {
                    counter.add(Slice.of("" + random.nextInt()), SPARSE_MAX);
                }
                counter.count();
            } catch (HyperLogLog.CorruptException _) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }
}
