package dev.larder.store.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each value walks at random beside its like of java.util. */
class ValuesTest {
    private static Slice slice(String text) {
        return Slice.of(text);
    }

    private static String word(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Integer.toString(random.nextInt(1000) - 500);
            case 1 -> "x".repeat(random.nextInt(300));
            default -> "w" + random.nextInt(200);
        };
    }

    private static List<String> elements(Packed packed) {
        List<String> elements = new ArrayList<>();
        Slice into = new Slice();
        for (int place = packed.begin(); place < packed.end(); place = packed.next(place)) {
            packed.read(place, into);
            elements.add(into.toString());
        }
        return elements;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void packedBehavesLikeAList(long seed) {
        Random random = new Random(seed);
        Packed packed = new Packed();
        List<String> model = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            String word = word(random);
            int at = model.isEmpty() ? 0 : random.nextInt(model.size());
            switch (model.size() > 60 ? 3 : random.nextInt(5)) {
                case 0 -> {
                    packed.add(slice(word));
                    model.add(word);
                }
                case 1 -> {
                    int place = model.isEmpty() ? packed.end() : packed.place(at);
                    packed.insert(place, slice(word));
                    model.add(at, word);
                }
                case 2 -> {
                    if (!model.isEmpty()) {
                        packed.replace(packed.place(at), slice(word));
                        model.set(at, word);
                    }
                }
                default -> {
                    int count = Math.min(random.nextInt(4), model.size() - at);
                    if (count > 0) {
                        packed.remove(packed.place(at), count);
                        model.subList(at, at + count).clear();
                    }
                }
            }
            assertThat(packed.count()).isEqualTo(model.size());
            assertThat(elements(packed)).isEqualTo(model);
        }
    }

    @Test
    void packedIsWalkedBackwards() {
        Packed packed = new Packed();
        List<String> model = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            packed.add(slice("y".repeat(i)));
            model.addFirst("y".repeat(i));
        }
        List<String> backwards = new ArrayList<>();
        Slice into = new Slice();
        int place = packed.end();
        while (place > packed.begin()) {
            place = packed.previous(place);
            packed.read(place, into);
            backwards.add(into.toString());
        }
        assertThat(backwards).isEqualTo(model);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 20_000})
    void hashesBehaveLikeMaps(int range) {
        Random random = new Random(range);
        HashValue hash = new HashValue();
        Map<String, String> model = new HashMap<>();
        Slice into = new Slice();
        for (int i = 0; i < 100_000; i++) {
            String field = "f" + random.nextInt(range);
            if (random.nextInt(3) > 0) {
                String value = word(random);
                assertThat(hash.put(slice(field), slice(value), 128, 64))
                        .isEqualTo(model.put(field, value) == null);
            } else {
                assertThat(hash.remove(slice(field))).isEqualTo(model.remove(field) != null);
            }
            assertThat(hash.size()).isEqualTo(model.size());
            String asked = "f" + random.nextInt(range);
            assertThat(hash.get(slice(asked), into) ? into.toString() : null)
                    .isEqualTo(model.get(asked));
        }
        assertThat(contents(hash)).isEqualTo(model);
        assertThat(contents((HashValue) hash.copy())).isEqualTo(model);
    }

    private static Map<String, String> contents(HashValue hash) {
        Map<String, String> contents = new HashMap<>();
        hash.forEach((field, value) -> contents.put(field.toString(), value.toString()));
        return contents;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 20, 1000})
    void fieldsOfAHashEndWhenTheyShould(int packedMax) {
        Random random = new Random(packedMax);
        HashValue hash = new HashValue();
        Map<String, Long> model = new HashMap<>();
        long now = 1_000;
        for (int i = 0; i < 20_000; i++) {
            Slice field = slice("f" + random.nextInt(packedMax == 0 ? 3_000 : 100));
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    hash.put(field, slice("v" + i), packedMax, 64);
                    model.put(field.toString(), 0L);
                }
                case 2, 3 -> {
                    if (model.containsKey(field.toString())) {
                        long at = random.nextInt(4) == 0 ? 0 : now + 1 + random.nextInt(500);
                        hash.deadline(field, at);
                        model.put(field.toString(), at);
                    }
                }
                case 4 ->
                        assertThat(hash.remove(field))
                                .isEqualTo(model.remove(field.toString()) != null);
                default -> {
                    now += random.nextInt(20);
                    long then = now;
                    assertThat(hash.liveSize(now))
                            .isEqualTo(
                                    (int)
                                            model.values().stream()
                                                    .filter(at -> at == 0 || at > then)
                                                    .count());
                    int most = 1 + random.nextInt(5);
                    for (byte[] gone : hash.removeDue(now, most)) {
                        assertThat(model.remove(new Slice(gone).toString())).isBetween(1L, now);
                        most--;
                    }
                    if (most > 0) {
                        assertThat(hash.earliestDeadline()).isGreaterThan(now);
                    }
                }
            }
            assertThat(hash.size()).isEqualTo(model.size());
            assertThat(hash.deadline(field)).isEqualTo(model.getOrDefault(field.toString(), 0L));
        }
        HashValue copy = (HashValue) hash.copy();
        hash.removeDue(Long.MAX_VALUE - 1, Integer.MAX_VALUE);
        model.forEach((field, at) -> assertThat(copy.deadline(slice(field))).isEqualTo(at));
        assertThat(hash.size())
                .isEqualTo((int) model.values().stream().filter(at -> at == 0).count());
    }

    @Test
    void aScanOfAHashShowsWhatStays() {
        HashValue hash = new HashValue();
        for (int i = 0; i < 5_000; i++) {
            hash.put(slice("stays" + i), slice("v"), 128, 64);
        }
        Set<String> seen = new HashSet<>();
        long cursor = 0;
        int other = 0;
        do {
            cursor = hash.scan(cursor, 10, (field, _) -> seen.add(field.toString()));
            for (int i = 0; i < 50 && other < 40_000; i++) {
                hash.put(slice("other" + other++), slice("v"), 128, 64);
            }
        } while (cursor != 0);
        for (int i = 0; i < 5_000; i++) {
            assertThat(seen.contains("stays" + i)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"integers", "small", "large"})
    void setsBehaveLikeSets(String kind) {
        Random random = new Random(5);
        SetValue set = new SetValue();
        SetValue.Limits limits = new SetValue.Limits(512, 128, 64);
        Set<String> model = new HashSet<>();
        for (int i = 0; i < 60_000; i++) {
            String member =
                    switch (kind) {
                        case "integers" ->
                                Long.toString(random.nextLong() >> random.nextInt(58) + 5 << 5);
                        case "small" -> "m" + random.nextInt(60);
                        default -> word(random) + random.nextInt(100);
                    };
            if (random.nextInt(3) > 0) {
                assertThat(set.add(slice(member), limits)).isEqualTo(model.add(member));
            } else {
                assertThat(set.remove(slice(member))).isEqualTo(model.remove(member));
            }
            assertThat(set.size()).isEqualTo(model.size());
            assertThat(set.contains(slice(member))).isEqualTo(model.contains(member));
            if (!model.isEmpty()) {
                assertThat(model.contains(set.random(random).toString())).isTrue();
            }
        }
        Set<String> contents = new HashSet<>();
        ((SetValue) set.copy()).forEach(member -> contents.add(member.toString()));
        assertThat(contents).isEqualTo(model);
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, -1, 4, 1})
    void listsBehaveLikeLists(int fill) {
        Random random = new Random(fill);
        ListValue list = new ListValue(fill);
        List<String> model = new ArrayList<>();
        Slice into = new Slice();
        for (int i = 0; i < 20_000; i++) {
            String word = word(random);
            int at = model.isEmpty() ? 0 : random.nextInt(model.size());
            switch (random.nextInt(model.isEmpty() ? 2 : 9)) {
                case 0 -> {
                    list.pushFirst(slice(word));
                    model.addFirst(word);
                }
                case 1, 2 -> {
                    list.pushLast(slice(word));
                    model.addLast(word);
                }
                case 3 -> {
                    list.popFirst(into);
                    assertThat(into).hasToString(model.removeFirst());
                }
                case 4 -> {
                    list.popLast(into);
                    assertThat(into).hasToString(model.removeLast());
                }
                case 5, 6 -> {
                    list.insert(at, slice(word));
                    model.add(at, word);
                }
                case 7 -> {
                    list.set(at, slice(word));
                    model.set(at, word);
                }
                default -> {
                    int count = Math.min(random.nextInt(5), model.size() - at);
                    list.remove(at, count);
                    model.subList(at, at + count).clear();
                }
            }
            assertThat(list.size()).isEqualTo(model.size());
            if (!model.isEmpty()) {
                int asked = random.nextInt(model.size());
                list.get(asked, into);
                assertThat(into).hasToString(model.get(asked));
            }
            if (i % 200 == 0) {
                assertThat(contents(list)).isEqualTo(model);
            }
        }
        assertThat(contents((ListValue) list.copy())).isEqualTo(model);
        List<String> backwards = new ArrayList<>();
        list.forEachBackwards(element -> backwards.add(element.toString()));
        assertThat(backwards.reversed()).isEqualTo(model);
    }

    private static List<String> contents(ListValue list) {
        List<String> contents = new ArrayList<>();
        list.forEach(0, element -> contents.add(element.toString()));
        return contents;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9, 10, 1_700_000_000_000L, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    void idsAreWrittenUnsigned(long number) {
        StreamId id = new StreamId(number, number >>> 1);
        assertThat(new String(id.toBytes(), StandardCharsets.US_ASCII)).isEqualTo(id.toString());
    }

    @Test
    void aBlockOfAStreamKeepsWithinItsBounds() {
        Stream stream = new Stream();
        Slice[] words = {slice("field"), slice("x".repeat(100)), slice("other"), slice("")};
        for (int i = 1; i <= 1_000; i++) {
            int count = i % 3 == 0 ? 2 : 4;
            stream.append(new StreamId(i, -i), index -> words[index], count, 1_000, 0);
        }
        assertThat(stream.blocks()).isBetween(100, 125);
        assertThat(stream.trimToLength(500, true, 0)).isBetween(490L, 500L);
        int[] seen = {0};
        stream.range(
                StreamId.ZERO,
                StreamId.MAX,
                (id, fields) -> {
                    assertThat(fields.count()).isEqualTo(id.millis() % 3 == 0 ? 2 : 4);
                    List<String> all = new ArrayList<>();
                    fields.forEach(word -> all.add(word.toString()));
                    assertThat(all.subList(0, 2)).containsExactly("field", "x".repeat(100));
                    assertThat(id.sequence()).isEqualTo(-id.millis());
                    seen[0]++;
                    return true;
                });
        assertThat(seen[0]).isEqualTo((int) stream.size());
        long before = stream.memoryBytes();
        assertThat(stream.copy().memoryBytes()).isCloseTo(before, within(200L));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void streamsBehaveLikeTreeMaps(long seed) {
        Random random = new Random(seed);
        Stream stream = new Stream();
        TreeMap<StreamId, String> model = new TreeMap<>();
        StreamId last = StreamId.ZERO;
        for (int i = 0; i < 20_000; i++) {
            int action = random.nextInt(100);
            StreamId some = new StreamId(random.nextLong(last.millis() + 2), random.nextInt(3));
            if (action < 70) {
                last =
                        random.nextBoolean()
                                ? last.next()
                                : new StreamId(last.millis() + random.nextInt(3) + 1, 0);
                String value = word(random);
                stream.append(last, List.of("f".getBytes(), value.getBytes()));
                model.put(last, value);
            } else if (action < 95) {
                assertThat(stream.delete(some)).isEqualTo(model.remove(some) != null);
            } else if (action < 97) {
                long length = random.nextInt(400);
                stream.trimToLength(length, false, 0);
                while (model.size() > length) {
                    model.pollFirstEntry();
                }
            } else if (action == 97) {
                StreamId least = new StreamId(Math.max(0, last.millis() - 300), 0);
                stream.trimToId(least, false, 0);
                model.headMap(least).clear();
            } else {
                long before = stream.size();
                long removed = stream.trimToLength(300, true, 0);
                assertThat(stream.size()).isEqualTo(before - removed);
                assertThat(removed == 0 || stream.size() >= 300).isTrue();
                for (long n = removed; n > 0; n--) {
                    model.pollFirstEntry();
                }
            }
            assertThat(stream.size()).isEqualTo(model.size());
            assertThat(stream.get(some) != null).isEqualTo(model.containsKey(some));
            assertThat(stream.firstId())
                    .isEqualTo(model.isEmpty() ? StreamId.ZERO : model.firstKey());
            if (i % 100 == 0) {
                List<StreamId> ids = new ArrayList<>();
                stream.range(some, StreamId.MAX, (id, _) -> ids.add(id));
                assertThat(ids).isEqualTo(List.copyOf(model.tailMap(some).keySet()));
                List<StreamId> reversed = new ArrayList<>();
                stream.reverse(StreamId.ZERO, some, (id, _) -> reversed.add(id));
                assertThat(reversed)
                        .isEqualTo(List.copyOf(model.headMap(some, true).descendingKeySet()));
            }
        }
    }

    @Test
    void aTableKeepsRecordsByTheirKeys() {
        Random random = new Random(9);
        ByteTable table = new ByteTable();
        Map<String, byte[]> model = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            String key = "k" + random.nextInt(30_000);
            if (random.nextInt(i < 100_000 ? 4 : 2) > 0) {
                byte[] record = ByteTable.record(slice(key), 4);
                assertThat(table.put(slice(key), record)).isSameAs(model.put(key, record));
            } else {
                assertThat(table.remove(slice(key))).isSameAs(model.remove(key));
            }
            assertThat(table.size()).isEqualTo(model.size());
            assertThat(table.find(slice(key))).isSameAs(model.get(key));
        }
        Set<byte[]> seen = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        table.forEach(seen::add);
        assertThat(seen).hasSize(model.size());
    }
}
