package dev.larder.bench.jmh;

import dev.larder.store.Store;
import dev.larder.store.StoreConfig;
import dev.larder.store.command.Args;
import dev.larder.store.engine.Engine;
import dev.larder.store.keyspace.Clock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A command's whole way through the engine, from its words to the bytes of its reply. */
@State(Scope.Thread)
public class DispatchBenchmark {
    private static final int BATCH = 16;
    private static final int KEYS = 100_000;

    private Engine engine;
    private Nobody client;
    private Args[] gets;
    private Args[] sets;
    private Args[] hashGets;
    private Args[] increments;
    private int next;

    @Setup
    public void fill() {
        engine = Store.engine(new StoreConfig(), new Clock(System::currentTimeMillis));
        client = new Nobody(engine);
        String value = "v".repeat(64);
        for (int i = 0; i < KEYS; i++) {
            engine.execute(client, words("SET", "key:" + i, value));
            engine.execute(client, words("HSET", "hash:" + i, "name", "Ada", "at", "" + i));
            client.heard();
        }
        engine.endBatch();
        gets = new Args[KEYS];
        sets = new Args[KEYS];
        hashGets = new Args[KEYS];
        increments = new Args[KEYS];
        for (int i = 0; i < KEYS; i++) {
            int key = (int) (i * 7_919L % KEYS);
            gets[i] = words("GET", "key:" + key);
            sets[i] = words("SET", "key:" + key, value);
            hashGets[i] = words("HGET", "hash:" + key, "name");
            increments[i] = words("INCR", "n:" + key % 100);
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int get() {
        return batch(gets);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int set() {
        return batch(sets);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int hashGet() {
        return batch(hashGets);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int increment() {
        return batch(increments);
    }

    /** As many commands as a read brings at pipeline 16. */
    private int batch(Args[] all) {
        for (int i = 0; i < BATCH; i++) {
            engine.execute(client, all[next]);
            next = next + 1 == KEYS ? 0 : next + 1;
        }
        engine.endBatch();
        return client.heard();
    }

    static Args words(String... words) {
        List<byte[]> bytes = new ArrayList<>();
        for (String word : words) {
            bytes.add(word.getBytes(StandardCharsets.UTF_8));
        }
        return Args.of(bytes);
    }
}
