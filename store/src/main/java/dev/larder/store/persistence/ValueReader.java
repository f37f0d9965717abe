package dev.larder.store.persistence;

import dev.larder.store.StoreConfig;
import dev.larder.store.value.Canonical;
import dev.larder.store.value.HashValue;
import dev.larder.store.value.ListValue;
import dev.larder.store.value.SetValue;
import dev.larder.store.value.Slice;
import dev.larder.store.value.SortedSet;
import dev.larder.store.value.Text;
import dev.larder.store.value.Value;

/**
 * Reads a value in any encoding that a server has ever written. Nothing is believed: sizes, order,
 * duplicates and numbers are checked, and memory follows the bytes that are really there.
 */
final class ValueReader {
    /**
     * More elements than this never go into a compact form while they are read, whatever is
     * configured: finding duplicates there takes a walk for each.
     */
    private static final long COMPACT_MAX = 8192;

    private static final long INTEGERS_MAX = 1 << 16;

    /** The latest end of a field that the real servers take. */
    private static final long DEADLINE_MAX = (1L << 48) - 2;

    /** The fewest bytes that a string takes. */
    private static final int STRING_MIN = 1;

    private final RdbInput in;
    private final int version;
    private final StoreConfig config;

    ValueReader(RdbInput in, int version, StoreConfig config) {
        this.in = in;
        this.version = version;
        this.config = config;
    }

    /**
     * The value of {@code type} that comes next; null for one without elements, which no key holds.
     *
     * @throws BadDataException where it is damaged or of no type we know
     */
    Value read(int type) {
        return switch (type) {
            case RdbType.STRING -> new Text(new Slice(in.string()));
            case RdbType.LIST -> list();
            case RdbType.SET -> set();
            case RdbType.ZSET -> sortedSet(false);
            case RdbType.ZSET_2 -> sortedSet(true);
            case RdbType.HASH -> hash();
            case RdbType.HASH_ZIPMAP -> hash(new Zipmap(in.string()), "hash-max-listpack-value");
            case RdbType.HASH_ZIPLIST -> hash(new Ziplist(in.string()), null);
            case RdbType.HASH_LISTPACK -> hash(new Listpack(in.string()), null);
            case RdbType.LIST_ZIPLIST -> list(new Ziplist(in.string()));
            case RdbType.LIST_QUICKLIST -> quicklist(false);
            case RdbType.LIST_QUICKLIST_2 -> quicklist(true);
            case RdbType.SET_INTSET -> intset();
            case RdbType.SET_LISTPACK -> set(new Listpack(in.string()));
            case RdbType.ZSET_ZIPLIST -> sortedSet(new Ziplist(in.string()));
            case RdbType.ZSET_LISTPACK -> sortedSet(new Listpack(in.string()));
            case RdbType.STREAM_LISTPACKS, RdbType.STREAM_LISTPACKS_2, RdbType.STREAM_LISTPACKS_3 ->
                    new StreamReader(in, type).read();
            case RdbType.HASH_METADATA -> endingHash(true);
            case RdbType.HASH_LISTPACK_EX -> {
                in.fixedLong();
                yield endingHash(new Listpack(in.string()));
            }
            case RdbType.HASH_2 -> {
                if (version < RdbType.VERSION_VALKEY) {
                    throw new BadDataException("Unknown RDB encoding type " + type);
                }
                yield endingHash(false);
            }
            default -> throw new BadDataException("Unknown RDB encoding type " + type);
        };
    }

    private long compactMax(String option, long count) {
        long max = Math.min(config.integer(option), COMPACT_MAX);
        return count > max ? 0 : max;
    }

    private static Slice kept(Slice borrowed) {
        return new Slice(borrowed.toBytes());
    }

    // Lists.

    private ListValue emptyList() {
        return new ListValue((int) config.integer("list-max-listpack-size"));
    }

    private Value list() {
        ListValue list = emptyList();
        for (long left = in.count(STRING_MIN); left > 0; left--) {
            list.pushLast(new Slice(in.string()));
        }
        return list.size() == 0 ? null : list;
    }

    private Value list(Elements elements) {
        ListValue list = emptyList();
        append(list, elements);
        return list.size() == 0 ? null : list;
    }

    private static void append(ListValue list, Elements elements) {
        while (elements.hasNext()) {
            list.pushLast(elements.next());
        }
    }

    /** Nodes: ziplists once; since 7.0 each says whether it is a listpack (2) or one element. */
    private Value quicklist(boolean contained) {
        ListValue list = emptyList();
        for (long left = in.count(contained ? 2 : 1); left > 0; left--) {
            long container = contained ? in.length() : 0;
            byte[] node = in.string();
            if (node.length == 0) {
                throw new BadDataException("Quicklist integrity check failed.");
            }
            if (!contained) {
                append(list, new Ziplist(node));
            } else if (container == 2) {
                append(list, new Listpack(node));
            } else if (container == 1) {
                list.pushLast(new Slice(node));
            } else {
                throw new BadDataException("Quicklist integrity check failed.");
            }
        }
        return list.size() == 0 ? null : list;
    }

    // Sets.

    private Value set() {
        long count = in.count(STRING_MIN);
        SetValue set = new SetValue();
        boolean isTable = count > config.integer("set-max-intset-entries");
        SetValue.Limits limits =
                new SetValue.Limits(
                        isTable
                                ? 0
                                : Math.min(config.integer("set-max-intset-entries"), INTEGERS_MAX),
                        isTable ? 0 : compactMax("set-max-listpack-entries", count),
                        config.integer("set-max-listpack-value"));
        for (long left = count; left > 0; left--) {
            add(set, new Slice(in.string()), limits);
        }
        return count == 0 ? null : set;
    }

