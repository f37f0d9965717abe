package dev.larder.store.persistence;

import dev.larder.store.command.Args;
import dev.larder.store.command.Call;
import dev.larder.store.command.CommandException;
import dev.larder.store.engine.Client;
import dev.larder.store.engine.Engine;
import dev.larder.store.engine.Onlooker;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.value.HashValue;
import dev.larder.store.value.ListValue;
import dev.larder.store.value.SetValue;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import dev.larder.store.value.Stream;
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All data as of one moment, written between commands while it goes on changing. */
final class Snapshot implements Onlooker, Keyspace.Guard {
    /*
     * There is no fork here. Each database is walked in the order of its hash, a few entries at a
     * time; the cursor of the walk says of any key whether it is behind it or still ahead. Before a
     * command changes a key that is ahead, the entry is written as it is now, to a second output
     * that goes to the file in the next pause, and the key is noted: the walk passes over it. A key
     * that a command creates ahead of the walk is noted just the same, and so not written. Thus
     * each entry is written exactly once, as it was at the start, and what is kept besides is the
     * names of keys changed ahead of the walk.
     *
     * What changes keys without naming them is told by the databases themselves (Keyspace.Guard):
     * eviction and expiry before an entry goes, FLUSHDB by leaving the old table to the walk,
     * SWAPDB by saying which database now has which data.
     *
     * A value of many elements would hold the thread for long, so it is written in steps. While it
     * lasts nothing may change it: a command that is about to makes it be finished first. A hash
     * whose fields end is written at once, for these go by themselves.
     */
    private static final int ENTRIES_AT_ONCE = 16;
    private static final int ELEMENTS_AT_ONCE = 128;

    /** Values with more elements, or strings with more bytes, are written in steps. */
    private static final int SMALL_ELEMENTS = 512;

    private static final int SMALL_BYTES = 64 * 1024;
    private static final int CHUNK_BYTES = 64 * 1024;

    /** The walk through one database. */
    private static final class Walk {
        final int index;
        final Set<Slice> noted = new HashSet<>();
        final long keys;
        final long expiring;

        /** Where the data is now. */
        Keyspace source;

        long cursor;
        boolean begun;
        boolean done;

        Walk(Keyspace source) {
            this.index = source.index();
            this.source = source;
            this.keys = source.size();
            this.expiring = source.expiring();
            this.done = keys == 0;
        }
    }

    /** An entry that the walk has come to and that is written in steps. */
    private static final class Big {
        final Walk walk;
        final Slice key;
        final Value value;
        final Slice text;
        final long expireAt;
        final long use;
        int written;
        boolean begun;

        Big(Walk walk, Slice key, Value value, Slice text, long expireAt, long use) {
            this.walk = walk;
            this.key = new Slice(key.toBytes());
            this.value = value;
            this.text = text == null ? null : new Slice().point(text);
            this.expireAt = expireAt;
            this.use = use;
        }
    }

    private final Engine engine;
    private final RdbWriter main;
    private final RdbWriter aside;
    private final SnapshotSink sink;
    private final Walk[] walks;
    private final Deque<Big> bigs = new ArrayDeque<>();
    private int walking;
    private boolean ended;
    private long pausedUntil = System.nanoTime();

    /** Begins a snapshot as of now; {@link #work} writes it. */
    Snapshot(Engine engine, RdbWriter main, RdbWriter aside, SnapshotSink sink) {
        this.engine = engine;
        this.main = main;
        this.aside = aside;
        this.sink = sink;
        this.walks = new Walk[engine.databases()];
        for (int i = 0; i < walks.length; i++) {
            walks[i] = new Walk(engine.database(i));
            engine.database(i).guard(this);
        }
        engine.watch(this);
    }

    SnapshotSink sink() {
        return sink;
    }

    /** Stops watching, with the file finished or not. */
    void close() {
        engine.unwatch(this);
        for (int i = 0; i < engine.databases(); i++) {
            engine.database(i).guard(null);
        }
    }

    /** Writes for about {@code budgetNanos}; the sink knows when all is on the disk. */
    void work(long budgetNanos) {
        long until = System.nanoTime() + budgetNanos;
        while (!ended && System.nanoTime() < until) {
            if (sink.isBehind() || System.nanoTime() < pausedUntil) {
                return;
            }
            if (!bigs.isEmpty()) {
                if (step(bigs.peek())) {
                    bigs.remove();
                }
            } else if (aside.out().size() > 0) {
                takeAside();
            } else if (walking < walks.length) {
                walk(walks[walking]);
            } else {
                main.end();
                ended = true;
            }
            if (main.out().size() >= CHUNK_BYTES || ended) {
                hand(main);
            }
            if (ended) {
                sink.end();
            }
        }
    }

    private void hand(RdbWriter from) {
        sink.take(from.out().toBytes());
        from.out().clear();
    }

    private void takeAside() {
        hand(main);
        hand(aside);
        aside.deselect();
        main.deselect();
    }

    private void walk(Walk walk) {
        if (walk.done) {
            walking++;
            return;
        }
        if (!walk.begun) {
            walk.begun = true;
            main.database(walk.index, walk.keys, walk.expiring);
        }
        walk.cursor =
                walk.source.scanEntries(
                        walk.cursor,
                        ENTRIES_AT_ONCE,
                        (key, value, text, expireAt, access) ->
                                pass(walk, key, value, text, expireAt, access));
        if (walk.cursor == 0) {
            walk.done = true;
            walk.noted.clear();
        }
    }

