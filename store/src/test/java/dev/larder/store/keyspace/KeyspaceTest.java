package dev.larder.store.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.store.value.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyspaceTest {
    private final long[] now = {1_000_000};
    private final Clock clock = new Clock(() -> now[0]);
    private final List<String> expired = new ArrayList<>();
    private final Keyspace keyspace =
            new Keyspace(
                    0,
                    clock,
                    42,
                    new java.util.SplittableRandom(7),
                    (_, key) -> expired.add(new String(key)));

    private void passes(long millis) {
        now[0] += millis;
        clock.refresh();
    }

    private static Slice slice(String text) {
        return Slice.of(text);
    }

    private String get(String key) {
        Slice into = new Slice();
        return keyspace.findText(slice(key), into) ? into.toString() : null;
    }

    /** Grows over many segments and shrinks again, so that they are split and merged. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void behavesLikeAMap(long seed) {
        Random random = new Random(seed);
        Map<String, String> model = new HashMap<>();
        for (int round = 0; round < 4; round++) {
            int adds = round % 2 == 0 ? 8 : 2;
            for (int i = 0; i < 40_000; i++) {
                String key = "key:" + random.nextInt(40_000);
                if (random.nextInt(10) < adds) {
                    String value =
                            random.nextBoolean()
                                    ? Integer.toString(random.nextInt())
                                    : "v".repeat(random.nextInt(40));
                    keyspace.putText(slice(key), slice(value), 0);
                    model.put(key, value);
                } else {
                    assertThat(keyspace.remove(slice(key))).isEqualTo(model.remove(key) != null);
                }
                assertThat(keyspace.size()).isEqualTo(model.size());
            }
            for (int i = 0; i < 40_000; i++) {
                assertThat(get("key:" + i)).isEqualTo(model.get("key:" + i));
            }
            Set<String> seen = new HashSet<>();
            keyspace.forEachKey(key -> assertThat(seen.add(key.toString())).isTrue());
            assertThat(seen).isEqualTo(model.keySet());
        }
        for (String key : model.keySet()) {
            assertThat(keyspace.remove(slice(key))).isTrue();
        }
        assertThat(keyspace.size()).isZero();
    }

    /** What is there from the first call to the last is shown, whatever comes and goes between. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aScanShowsWhatStays(boolean growing) {
        Set<String> staying = new HashSet<>();
        for (int i = 0; i < 3_000; i++) {
            keyspace.putText(slice("stays:" + i), slice("v"), 0);
            staying.add("stays:" + i);
        }
        int others = 60_000;
        if (!growing) {
            for (int i = 0; i < others; i++) {
                keyspace.putText(slice("other:" + i), slice("v"), 0);
            }
        }
        Set<String> seen = new HashSet<>();
        long cursor = 0;
        int other = 0;
        int calls = 0;
        do {
            cursor = keyspace.scan(cursor, 10, key -> seen.add(key.toString()));
            for (int i = 0; i < 100 && other < others; i++, other++) {
                if (growing) {
                    keyspace.putText(slice("other:" + other), slice("v"), 0);
                } else {
                    keyspace.remove(slice("other:" + other));
                }
            }
            assertThat(++calls).as("calls until the scan ends").isLessThan(100_000);
        } while (cursor != 0);
        assertThat(seen).containsAll(staying);
    }

    @Test
    void aCursorThatIsNonsenseEndsTheScan() {
        keyspace.putText(slice("k"), slice("v"), 0);
        for (long cursor : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, 1 << 15, 12345}) {
            assertThat(keyspace.scan(cursor, 10, _ -> {})).isZero();
        }
    }

    @Test
    void aSweepRemovesWhatNobodyLooksAt() {
        for (int i = 0; i < 20_000; i++) {
            keyspace.putText(slice("k" + i), slice("v"), i % 2 == 0 ? now[0] + 100 + i % 50 : 0);
        }
        assertThat(keyspace.expiring()).isEqualTo(10_000);
        assertThat(keyspace.sweep(1)).isFalse();
        passes(1_000);
        while (keyspace.sweep(1)) {
            assertThat(expired.size()).isLessThanOrEqualTo(10_000);
        }
        assertThat(expired).hasSize(10_000).doesNotHaveDuplicates();
        assertThat(keyspace.size()).isEqualTo(10_000);
        assertThat(keyspace.expiring()).isZero();
    }

    @Test
    void aLookRemovesWhatIsOverItsTime() {
        keyspace.putText(slice("k"), slice("v"), now[0] + 10);
        assertThat(keyspace.expireAt(slice("k"))).isEqualTo(now[0] + 10);
        passes(9);
        assertThat(get("k")).isEqualTo("v");
        passes(1);
        assertThat(get("k")).isNull();
        assertThat(expired).containsExactly("k");
        assertThat(keyspace.expireAt(slice("k"))).isEqualTo(Keyspace.ABSENT);
    }

    @Test
    void aRandomKeyIsOneOfThem() {
        Random random = new Random(7);
        assertThat(keyspace.randomKey(random)).isNull();
        Set<String> drawn = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            keyspace.putText(slice("k" + i), slice("v"), 0);
        }
        for (int i = 0; i < 2_000; i++) {
            drawn.add(new String(keyspace.randomKey(random)));
        }
        assertThat(drawn).hasSize(10);
    }
}