    private Value intset() {
        Intset integers = new Intset(in.string());
        boolean isTable = integers.count() > config.integer("set-max-intset-entries");
        SetValue set = new SetValue();
        SetValue.Limits limits = new SetValue.Limits(isTable ? 0 : Long.MAX_VALUE, 0, 0);
        while (integers.hasNext()) {
            add(set, integers.next(), limits);
        }
        return set;
    }

    private Value set(Elements members) {
        SetValue set = new SetValue();
        SetValue.Limits limits =
                new SetValue.Limits(
                        0, compactMax("set-max-listpack-entries", members.count()), Long.MAX_VALUE);
        while (members.hasNext()) {
            add(set, members.next(), limits);
        }
        return set.size() == 0 ? null : set;
    }

    private static void add(SetValue set, Slice member, SetValue.Limits limits) {
        if (!set.add(member, limits)) {
            throw new BadDataException("Duplicate set members detected");
        }
    }

    // Sorted sets.

    private Value sortedSet(boolean binary) {
        long count = in.count(STRING_MIN + (binary ? 8 : 1));
        SortedSet set = new SortedSet();
        long entriesMax = compactMax("zset-max-listpack-entries", count);
        long bytesMax = config.integer("zset-max-listpack-value");
        for (long left = count; left > 0; left--) {
            Slice member = new Slice(in.string());
            put(set, member, binary ? in.number() : in.textNumber(), entriesMax, bytesMax);
        }
        return count == 0 ? null : set;
    }

    private Value sortedSet(Elements pairs) {
        requirePairs(pairs);
        SortedSet set = new SortedSet();
        long entriesMax = compactMax("zset-max-listpack-entries", pairs.count() / 2);
        while (pairs.hasNext()) {
            Slice member = kept(pairs.next());
            double score = Decimal.parse(pairs.next().toString());
            put(set, member, score, entriesMax, Long.MAX_VALUE);
        }
        return set.size() == 0 ? null : set;
    }

    private static void put(
            SortedSet set, Slice member, double score, long entriesMax, long bytesMax) {
        if (Double.isNaN(score)) {
            throw new BadDataException("Zset with NAN score detected");
        }
        if (!Double.isNaN(set.score(member))) {
            throw new BadDataException("Duplicate zset fields detected");
        }
        set.put(member, score, entriesMax, bytesMax);
    }

    private static void requirePairs(Elements pairs) {
        if (pairs.count() % 2 != 0) {
            throw new BadDataException("Listpack integrity check failed: a pair is not whole");
        }
    }

    // Hashes.

    private Value hash() {
        long count = in.count(2 * STRING_MIN);
        HashValue hash = new HashValue();
        long entriesMax = compactMax("hash-max-listpack-entries", count);
        long bytesMax = config.integer("hash-max-listpack-value");
        for (long left = count; left > 0; left--) {
            Slice field = new Slice(in.string());
            put(hash, field, new Slice(in.string()), entriesMax, bytesMax);
        }
        return count == 0 ? null : hash;
    }

    /** A hash whose fields end, as Redis has it in a table since 7.4, or Valkey since 9. */
    private Value endingHash(boolean isRelative) {
        long earliest = isRelative ? in.fixedLong() : 0;
        long count = in.count(2 * STRING_MIN + 1);
        HashValue hash = new HashValue();
        for (long left = count; left > 0; left--) {
            long later = isRelative ? in.length() : 0;
            Slice field = new Slice(in.string());
            put(hash, field, new Slice(in.string()), 0, 0);
            if (isRelative) {
                ends(hash, field, later == 0 ? 0 : earliest + later - 1);
            } else {
                long at = in.fixedLong();
                ends(hash, field, at == -1 ? 0 : Math.max(at, 1));
            }
        }
        return count == 0 ? null : hash;
    }

    /** The same in a listpack of field, value and deadline in turn. */
    private Value endingHash(Elements triples) {
        if (triples.count() % 3 != 0) {
            throw new BadDataException("Listpack integrity check failed: a field is not whole");
        }
        HashValue hash = new HashValue();
        long entriesMax = compactMax("hash-max-listpack-entries", triples.count() / 3);
        while (triples.hasNext()) {
            Slice field = kept(triples.next());
            put(hash, field, triples.next(), entriesMax, Long.MAX_VALUE);
            Slice at = triples.next();
            if (!Canonical.isLong(at)) {
                throw new BadDataException("A field ends at no time");
            }
            ends(hash, field, Canonical.parse(at));
        }
        return hash.size() == 0 ? null : hash;
    }

    private static void ends(HashValue hash, Slice field, long at) {
        if (at < 0 || at > DEADLINE_MAX) {
            throw new BadDataException("A field ends at no time");
        }
        hash.deadline(field, at);
    }

    private Value hash(Elements pairs, String bytesOption) {
        requirePairs(pairs);
        HashValue hash = new HashValue();
        long entriesMax = compactMax("hash-max-listpack-entries", pairs.count() / 2);
        long bytesMax = bytesOption == null ? Long.MAX_VALUE : config.integer(bytesOption);
        while (pairs.hasNext()) {
            Slice field = kept(pairs.next());
            put(hash, field, pairs.next(), entriesMax, bytesMax);
        }
        return hash.size() == 0 ? null : hash;
    }

    private static void put(
            HashValue hash, Slice field, Slice value, long entriesMax, long bytesMax) {
        if (!hash.put(field, value, entriesMax, bytesMax)) {
            throw new BadDataException("Duplicate hash fields detected");
        }
    }
}