    private void pass(Walk walk, Slice key, Value value, Slice text, long expireAt, int access) {
        if (!walk.noted.isEmpty() && walk.noted.remove(key)) {
            return;
        }
        pause();
        long use = RdbWriter.use(walk.source, access);
        if (isSmall(value, text)) {
            main.entry(walk.index, key, value, text, expireAt, use);
        } else {
            bigs.add(new Big(walk, key, value, text, expireAt, use));
        }
    }

    /** What {@code rdb-key-save-delay} asks for: so many microseconds for each key. */
    private void pause() {
        long micros = engine.config().integer("rdb-key-save-delay");
        if (micros > 0) {
            pausedUntil = Math.max(pausedUntil, System.nanoTime()) + micros * 1000;
        }
    }

    private static boolean isSmall(Value value, Slice text) {
        return switch (value) {
            case null -> text.length() <= SMALL_BYTES;
            case Text string -> string.length() <= SMALL_BYTES;
            case ListValue list -> list.size() <= SMALL_ELEMENTS;
            case HashValue hash -> hash.size() <= SMALL_ELEMENTS || hash.keepsDeadlines();
            case SetValue set -> set.size() <= SMALL_ELEMENTS;
            case SortedSet set -> set.size() <= SMALL_ELEMENTS;
            case Stream stream -> {
                long elements = stream.size();
                for (Stream.Group group : stream.groups().values()) {
                    elements += group.pending().size();
                }
                yield elements <= SMALL_ELEMENTS;
            }
        };
    }

    /** Writes some of a big value, which is the first in the row; true when it is whole. */
    private boolean step(Big big) {
        Slice text = text(big);
        if (!big.begun) {
            big.begun = true;
            int type = text == null ? main.values().type(big.value) : RdbType.STRING;
            main.key(big.walk.index, big.key, type, big.expireAt, big.use);
            if (text == null) {
                main.values().begin(big.value);
            } else {
                // Not compressed: that would take long, and cannot be done in pieces.
                main.out().length(text.length());
            }
        }
        if (text == null) {
            return main.values().step(ELEMENTS_AT_ONCE);
        }
        int count = Math.min(CHUNK_BYTES, text.length() - big.written);
        main.out().raw(text.array(), text.offset() + big.written, count);
        big.written += count;
        return big.written == text.length();
    }

    private static Slice text(Big big) {
        if (big.value instanceof Text string) {
            Slice bytes = new Slice();
            string.view(bytes);
            return bytes;
        }
        return big.text;
    }

    /** Finishes the big values of these keys before they change. */
    private void finish(Walk walk, Slice key) {
        boolean isThere = false;
        for (Big big : bigs) {
            isThere |= big.walk == walk && big.key.equals(key);
        }
        while (isThere && !bigs.isEmpty()) {
            Big first = bigs.peek();
            while (!step(first)) {
                continue;
            }
            bigs.remove();
            isThere = first.walk != walk || !first.key.equals(key);
        }
    }

    private Walk walkOf(Keyspace where) {
        for (Walk walk : walks) {
            if (walk.source == where) {
                return walk;
            }
        }
        return null;
    }

    /** Writes what a key holds now, if that is not written yet. */
    private void keep(Keyspace where, Slice key) {
        Walk walk = walkOf(where);
        if (walk == null) {
            return;
        }
        finish(walk, key);
        if (isAhead(walk, key)) {
            walk.noted.add(new Slice(key.toBytes()));
            where.showEntry(
                    key,
                    (shown, value, text, expireAt, access) ->
                            aside.entry(
                                    walk.index,
                                    shown,
                                    value,
                                    text,
                                    expireAt,
                                    RdbWriter.use(where, access)));
        }
    }

    private static boolean isAhead(Walk walk, Slice key) {
        return !walk.done && !walk.source.hasPassed(walk.cursor, key) && !walk.noted.contains(key);
    }

    @Override
    public void before(Call call, Client client) {
        if (!call.command().writes()) {
            return;
        }
        Args args = call.args();
        String name = call.command().name();
        boolean isOfTwo = name.equals("MOVE") || name.equals("COPY");
        for (Slice key : keys(call, args)) {
            if (isOfTwo) {
                for (int i = 0; i < engine.databases(); i++) {
                    keep(engine.database(i), key);
                }
            } else {
                keep(call.db(), key);
            }
        }
    }

    /**
     * The keys of a command, and its first words besides: some rows name a destination apart from
     * the keys that are counted. A word that is no key does no harm, for any entry may be written
     * early.
     */
    private static List<Slice> keys(Call call, Args args) {
        List<Slice> keys = new ArrayList<>();
        for (int i = 1; i < Math.min(args.count(), 4); i++) {
            keys.add(args.slice(i));
        }
        try {
            for (int place : call.command().keyPositions(args)) {
                if (place > 3) {
                    keys.add(args.slice(place));
                }
            }
        } catch (CommandException _) {
            // The command will be refused for the same reason.
        }
        return keys;
    }

    // What databases say.

    @Override
    public void removing(
            Keyspace where, Slice key, Value value, Slice text, long expireAt, int access) {
        Walk walk = walkOf(where);
        if (walk != null && isAhead(walk, key)) {
            walk.noted.add(new Slice(key.toBytes()));
            aside.entry(walk.index, key, value, text, expireAt, RdbWriter.use(where, access));
        }
    }

    @Override
    public void clearing(Keyspace where, Keyspace before) {
        Walk walk = walkOf(where);
        if (walk != null) {
            walk.source = before;
        }
    }

    @Override
    public void swapping(Keyspace one, Keyspace other) {
        Walk first = walkOf(one);
        Walk second = walkOf(other);
        if (first != null) {
            first.source = other;
        }
        if (second != null) {
            second.source = one;
        }
    }
}
