package dev.larder.store.command;

import dev.larder.store.StoreConfig;
import dev.larder.store.keyspace.Keyspace;
import dev.larder.store.reply.Reply;
import dev.larder.store.value.Slice;
import dev.larder.store.value.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One running command: its words, its database, its caller, and the two things it may do besides
 * answering: record a change and borrow memory for its answer. A flyweight of the engine, valid
 * until the command has answered.
 */
public final class Call {
    private final Host host;
    private final boolean nested;
    private final Reply.View view = new Reply.View();
    private final Reply.Tape tape = new Reply.Tape();
    private final Slice found = new Slice();
    private final List<List<byte[]>> effects = new ArrayList<>();
    private Command command;
    private Args args;
    private Caller caller;
    private Keyspace db;
    private long changes;
    private boolean explicit;

    public Call(Host host) {
        this(host, false);
    }

    /** {@code nested} where a script runs the commands. */
    public Call(Host host, boolean nested) {
        this.host = host;
        this.nested = nested;
    }

    /** Begins a new command. */
    public Call begin(Command command, Args args, Caller caller) {
        this.command = command;
        this.args = args;
        this.caller = caller;
        this.db = host.database(caller.database());
        this.db.counting(!command.writes());
        this.changes = 0;
        this.explicit = false;
        this.effects.clear();
        return this;
    }

    public Command command() {
        return command;
    }

    public Args args() {
        return args;
    }

    /** How many words there are, the name included. */
    public int count() {
        return args.count();
    }

    /** The word at {@code index}; 0 is the command's name. Borrowed. */
    public Slice arg(int index) {
        return args.slice(index);
    }

    /** The word at 1: the key of nearly every command. Borrowed. */
    public Slice key() {
        return args.slice(1);
    }

    public Caller caller() {
        return caller;
    }

    /** Whether a script runs this command. */
    public boolean isNested() {
        return nested;
    }

    /** The database that the caller has selected. */
    public Keyspace db() {
        return db;
    }

    public Host host() {
        return host;
    }

    public StoreConfig config() {
        return host.config();
    }

    /** Milliseconds since 1970; the same during the whole command. */
    public long now() {
        return host.clock().millis();
    }

    /** The same, also while changes are replayed, when {@link #now} is before any deadline. */
    public long wallNow() {
        return host.clock().wallMillis();
    }

    public RandomGenerator random() {
        return host.random();
    }

    // Answers.

    /** A slice to be filled by a look-up and answered by {@link #found()}. */
    public Slice view() {
        return view.slice();
    }

    /** The bulk string that {@link #view()} shows now. */
    public Reply found() {
        return view;
    }

    /** A second slice for look-ups. */
    public Slice scratch() {
        return found;
    }

    /** An empty tape to write a long answer on. */
    public Reply.Tape tape() {
        return tape.clear();
    }

    // Changes.

    /**
     * Records that {@code key} has changed: the number of changes since the last snapshot,
     * watchers, waiters, the keyspace event {@code event} and the journal. Does nothing where
     * {@code n} is 0.
     */
    public void changed(Slice key, String event, long n) {
        changed(db, key, command.category().eventClass(), event, n);
    }

    /** The same for an event of another class or a key in another database. */
    public void changed(Keyspace where, Slice key, char eventClass, String event, long n) {
        if (n > 0) {
            changes += n;
            host.touched(where, key, eventClass, event);
        }
    }

    /**
     * Records {@code n} changes for the journal that neither watchers nor waiters hear of, as what
     * a group has read of a stream.
     */
    public void counted(long n) {
        changes += n;
    }

    /** An event without a change of its own, such as {@code del} for a list that became empty. */
    public void event(Slice key, char eventClass, String event) {
        host.touched(db, key, eventClass, event);
    }

    /** {@link #counted} once, with an event. */
    public void noted(Slice key, char eventClass, String event) {
        changes++;
        host.happened(db, key, eventClass, event);
    }

    /** Lets who waits for {@code key} look again, as for a group that is no more. */
    public void awaited(Slice key) {
        host.awaited(db, key);
    }

    /** Removes {@code key} because its value has become empty, and says so. */
    public void removeEmptied(Slice key) {
        db.remove(key);
        event(key, 'g', "del");
    }

    /**
     * Everything in {@code where} is about to be replaced by what is in {@code by}; by nothing
     * where that is null.
     */
    public void replaces(Keyspace where, Keyspace by, long n) {
        changes += n;
        host.replaced(where, by);
    }

    /**
     * Says what the journal keeps instead of the words of this command: what it came to, free of
     * chance and clock. Each word is a {@code byte[]}, {@link Slice}, {@code String} or number.
     */
    public void journalAs(Object... words) {
        explicit = true;
        if (!host.isJournalled()) {
            return;
        }
        List<byte[]> effect = new ArrayList<>(words.length);
        for (Object word : words) {
            effect.add(
                    switch (word) {
                        case byte[] bytes -> bytes;
                        case Slice slice -> slice.toBytes();
                        default -> Utf8.encode(word.toString());
                    });
        }
        effects.add(effect);
    }

    /** Whether anybody hears what is journalled; where nobody does, nobody need say it. */
    public boolean isJournalled() {
        return host.isJournalled();
    }

    /** How much this command has changed. */
    public long changes() {
        return changes;
    }

    /** What the journal keeps of this command, which has changed something. */
    public List<List<byte[]>> effects() {
        return explicit ? effects : List.of(args.words());
    }
}
