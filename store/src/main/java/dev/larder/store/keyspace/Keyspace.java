package dev.larder.store.keyspace;

import dev.larder.store.value.Canonical;
import dev.larder.store.value.HashValue;
import dev.larder.store.value.ListValue;
import dev.larder.store.value.SetValue;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import dev.larder.store.value.Stream;
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One numbered database: keys, their values and their expiry. Belongs to one thread.
 *
 * <p>Keys whose time is over are never seen: every look-up removes such a key and says so to the
 * {@link Observer}, and {@link #sweep} removes those that nobody looks up.
 */
public final class Keyspace {
    /*
     * Extendible hashing (Fagin et al., 1979). A directory of 2^d references is indexed by the
     * hash's d highest bits; each Segment is shared by all indices that begin with its own bits and
     * is split in two when it is full. So the table grows by one segment at a time: no step copies
     * more than a thousand entries, no step zeroes a large array, and memory follows the number of
     * keys without the doubling spike of a flat table. Segments that have become nearly empty are
     * merged with their twin.
     *
     * A string is one array (Inline), anything else an Entry with its Value. Expiry needs no second
     * table: each segment knows a lower bound of its entries' expiries, and the sweep looks into a
     * segment only when that bound has passed.
     *
     * A scan walks the segments in the order of their bits and each segment in the order of the
     * hash's ten lowest bits. The cursor names the bits, how many they are, and the place in the
     * segment: after a split or a merge it still says exactly what has been shown.
     */

    /** Told of what happens to keys besides what the running command itself says. */
    @FunctionalInterface
    public interface Observer {
        /** A key was removed because its time is over. */
        void expired(Keyspace where, byte[] key);

        /**
         * Fields of the hash under {@code key} were removed because their time is over; {@code
         * gone} where these were the last and the key is removed too. The key is borrowed.
         */
        default void fieldsExpired(Keyspace where, Slice key, List<byte[]> fields, boolean gone) {}

        /** A key came that was not there; told while {@link #announces}. Borrowed. */
        default void created(Keyspace where, Slice key) {}

        /** A reading command looked for a key that is not there; told while announced. */
        default void missed(Keyspace where, Slice key) {}
    }

    /** Shown every entry by {@link Segment#scan}; for this package only. */
    @FunctionalInterface
    interface Visitor {
        void visit(int tag, Object entry);
    }

    /** Shown keys by {@link #scan} and {@link #forEachKey}. The slice is borrowed. */
    @FunctionalInterface
    public interface KeyVisitor {
        void visit(Slice key);

        /** Shown instead, by {@link #scan} alone, where the key's time is over. */
        default void overdue(Slice key, String type) {}
    }

    /**
     * Shown whole entries. {@code value} is null for a string kept inline, whose bytes are {@code
     * text} then; both slices are borrowed. {@code expireAt} is 0 for never, {@code access} as
     * {@link Entry#access}.
     */
    @FunctionalInterface
    public interface EntryVisitor {
        void visit(Slice key, Value value, Slice text, long expireAt, int access);
    }

    /** Asked before entries go, while a snapshot is taken that has to have them. */
    public interface Guard {
        /** An entry is about to be removed. */
        void removing(
                Keyspace where, Slice key, Value value, Slice text, long expireAt, int access);

        /** All entries are about to go; {@code before} has them, and nobody else will have. */
        void clearing(Keyspace where, Keyspace before);

        /** The contents of two databases are about to be exchanged. */
        void swapping(Keyspace one, Keyspace other);
    }

    /** Answers of {@link #expireAt}: no such key, and a key that does not expire. */
    public static final long ABSENT = -2;

    public static final long NEVER = -1;

    /** A tag and a reference. */
    private static final int SLOT_BYTES = 8;

    /** Of so many segments, at least, is the time learnt that keys have left. */
    private static final int SAMPLED_SEGMENTS = 4;

    private static final int DIRECTORY_BITS_MAX = 32 - Segment.SLOTS_MAX_BITS;
    private static final int MERGE_BELOW = Segment.SLOTS_MAX / 8;
    private static final int CURSOR_DEPTH_SHIFT = Segment.SLOTS_MAX_BITS;
    private static final int CURSOR_PREFIX_SHIFT = CURSOR_DEPTH_SHIFT + 5;

    private final int index;
    private final Clock clock;
    private final long seed;
    private final Observer observer;

    private Segment[] directory = {new Segment(0)};
    private int directoryBits;
    private long size;
    private long expiring;
    private int sweepAt;
    private Footprint footprint = new Footprint();
    private final Usage usage;

    /** Null until a field of a hash is given an end. */
    private FieldExpiries fieldExpiries;

    /** Notes about expiring fields that are looked through before they are counted. */
    private static final int FIELD_NOTES_CHECKED = 1024;

    private boolean counting;
    private boolean announces;
    private boolean frozen;
    private boolean follows;
    private boolean seesExpired;
    private boolean untouched;
    private long hits;
    private long misses;

    /** Where the last successful {@link #locate} found its key. */
    private Segment segment;

    private int slot;
    private final byte[] digits = new byte[Canonical.DIGITS_MAX];
    private final Slice keyView = new Slice();
    private Guard guard;
    private final Slice shownKey = new Slice();
    private final Slice shownText = new Slice();
    private final byte[] shownDigits = new byte[Canonical.DIGITS_MAX];

    /** {@code seed} keeps hashes from being foreseen; {@code random} counts uses by chance. */
    public Keyspace(int index, Clock clock, long seed, RandomGenerator random, Observer observer) {
        this(index, clock, seed, new Usage(clock, random), observer);
    }

    private Keyspace(int index, Clock clock, long seed, Usage usage, Observer observer) {
        this.index = index;
        this.clock = clock;
        this.seed = seed;
        this.observer = observer;
        this.usage = usage;
        footprint.table(directory[0].memoryBytes());
    }

    /** The same entries under another object, for who goes on to read them after a clear. */
    private Keyspace(Keyspace from) {
        this(from.index, from.clock, from.seed, from.usage, from.observer);
        directory = from.directory;
        directoryBits = from.directoryBits;
        size = from.size;
        expiring = from.expiring;
    }

    /** Sets who is asked before entries go; null for nobody. */
    public void guard(Guard by) {
        guard = by;
    }

    /** The number clients SELECT it by. */
    public int index() {
        return index;
    }

    /** How many keys there are; ones whose time is over count until they are removed. */
    public long size() {
        return size;
    }

    /** How many places the table has, taken or free; counted one segment after another. */
    public long slots() {
        long slots = 0;
        Segment before = null;
        for (Segment each : directory) {
            slots += each == before ? 0 : each.capacity();
            before = each;
        }
        return slots;
    }

    /**
     * How long the keys that have an expiry go on living, on average, in milliseconds: of those in
     * a few segments spread over the table; 0 where there are none.
     */
    public long averageTtl() {
        if (expiring == 0) {
            return 0;
        }
        long now = clock.millis();
        long seen = 0;
        double sum = 0;
        int step = Math.max(1, directory.length / SAMPLED_SEGMENTS);
        for (int place = 0; place < directory.length; place += step) {
            Segment sampled = directory[place];
            for (int i = 0; i < sampled.capacity(); i++) {
                Object entry = sampled.slot(i);
                long at = entry == null ? 0 : expireAtOf(entry);
                if (at > now) {
                    sum += at - now;
                    seen++;
                }
            }
        }
        return seen == 0 ? 0 : (long) (sum / seen);
    }

    /** How many keys have an expiry. */
    public long expiring() {
        return expiring;
    }

    /** Whether the observer is told of keys that come and of keys that are missed. */
    public void announces(boolean yes) {
        announces = yes;
    }

    /** While frozen, keys whose time is over are not seen, but stay. */
    public void frozen(boolean yes) {
        frozen = yes;
    }

    /** While it follows another, keys whose time is over are not seen, but stay until told. */
    public void follows(boolean yes) {
        follows = yes;
    }

    /** Whether keys whose time is over are seen, as by a master whose clock is behind ours. */
    public void seesExpired(boolean yes) {
        seesExpired = yes;
    }

    /** Whether look-ups leave the time of the last use as it is, as for CLIENT NO-TOUCH. */
    public void untouched(boolean yes) {
        untouched = yes;
    }

    /** Whether look-ups count as hits and misses: those of reading commands do. */
    public void counting(boolean yes) {
        counting = yes;
    }

    public long hits() {
        return hits;
    }

    public long misses() {
        return misses;
    }

    public void resetLookups() {
        hits = 0;
        misses = 0;
    }

    private Segment segmentOf(int tag) {
        return directory[directoryBits == 0 ? 0 : tag >>> 32 - directoryBits];
    }

    private int tagOf(Slice key) {
        return Segment.tag(key.hash(seed));
    }

    /** The live entry of {@code key} or null; remembers where it is. */
    private Object locate(Slice key) {
        int tag = tagOf(key);
        Segment home = segmentOf(tag);
        int at = home.find(key, tag);
        if (at < 0) {
            return null;
        }
        Object entry = home.slot(at);
        segment = home;
        slot = at;
        if (expiring != 0) {
            long expireAt = expireAtOf(entry);
            if (expireAt != 0 && expireAt <= clock.millis()) {
                if (seesExpired) {
                    return entry;
                }
                if (!frozen && !follows) {
                    expireHere(entry);
                }
                return null;
            }
        }
        return entry;
    }

    /** Whether the key is kept, be its time over or not; a look that changes nothing. */
    public boolean keeps(Slice key) {
        int tag = tagOf(key);
        return segmentOf(tag).find(key, tag) >= 0;
    }

    /** Whether the key is still kept though its time is over; a look that changes nothing. */
    public boolean keepsStale(Slice key) {
        int tag = tagOf(key);
        Segment home = segmentOf(tag);
        int at = home.find(key, tag);
        if (at < 0) {
            return false;
        }
        long expireAt = expireAtOf(home.slot(at));
        return expireAt != 0 && expireAt <= clock.millis();
    }

    private Object locateAndTouch(Slice key) {
        Object entry = locate(key);
        if (counting) {
            if (entry == null) {
                misses++;
                if (announces) {
                    observer.missed(this, key);
                }
            } else {
                hits++;
            }
        }
        if (untouched) {
            return entry;
        }
        if (entry instanceof byte[] inline) {
            int before = Inline.access(inline);
            int now = usage.used(before);
            if (before != now) {
                Inline.access(inline, now);
            }
        } else if (entry instanceof Entry boxed) {
            boxed.access = usage.used(boxed.access);
            if (!counting) {
                footprint.mayChange(boxed);
            }
        }
        return entry;
    }

    private void expireHere(Object entry) {
        byte[] key = keyOf(entry);
        removeHere();
        observer.expired(this, key);
    }

    static long expireAtOf(Object entry) {
        return entry instanceof byte[] inline ? Inline.expireAt(inline) : ((Entry) entry).expireAt;
    }

    static byte[] keyOf(Object entry) {
        if (entry instanceof byte[] inline) {
            int from = Inline.keyOffset(inline);
            return Arrays.copyOfRange(inline, from, from + Inline.keyLength(inline));
        }
        return ((Entry) entry).key;
    }

    private static void keyOf(Object entry, Slice into) {
        if (entry instanceof byte[] inline) {
            Inline.key(inline, into);
        } else {
            byte[] key = ((Entry) entry).key;
            into.point(key, 0, key.length);
        }
    }

    // Strings.

    /**
     * Points {@code into} at the string under {@code key}; false where there is none.
     *
     * @throws WrongTypeException for a key of another type
     */
    public boolean findText(Slice key, Slice into) {
        Object entry = locateAndTouch(key);
        if (entry == null) {
            return false;
        }
        text(entry, into);
        return true;
    }

    private void text(Object entry, Slice into) {
        if (entry instanceof byte[] inline) {
            if (Inline.isLong(inline)) {
                int from = Canonical.format(Inline.longValue(inline), digits);
                into.point(digits, from, digits.length - from);
            } else {
                int from = Inline.valueOffset(inline);
                into.point(inline, from, inline.length - from);
            }
        } else if (((Entry) entry).value instanceof Text text) {
            text.view(into);
        } else {
            throw WrongTypeException.INSTANCE;
        }
    }

    /**
     * Whether the string under {@code key} is kept as an integer, which {@link #located} then is.
     */
    public boolean isInteger(Slice key) {
        return locateAndTouch(key) instanceof byte[] inline && Inline.isLong(inline);
    }

    /** The integer that {@link #isInteger} has just found. */
    public long located() {
        return Inline.longValue((byte[]) segment.slot(slot));
    }

    /** Replaces the integer that {@link #isInteger} has just found. */
    public void locatedBecomes(long value) {
        Inline.longValue((byte[]) segment.slot(slot), value);
    }

    /** Sets a string; {@code expireAt} in milliseconds since 1970, 0 for never. */
    public void putText(Slice key, Slice value, long expireAt) {
        int tag = tagOf(key);
        Segment home = segmentOf(tag);
        int at = home.find(key, tag);
        if (at >= 0) {
            Object old = home.slot(at);
            if (old instanceof byte[] inline && Inline.overwrite(inline, value, expireAt)) {
                Inline.access(inline, usage.used(Inline.access(inline)));
                noteExpiry(home, expireAt);
                return;
            }
            segment = home;
            slot = at;
            replaceHere(old, make(key, value, expireAt), expireAt);
        } else {
            insert(tag, make(key, value, expireAt), expireAt);
        }
    }

    /**
     * Sets a string that stays one even where it is an integer, which OBJECT ENCODING and OBJECT
     * REFCOUNT tell: what INCRBYFLOAT makes.
     */
    public void putLiteral(Slice key, Slice value, long expireAt) {
        int tag = tagOf(key);
        Segment home = segmentOf(tag);
        int at = home.find(key, tag);
        Object made =
                key.length() > Inline.KEY_LENGTH_MAX
                        ? make(key, value, expireAt)
                        : Inline.makeLiteral(key, value, expireAt, usage.fresh());
        if (at >= 0) {
            segment = home;
            slot = at;
            replaceHere(home.slot(at), made, expireAt);
        } else {
            insert(tag, made, expireAt);
        }
    }

    /** Sets the text of another entry, in the form in which that keeps it. */
    private void putLike(Object entry, Slice text, Slice key) {
        if (entry instanceof byte[] inline && !Inline.isLong(inline)) {
            putLiteral(key, text, expireAtOf(entry));
        } else {
            putText(key, text, expireAtOf(entry));
        }
    }

    private Object make(Slice key, Slice value, long expireAt) {
        if (key.length() > Inline.KEY_LENGTH_MAX) {
            return new Entry(key.toBytes(), new Text(value), expireAt, usage.fresh());
        }
        return Inline.make(key, value, expireAt, usage.fresh());
    }

    /**
     * The string under {@code key} in its growable form, made so for good; null where there is
     * none.
     */
    public Text findMutableText(Slice key) {
        Object entry = locateAndTouch(key);
        if (entry == null) {
            return null;
        }
        if (entry instanceof Entry boxed && boxed.value instanceof Text text) {
            return text;
        }
        text(entry, keyView);
        Text text = new Text(keyView);
        long expireAt = expireAtOf(entry);
        int access = entry instanceof byte[] inline ? Inline.access(inline) : usage.fresh();
        Entry boxed = new Entry(keyOf(entry), text, expireAt, access);
        footprint.removed(entry);
        footprint.added(boxed);
        segment.replace(slot, boxed);
        return text;
    }

    // Values of any type.

    /**
     * The value under {@code key}, null where there is none.
     *
     * @throws WrongTypeException for a key of another type
     */
    public <V extends Value> V find(Slice key, Class<V> type) {
        return cast(locateAndTouch(key), type);
    }

    private static <V extends Value> V cast(Object entry, Class<V> type) {
        if (entry == null) {
            return null;
        }
        if (entry instanceof Entry boxed && type.isInstance(boxed.value)) {
            return type.cast(boxed.value);
        }
        throw WrongTypeException.INSTANCE;
    }

    /** A value that is an object of its own; null for no key, and for a string kept inline. */
    public Value findValue(Slice key) {
        return locateAndTouch(key) instanceof Entry boxed ? boxed.value : null;
    }

    /** Sets a value of any type; {@code expireAt} in milliseconds since 1970, 0 for never. */
    public void put(Slice key, Value value, long expireAt) {
        int tag = tagOf(key);
        Segment home = segmentOf(tag);
        int at = home.find(key, tag);
        Entry entry = new Entry(key.toBytes(), value, expireAt, usage.fresh());
        if (at >= 0) {
            segment = home;
            slot = at;
            replaceHere(home.slot(at), entry, expireAt);
        } else {
            insert(tag, entry, expireAt);
        }
        if (value instanceof HashValue hash && hash.keepsDeadlines()) {
            noteFieldExpiry(key, hash);
        }
    }

    public boolean exists(Slice key) {
        return locate(key) != null;
    }

    /** Counts a use of the key, as TOUCH does; false where there is none. */
    public boolean touch(Slice key) {
        return locateAndTouch(key) != null;
    }

    public boolean remove(Slice key) {
        if (locate(key) == null) {
            return false;
        }
        removeHere();
        return true;
    }

    /** Moves the value and expiry of {@code from}, which exists, over {@code to}. */
    public void rename(Slice from, Slice to) {
        Object entry = locate(from);
        removeHere();
        adopt(to, entry);
    }

    /** Moves {@code key}, which exists here, to another database, where it does not. */
    public void moveTo(Keyspace other, Slice key) {
        Object entry = locate(key);
        removeHere();
        other.adopt(key, entry);
    }

    /**
     * Copies the value and expiry of {@code from}, which exists, to {@code to} in {@code other}.
     */
    public void copyTo(Keyspace other, Slice from, Slice to) {
        Object entry = locate(from);
        if (entry instanceof Entry boxed) {
            other.put(to, boxed.value.copy(), boxed.expireAt);
        } else {
            text(entry, keyView);
            other.putLike(entry, keyView, to);
        }
    }

    private void adopt(Slice key, Object entry) {
        if (entry instanceof Entry boxed) {
            put(key, boxed.value, boxed.expireAt);
        } else {
            text(entry, keyView);
            putLike(entry, keyView, key);
        }
    }

    // Expiry.

    /** Milliseconds since 1970 at which the key ends, {@link #NEVER} or {@link #ABSENT}. */
    public long expireAt(Slice key) {
        Object entry = locate(key);
        if (entry == null) {
            return ABSENT;
        }
        long at = expireAtOf(entry);
        return at == 0 ? NEVER : at;
    }

    /** Gives the key, which exists, an expiry; 0 takes it away. */
    public void expireAt(Slice key, long at) {
        Object entry = locate(key);
        if (entry == null) {
            return;
        }
        boolean did = expireAtOf(entry) != 0;
        if (entry instanceof byte[] inline) {
            byte[] changed = Inline.withExpireAt(inline, at);
            if (changed != inline) {
                footprint.removed(inline);
                footprint.added(changed);
                segment.replace(slot, changed);
            }
        } else {
            ((Entry) entry).expireAt = at;
        }
        expiring += (at == 0 ? 0 : 1) - (did ? 1 : 0);
        noteExpiry(segment, at);
    }

    private static void noteExpiry(Segment segment, long at) {
        if (at != 0 && at < segment.earliestExpiry) {
            segment.earliestExpiry = at;
        }
    }

    /**
     * Removes keys whose time is over, one segment after another, until all were looked at or
     * {@code steps} segments had something to look at; returns whether there may be more to do.
     */
    public boolean sweep(int steps) {
        if (expiring == 0 || frozen || follows) {
            return false;
        }
        int left = steps;
        for (int seen = 0; seen < directory.length; seen++) {
            sweepAt = sweepAt + 1 & directory.length - 1;
            Segment candidate = directory[sweepAt];
            if (candidate.earliestExpiry <= clock.millis()) {
                sweep(candidate);
                if (--left == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private void sweep(Segment swept) {
        long now = clock.millis();
        long earliest = Long.MAX_VALUE;
        int i = 0;
        while (i < swept.capacity()) {
            Object entry = swept.slot(i);
            long at = entry == null ? 0 : expireAtOf(entry);
            if (at != 0 && at <= now) {
                // The next entry may have moved into this slot: look at it again.
                segment = swept;
                slot = i;
                byte[] key = keyOf(entry);
                swept.removeAt(i);
                footprint.removed(entry);
                size--;
                expiring--;
                observer.expired(this, key);
            } else {
                if (at != 0) {
                    earliest = Math.min(earliest, at);
                }
                i++;
            }
        }
        swept.earliestExpiry = earliest;
    }

    // Expiry of fields.

    /** Sees to it that fields of the hash under {@code key} are removed in time. */
    public void noteFieldExpiry(Slice key, HashValue hash) {
        long at = hash.earliestDeadline();
        if (at != HashValue.NEVER) {
            if (fieldExpiries == null) {
                fieldExpiries = new FieldExpiries();
            }
            fieldExpiries.note(key, at);
        }
    }

    /** How many hashes have fields that end; about how many where there are more than a few. */
    public int keysWithExpiringFields() {
        if (fieldExpiries == null) {
            return 0;
        }
        if (fieldExpiries.size() <= FIELD_NOTES_CHECKED) {
            fieldExpiries.keep(this::hasExpiringFields);
        }
        return fieldExpiries.size();
    }

    private boolean hasExpiringFields(Slice key) {
        return locate(key) instanceof Entry boxed
                && boxed.value instanceof HashValue hash
                && hash.earliestDeadline() != HashValue.NEVER;
    }

    /** Removes one field, whose time is over, from the hash under {@code key}. */
    public void expireField(Slice key, HashValue hash, Slice field) {
        byte[] name = field.toBytes();
        hash.remove(field);
        fieldsExpired(key, hash, List.of(name));
    }

    /** Removes all fields whose time is over from the hash under {@code key}. */
    public void expireFields(Slice key, HashValue hash) {
        fieldsExpired(key, hash, hash.removeDue(clock.millis(), Integer.MAX_VALUE));
    }

    private void fieldsExpired(Slice key, HashValue hash, List<byte[]> fields) {
        if (!fields.isEmpty()) {
            boolean gone = hash.size() == 0 && remove(key);
            observer.fieldsExpired(this, key, fields, gone);
        }
    }

    /**
     * Removes fields whose time is over from the hash where one was the first to end, at most
     * {@code most} of them; returns whether there may be more to do.
     */
    public boolean sweepFields(int most) {
        if (fieldExpiries == null || follows) {
            return false;
        }
        Slice key = fieldExpiries.take(clock.millis());
        if (key == null) {
            return false;
        }
        if (locate(key) instanceof Entry boxed && boxed.value instanceof HashValue hash) {
            fieldsExpired(key, hash, hash.removeDue(clock.millis(), most));
            if (hash.size() > 0) {
                noteFieldExpiry(key, hash);
            }
        }
        return true;
    }

    // The table.

    private void replaceHere(Object old, Object entry, long expireAt) {
        footprint.removed(old);
        footprint.added(entry);
        segment.replace(slot, entry);
        expiring += (expireAt == 0 ? 0 : 1) - (expireAtOf(old) == 0 ? 0 : 1);
        noteExpiry(segment, expireAt);
    }

    private void insert(int tag, Object entry, long expireAt) {
        Segment home = segmentOf(tag);
        while (home.isFull() && home.depth < DIRECTORY_BITS_MAX) {
            split(home, tag);
            home = segmentOf(tag);
        }
        long before = home.memoryBytes();
        home.insert(tag, entry);
        footprint.table(home.memoryBytes() - before);
        footprint.added(entry);
        size++;
        if (expireAt != 0) {
            expiring++;
            noteExpiry(home, expireAt);
        }
        if (announces) {
            observer.created(this, new Slice(keyOf(entry)));
        }
    }

    private void split(Segment full, int tag) {
        if (full.depth == directoryBits) {
            Segment[] doubled = new Segment[directory.length * 2];
            for (int i = 0; i < doubled.length; i++) {
                doubled[i] = directory[i >>> 1];
            }
            footprint.table(4L * directory.length);
            directory = doubled;
            directoryBits++;
        }
        Segment low = new Segment(full.depth + 1);
        Segment high = new Segment(full.depth + 1);
        full.splitInto(low, high);
        footprint.table(low.memoryBytes() + high.memoryBytes() - full.memoryBytes());
        int shared = 1 << directoryBits - full.depth;
        int first = full.depth == 0 ? 0 : tag >>> 32 - full.depth << directoryBits - full.depth;
        Arrays.fill(directory, first, first + shared / 2, low);
        Arrays.fill(directory, first + shared / 2, first + shared, high);
    }

    private void removeHere() {
        Object entry = segment.slot(slot);
        int tag = segment.tagAt(slot);
        if (guard != null) {
            show(
                    entry,
                    (key, value, text, expireAt, access) ->
                            guard.removing(this, key, value, text, expireAt, access));
        }
        if (expireAtOf(entry) != 0) {
            expiring--;
        }
        segment.removeAt(slot);
        footprint.removed(entry);
        size--;
        if (segment.depth > 0 && segment.count() < MERGE_BELOW) {
            merge(segment, tag);
        }
    }

    private void merge(Segment sparse, int tag) {
        int twinTag = tag ^ 1 << 32 - sparse.depth;
        Segment twin = segmentOf(twinTag);
        if (twin.depth != sparse.depth || twin.count() >= MERGE_BELOW) {
            return;
        }
        Segment merged = new Segment(sparse.depth - 1);
        merged.absorb(sparse);
        merged.absorb(twin);
        footprint.table(merged.memoryBytes() - sparse.memoryBytes() - twin.memoryBytes());
        int shared = 1 << directoryBits - merged.depth;
        int first =
                merged.depth == 0 ? 0 : tag >>> 32 - merged.depth << directoryBits - merged.depth;
        Arrays.fill(directory, first, first + shared, merged);
    }

    /** Removes everything at once: the old table is left to the collector. */
    public void clear() {
        if (guard != null) {
            guard.clearing(this, new Keyspace(this));
        }
        directory = new Segment[] {new Segment(0)};
        footprint = new Footprint();
        footprint.table(directory[0].memoryBytes());
        directoryBits = 0;
        size = 0;
        expiring = 0;
        fieldExpiries = null;
        sweepAt = 0;
    }

    /** Exchanges the contents of two databases, as SWAPDB does. */
    public void swapWith(Keyspace other) {
        if (guard != null) {
            guard.swapping(this, other);
        }
        Segment[] theirs = other.directory;
        int theirBits = other.directoryBits;
        long theirSize = other.size;
        long theirExpiring = other.expiring;
        other.directory = directory;
        other.directoryBits = directoryBits;
        other.size = size;
        other.expiring = expiring;
        other.sweepAt = 0;
        directory = theirs;
        directoryBits = theirBits;
        size = theirSize;
        expiring = theirExpiring;
        Footprint theirFootprint = other.footprint;
        other.footprint = footprint;
        footprint = theirFootprint;
        FieldExpiries theirFields = other.fieldExpiries;
        other.fieldExpiries = fieldExpiries;
        fieldExpiries = theirFields;
        sweepAt = 0;
    }

    // Walking through all keys.

    /**
     * Shows about {@code count} keys from {@code cursor} on and returns the cursor to go on with, 0
     * at the end. A key that is there from the first call to the last is shown at least once.
     */
    public long scan(long cursor, int count, KeyVisitor visitor) {
        return scan(cursor, count, (Visitor) (_, entry) -> show(entry, visitor));
    }

    /** As {@link #scan(long, int, KeyVisitor)}, for whole entries. */
    public long scanEntries(long cursor, int count, EntryVisitor visitor) {
        return scan(cursor, count, (Visitor) (_, entry) -> show(entry, visitor));
    }

    /** Whether a scan that goes on from {@code cursor} will not come to {@code key} any more. */
    public boolean hasPassed(long cursor, Slice key) {
        int tag = tagOf(key);
        int depth = (int) (cursor >>> CURSOR_DEPTH_SHIFT) & 31;
        long prefix = cursor >>> CURSOR_PREFIX_SHIFT;
        long own = depth == 0 ? 0 : tag >>> 32 - depth;
        return own < prefix
                || own == prefix
                        && (tag & Segment.ORDER_MASK) < ((int) cursor & Segment.ORDER_MASK);
    }

    /** Shows one entry as it is, without counting it as used; false where there is none. */
    public boolean showEntry(Slice key, EntryVisitor visitor) {
        Object entry = locate(key);
        if (entry != null) {
            show(entry, visitor);
        }
        return entry != null;
    }

    private void show(Object entry, EntryVisitor visitor) {
        long at = expireAtOf(entry);
        if (at != 0 && at <= clock.millis()) {
            return;
        }
        keyOf(entry, shownKey);
        if (entry instanceof Entry boxed) {
            visitor.visit(shownKey, boxed.value, null, at, boxed.access);
            return;
        }
        byte[] inline = (byte[]) entry;
        if (Inline.isLong(inline)) {
            int from = Canonical.format(Inline.longValue(inline), shownDigits);
            shownText.point(shownDigits, from, shownDigits.length - from);
        } else {
            int from = Inline.valueOffset(inline);
            shownText.point(inline, from, inline.length - from);
        }
        visitor.visit(shownKey, null, shownText, at, Inline.access(inline));
    }

    private long scan(long cursor, int count, Visitor visitor) {
        int order = (int) cursor & Segment.ORDER_MASK;
        int depth = (int) (cursor >>> CURSOR_DEPTH_SHIFT) & 31;
        long prefix = cursor >>> CURSOR_PREFIX_SHIFT;
        if (depth > DIRECTORY_BITS_MAX || prefix >= 1L << depth) {
            return 0;
        }
        int[] shown = {0};
        while (true) {
            int hash = depth == 0 ? 0 : (int) (prefix << 32 - depth);
            Segment here = segmentOf(hash);
            if (here.depth > depth) {
                prefix <<= here.depth - depth;
                depth = here.depth;
            }
            int bits = depth;
            int wantedPrefix = (int) prefix;
            order =
                    here.scan(
                            order,
                            count - shown[0],
                            (tag, entry) -> {
                                if (bits == 0 || tag >>> 32 - bits == wantedPrefix) {
                                    shown[0]++;
                                    visitor.visit(tag, entry);
                                }
                            });
            if (order >= Segment.SLOTS_MAX) {
                order = 0;
                prefix++;
                if (prefix == 1L << depth) {
                    return 0;
                }
            }
            if (shown[0] >= count) {
                return prefix << CURSOR_PREFIX_SHIFT | (long) depth << CURSOR_DEPTH_SHIFT | order;
            }
        }
    }

    private void show(Object entry, KeyVisitor visitor) {
        long at = expireAtOf(entry);
        keyOf(entry, keyView);
        if (at == 0 || at > clock.millis()) {
            visitor.visit(keyView);
        } else {
            visitor.overdue(
                    keyView, entry instanceof Entry boxed ? typeName(boxed.value) : "string");
        }
    }

    /** Shows every live key. The visitor must not change this keyspace. */
    public void forEachKey(KeyVisitor visitor) {
        long cursor = 0;
        do {
            cursor = scan(cursor, Segment.SLOTS_MAX, visitor);
        } while (cursor != 0);
    }

    /** A key chosen by chance, be its time over or not; null where there is none. */
    public byte[] randomKey(RandomGenerator random) {
        while (size > 0) {
            Segment chosen = directory[random.nextInt(directory.length)];
            int start = random.nextInt(chosen.capacity());
            for (int i = 0; chosen.count() > 0 && i < chosen.capacity(); i++) {
                Object entry = chosen.slot(start + i & chosen.capacity() - 1);
                if (entry != null) {
                    return keyOf(entry);
                }
            }
        }
        return null;
    }

    // What OBJECT, TYPE and MEMORY tell.

    /** The type of the value as TYPE prints it; {@code none} where there is no key. */
    public String type(Slice key) {
        Object entry = locate(key);
        if (entry == null) {
            return "none";
        }
        return entry instanceof Entry boxed ? typeName(boxed.value) : "string";
    }

    public static String typeName(Value value) {
        return switch (value) {
            case Text _ -> "string";
            case ListValue _ -> "list";
            case HashValue _ -> "hash";
            case SetValue _ -> "set";
            case SortedSet _ -> "zset";
            case Stream _ -> "stream";
        };
    }

    /** The encoding as OBJECT ENCODING prints it, or null where there is no key. */
    public String encoding(Slice key) {
        return encodingOf(locate(key));
    }

    /** The same of what is kept, be its time over or not; a look that changes nothing. */
    public String keptEncoding(Slice key) {
        int tag = tagOf(key);
        Segment home = segmentOf(tag);
        int at = home.find(key, tag);
        return at < 0 ? null : encodingOf(home.slot(at));
    }

    private static String encodingOf(Object entry) {
        if (entry == null) {
            return null;
        }
        return entry instanceof Entry boxed
                ? boxed.value.encoding()
                : Inline.encoding((byte[]) entry);
    }

    private static int accessOf(Object entry) {
        return entry instanceof byte[] inline ? Inline.access(inline) : ((Entry) entry).access;
    }

    /** Seconds since the last use, by an {@code access} that an entry was shown with. */
    public long idleSeconds(int access) {
        return usage.idleSeconds(access);
    }

    private static void access(Object entry, int access) {
        if (entry instanceof byte[] inline) {
            Inline.access(inline, access);
        } else if (entry instanceof Entry boxed) {
            boxed.access = access;
        }
    }

    /** Seconds since the key was used last; the key exists. */
    public long idleSeconds(Slice key) {
        return idleSecondsOf(locate(key));
    }

    long idleSecondsOf(Object entry) {
        return usage.idleSeconds(accessOf(entry));
    }

    /** Makes the key, which exists, look as if it had not been used for {@code seconds}. */
    public void idleSeconds(Slice key, long seconds) {
        if (!usage.tracksFrequency()) {
            access(locate(key), usage.unusedFor(seconds));
        }
    }

    /** Whether uses are counted instead of remembered by their time, as an LFU policy wants. */
    public boolean tracksFrequency() {
        return usage.tracksFrequency();
    }

    /**
     * Chooses between the two. The counter grows more slowly the larger {@code logFactor} and loses
     * one for every {@code decayMinutes}.
     */
    public void trackFrequency(boolean yes, int logFactor, int decayMinutes) {
        usage.track(yes, logFactor, decayMinutes);
    }

    /** The logarithmic counter of uses, 0 to 255; the key exists. */
    public int frequency(Slice key) {
        return frequencyOf(locate(key));
    }

    int frequencyOf(Object entry) {
        return usage.counter(accessOf(entry));
    }

    /** The counter by an {@code access} that an entry was shown with. */
    public int frequency(int access) {
        return usage.counter(access);
    }

    /** Sets the counter of a key, which exists. */
    public void frequency(Slice key, int counter) {
        if (usage.tracksFrequency()) {
            access(locate(key), usage.withCounter(counter));
        }
    }

    // Memory.

    /**
     * Bytes of heap that the key, its value and its slot take, by layout; 0 where there is no key.
     */
    public long memoryBytes(Slice key) {
        Object entry = locate(key);
        if (entry == null) {
            return 0;
        }
        return SLOT_BYTES
                + (entry instanceof byte[] inline
                        ? Value.arrayBytes(inline.length)
                        : 8L * ((Entry) entry).weight());
    }

    /** Bytes of heap that all keys, their values and their table take. */
    public long memoryBytes() {
        return footprint.bytes();
    }

    /** Weighs anew the values that the command which has ended may have changed. */
    public void settle() {
        if (!footprint.isSettled()) {
            footprint.settle();
        }
    }

    /**
     * An entry drawn by chance, of those that expire where {@code onlyExpiring}; null where there
     * is none. Its own use is not counted.
     */
    Object draw(RandomGenerator random, boolean onlyExpiring) {
        if (onlyExpiring ? expiring == 0 : size == 0) {
            return null;
        }
        int start = random.nextInt(directory.length);
        for (int i = 0; i < directory.length; i++) {
            Segment candidate = directory[start + i & directory.length - 1];
            if (candidate.count() == 0
                    || onlyExpiring && candidate.earliestExpiry == Long.MAX_VALUE) {
                continue;
            }
            int mask = candidate.capacity() - 1;
            int at = random.nextInt(candidate.capacity());
            for (int seen = 0; seen <= mask; seen++) {
                Object entry = candidate.slot(at + seen & mask);
                if (entry != null && (!onlyExpiring || expireAtOf(entry) != 0)) {
                    return entry;
                }
            }
        }
        return null;
    }

    /** Whether the key is still there and, where {@code onlyExpiring}, still expires. */
    boolean mayBeEvicted(Slice key, boolean onlyExpiring) {
        Object entry = locate(key);
        return entry != null && (!onlyExpiring || expireAtOf(entry) != 0);
    }
}
