package dev.larder.bench.jmh;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.keyspace.Clock;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.value.HashValue;
import dev.larder.store.value.ListValue;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Where keys are kept, and the values: packed ones, and a large sorted set. */
@State(Scope.Thread)
public class ValuesBenchmark {
    private static final int ITEMS = 1_000_000;
    private static final int FIELDS = 20;
    private static final long PACKED_ENTRIES_MAX = 512;
    private static final long PACKED_BYTES_MAX = 64;

    private final Slice found = new Slice();
    private final Slice value = Slice.of("v".repeat(64));
    private Slice[] keys;
    private Slice[] fields;
    private Keyspace table;
    private SortedSet board;
    private HashValue packedHash;
    private ListValue list;
    private int next;

    @Setup
    public void fill() {
        table = Store.engine(new StoreConfig(), new Clock(System::currentTimeMillis)).database(0);
        board = new SortedSet();
        keys = new Slice[ITEMS];
        for (int i = 0; i < ITEMS; i++) {
            keys[i] = Slice.of("key:" + i * 7_919L % ITEMS);
            table.putText(keys[i], value, Keyspace.NEVER);
            board.put(keys[i], i * 31L % ITEMS, 128, 64);
        }
        packedHash = new HashValue();
        fields = new Slice[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            fields[i] = Slice.of("field" + i);
            packedHash.put(fields[i], Slice.of("value" + i), PACKED_ENTRIES_MAX, PACKED_BYTES_MAX);
        }
        list = new ListValue(-2);
        for (int i = 0; i < 100; i++) {
            list.pushLast(fields[i % FIELDS]);
        }
    }

    @Benchmark
    public boolean tableGet() {
        return table.findText(key(), found);
    }

    @Benchmark
    public void tablePut() {
        table.putText(key(), value, Keyspace.NEVER);
    }

    @Benchmark
    public int sortedSetRank() {
        return board.rank(key());
    }

    @Benchmark
    public boolean sortedSetPut() {
        return board.put(key(), next * 17L % ITEMS, 128, 64);
    }

    @Benchmark
    public boolean packedHashGet() {
        return packedHash.get(field(), found);
    }

    @Benchmark
    public boolean packedHashPut() {
        return packedHash.put(field(), value, PACKED_ENTRIES_MAX, PACKED_BYTES_MAX);
    }

    @Benchmark
    public int packedListPushAndPop() {
        list.pushFirst(field());
        list.popLast(found);
        return list.size();
    }

    private Slice key() {
        next = next + 1 == ITEMS ? 0 : next + 1;
        return keys[next];
    }

    private Slice field() {
        next = next + 1 == ITEMS ? 0 : next + 1;
        return fields[next % FIELDS];
    }
}
